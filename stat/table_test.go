package stat

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"sort"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"
)

// slowBin counts borders one by one.
func slowBin(e *Edges, a float32) uint8 {
	n := uint8(0)
	for _, v := range e.Values {
		if v <= a {
			n++
		}
	}
	return n
}

func TestBinEqualsCountingBorders(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	sample := make([]float32, 3000)
	for i := range sample {
		sample[i] = max(0, float32(rng.NormFloat64())) // many equal zeros
	}
	for name, e := range map[string]*Edges{
		"tanh": tanhEdges(), "quantile": QuantileEdges(sample), "empty": QuantileEdges(nil),
	} {
		inf := float32(math.Inf(1))
		check := []float32{0, float32(math.Copysign(0, -1)), 1, -1, 2, -2, 1e-30, inf, -inf}
		for _, v := range e.Values {
			check = append(check, v, math.Nextafter32(v, -inf), math.Nextafter32(v, inf))
		}
		for range 5000 {
			check = append(check, float32(rng.NormFloat64()))
		}
		for _, a := range check {
			if got, want := e.Bin(a), slowBin(e, a); got != want {
				t.Fatalf("%s: bin of %g is %d, counting says %d", name, a, got, want)
			}
		}
	}
}

// tanhEdges are uniform in atanh(a), clipped to +-8: what quantiles are measured against.
func tanhEdges() *Edges {
	var v [Bins - 1]float32
	for i := range v {
		v[i] = float32(math.Tanh(-8 + 16*float64(i+1)/Bins))
	}
	return NewEdges(v)
}

// TestQuantileBins compares the error of both kinds of bins with the exact AUROC on
// a unit near 0, one in the middle and a saturated one.
func TestQuantileBins(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 9))
	const n = 20000
	for _, gain := range []float64{0.03, 0.5, 4} {
		a, on, valid := make([]float32, n), make([]bool, n), make([]bool, n)
		for p := range a {
			on[p], valid[p] = rng.IntN(4) == 0, true
			x := rng.NormFloat64()
			if on[p] {
				x++
			}
			a[p] = float32(math.Tanh(gain * x))
		}
		exact := exactAUROC(a, on, valid)
		miss := func(e *Edges) (off, certified float64) {
			h1, h0 := make([]int64, Bins), make([]int64, Bins)
			for p, x := range a {
				if on[p] {
					h1[e.Bin(x)]++
				} else {
					h0[e.Bin(x)]++
				}
			}
			auc, certified := AUROC(h1, h0)
			return math.Abs(auc - exact), certified
		}
		quantile, certified := miss(QuantileEdges(a[:4096]))
		warped, _ := miss(tanhEdges())
		t.Logf("gain %4.2f: quantile bins off by %.5f (certified %.4f), warped by %.5f", gain, quantile, certified, warped)
		if certified > 0.005 || quantile > certified {
			t.Errorf("gain %g: off by %g, certified %g", gain, quantile, certified)
		}
		if gain == 0.03 && warped < 10*quantile {
			t.Errorf("warped bins are off by %g, quantile bins by %g", warped, quantile)
		}
	}
}

func TestQuantileEdgesSpreadASampleEvenly(t *testing.T) {
	rng := rand.New(rand.NewPCG(2, 1))
	sample := make([]float32, 128*100)
	for i := range sample {
		sample[i] = float32(rng.NormFloat64())
	}
	e := QuantileEdges(append([]float32(nil), sample...))
	var h [Bins]int
	for _, a := range sample {
		h[e.Bin(a)]++
	}
	for b, n := range h {
		if n < 99 || n > 101 {
			t.Errorf("bin %d holds %d of 12800, want 100", b, n)
		}
	}
}

func TestFixedRoundsToNearest(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := rapid.Float32Range(-2000, 2000).Draw(t, "a")
		if d := math.Abs(float64(Fixed(a))/FixedOne - float64(a)); d > 0.5/FixedOne {
			t.Fatalf("Fixed(%g) is off by %g", a, d)
		}
	})
	for _, a := range []float32{float32(math.Inf(1)), 1e9} {
		if Fixed(a) != math.MaxInt32 {
			t.Errorf("Fixed(%g) = %d", a, Fixed(a))
		}
	}
	if Fixed(float32(math.NaN())) != math.MinInt32+1 || Fixed(-1e9) != math.MinInt32+1 {
		t.Error("NaN and -1e9 must go to the lower end")
	}
}

