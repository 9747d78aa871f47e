package evolve

import (
	"context"
	"encoding/json"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/rnnscope/rnnscope/stat"
)

// TestVerdictsOfOlderRuns: verdicts are codes; older runs have them in words.
func TestVerdictsOfOlderRuns(t *testing.T) {
	for was, want := range map[string]Verdict{"no change": Unchanged, "metric-induced": MetricInduced, "abrupt in both": AbruptInBoth, "cannot tell": CannotTell, "abrupt": Abrupt, "no_change": Unchanged} {
		var got Verdict
		if err := json.Unmarshal([]byte(`"`+was+`"`), &got); err != nil || got != want {
			t.Errorf("%s is read as %s (%v)", was, got, err)
		}
	}
	if w := MetricInduced.Words() + ", " + AbruptInBoth.Words(); w != "metric-induced, abrupt in both" {
		t.Error(w)
	}
}

// TestTrustOfOlderRuns: whether a verdict is trusted is read as it was written, and follows from the rest where it was not.
func TestTrustOfOlderRuns(t *testing.T) {
	for was, want := range map[string]bool{
		`{"inside": 5, "spacing": 9}`:                                true,
		`{"inside": 4, "spacing": 9}`:                                false,
		`{"inside": 0, "spacing": 1}`:                                true,
		`{"inside": 7, "spacing": 1, "before": 2, "trusted": false}`: false,
		`{"inside": 0, "spacing": 9, "trusted": true}`:               true,
	} {
		var e Emergence
		if err := json.Unmarshal([]byte(was), &e); err != nil || e.Trusted != want {
			t.Errorf("%s: %v (%v)", was, e.Trusted, err)
		}
	}
}

// TestAFallIsNoEmergence: only a move towards better comes abruptly or gradually.
func TestAFallIsNoEmergence(t *testing.T) {
	falling := func(x0, w float64) func(float64) float64 {
		return func(x float64) float64 { return 1 - risingAt(x0, w)(x) }
	}
	for name, c := range map[string]struct {
		shape func(float64) float64
		lower bool
		want  Verdict
	}{
		"a jump down":                       {falling(2.5, .12), false, Declined},
		"a slow fall":                       {falling(2.2, 1.8), false, Declined},
		"a straight fall":                   {func(x float64) float64 { return 1 - .2*x }, false, Declined},
		"a jump down of what is better low": {falling(2.5, .12), true, Abrupt},
		"a jump up of what is better low":   {risingAt(2.5, .12), true, Declined},
		"a jump up":                         {risingAt(2.5, .12), false, Abrupt},
		"learned and lost again":            {func(x float64) float64 { return max(0, .8-.4*math.Abs(x-2)) }, false, Unresolved},
	} {
		e := Fit(Curve{Name: name, Points: plantedCurve(rand.New(rand.NewPCG(7, 7)), c.shape, .02, .3), Lower: c.lower, LossWidth: 2})
		if e.Verdict != c.want {
			t.Errorf("%s: %s by %s, from %v to %v, W %v", name, e.Verdict, e.Best, e.From, e.To, e.W)
		}
		if e.Verdict == Declined && e.Refine([]int64{0, 1, 10, 100, 1000}) != nil {
			t.Errorf("%s: asks for another look", name)
		}
	}
}

// TestDefinitionsSayWhichWayIsBetter: a distance that falls came, a share that falls declined.
func TestDefinitionsSayWhichWayIsBetter(t *testing.T) {
	rng := rand.New(rand.NewPCG(6, 6))
	jump := risingAt(2.5, 0.1)
	var shots []Snapshot
	for _, step := range Schedule(10_000) {
		x := math.Log10(1 + float64(step))
		figure := func(name string) Skill {
			return Skill{name, stat.Interval{Estimate: 1 - jump(x) + .01*rng.NormFloat64(), N: 2000}}
		}
		shots = append(shots, Snapshot{Step: step, ValLoss: 4 - x/2, Skills: []Skill{figure("line-lengths"), figure("quotes")}})
	}
	all := Emergences([]Definition{{Name: "line-lengths", Lower: true}, {Name: "quotes", Share: true}}, shots)
	if all[1].Verdict != Abrupt || all[2].Verdict != Declined {
		t.Errorf("a distance: %s; a share: %s", all[1].Verdict, all[2].Verdict)
	}
}

