package intervene

import (
	"math"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// Ranks by sorted keys are ranks by counting: the values below and half of the equal ones.
func TestRanksCountWhatIsBelow(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		units, n := rapid.IntRange(1, 4).Draw(t, "units"), rapid.IntRange(1, 40).Draw(t, "n")
		some := rapid.SampledFrom([]float32{-3, -1, -math.SmallestNonzeroFloat32, float32(math.Copysign(0, -1)), 0, 1e-30, 1, 2, math.MaxFloat32})
		s := &siteValues{units: units, values: rapid.SliceOfN(rapid.OneOf(some, rapid.Float32Range(-9, 9)), n*units, n*units).Draw(t, "values")}
		r := &Reference{ids: make([]int32, n), sites: map[string]*siteValues{"l0.h": s}}
		want := make([]float32, n*units)
		for i := range n {
			for u := range units {
				lo, hi := 0, 0
				for k := range n {
					if s.values[k*units+u] < s.values[i*units+u] {
						lo++
					}
					if s.values[k*units+u] <= s.values[i*units+u] {
						hi++
					}
				}
				want[i*units+u] = float32(lo+hi) / 2 / float32(n)
			}
		}
		for _, workers := range []int{1, 3} {
			if d := cmp.Diff(want, r.ranks("l0.h", workers)); d != "" {
				t.Fatalf("%d workers, -want +got:\n%s", workers, d)
			}
		}
		for u := range units {
			var one []float64
			for _, q := range Doses {
				one = append(one, s.quantile(u, q))
			}
			if all := r.Quantiles(Unit{Site: "l0.h", Unit: u}, Doses[:]); !slices.Equal(one, all) {
				t.Fatalf("quantiles together %v, one by one %v", all, one)
			}
		}
	})
}