func TestMidRanks(t *testing.T) {
	got := MidRanks([]int64{1, 0, 2, 1})
	want := []int32{RankOne / 8, RankOne / 4, RankOne / 2, RankOne * 7 / 8}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

// data is a random stretch with its raw activations, for slow twins.
type data struct {
	u, c, v int
	act     [][]float32 // [U][T]
	s       Stretch
	on      [][]bool // [C][T]
	valid   [][]bool
}

func randomData(rng *rand.Rand, n, u, c, v int) *data {
	d := &data{u: u, c: c, v: v, s: Stretch{Chars: make([]int32, n), Labels: make([]Labels, c)}}
	for p := range d.s.Chars {
		d.s.Chars[p] = int32(rng.IntN(v))
	}
	for range u {
		row := make([]float32, n)
		for p := range row {
			row[p] = float32(math.Tanh(rng.NormFloat64() * 2))
		}
		d.act = append(d.act, row)
	}
	for k := range c {
		l := &d.s.Labels[k]
		numeric := k%3 == 2
		if numeric {
			l.Values = make([]int32, n)
			l.Sparse = k%2 == 1
		}
		on, valid := make([]bool, n), make([]bool, n)
		for p := range on {
			valid[p] = k%2 == 0 || rng.IntN(5) > 0
			on[p] = valid[p] && rng.IntN(3) == 0
			switch {
			case !valid[p]:
				l.Invalid = append(l.Invalid, int32(p))
			case on[p]:
				l.Positive = append(l.Positive, int32(p))
			}
			if numeric && valid[p] && (on[p] || !l.Sparse) {
				l.Values[p] = int32(1 + rng.IntN(9))
			}
		}
		d.on, d.valid = append(d.on, on), append(d.valid, valid)
	}
	return d
}

func (d *data) fill(t *Table, e *Edges) {
	t.AddStretch(&d.s)
	for u, row := range d.act {
		bins, fixed := make([]uint8, len(row)), make([]int32, len(row))
		for p, a := range row {
			bins[p], fixed[p] = e.Bin(a), Fixed(a)
		}
		columnBins, columnFixed := make([]uint8, len(row)), make([]int32, len(row))
		if e.Column(columnBins, columnFixed, row, 1); !slices.Equal(columnBins, bins) || !slices.Equal(columnFixed, fixed) {
			panic("a column differs from its values")
		}
		t.AddUnit(u, bins, fixed, &d.s)
	}
}

func TestMergingIsAssociativeAndCommutativeToTheBit(t *testing.T) {
	e := tanhEdges()
	rapid.Check(t, func(t *rapid.T) {
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))
		const u, c, v = 3, 4, 5
		parts := make([]*data, rapid.IntRange(2, 6).Draw(t, "parts"))
		whole := NewTable(u, c, v)
		for i := range parts {
			parts[i] = randomData(rng, rng.IntN(40), u, c, v)
			parts[i].fill(whole, e)
		}
		order := rapid.Permutation(index(len(parts))).Draw(t, "order")
		tables := make([]*Table, 0, len(parts))
		for _, i := range order {
			one := NewTable(u, c, v)
			parts[i].fill(one, e)
			tables = append(tables, one)
		}
		for len(tables) > 1 { // merge any two, in any grouping
			i := rapid.IntRange(0, len(tables)-2).Draw(t, "i")
			tables[i].Merge(tables[i+1])
			tables = append(tables[:i+1], tables[i+2:]...)
		}
		whole.Settle()
		if d := cmp.Diff(whole, tables[0], cmpopts.IgnoreUnexported(Table{})); d != "" {
			t.Fatal(d)
		}
	})
}

func index(n int) []int {
	x := make([]int, n)
	for i := range x {
		x[i] = i
	}
	return x
}

// exactAUROC is the slow twin: every positive against every negative.
func exactAUROC(a []float32, on, valid []bool) float64 {
	var neg []float64
	for p := range a {
		if valid[p] && !on[p] {
			neg = append(neg, float64(a[p]))
		}
	}
	sort.Float64s(neg)
	var won, n1 float64
	for p := range a {
		if !valid[p] || !on[p] {
			continue
		}
		n1++
		below := sort.SearchFloat64s(neg, float64(a[p]))
		upto := sort.Search(len(neg), func(i int) bool { return neg[i] > float64(a[p]) })
		won += float64(below) + float64(upto-below)/2
	}
	return won / n1 / float64(len(neg))
}