// TestRefiningDoesNotNarrowTheLoss: the fastest width of the loss must not depend on how closely another
// figure was looked at: between single steps near 2,000 the loss moves by its noise.
func TestRefiningDoesNotNarrowTheLoss(t *testing.T) {
	steps := Schedule(4000)
	for step := int64(1990); step <= 2010; step++ {
		steps = append(steps, step)
	}
	slices.Sort(steps)
	rng := rand.New(rand.NewPCG(2, 9))
	jump := risingAt(2, .2)
	var refined, plain, skill []Point
	scheduled := Schedule(4000)
	for _, step := range slices.Compact(steps) {
		x := math.Log10(1 + float64(step))
		p := Point{step, 4 - x/2 + .005*rng.NormFloat64()}
		refined = append(refined, p)
		if slices.Contains(scheduled, step) {
			plain = append(plain, p)
		}
		skill = append(skill, Point{step, jump(x) + .01*rng.NormFloat64()})
	}
	was, is := FastestWidth(plain), FastestWidth(refined)
	if was < 1 || math.Abs(is/was-1) > .2 {
		t.Errorf("the fastest width is %v, and %v after another figure was refined", was, is)
	}
	if e := fit(skill, is); e.Verdict != Abrupt {
		t.Errorf("%s, W %v beside %v", e.Verdict, e.W, is)
	}
}

// TestLossIsNoYardstickOfItself: the loss is judged by its width alone.
func TestLossIsNoYardstickOfItself(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 9))
	jump := risingAt(2.5, .15)
	var shots []Snapshot
	for _, step := range Schedule(10_000) {
		shots = append(shots, Snapshot{Step: step, ValLoss: 4 - jump(math.Log10(1+float64(step))) + .003*rng.NormFloat64()})
	}
	if e := Emergences(nil, shots)[0]; e.Verdict != Abrupt || math.IsInf(float64(e.LossWidth), 0) {
		t.Errorf("%s, W %v, fastest %v", e.Verdict, e.W, e.LossWidth)
	}
}

