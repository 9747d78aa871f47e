package stat

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"
)

func TestDetectorFindsTheBorder(t *testing.T) {
	on, off := make([]int64, Bins), make([]int64, Bins)
	on[100], off[20], off[101] = 50, 150, 2
	d := BestDetector(on, off, 1)
	if d.Bin <= 20 || d.Bin > 100 {
		t.Fatalf("border at %d", d.Bin)
	}
	f1, iou := d.Skills(on, off)
	pi := 50.0 / 202
	if want := (100.0/102 - 2*pi/(1+pi)) / (1 - 2*pi/(1+pi)); math.Abs(f1-want) > 1e-12 {
		t.Errorf("F1 skill %g, want %g", f1, want)
	}
	if want := (50.0/52 - pi) / (1 - pi); math.Abs(iou-want) > 1e-12 {
		t.Errorf("IoU skill %g, want %g", iou, want)
	}
	always := Detector{Sign: 1}
	if f1, iou := always.Skills(on, off); math.Abs(f1) > 1e-12 || math.Abs(iou) > 1e-12 {
		t.Errorf("always on has skill %g, %g", f1, iou)
	}
	flipped := BestDetector(off, on, -1) // off is now the positive side and lies low
	tp, fp, fn := flipped.Confusion(off, on)
	if tp < 150 || fp != 0 || fn > 2 {
		t.Errorf("low side: tp %d fp %d fn %d", tp, fp, fn)
	}
}

func TestMutualInformation(t *testing.T) {
	on, off := make([]int64, Bins), make([]int64, Bins)
	on[3], off[9] = 40, 40
	if got := MutualInformation(on, off); math.Abs(got-1) > 1e-12 {
		t.Errorf("a perfect unit of an even label tells %g bits, want 1", got)
	}
	on[9], off[3] = 40, 40
	if got := MutualInformation(on, off); got != 0 {
		t.Errorf("an independent unit tells %g bits", got)
	}
	if got := MutualInformation(on, make([]int64, Bins)); !math.IsNaN(got) {
		t.Errorf("without negatives: %g", got)
	}
}

// randomSegments fills segments from autocorrelated text: a telegraph label and
// an AR(1) activation lifted by d where the label is on. Means drift by segment
// only through the two processes themselves.
func randomSegments(rng *rand.Rand, s, length int, d, dwell, phi float64) *Segments {
	g, e := NewSegments(s), tanhEdges()
	on, x := rng.IntN(2) == 0, rng.NormFloat64()
	for p := range s * length {
		if rng.Float64() < 1/dwell {
			on = !on
		}
		x = phi*x + math.Sqrt(1-phi*phi)*rng.NormFloat64()
		a := x
		if on {
			a += d
		}
		g.Add(p/length, e.Bin(float32(math.Tanh(a))), on)
	}
	return g
}

func TestJackknifeEqualsRecountingWithoutEachSegment(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
		g := randomSegments(rng, 5, 60, 1, 10, 0.5)
		est, _ := g.AUROC()
		var leave []float64
		for s := range g.S {
			without := NewSegments(g.S)
			without.Merge(g)
			clear(without.On[s*Bins : (s+1)*Bins])
			clear(without.Off[s*Bins : (s+1)*Bins])
			on, off := without.Totals()
			a, _ := AUROC(on, off)
			if math.IsNaN(a) {
				t.Skip("one segment holds a whole side")
			}
			leave = append(leave, a)
		}
		want := Jackknife(est.Estimate, leave)
		want.N, want.Lo, want.Hi = 300, max(0, want.Lo), min(1, want.Hi)
		if d := cmp.Diff(want, est, cmpopts.EquateApprox(1e-9, 1e-9)); d != "" {
			t.Fatal(d)
		}
	})
}