func TestTableFiguresEqualTheirSlowTwins(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 7))
	d := randomData(rng, 4000, 3, 6, 5)
	for p := range d.act[0] { // a unit that follows concept 1, saturated
		if d.on[1][p] {
			d.act[0][p] = float32(math.Tanh(3 + rng.NormFloat64()))
		}
	}
	e, table := tanhEdges(), NewTable(3, 6, 5)
	d.fill(table, e)
	for c := range d.c {
		for u := range d.u {
			auc, slack := table.AUROC(c, u)
			exact := exactAUROC(d.act[u], d.on[c], d.valid[c])
			if math.Abs(auc-exact) > slack {
				t.Errorf("AUROC(%d,%d) = %.6f, exactly %.6f, certified to %.6f", c, u, auc, exact, slack)
			}
			if slack > 0.02 {
				t.Errorf("binning error %.4f", slack)
			}
			a, y, chars := d.column(c, u)
			if got, want := table.Moments(c, u).R(), Pearson(a, y); math.Abs(got-want) > 1e-5 {
				t.Errorf("R(%d,%d) = %g, want %g", c, u, got, want)
			}
			if got, want := table.RWithin(c, u), slowWithin(a, y, chars); math.Abs(got-want) > 1e-5 {
				t.Errorf("RWithin(%d,%d) = %g, want %g", c, u, got, want)
			}
		}
	}
}

// column is unit u and the label value of c at c's valid positions.
func (d *data) column(c, u int) (a, y []float64, chars []int32) {
	for p, v := range d.act[u] {
		if !d.valid[c][p] {
			continue
		}
		label := 0.0
		if d.on[c][p] {
			label = 1
		}
		if d.s.Labels[c].Values != nil {
			label = float64(d.s.Labels[c].Values[p])
		}
		a, y, chars = append(a, float64(v)), append(y, label), append(chars, d.s.Chars[p])
	}
	return a, y, chars
}

// slowWithin takes each character's mean away from both sides, then correlates.
func slowWithin(a, y []float64, chars []int32) float64 {
	n, sa, sy := map[int32]float64{}, map[int32]float64{}, map[int32]float64{}
	for i, v := range chars {
		n[v]++
		sa[v] += a[i]
		sy[v] += y[i]
	}
	x, z := make([]float64, len(a)), make([]float64, len(a))
	for i, v := range chars {
		x[i], z[i] = a[i]-sa[v]/n[v], y[i]-sy[v]/n[v]
	}
	return Pearson(x, z)
}

func TestSurfaceControlRemovesACharacterDrivenUnit(t *testing.T) {
	rng := rand.New(rand.NewPCG(9, 1))
	const n = 20000
	d := randomData(rng, n, 2, 1, 4)
	// The label is on for 80 % of one character and for 20 % of the others; unit 0
	// answers to the character alone, unit 1 to the label alone.
	l := Labels{}
	for p, v := range d.s.Chars {
		on := rng.Float64() < map[bool]float64{true: 0.8, false: 0.2}[v == 0]
		if on {
			l.Positive = append(l.Positive, int32(p))
		}
		d.act[0][p] = float32(math.Tanh(0.3 * rng.NormFloat64()))
		d.act[1][p] = d.act[0][p]
		if v == 0 {
			d.act[0][p] += 0.5
		}
		if on {
			d.act[1][p] += 0.5
		}
	}
	d.s.Labels[0] = l
	table := NewTable(2, 1, 4)
	d.fill(table, tanhEdges())
	if r, w := table.Moments(0, 0).R(), table.RWithin(0, 0); r < 0.3 || math.Abs(w) > 0.03 {
		t.Errorf("character-driven unit: r %.3f, within %.3f", r, w)
	}
	if w := table.RWithin(0, 1); w < 0.5 {
		t.Errorf("label-driven unit: within %.3f", w)
	}
	if s := table.SurfaceAUROC(0, table); s < 0.7 || s > 0.85 {
		t.Errorf("surface AUROC %.3f", s)
	}
}

func TestRWithinIsUndefinedForAFunctionOfTheCharacter(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 3))
	d := randomData(rng, 500, 1, 1, 4)
	d.s.Labels[0] = Labels{}
	for p, v := range d.s.Chars {
		if v == 2 {
			d.s.Labels[0].Positive = append(d.s.Labels[0].Positive, int32(p))
		}
	}
	table := NewTable(1, 1, 4)
	d.fill(table, tanhEdges())
	if w := table.RWithin(0, 0); !math.IsNaN(w) {
		t.Errorf("r_within %g, want NaN", w)
	}
	if s := table.SurfaceAUROC(0, table); s != 1 {
		t.Errorf("surface AUROC %g, want 1", s)
	}
}

func TestSum128CarriesOver(t *testing.T) {
	var s Sum128
	for range 6 {
		s.Add(1 << 62)
	}
	if s.Float() != 6*0x1p62 || s.Hi != 1 {
		t.Errorf("%+v", s)
	}
	var twice Sum128
	twice.Merge(s)
	twice.Merge(s)
	if twice.Sub(s) != s {
		t.Errorf("%+v - %+v", twice, s)
	}
}

