package stat

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// TestRowKernelsEqualPlainGo: every length, with guards around the counters.
func TestRowKernelsEqualPlainGo(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	const guard = rowLanes
	for n := range 70 {
		rows, bins := make([]uint8, n*rowLanes+1), make([]uint8, n+1)
		for i := range rows {
			rows[i] = uint8(rng.IntN(2))
		}
		for i := range bins {
			bins[i] = uint8(rng.IntN(Bins) >> rng.IntN(8)) // often the same bin again and again
		}
		want := make([]uint16, Bins*rowLanes)
		for i := range want {
			want[i] = uint16(rng.IntN(1 << 15))
		}
		room := slices.Concat(make([]uint16, guard), want, make([]uint16, guard))
		countRowsNaive(want, rows[:n*rowLanes], bins[:n])
		if n > 0 {
			countRows(room[guard:guard+Bins*rowLanes], rows[:n*rowLanes], bins[:n])
		}
		if !slices.Equal(room[guard:guard+Bins*rowLanes], want) {
			t.Fatalf("%d positions: other counts", n)
		}
		if slices.ContainsFunc(slices.Concat(room[:guard], room[guard+Bins*rowLanes:]), func(x uint16) bool { return x != 0 }) {
			t.Fatalf("%d positions: wrote outside", n)
		}
	}
}

// TestFixedIsTheFloor: to nearest, halves up, whatever the sign.
func TestFixedIsTheFloor(t *testing.T) {
	rng := rand.New(rand.NewPCG(4, 1))
	for i := range 200_000 {
		a := float32(rng.NormFloat64() * math.Pow(2, float64(rng.IntN(40)-30)))
		if i%3 == 0 {
			a = float32(rng.IntN(1<<22)-1<<21) / (2 * FixedOne) // halves and wholes
		}
		want := math.Floor(float64(a)*FixedOne + 0.5)
		if got := Fixed(a); float64(got) != max(math.MinInt32+1, min(math.MaxInt32, want)) {
			t.Fatalf("%g: %d, want %g", a, got, want)
		}
	}
}

// TestRowsEqualLists: whole rows or one label at a time, the sums are the same, over
// more positions than a counter holds, more concepts than a row, and told runs.
func TestRowsEqualLists(t *testing.T) {
	rng := rand.New(rand.NewPCG(2, 1))
	e := tanhEdges()
	for _, concepts := range []int{0, 7, 64} {
		const u, v = 2, 5
		byRow, byList := NewTable(u, concepts, v), NewTable(u, concepts, v)
		byList.rows = nil
		if byRow.rows == nil && countsRows() {
			t.Fatal("a table without rows")
		}
		for _, n := range []int{1, 39_999, 30_000, 66_000, 20} {
			d := randomData(rng, n, u, concepts, v)
			if n == 39_999 {
				for c := range d.s.Labels {
					d.s.Labels[c].Runs = nil
				}
			} else {
				for c := range d.s.Labels {
					d.s.Labels[c].Runs = d.s.Labels[c].AppendRuns(nil)
				}
			}
			d.fill(byRow, e)
			for c := range d.s.Labels {
				d.s.Labels[c].Runs = nil
			}
			d.fill(byList, e)
		}
		byRow.Settle()
		if d := cmp.Diff(byList, byRow, cmpopts.IgnoreUnexported(Table{})); d != "" {
			t.Fatalf("%d concepts (want first): %.2000s", concepts, d)
		}
	}
}