func TestAUROCIntervalCoversOnAutocorrelatedText(t *testing.T) {
	const d = 0.7
	truth := 0.5 * math.Erfc(-d/math.Sqrt2/math.Sqrt2) // P(N(d,1) > N(0,1))
	rng := rand.New(rand.NewPCG(42, 1))
	const texts = 300
	covered, naive := int64(0), 0
	for range texts {
		g := randomSegments(rng, 40, 1000, d, 150, 0.98)
		ci, binning := g.AUROC()
		if ci.Lo-binning <= truth && truth <= ci.Hi+binning {
			covered++
		}
		on, off := g.Totals()
		q1, q2 := truth/(2-truth), 2*truth*truth/(1+truth)
		n1, n0 := float64(total(on)), float64(total(off))
		se := math.Sqrt((truth*(1-truth) + (n1-1)*(q1-truth*truth) + (n0-1)*(q2-truth*truth)) / n1 / n0)
		if math.Abs(ci.Estimate-truth) < Z95*se {
			naive++
		}
	}
	share := Wilson(covered, texts)
	t.Logf("coverage: jackknife %s, i.i.d. formula %.2f", share, float64(naive)/texts)
	if share.Hi < 0.93 || share.Lo > 0.985 {
		t.Errorf("coverage %s, want about .95", share)
	}
	if float64(naive)/texts > 0.5 {
		t.Errorf("the i.i.d. formula covers %.2f: this simulation is not autocorrelated", float64(naive)/texts)
	}
}

func TestAUROCIntervalIsUndefinedWhenOneSegmentHoldsASide(t *testing.T) {
	g := NewSegments(3)
	g.Add(0, 90, true)
	for s := range 3 {
		g.Add(s, 10, false)
	}
	ci, _ := g.AUROC()
	if ci.Estimate != 1 || ci.Defined() {
		t.Errorf("%s", ci)
	}
}

// swapText makes bin ranks [U][n] and labels [n] of G groups.
func swapText(rng *rand.Rand, groups, units, length int) ([][]int32, []bool) {
	n := groups * GroupSize * length
	ranks, on := make([][]int32, units), make([]bool, n)
	state := false
	for p := range on {
		if rng.Float64() < 0.05 {
			state = !state
		}
		on[p] = state
	}
	for u := range ranks {
		ranks[u] = make([]int32, n)
		x := rng.NormFloat64()
		for p := range n {
			x = 0.9*x + 0.436*rng.NormFloat64()
			ranks[u][p] = int32(1000 * math.Tanh(x))
		}
	}
	return ranks, on
}

func crossOf(ranks [][]int32, on []bool, groups, length int) []int64 {
	units := len(ranks)
	cross := make([]int64, groups*GroupSize*GroupSize*units)
	for g := range groups {
		for i := range GroupSize {
			for j := range GroupSize {
				for u := range ranks {
					var s int64
					for p := range length {
						if on[(g*GroupSize+j)*length+p] {
							s += int64(ranks[u][(g*GroupSize+i)*length+p])
						}
					}
					cross[((g*GroupSize+i)*GroupSize+j)*units+u] = s
				}
			}
		}
	}
	return cross
}

