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
			countRows(room[guard:guard+Bins*rowLanes], rows[:n*rowLanes], bins[:n], nil)
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

// TestColumnsEqualPlainGo: bins and fixed-point activations of every number of units and
// of positions around the sizes of a kernel's pieces, among them values no activation has.
func TestColumnsEqualPlainGo(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 1))
	odd := []float32{0, float32(math.Copysign(0, -1)), 2047.9999, 2048, -2048, -2048.001, 1e30, -1e30,
		float32(math.Inf(1)), float32(math.Inf(-1)), 1e-42, -1e-42, 0.5 / FixedOne, -0.5 / FixedOne, -1.5 / FixedOne, float32(math.NaN())}
	var c Columns
	for _, n := range []int{0, 1, 7, 8, 15, 16, 17, 63, 64, 65, 255, 256, 257, 300, 1000} {
		for units := 1; units <= Lane; units++ {
			stride := units + rng.IntN(3)
			a := make([]float32, max(0, (n-1)*stride+units)) // not one float behind the last
			for i := range a {
				a[i] = float32(rng.NormFloat64())
				if rng.IntN(8) == 0 {
					a[i] = odd[rng.IntN(len(odd))]
				}
			}
			edges := make([]*Edges, units)
			for u := range edges {
				sample := make([]float32, rng.IntN(500))
				for i := range sample {
					sample[i] = float32(rng.NormFloat64())
					if u%4 == 1 {
						sample[i] = float32(math.Round(float64(sample[i]))) // borders that fall together
					}
				}
				edges[u] = QuantileEdges(sample)
			}
			fixed := rng.IntN(4) > 0
			c.Fill(a, stride, n, edges, fixed)
			for u, e := range edges {
				if len(c.Bins[u]) != n || fixed && len(c.Fixed[u]) != n || !fixed && c.Fixed[u] != nil {
					t.Fatalf("%d positions: %d bins, %d values", n, len(c.Bins[u]), len(c.Fixed[u]))
				}
				for p, b := range c.Bins[u] {
					x := a[p*stride+u]
					if b != e.search(x) || b != e.Bin(x) {
						t.Fatalf("unit %d of %d, position %d of %d: %g is in bin %d, want %d (Bin %d)", u, units, p, n, x, b, e.search(x), e.Bin(x))
					}
					if fixed && c.Fixed[u][p] != Fixed(x) {
						t.Fatalf("unit %d of %d, position %d of %d: %g is %d, want %d", u, units, p, n, x, c.Fixed[u][p], Fixed(x))
					}
				}
			}
		}
	}
}

// TestSortedKeys: the radix sort against the library's, ties and signs among the values.
func TestSortedKeys(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 1))
	for n := range 200 {
		sample := make([]float32, n)
		for i := range sample {
			sample[i] = float32(rng.NormFloat64() * math.Pow(2, float64(rng.IntN(60)-30)))
			if i%3 == 0 {
				sample[i] = float32(rng.IntN(5) - 2)
			}
		}
		got := sortedKeys(sample)
		slices.Sort(sample)
		for i, k := range got {
			if fromKey(int32(k^1<<31)) != sample[i] {
				t.Fatalf("%d values: number %d is %g, want %g", n, i, fromKey(int32(k^1<<31)), sample[i])
			}
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
		byList.Settle() // from here on label by label
		if byList.rows != nil || byRow.rows == nil && countsRows() {
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

// TestRowsHoldWhatOneBinGets: a unit that never moves puts all positions in one bin, more than
// its 16-bit counter holds.
func TestRowsHoldWhatOneBinGets(t *testing.T) {
	table, s, bins := NewCounts(1, 1, 1), Stretch{Chars: make([]int32, 40_000), Labels: make([]Labels, 1)}, make([]uint8, 40_000)
	for p := range bins {
		bins[p] = 5
		s.Labels[0].Positive = append(s.Labels[0].Positive, int32(p))
	}
	for range 3 {
		table.AddStretch(&s)
		table.AddUnit(0, bins, nil, &s)
	}
	table.Settle()
	if table.Htot[5] != 120_000 || table.H1[5] != 120_000 {
		t.Errorf("%d of 120,000 positions counted, %d of them on", table.Htot[5], table.H1[5])
	}
}
