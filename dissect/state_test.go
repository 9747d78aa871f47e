package dissect

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/rnnscope/rnnscope/concept"
	"github.com/rnnscope/rnnscope/rnn"
	"github.com/rnnscope/rnnscope/specimen"
	"github.com/rnnscope/rnnscope/stat"
	"github.com/rnnscope/rnnscope/text"
)

// labelsOf is 1 where a concept is above 0, -1 where it is invalid.
func labelsOf(c concept.Concept, rs []rune) []int8 {
	var on []int8
	for _, y := range concept.LabelAll(c, rs) {
		switch {
		case !y.Valid:
			on = append(on, -1)
		case y.Y > 0:
			on = append(on, 1)
		default:
			on = append(on, 0)
		}
	}
	return on
}

// TestWeakStateUnitBehindADecoy plants a URL latch of AUROC .70 beside a decoy
// that scores higher by answering to characters alone: the decoy is the best unit,
// the latch is found beside it, and the decoy is never taken for a state unit.
func TestWeakStateUnitBehindADecoy(t *testing.T) {
	planted(t)
	b := newBench(t, "mixed", 90_000, rnn.GRU, 12)
	c := concepts(t, "url")[0]
	labels := concept.LabelAll(c, b.runes)
	decoy := characterDriven(b, labels)
	units := map[int]func(int) float32{}
	for u := range 12 {
		units[u] = drifting(len(b.runes), uint64(u))
	}
	units[2], units[5] = flag(labels, 0.742, 1), decoy // AUROC .70
	k := b.run(t, Options{Concepts: []concept.Concept{c}, Untrained: 3}, units).Concepts[0]
	if k.Best.Unit != 5 || k.Holds {
		t.Fatalf("best unit %d, holds %v; the decoy is 5", k.Best.Unit, k.Holds)
	}
	u := k.State
	if u == nil || u.Same || u.Score.Unit != 2 || u.Score.Sign != 1 || u.Verdict != Learned || !u.Holds {
		t.Fatalf("state unit %+v", u)
	}
	if math.Abs(u.Score.AUROC.Estimate-0.7) > 0.03 || math.Abs(float64(u.Score.RWithin)-u.RWithin.Estimate) > 0.05 {
		t.Errorf("AUROC %s, r_within %.3f in all, %s on the sample", u.Score.AUROC, u.Score.RWithin, u.RWithin)
	}
	if u.Closer == nil || u.Closer.Within.Estimate < 0.65 {
		t.Errorf("closer look %+v", u.Closer)
	}
	checkContexts(t, b, k.Closer)
}

// checkContexts: places lie in their bands and say what the text says.
func checkContexts(t *testing.T, b *bench, k *CloserLook) {
	t.Helper()
	if len(k.Contexts) < bands {
		t.Errorf("%d contexts", len(k.Contexts))
	}
	for _, x := range k.Contexts {
		v := float64(x.Place.Value)
		if v < x.Lo-2e-4 || v > x.Hi+2e-4 || x.Place.Char != string(b.runes[x.Place.Position]) {
			t.Errorf("%g in [%g, %g]: %q", v, x.Lo, x.Hi, x.Place.Char)
		}
	}
	if !slices.IsSortedFunc(k.Contexts, func(a, b RangeContext) int { return int(math.Copysign(1, a.Lo-b.Lo)) * stat.Indicator(a.Lo != b.Lo) }) {
		t.Error("contexts do not go from low to high")
	}
}

// TestWithinIsThatOfTheTable holds the sums behind the interval against the table's.
func TestWithinIsThatOfTheTable(t *testing.T) {
	all, some := map[int32]*stat.CrossSums{}, map[int32]*stat.CrossSums{}
	table, rest := stat.NewTable(1, 1, 3), stat.NewTable(1, 1, 3)
	for v := range int32(3) {
		all[v], some[v] = &stat.CrossSums{}, &stat.CrossSums{}
	}
	for p := range 600 {
		v, y := int32(p%3), int32(p/7%2)
		a := stat.Fixed(float32(0.3*float64(y) + 0.2*noise(p, 3) + 0.1*float64(v)))
		s := &stat.Stretch{Chars: []int32{v}, Labels: make([]stat.Labels, 1)}
		if y == 1 {
			s.Labels[0].Positive = []int32{0}
		}
		all[v].Add(float64(a)/stat.FixedOne, float64(y))
		table.AddStretch(s)
		table.AddUnit(0, []uint8{0}, []int32{a}, s)
		if p < 100 {
			some[v].Add(float64(a)/stat.FixedOne, float64(y))
			continue
		}
		rest.AddStretch(s)
		rest.AddUnit(0, []uint8{0}, []int32{a}, s)
	}
	chars := []int32{0, 1, 2}
	if got, want := leaveOut(chars, all, nil), table.RWithin(0, 0); math.Abs(got-want) > 1e-9 {
		t.Errorf("r_within %g, by the table %g", got, want)
	}
	if got, want := leaveOut(chars, all, some), rest.RWithin(0, 0); math.Abs(got-want) > 1e-9 {
		t.Errorf("with a block left out %g, by the table of the rest %g", got, want)
	}
}

// TestKeptBinsScoreLikePoints holds the kept bins against the sorted points of the
// closer look.
func TestKeptBinsScoreLikePoints(t *testing.T) {
	rng := rand.New(rand.NewPCG(4, 4))
	blocks := []text.Block{{Lo: 0, Hi: 300}, {Lo: 500, Hi: 700}}
	k := newBinKeeper(newTally([]specimen.Site{{Name: "l0.h", Units: 2}}, 1, 5, false), blocks)
	var labelled []*specimen.BlockLabels
	var points []stat.StratumPoint
	for i, b := range blocks {
		l := &specimen.BlockLabels{Held: make([][]uint8, 1), Stretch: stat.Stretch{Chars: make([]int32, b.Len()), Labels: make([]stat.Labels, 1)}, Block: b}
		bins, fixed := make([]uint8, b.Len()), make([]int32, b.Len())
		for p := range bins {
			l.Chars[p], bins[p] = int32(rng.IntN(5)), uint8(rng.IntN(stat.Bins))
			on := rng.IntN(stat.Bins) < int(bins[p])
			if on {
				l.Labels[0].Positive = append(l.Labels[0].Positive, int32(p))
			}
			points = append(points, stat.StratumPoint{Segment: int32(i), Stratum: l.Chars[p], On: on, Bin: bins[p]})
		}
		for _, cut := range [][2]int{{0, b.Len() / 3}, {b.Len() / 3, b.Len()}} {
			var x specimen.Passage
			x.Cut(l, i, cut[0], cut[1])
			k.Begin(0, 0, &x)
			k.Unit(0, 0, 1, bins[cut[0]:cut[1]], fixed[cut[0]:cut[1]], &x)
		}
		labelled = append(labelled, l)
	}
	if got, want := k.within(0, 0, 1, labelled), stat.StratifiedAUROC(points, 2).Estimate; math.Abs(got-want) > 1e-9 || got < 0.6 {
		t.Errorf("AUROC among equal characters %g, by points %g", got, want)
	}
}