// TestLocalSwapEqualsEnumeration lists all 24^2 orders of two groups.
func TestLocalSwapEqualsEnumeration(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 5))
	const groups, units, length = 2, 3, 20
	ranks, on := swapText(rng, groups, units, length)
	cross := crossOf(ranks, on, groups, length)
	sums := make([][]float64, units)
	for _, a := range orders {
		for _, b := range orders {
			for u := range units {
				var s int64
				for i := range GroupSize {
					s += cross[(i*GroupSize+a[i])*units+u] + cross[((GroupSize+i)*GroupSize+b[i])*units+u]
				}
				sums[u] = append(sums[u], float64(s))
			}
		}
	}
	var reached []float64
	z := make([][]float64, units)
	for u, all := range sums {
		mean, ss := Mean(all), 0.0
		for _, x := range all {
			ss += (x - mean) * (x - mean)
		}
		sd := math.Sqrt(ss / float64(len(all)))
		for _, x := range all {
			z[u] = append(z[u], (x-mean)/sd)
		}
	}
	for k := range z[0] {
		m := 0.0
		for u := range z {
			m = max(m, math.Abs(z[u][k]))
		}
		reached = append(reached, m)
	}
	got := LocalSwap(cross, units, 20000, rng)
	root := math.Sqrt(got.Spread)
	exact := 0.0
	for _, m := range reached {
		if m >= reached[0]/root*(1-1e-9) { // order 0 is the text as it stands
			exact++
		}
	}
	exact /= float64(len(reached))
	for u := range z {
		if math.Abs(got.Z[u]*root-z[u][0]) > 1e-4 {
			t.Errorf("z of unit %d is %g times %g, enumeration gives %g", u, got.Z[u], root, z[u][0])
		}
	}
	if se := math.Sqrt(exact*(1-exact)/20000) + 1e-4; math.Abs(got.P-exact) > 4*se {
		t.Errorf("p %.4f, enumeration gives %.4f", got.P, exact)
	}
}

func TestLocalSwapHoldsItsLevelAndFindsAPlantedUnit(t *testing.T) {
	rng := rand.New(rand.NewPCG(11, 2))
	const groups, units, length, texts = 10, 6, 300, 300
	var hits int64
	for range texts {
		ranks, on := swapText(rng, groups, units, length)
		if LocalSwap(crossOf(ranks, on, groups, length), units, 199, rng).P <= 0.05 {
			hits++
		}
	}
	share := Wilson(hits, texts)
	t.Logf("share of p <= .05 under the null: %s", share)
	if share.Lo > 0.05 || share.Hi < 0.02 {
		t.Errorf("level %s", share)
	}

	ranks, on := swapText(rng, groups, units, length)
	for p := range on {
		if on[p] {
			ranks[4][p] += 800
		}
	}
	found := LocalSwap(crossOf(ranks, on, groups, length), units, 999, rng)
	cross := crossOf(ranks, on, groups, length)
	if own, other := found.OwnSwap(cross, 4, 999, rng), found.OwnSwap(cross, 0, 999, rng); found.P > 0.01 || own > 0.01 || other < 0.05 {
		t.Errorf("planted unit: p of the site %g, its own %g, of another unit %g", found.P, own, other)
	}
}

// TestOwnSwap: p is the unit's own, by enumeration and whatever the other units do; over texts
// without an effect it is uniform.
func TestOwnSwap(t *testing.T) {
	rng := rand.New(rand.NewPCG(6, 5))
	const units, length = 3, 20
	ranks, on := swapText(rng, 2, units, length)
	for p := range on {
		if on[p] {
			ranks[2][p] += 900
		}
	}
	cross := crossOf(ranks, on, 2, length)
	test := LocalSwap(cross, units, 99, rng)
	for u := range units {
		var all []float64
		for _, a := range orders {
			for _, b := range orders {
				var s int64
				for i := range GroupSize {
					s += cross[(i*GroupSize+a[i])*units+u] + cross[((GroupSize+i)*GroupSize+b[i])*units+u]
				}
				all = append(all, float64(s))
			}
		}
		mean, exact := Mean(all), 0.0
		for _, x := range all {
			if math.Abs(x-mean) >= math.Abs(all[0]-mean)/math.Sqrt(test.Spread)*(1-1e-5) {
				exact++
			}
		}
		exact /= float64(len(all))
		if p := test.OwnSwap(cross, u, 20000, rng); math.Abs(p-exact) > 4*math.Sqrt(exact*(1-exact)/20000)+1e-4 {
			t.Errorf("unit %d: p %.4f, enumeration gives %.4f", u, p, exact)
		}
	}
	var hits int64
	const groups, texts = 10, 400
	for range texts {
		ranks, on := swapText(rng, groups, units, 300)
		cross := crossOf(ranks, on, groups, 300)
		if LocalSwap(cross, units, 1, rng).OwnSwap(cross, 1, 199, rng) <= 0.05 {
			hits++
		}
	}
	if share := Wilson(hits, texts); share.Lo > 0.05 || share.Hi < 0.02 {
		t.Errorf("share of p <= .05 without an effect: %s", share)
	}
}