// TestMetricVerdict: a jump is the metric's only where the log probability surely does not jump itself, and rises.
func TestMetricVerdict(t *testing.T) {
	at := func(v Verdict, best Model, lo, hi, from, to float64) Emergence {
		return Emergence{Verdict: v, Best: best, W: stat.Interval{Estimate: (lo + hi) / 2, Lo: lo, Hi: hi}, From: stat.Number(from), To: stat.Number(to)}
	}
	right := at(Abrupt, Sigmoid, 0, .05, 0, .8)
	for name, c := range map[string]struct {
		right, logP Emergence
		want        Verdict
	}{
		"narrow, but broader than the loss allows":  {right, at(Unresolved, Sigmoid, .10, .20, -4, -1), CannotTell},
		"a jump, then a slow climb":                 {right, at(Unresolved, TwoKnot, .08, .20, -4, -1), CannotTell},
		"perhaps within .3 decades":                 {right, at(Unresolved, Sigmoid, .20, .60, -4, -1), CannotTell},
		"surely broader":                            {right, at(Unresolved, Sigmoid, .40, .90, -4, -1), MetricInduced},
		"gradual":                                   {right, at(Gradual, Linear, .80, 2, -4, -1), MetricInduced},
		"gets worse":                                {right, at(Declined, Sigmoid, .80, 2, -1, -4), CannotTell},
		"unresolved, and worse by the sigmoid":      {right, at(Unresolved, TwoKnot, .80, 2, -1, -4), CannotTell},
		"does not change":                           {right, at(Unchanged, Constant, .80, 2, -4, -1), CannotTell},
		"abrupt":                                    {right, at(Abrupt, Sigmoid, .06, .2, -4, -1), AbruptInBoth},
		"a share that falls is no jump of anything": {at(Declined, Sigmoid, 0, .05, .8, 0), at(Gradual, Sigmoid, .8, 2, -4, -1), ""},
	} {
		if got := MetricVerdict(c.right, c.logP); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

// TestNarrowButNotAbruptIsNotInduced: beside a loss that once fell faster, a log probability that rises within
// .2 decades is called unresolved; the share's jump is not the metric's for that.
func TestNarrowButNotAbruptIsNotInduced(t *testing.T) {
	rng := rand.New(rand.NewPCG(9, 9))
	var shots []Snapshot
	for k := range 150 {
		x := 4 * float64(k) / 149
		step := int64(math.Round(math.Pow(10, x))) - 1
		if n := len(shots); n > 0 && shots[n-1].Step == step {
			continue
		}
		x = math.Log10(1 + float64(step))
		loss := 4 - 1/(1+math.Exp(-width*(x-3)/.08))
		shots = append(shots, Snapshot{Step: step, ValLoss: loss, HeldOut: []HeldOut{{Name: "m",
			LogP:  stat.Point(risingAt(2, .2)(x)+.004*rng.NormFloat64(), 2000),
			Right: stat.Point(risingAt(2, .03)(x)+.002*rng.NormFloat64(), 200000)}}})
	}
	all, err := Pairings(context.Background(), []Measure{{Definition: Definition{Name: "m"}}}, shots, 1)
	if err != nil {
		t.Fatal(err)
	}
	if p := all[0]; p.Right.Verdict != Abrupt || p.LogP.Verdict != Unresolved || p.Metric != CannotTell || p.LogP.W.Lo < p.Right.W.Hi {
		t.Errorf("share %s, W %v; log probability %s, W %v, beside %v: %s", p.Right.Verdict, p.Right.W, p.LogP.Verdict, p.LogP.W, p.LogP.LossWidth, p.Metric)
	}
}

// TestEdgesAreNotTrusted: a sigmoid that cuts off the first two checkpoints, or the last two, is no
// rise between two levels, though every step there was looked at.
func TestEdgesAreNotTrusted(t *testing.T) {
	for _, c := range []struct {
		from    int64 // the first step of the higher level
		trusted bool
	}{{2, false}, {3, false}, {7, true}} {
		rng := rand.New(rand.NewPCG(1, 3))
		var points []Point
		for _, step := range Schedule(2500) {
			y := .005 * rng.NormFloat64()
			if step >= c.from {
				y += .3
			}
			points = append(points, Point{step, y})
		}
		e := fit(points, 1)
		if e.Verdict != Abrupt || e.Trusted != c.trusted || e.Before != int(c.from) {
			t.Errorf("a rise before step %d: %s, trusted %v, %d before, %d after", c.from, e.Verdict, e.Trusted, e.Before, e.After)
		}
		var have []int64
		for _, p := range points {
			have = append(have, p.Step)
		}
		if more := e.Refine(have); len(more) > 0 {
			t.Errorf("a rise before step %d asks for %v", c.from, more)
		}
	}
}

// TestEdgesAreNoDecline: a share of .3 at the first two checkpoints, and none since, shows which symbol
// happened to be the likeliest before anything was learned: no rise, and no decline.
func TestEdgesAreNoDecline(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 3))
	for before, want := range map[int]Verdict{1: Unresolved, 2: Unresolved, 8: Declined} {
		var points []Point
		for i, step := range Schedule(2500) {
			y := .005 * rng.NormFloat64()
			if i < before {
				y += .3
			}
			points = append(points, Point{step, y})
		}
		if e := fit(points, 1); e.Verdict != want {
			t.Errorf("%d checkpoints of .3, then none: %s by %s", before, e.Verdict, e.Best)
		}
	}
}

