package f32

import (
	"math/rand/v2"
	"slices"
	"testing"
)

func TestWeighRows(t *testing.T) {
	forEachPath(t, func(t *testing.T) {
		rng := rand.New(rand.NewPCG(4, 2))
		for p := range 40 {
			for _, n := range []int{0, 1, 2, 17} {
				x, root, times := randomSlice(rng, n*p), randomSlice(rng, n), make([]float64, n)
				for i := range times {
					times[i] = rng.NormFloat64()
				}
				want, wantScaled := make([]float64, p), make([]float32, n*p)
				weighRowsNaive(want, wantScaled, x, times, root)
				sum, scaled := make([]float64, p), newGuarded(make([]float32, n*p))
				WeighRows(sum, scaled.s, x, times, root)
				scaled.check(t)
				if !slices.Equal(sum, want) || !slices.Equal(scaled.s, wantScaled) {
					t.Fatalf("%d rows of %d: bits differ from plain Go", n, p)
				}
			}
		}
	})
}
