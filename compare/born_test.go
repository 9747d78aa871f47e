package compare

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/rnnscope/rnnscope/births"
	"github.com/rnnscope/rnnscope/dissect"
	"github.com/rnnscope/rnnscope/evolve"
	"github.com/rnnscope/rnnscope/memory"
	"github.com/rnnscope/rnnscope/stat"
)

// aBirth is of a concept that is born at a step, 0: never, where its skill comes at another, 0: it does not.
type aBirth struct {
	concept     string
	step, skill int64
}

// bornRun is a run whose snapshots reach step 2,500.
func bornRun(all ...aBirth) Views {
	r := &births.Result{Text: "t", Steps: []int64{0, 100, 2500}}
	for _, b := range all {
		if b.step == 0 {
			r.Never = append(r.Never, b.concept)
			continue
		}
		c := births.Concept{Concept: b.concept, Best: births.Track{Birth: &b.step}, Final: births.Track{Birth: &b.step}, Lag: stat.Undefined()}
		if b.skill > 0 {
			c.Skill, c.SkillStep, c.Lag = births.HeldOutItems(b.concept), &b.skill, births.Lag(&b.step, &b.skill)
		}
		r.Concepts = append(r.Concepts, c)
	}
	return Views{Births: r}
}

func populationOf(all ...Views) *Result {
	r := &Result{Runs: make([]Run, len(all))}
	r.Population(all)
	return r
}

func birthsOfConcept(t *testing.T, r *Result, concept string) BirthSpread {
	t.Helper()
	i := slices.IndexFunc(r.Births, func(b BirthSpread) bool { return b.Concept == concept })
	if i < 0 {
		t.Fatalf("no row of %s in %+v", concept, r.Births)
	}
	return r.Births[i]
}

// TestNeverBornIsLaterThanAll: the medians of five seeds of synth:mixed, of which two or more never have the concept.
func TestNeverBornIsLaterThanAll(t *testing.T) {
	seeds := func(concept string, steps ...int64) (out []Views) {
		for _, s := range steps {
			out = append(out, bornRun(aBirth{concept, s, 0}))
		}
		return out
	}
	for _, c := range []struct {
		steps []int64
		want  string
	}{
		{[]int64{145, 313, 675, 0, 0}, "675 [145, >2500], 3 of 5"},
		{[]int64{379, 0, 675, 818, 0}, "818 [379, >2500], 3 of 5"},
		{[]int64{460, 500, 1454, 2000, 0}, "1454 [460, >2500], 4 of 5"},
		{[]int64{675, 0, 1200, 0, 0}, ">2500 [675, >2500], 2 of 5"},
		{[]int64{9, 11, 12, 2500, 0}, "12 [9, >2500], 4 of 5"},
		{[]int64{5, 6, 7, 8, 9}, "7 [5, 9], 5 of 5"},
		{[]int64{0, 0, 0}, ">2500, 0 of 3"},
	} {
		b := birthsOfConcept(t, populationOf(seeds("column", c.steps...)...), "column")
		if got := b.Best.Steps(); got != c.want {
			t.Errorf("born at %v: %s, want %s", c.steps, got, c.want)
		}
		if got := b.Survivor.Steps(); got != c.want {
			t.Errorf("the survivor of %v: %s, want %s", c.steps, got, c.want)
		}
		if never := b.Best.Of - b.Best.N; never != b.Best.Beyond || (never > 0) == math.IsNaN(float64(b.Best.HiAbove)) {
			t.Errorf("born at %v: %+v", c.steps, b.Best)
		}
	}
}

// TestBirthsOverTheRunsThatWereAsked: a run that was asked about one concept says nothing of another, and is told to be asked;
// a concept that no run has is a row.
func TestBirthsOverTheRunsThatWereAsked(t *testing.T) {
	r := populationOf(bornRun(aBirth{"in-quote", 99, 0}), bornRun(aBirth{"in-quote", 0, 0}, aBirth{"column", 7, 0}, aBirth{"url", 0, 0}))
	for concept, want := range map[string]string{"in-quote": ">99 [99, >2500], 1 of 2", "column": "7 [7, 7], 1 of 1", "url": ">2500, 0 of 1"} {
		if got := birthsOfConcept(t, r, concept).Best.Steps(); got != want {
			t.Errorf("%s: %s, want %s", concept, got, want)
		}
	}
	if last := r.Births[len(r.Births)-1]; last.Concept != "url" {
		t.Errorf("the last row is %s", last.Concept)
	}
	var asked []string
	for _, m := range r.Missing {
		if strings.HasPrefix(m.Command, "births") {
			asked = append(asked, m.Command)
		}
	}
	if len(asked) != 1 || !strings.Contains(asked[0], "--steps 0,100,2500") {
		t.Errorf("to be asked: %q", asked)
	}
}