// TestRefineBesideTheRise: a jump shortly before the end gets the checkpoints after it that it lacks.
func TestRefineBesideTheRise(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 4))
	value := func(step int64) float64 {
		if step >= 3720 {
			return .3 + .005*rng.NormFloat64()
		}
		return .005 * rng.NormFloat64()
	}
	var points []Point
	var have []int64
	add := func(steps []int64) {
		for _, step := range steps {
			have, points = append(have, step), append(points, Point{step, value(step)})
		}
	}
	add(Schedule(4000))
	add([]int64{3715, 3716, 3717, 3718, 3719, 3720, 3721})
	e := fit(points, 1)
	if e.Trusted || !e.Close() || e.After >= besideWanted {
		t.Fatalf("trusted %v, close %v, %d after", e.Trusted, e.Close(), e.After)
	}
	for range 6 {
		add(e.Refine(have))
		if e = fit(points, 1); e.Trusted {
			return
		}
	}
	t.Errorf("%s, %d before, %d inside, %d after, every %d steps", e.Verdict, e.Before, e.Inside, e.After, e.Spacing)
}

// TestSharesHaveTheNoiseOfTheirCases: a share that is exactly 0 and then exactly 1 is not known without error.
func TestSharesHaveTheNoiseOfTheirCases(t *testing.T) {
	var points []Point
	var cases []int64
	jump := risingAt(2, .4)
	for k := range 60 {
		x := 4 * float64(k) / 59
		y := 0.0
		if x > 1.9 {
			y = min(1, math.Round(100*(jump(x)-.1)/.8)/100)
		}
		points, cases = append(points, Point{int64(math.Pow(10, x)), y}), append(cases, 20)
	}
	blind, counted := fit(points, 1), Fit(Curve{Name: "s", Points: points, Cases: cases, LossWidth: 1})
	if !(counted.W.Hi-counted.W.Lo > 1.3*(blind.W.Hi-blind.W.Lo)) {
		t.Errorf("W %v, and %v without its cases", counted.W, blind.W)
	}
	if counted.BIC[Sigmoid] != blind.BIC[Sigmoid] || counted.Best != blind.Best {
		t.Errorf("the number of cases changed which model is best: %+v beside %+v", counted, blind)
	}
}

// TestPartOfACurveIsNotTheCurve: the share of ends of verse lines right of a real training (LSTM 128 on
// tinyshakespeare). At steps 2 and 3 the line end happens to be the likeliest symbol of all; the sigmoid that
// describes that fall best says nothing of a share that ends far above where it began.
func TestPartOfACurveIsNotTheCurve(t *testing.T) {
	var points []Point
	for _, p := range [][2]float64{{0, .002}, {1, .018}, {2, .785}, {3, .875}, {4, 0}, {5, 0}, {6, 0}, {7, 0}, {8, 0}, {9, 0}, {10, 0}, {11, 0}, {12, 0}, {15, 0}, {18, 0},
		{21, 0}, {26, 0}, {31, 0}, {38, 0}, {46, .474}, {56, .532}, {67, .513}, {82, .434}, {99, .483}, {100, .493}, {120, .477}, {145, .477}, {176, .554}, {213, .495},
		{259, .458}, {313, .538}, {379, .481}, {460, .495}, {500, .613}, {557, .489}, {675, .507}, {818, .503}, {990, .507}, {1200, .454}, {1454, .693}, {1761, .644},
		{2000, .695}, {2134, .636}, {2500, .703}} {
		points = append(points, Point{int64(p[0]), p[1]})
	}
	if e := fit(points, 1); e.Verdict != Unresolved || e.To > e.From {
		t.Errorf("%s by %s, from %v to %v", e.Verdict, e.Best, e.From, e.To)
	}
	// The same with ten such steps, so that several checkpoints lie on either side of the fall.
	rng := rand.New(rand.NewPCG(1, 3))
	points = nil
	for i, step := range Schedule(2500) {
		y := .01 * rng.NormFloat64()
		switch {
		case i >= 2 && i < 12:
			y += .95
		case i > 36:
			y += .6
		}
		points = append(points, Point{step, y})
	}
	if e := fit(points, 1); e.Verdict != Unresolved || e.To > e.From || e.Before < besideWanted {
		t.Errorf("%s by %s, from %v to %v, %d before", e.Verdict, e.Best, e.From, e.To, e.Before)
	}
}
