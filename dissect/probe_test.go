package dissect

import (
	"math"
	"testing"

	"github.com/rnnscope/rnnscope/concept"
	"github.com/rnnscope/rnnscope/probe"
	"github.com/rnnscope/rnnscope/rnn"
	"github.com/rnnscope/rnnscope/stat"
)

// noisy gives every unit noise that lasts.
func noisy(b *bench, units int) map[int]func(int) float32 {
	out := map[int]func(int) float32{}
	for u := range units {
		out[u] = drifting(len(b.runes), uint64(70+u))
	}
	return out
}

// TestProbeOfAFlag: one unit that holds the state is all a probe needs, random
// units tell nothing, and control labels, fast or slow, are not read out.
func TestProbeOfAFlag(t *testing.T) {
	planted(t)
	b := newBench(t, "mixed", 90_000, rnn.Elman, 16)
	c := concepts(t, "in-quote")[0]
	units := noisy(b, 16)
	units[6] = flag(concept.LabelAll(c, b.runes), 3, 1)
	k := b.run(t, Options{Concepts: []concept.Concept{c}}, units).Concepts[0]
	p := k.Probe
	if p == nil {
		t.Fatal("no probe")
	}
	if p.K90 != 1 || p.Curve[0].Units[0] != 6 || len(p.Curve) != 2 {
		t.Errorf("k90 %d, curve %+v", p.K90, p.Curve)
	}
	if want := normalCDF(1.5); math.Abs(p.Accuracy.Estimate-want) > 0.03 || !p.Accuracy.Above(0.8) {
		t.Errorf("accuracy %s of a unit whose sides lie 3 apart; %.3f is the best there is", p.Accuracy, want)
	}
	if r := p.Curve[0]; r.RandomMean > 0.3 || r.Random95 < r.RandomMean {
		t.Errorf("random units reach %+v: one of 16 is the flag", r)
	}
	if math.Abs(float64(p.Control)-0.5) > 0.06 || p.Selectivity < 0.35 || math.Abs(float64(p.Telegraph)-0.5) > 0.1 {
		t.Errorf("control %.3f, selectivity %.3f, telegraph %.3f", p.Control, p.Selectivity, p.Telegraph)
	}
	if d := float64(p.Control+p.Selectivity) - p.Accuracy.Estimate; math.Abs(d) > 1e-12 {
		t.Errorf("control and selectivity miss the accuracy by %g", d)
	}
	checkRotated(t, k.Rotated)
}

// checkRotated: a planted unit stands above every rotated axis.
func checkRotated(t *testing.T, r *probe.Rotated) {
	t.Helper()
	if r == nil || r.Unit < 0.95 || r.Highest > r.Unit-0.05 || r.Mean > r.Highest || r.Mean < 0.6 || r.Axes != 16 {
		t.Errorf("rotated %+v", r)
	}
}

func normalCDF(x float64) float64 { return (1 + math.Erf(x/math.Sqrt2)) / 2 }

// TestProbeOfAConceptSpreadOverUnits: four units that follow a label a little each,
// apart from each other, make a probe of four.
func TestProbeOfAConceptSpreadOverUnits(t *testing.T) {
	planted(t)
	b := newBench(t, "mixed", 90_000, rnn.Elman, 16)
	c := concepts(t, "in-quote")[0]
	labels := concept.LabelAll(c, b.runes)
	units := noisy(b, 16)
	for i, u := range []int{1, 4, 9, 13} {
		units[u] = flag(labels, 1, uint64(i))
	}
	p := b.run(t, Options{Concepts: []concept.Concept{c}}, units).Concepts[0].Probe
	if p.K90 != 4 || p.Curve[0].Skill > 0.7*p.Curve[2].Skill || float64(p.Curve[2].Random95) > p.Curve[2].Skill {
		t.Errorf("k90 %d of accuracy %s, curve %+v", p.K90, p.Accuracy, p.Curve)
	}
	if want := normalCDF(1); math.Abs(p.Accuracy.Estimate-want) > 0.04 {
		t.Errorf("accuracy %s, the best is %.3f", p.Accuracy, want)
	}
}

// TestProbeOfARandomNetwork: what an untrained network's states tell of a quotation
// is no more than what they tell of arbitrary labels.
func TestProbeOfARandomNetwork(t *testing.T) {
	planted(t)
	b := newBench(t, "novel", 90_000, rnn.Elman, 24)
	k := b.run(t, Options{Concepts: concepts(t, "in-quote")}, nil).Concepts[0]
	t.Logf("accuracy %s, control %.3f, telegraph %.3f, k90 %d", k.Probe.Accuracy, k.Probe.Control, k.Probe.Telegraph, k.Probe.K90)
	if s := math.Abs(float64(k.Probe.Selectivity)); s > 0.08 {
		t.Errorf("selectivity %.3f", k.Probe.Selectivity)
	}
}

// TestDepthBeyondTheDepthsSeen: a counter is read beyond the depths it was fitted
// on, a unit for every depth is not.
func TestDepthBeyondTheDepthsSeen(t *testing.T) {
	planted(t)
	b := newBench(t, "dyck", 90_000, rnn.Elman, 12)
	c := concepts(t, "bracket-depth")[0]
	depth := concept.LabelAll(c, b.runes)
	counter, code := noisy(b, 12), noisy(b, 12)
	counter[3] = func(p int) float32 { return float32(depth[p].Y)/10 + float32(0.02*noise(p, 5)) }
	for d := range 9 {
		code[d] = func(p int) float32 {
			return float32(stat.Indicator(int(min(8, depth[p].Y)) == d)) + float32(0.05*noise(p, uint64(d)))
		}
	}
	one := b.run(t, Options{Concepts: []concept.Concept{c}}, counter).Concepts[0].Depth
	if one == nil || !one.R2.Above(0.9) || one.MAE.Estimate > 0.4 || one.D0 < 1 || one.BeyondR2 < 0.8 || one.BeyondR < 0.9 {
		t.Errorf("a counter: %+v", one)
	}
	many := b.run(t, Options{Concepts: []concept.Concept{c}}, code).Concepts[0].Depth
	if many == nil || !many.R2.Above(0.9) || many.BeyondR2 > 0.2 {
		t.Errorf("a unit for each depth: %+v", many)
	}
}

// TestDepthIsFreedOfTheColumn: a unit that only knows the column reads no depth.
func TestDepthIsFreedOfTheColumn(t *testing.T) {
	planted(t)
	b := newBench(t, "code", 90_000, rnn.Elman, 6)
	c := concepts(t, "brace-depth")[0]
	column := concept.LabelAll(concepts(t, "column")[0], b.runes)
	units := noisy(b, 6)
	units[2] = func(p int) float32 {
		return float32(math.Min(120, float64(column[p].Y))/120) + float32(0.01*noise(p, 3))
	}
	d := b.run(t, Options{Concepts: []concept.Concept{c}}, units).Concepts[0].Depth
	if d == nil || d.R2.Estimate > 0.05 {
		t.Errorf("%+v", d)
	}
}