// TestLagsOfTheNeverBorn: a run without the unit has a lag above that of the last step, and there is no mean.
func TestLagsOfTheNeverBorn(t *testing.T) {
	seed := func(step, skill int64) Views {
		return bornRun(aBirth{"word-end-next", step, skill}, aBirth{"word-start", 6, 120}) // tells the skill where the first is not born
	}
	all := []Views{seed(0, 120), seed(379, 120), seed(0, 120), seed(675, 120), seed(1209, 120)}
	b := birthsOfConcept(t, populationOf(all...), "word-end-next")
	if got, want := b.LagSpread.Decades(), "+1.00 [+0.50, >+1.32], 3 of 5"; got != want {
		t.Errorf("lag %s, want %s", got, want)
	}
	if !math.IsNaN(b.Lag.Estimate) || b.Skill != "held-out-words" {
		t.Errorf("a mean lag of those that were born: %+v", b)
	}
	if s := birthsOfConcept(t, populationOf(all...), "word-start"); math.Abs(s.Lag.Estimate-float64(s.LagSpread.Median)) > 1e-9 || s.Lag.N != 5 {
		t.Errorf("lag of a concept that was born in all: %+v", s)
	}
	// no unit tells the skill's step: the run's own evolution does
	alone := bornRun(aBirth{"column", 0, 0})
	alone.Evolution = &evolve.History{Snapshots: []evolve.Snapshot{verseAt(0, -3), verseAt(24, -1), verseAt(2500, -1)}}
	if got := birthsOfConcept(t, populationOf(alone, bornRun(aBirth{"column", 24, 24})), "column").LagSpread.Decades(); got != ">+0.00 [+0.00, >+2.00], 1 of 2" {
		t.Errorf("lag %s", got)
	}
}

// verseAt is a snapshot with a log probability of the ends of verse lines.
func verseAt(step int64, logP float64) evolve.Snapshot {
	s := evolve.Snapshot{Step: step}
	s.HeldOut = append(s.HeldOut, evolve.HeldOut{Name: "held-out-verse", LogP: stat.Point(logP, 9)})
	return s
}

// TestHorizonsBeyondTheLongestGap: a network whose lead never halves remembers longer than the others.
func TestHorizonsBeyondTheLongestGap(t *testing.T) {
	of := func(h memory.Horizon) Views {
		return Views{Memory: &memory.Result{Recall: []memory.Recall{{Kind: "quote", Asked: memory.AskedMark, Horizon: h}}}}
	}
	halves := func(gap float64) Views { return of(memory.Horizon{Gap: stat.Point(gap, 9), Longest: 118}) }
	beyond, none := of(memory.Horizon{Gap: stat.Point(math.NaN(), 9), Censored: true, Longest: 118}), of(memory.Horizon{Gap: stat.Point(math.NaN(), 9), None: true})
	for _, c := range []struct {
		all  []Views
		want string
	}{
		{[]Views{halves(61), beyond, beyond, beyond, beyond}, ">118 [61, >118], 1 of 5"},
		{[]Views{halves(61), halves(80), beyond}, "80 [61, >118], 2 of 3"},
		{[]Views{halves(61), none, none}, "61 [61, 61], 1 of 3"},
		{[]Views{none}, "–, 0 of 1"},
	} {
		if got := populationOf(c.all...).Horizons[0].Steps(); got != c.want {
			t.Errorf("%s, want %s", got, c.want)
		}
	}
}

// TestMiddleAtTheEnd: a rise whose middle is found at the last snapshot is not half over there.
func TestMiddleAtTheEnd(t *testing.T) {
	at := func(step float64) Views {
		return Views{Evolution: &evolve.History{Rules: 2, Snapshots: []evolve.Snapshot{{Step: 0}, {Step: 2500}},
			Emergence: []evolve.Emergence{{Name: "words", Best: evolve.Sigmoid, Verdict: evolve.Gradual, X0: stat.Point(math.Log10(1+step), 9)}}}}
	}
	if got := populationOf(at(535), at(2500), at(2500)).Emergences[0].Middle.Steps(); got != ">2500 [535, >2500], 1 of 3" {
		t.Error(got)
	}
}

// TestVerdictsOfOtherControls: what is learned against untrained networks is not counted over a run that was held against none.
func TestVerdictsOfOtherControls(t *testing.T) {
	of := func(untrained int, v dissect.Verdict) Views {
		return Views{Dissect: &dissect.Result{Null: dissect.NullInfo{Untrained: untrained}, Concepts: []dissect.ConceptResult{{Concept: "in-quote", Verdict: v}}}}
	}
	r := populationOf(of(19, dissect.Learned), of(0, dissect.Associated))
	if len(r.Verdicts) != 1 || r.Verdicts[0].Runs != 1 || r.Verdicts[0].Share.N != 1 {
		t.Errorf("verdicts %+v", r.Verdicts)
	}
	if !slices.ContainsFunc(r.Missing, func(m MissingAnswer) bool { return m.Command == "dissect --untrained 19" }) {
		t.Errorf("to be asked: %+v", r.Missing)
	}
	if none := populationOf(of(0, dissect.NotFound), of(0, dissect.NotFound)).Verdicts; len(none) != 1 || none[0].Verdict != string(dissect.Associated) {
		t.Errorf("without untrained networks: %+v", none)
	}
}

// TestMixed: in what the runs differ besides their seeds.
func TestMixed(t *testing.T) {
	a := Run{Cell: "lstm", Layers: 1, Hidden: 128, Step: 2500, Text: "x", Seed: 1}
	b := a
	b.Seed, b.Cell, b.Text, b.Training = 2, "gru", "y", "batch 9"
	for _, c := range []struct {
		runs []Run
		want []string
	}{{[]Run{a, b}, []string{MixedText, MixedCell, MixedTraining}}, {[]Run{a, a}, []string{}}} {
		r := &Result{Runs: c.runs}
		r.Population(make([]Views, 2))
		if !slices.Equal(r.Mixed, c.want) {
			t.Errorf("%q, want %q", r.Mixed, c.want)
		}
	}
}