// TestCouldShow: a unit with the AUROC that a text is said to show is found in about four of five
// texts.
func TestCouldShow(t *testing.T) {
	rng := rand.New(rand.NewPCG(12, 3))
	const groups, length, texts, alpha = 12, 300, 250, 0.01
	found := 0
	for range texts {
		ranks, on := swapText(rng, groups, 6, length)
		var positive int64
		for _, y := range on {
			positive += int64(boolInt(y))
		}
		n := int64(len(on))
		want := LocalSwap(crossOf(ranks, on, groups, length), 6, 1, rng).CouldShow(2, positive, n, alpha)
		// AUROC rises by the mean shift of the ranks of positives over those of negatives.
		shift := int32(math.Round((want - 0.5) * RankOne))
		for p := range on {
			if on[p] {
				ranks[2][p] += shift
			}
		}
		cross := crossOf(ranks, on, groups, length)
		if LocalSwap(cross, 6, 1, rng).OwnSwap(cross, 2, 1999, rng) <= alpha {
			found++
		}
	}
	if share := float64(found) / texts; share < 0.65 || share > 0.93 {
		t.Errorf("found in %.2f of texts, want about %.2f", share, Power)
	}
}

func boolInt(b bool) int {
	if b {
		return 1
	}
	return 0
}

func TestSegmentLength(t *testing.T) {
	for _, c := range []struct {
		n    int64
		want int
		ok   bool
	}{{39_999, 999, false}, {40_000, 1000, true}, {100_000, 2500, true}, {10_000_000, 4000, true}} {
		got, ok := SegmentLength(c.n)
		if got != c.want || ok != c.ok {
			t.Errorf("%d characters: %d, %v", c.n, got, ok)
		}
	}
}

// The example of Benjamini and Hochberg 1995, section 3.2: 15 p values, of which
// Bonferroni-type procedures reject three and theirs four at .05.
func TestBenjaminiHochberg(t *testing.T) {
	p := []float64{0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1}
	count := func(x []float64) (k int) {
		for _, v := range x {
			if v <= 0.05 {
				k++
			}
		}
		return k
	}
	if k := count(BenjaminiHochberg(p)); k != 4 {
		t.Errorf("Benjamini-Hochberg rejects %d, the paper 4", k)
	}
	rapid.Check(t, func(t *rapid.T) {
		p := rapid.SliceOfN(rapid.Float64Range(0, 1), 1, 20).Draw(t, "p")
		bh := BenjaminiHochberg(p)
		for i := range p {
			if bh[i] < p[i]-1e-15 || bh[i] > min(1, p[i]*float64(len(p)))+1e-12 {
				t.Fatalf("p %g, BH %g of %d", p[i], bh[i], len(p))
			}
		}
	})
}

func TestSignFlipEqualsEnumeration(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 1))
	d := []float64{1.2, 0.4, -0.3, 0.8, 0.1, 0.6, -0.2, 0.9}
	greater, two := 0, 0
	for mask := range 1 << len(d) {
		s := 0.0
		for i, x := range d {
			if mask>>i&1 == 1 {
				x = -x
			}
			s += x
		}
		if s >= sum(d)-1e-9 {
			greater++
		}
		if math.Abs(s) >= sum(d)-1e-9 {
			two++
		}
	}
	got := SignFlip(d, 50000, rng)
	if math.Abs(got.Greater-float64(greater)/256) > 0.004 || math.Abs(got.TwoSided-float64(two)/256) > 0.006 {
		t.Errorf("%+v, enumeration %g and %g", got, float64(greater)/256, float64(two)/256)
	}
}