func BenchmarkAddUnit(b *testing.B) {
	rng := rand.New(rand.NewPCG(1, 1))
	const n, c = 4000, 30
	d := randomData(rng, n, 1, 1, 80)
	d.s.Labels = make([]Labels, c)
	for k := range d.s.Labels {
		for p := range n {
			if rng.IntN(10) == 0 {
				d.s.Labels[k].Positive = append(d.s.Labels[k].Positive, int32(p))
			}
		}
	}
	e, table := tanhEdges(), NewTable(1, c, 80)
	for k := range d.s.Labels {
		d.s.Labels[k].Runs = d.s.Labels[k].AppendRuns(nil)
	}
	bins, fixed := make([]uint8, n), make([]int32, n)
	for b.Loop() {
		table.AddStretch(&d.s)
		for p, a := range d.act[0] {
			bins[p], fixed[p] = e.Bin(a), Fixed(a)
		}
		table.AddUnit(0, bins, fixed, &d.s)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/n, "ns/position")
}

// TestBinCountsBorders: whatever the borders and the value, the grid and the
// halvings both count the borders that are reached.
func TestBinCountsBorders(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		kind := rapid.IntRange(0, 3).Draw(t, "kind")
		sample := make([]float32, rapid.IntRange(0, 600).Draw(t, "n"))
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
		for i := range sample {
			x := rng.NormFloat64()
			sample[i] = float32([]float64{x, math.Tanh(6 * x), math.Round(x), x * 1e30}[kind])
		}
		e := QuantileEdges(sample)
		values := append(slices.Clone(sample), e.Values[:]...)
		for _, v := range e.Values {
			values = append(values, math.Nextafter32(v, 9), math.Nextafter32(v, -9))
		}
		values = append(values, 0, float32(math.Copysign(0, -1)), 1, -1, math.MaxFloat32, -math.MaxFloat32, float32(math.Inf(1)), float32(math.Inf(-1)))
		for _, a := range values {
			want := slowBin(e, a)
			if got, slow := e.Bin(a), e.search(a); got != want || slow != want {
				t.Fatalf("%g is in bin %d, by halvings %d; %d borders are reached", a, got, slow, want)
			}
		}
	})
}

func BenchmarkBin(b *testing.B) {
	rng := rand.New(rand.NewPCG(1, 2))
	for _, gain := range []float64{0.5, 2, 6} { // from a linear unit to a saturated one
		sample := make([]float32, 4096)
		for i := range sample {
			sample[i] = float32(math.Tanh(gain * rng.NormFloat64()))
		}
		e := QuantileEdges(sample)
		for name, f := range map[string]func(float32) uint8{"grid": e.Bin, "halvings": e.search} {
			b.Run(fmt.Sprintf("gain%g/%s", gain, name), func(b *testing.B) {
				var sum uint64
				for b.Loop() {
					for _, a := range sample {
						sum += uint64(f(a))
					}
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/4096, "ns/value")
			})
		}
	}
}

// TestInvalidEverywhere sums a stretch up once for all labels that say nothing in it: the same
// as position by position.
func TestInvalidEverywhere(t *testing.T) {
	rng := rand.New(rand.NewPCG(9, 1))
	const u, c, v = 3, 5, 6
	table, e := NewTable(u, c, v), tanhEdges()
	byChar, square := make([][]int64, c), make([][]Sum128, c)
	for k := range c {
		byChar[k], square[k] = make([]int64, u*v), make([]Sum128, u)
	}
	for range 4 {
		d := randomData(rng, 1+rng.IntN(200), u, c, v)
		for k := range c {
			if rng.IntN(2) == 0 {
				l := &d.s.Labels[k]
				*l = Labels{Invalid: index32(len(d.s.Chars)), Sparse: l.Sparse}
			}
			for _, p := range d.s.Labels[k].Invalid {
				for n, row := range d.act {
					q := int64(Fixed(row[p]))
					byChar[k][n*v+int(d.s.Chars[p])] += q
					square[k][n].Add(uint64(q * q))
				}
			}
		}
		d.fill(table, e)
	}
	for k := range c {
		if table.AX[k] == nil {
			continue
		}
		if !slices.Equal(table.AX[k], byChar[k]) || !slices.Equal(table.AAX[k], square[k]) {
			t.Errorf("concept %d: what is taken out differs from the sum over its invalid positions", k)
		}
	}
}

func index32(n int) []int32 {
	x := make([]int32, n)
	for i := range x {
		x[i] = int32(i)
	}
	return x
}