func TestWilson(t *testing.T) {
	ci := Wilson(81, 263) // Newcombe 1998, table I: .2553 to .3662
	if math.Abs(ci.Lo-0.2553) > 5e-5 || math.Abs(ci.Hi-0.3662) > 5e-5 {
		t.Errorf("%+v", ci)
	}
	if e := Wilson(0, 0); !math.IsNaN(e.Estimate) || e.Lo != 0 || e.Hi != 1 {
		t.Errorf("%+v", e)
	}
}

func TestBootstrapAndSegmentMeanCoverTheMean(t *testing.T) {
	rng := rand.New(rand.NewPCG(8, 8))
	const texts, segments = 300, 30
	var boot, jack, contrast int64
	for range texts {
		num, den, other, ones := make([]float64, segments), make([]float64, segments), make([]float64, segments), make([]float64, segments)
		for s := range num {
			den[s] = float64(1 + rng.IntN(9))
			num[s] = den[s]*2 + 3*math.Sqrt(den[s])*rng.NormFloat64()
			ones[s], other[s] = 1, 1+rng.NormFloat64()
		}
		ratio := func(ix []int) float64 {
			var n, d float64
			for _, i := range ix {
				n += num[i]
				d += den[i]
			}
			return n / d
		}
		if ci := Bootstrap(segments, 200, rng, ratio); ci.Lo <= 2 && 2 <= ci.Hi {
			boot++
		}
		if ci := SegmentMean(num, den); ci.Lo <= 2 && 2 <= ci.Hi {
			jack++
		}
		if ci := SegmentContrast(num, den, other, ones); ci.Lo <= 1 && 1 <= ci.Hi {
			contrast++
		}
	}
	for name, k := range map[string]int64{"bootstrap": boot, "segment mean": jack, "segment contrast": contrast} {
		if share := Wilson(k, texts); share.Hi < 0.93 || share.Lo > 0.98 {
			t.Errorf("%s covers %s", name, share)
		}
	}
}

func TestAutocorrelationTimeOfAR1(t *testing.T) {
	rng := rand.New(rand.NewPCG(4, 4))
	x := make([]float64, 60000)
	for i := 1; i < len(x); i++ {
		x[i] = 0.9*x[i-1] + rng.NormFloat64()
	}
	if tau := TauInt(x); math.Abs(tau-19) > 2.5 {
		t.Errorf("tau %g, want 19", tau)
	}
	if !math.IsNaN(TauInt([]float64{1, 1, 1})) {
		t.Error("a constant has no autocorrelation")
	}
}

func TestCorrelations(t *testing.T) {
	a := []float64{1, 2, 3, 4, 100}
	b := []float64{2, 4, 6, 8, 9}
	if got := Spearman(a, b); math.Abs(got-1) > 1e-12 {
		t.Errorf("Spearman of a monotone relation is %g", got)
	}
	if got := Pearson(a[:4], b[:4]); math.Abs(got-1) > 1e-12 {
		t.Errorf("Pearson of a line is %g", got)
	}
	if got := Spearman([]float64{1, 1, 2}, []float64{5, 5, 5}); !math.IsNaN(got) {
		t.Errorf("constant side: %g", got)
	}
}

func TestUndefinedFiguresAreNullInJSON(t *testing.T) {
	type pair struct {
		I Interval
		N Number
	}
	p := pair{Interval{math.NaN(), math.Inf(-1), 2, 1}, Undefined()}
	b, err := json.Marshal(p)
	if err != nil || string(b) != `{"I":{"estimate":null,"lo":null,"hi":2,"n":1},"N":null}` {
		t.Errorf("%s, %v", b, err)
	}
	var q pair
	if err := json.Unmarshal(b, &q); err != nil || !math.IsNaN(q.I.Lo) || q.N.Defined() {
		t.Errorf("%+v, %v", q, err)
	}
}
