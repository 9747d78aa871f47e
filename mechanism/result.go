package mechanism

import (
	"math"
	"slices"
	"strings"

	"github.com/rnnscope/rnnscope/finding"
	"github.com/rnnscope/rnnscope/stat"
)

// ViewName is the view of a run that holds a Report, and the source of its findings.
const ViewName = "mechanism"

// Mechanism is a way to keep count of what is open.
type Mechanism string

// The three of them.
const (
	Flag    Mechanism = "flag"    // one bit: something is open
	Counter Mechanism = "counter" // how much is open, on one scale
	Stack   Mechanism = "stack"   // what is open, in order
)

// Verdicts beside a mechanism or several joined by "or".
const (
	Mixed = "mixed" // every mechanism is excluded by some test
	None  = "none"  // the network does not tell inside from outside, in probes and in the text: nothing to explain
)

// What stands between the marks of probes.
const (
	Pieces = "pieces" // of the text, as they stand around those marks: see quilt
	Filler = "filler" // of the text, without what tells the side
)

// Test is one of the six: what it measured and what that excludes.
type Test struct {
	Name       string      `json:"name"`
	Applicable bool        `json:"applicable"`
	Why        string      `json:"why,omitempty"` // it does not apply
	Figures    []Figure    `json:"figures"`
	Excludes   []Exclusion `json:"excludes"`
}

// Figure is one measured number of a test.
type Figure struct {
	Name     string        `json:"name"`
	Interval stat.Interval `json:"interval"`
}

// Exclusion says why a mechanism cannot be what was measured.
type Exclusion struct {
	Mechanism Mechanism `json:"mechanism"`
	Because   string    `json:"because"`
}

func (t *Test) figure(name string, v stat.Interval) stat.Interval {
	t.Figures = append(t.Figures, Figure{name, v})
	return v
}

// exclude records an exclusion if the reason holds.
func (t *Test) exclude(holds bool, m Mechanism, because string) {
	if holds {
		t.Excludes = append(t.Excludes, Exclusion{m, because})
	}
}

// Find is the figure of a name; Estimate is NaN where there is none.
func (t *Test) Find(name string) stat.Interval {
	for _, f := range t.Figures {
		if f.Name == name {
			return f.Interval
		}
	}
	return stat.Point(float64(stat.Undefined()), 0)
}

// Result is what the six tests say of one network on one language.
type Result struct {
	Language   string      `json:"language"`
	Marks      []string    `json:"marks"`
	Depth      int         `json:"depth"` // D, of the text
	Free       bool        `json:"free"`
	GapLow     int         `json:"gap_low"`
	GapHigh    int         `json:"gap_high"`
	Pairs      int         `json:"pairs"`
	Cell       string      `json:"cell"`
	Hidden     int         `json:"hidden"`
	Layers     int         `json:"layers"`
	HasCounter bool        `json:"has_counter"`
	Step       int64       `json:"step"`
	Probes     string      `json:"probes"` // between marks: Pieces of the text or neutral Filler
	Inside     Inside      `json:"inside"`
	Natural    *Natural    `json:"natural"` // nil in results of versions that had none
	Axis       *Axis       `json:"axis"`
	Tests      []Test      `json:"tests"` // the six, in the order of docs/methods.md, section 5
	Toggle     *Toggle     `json:"toggle"`
	Steps      *Steps      `json:"steps"`
	Grid       []Cell      `json:"grid"`
	Geometry   *Geometry   `json:"geometry"`
	Fixed      *Fixed      `json:"fixed"`
	Candidates []Mechanism `json:"candidates"`
	Left       []Mechanism `json:"left"`
	Verdict    string      `json:"verdict"`
	Trace      *Trace      `json:"trace,omitempty"`
}

// Inside is whether the network tells inside from outside in the probes.
type Inside struct {
	AUROC stat.Interval `json:"auroc"`
	// Nats is by how much being inside raises the log odds of what can only stand inside.
	Nats stat.Interval `json:"nats"`
	// Unmarked and UnmarkedNats are the same of the network that reads only what follows the last
	// mark, from the zero state: how far what stands inside tells of it without the mark.
	Unmarked     stat.Interval `json:"unmarked_auroc"`
	UnmarkedNats stat.Interval `json:"unmarked_nats"`
}

// ByContent reports that inside is told from outside about as well without reading the mark:
// what stands there says so, and the state need not have kept it.
func (i Inside) ByContent() bool {
	return tells(i.Unmarked, i.UnmarkedNats) && i.UnmarkedNats.Hi >= i.Nats.Lo
}

// Test returns a test by name.
func (r *Result) Test(name string) *Test {
	for i := range r.Tests {
		if r.Tests[i].Name == name {
			return &r.Tests[i]
		}
	}
	return nil
}

// Names of the tests.
const (
	TestToggle     = "toggle"
	TestIncrements = "increments"
	TestGrid       = "depth grid"
	TestOrder      = "order"
	TestGeometry   = "geometry"
	TestFixed      = "fixed points"
)

// Thresholds of the verdict. They lie between what hand-wired flags, counters and
// stacks measure with noise on every weight; TestHandWired holds them.
const (
	// knows: an AUROC whose interval lies above says that the network tells the two
	// cases apart, one whose interval lies below that it does not.
	knows = 0.75
	// surely: the same for a claim about all depths beyond training.
	surely = 0.9
	// leastInside and leastNats: telling inside from outside at all. What stands before
	// a closer differs from place to place, so that the AUROC of a network that uses the
	// quotation need not be high; untrained networks fall short of both.
	leastInside = 0.6
	leastNats   = 0.3
	// dominates: the share of the variance that a term of the toggle fit must explain.
	dominates = 0.5
	// vanishes: a step this small beside the first one is none.
	vanishes = 0.35
	// parallel and orthogonal: mean cosine of two steps.
	parallel   = 0.6
	orthogonal = 0.4
	// unequal: the smallest of the steps beside the largest.
	unequal = 0.4
	// restored: what the closer gives back of the opener's step.
	restored = 0.5
	// apart: share of the distance between two states that is left after filler.
	apart = 0.25
	// neutral: |eigenvalue| a character of a direction that neither decays nor grows.
	neutralLow, neutralHigh = 0.96, 1.04
)

// judge draws the verdict from what the tests leave.
func (r *Result) judge() {
	r.Left = []Mechanism{}
	for _, m := range r.Candidates {
		excluded := false
		for i := range r.Tests {
			for _, e := range r.Tests[i].Excludes {
				excluded = excluded || r.Tests[i].Applicable && e.Mechanism == m
			}
		}
		if !excluded {
			r.Left = append(r.Left, m)
		}
	}
	switch n := r.Natural; {
	case tells(r.Inside.AUROC, r.Inside.Nats):
		r.name()
	case n != nil && tells(n.AUROC, n.Nats):
		r.Left, r.Verdict = []Mechanism{}, OffText
	default:
		r.Left, r.Verdict = []Mechanism{}, None
	}
}

// name puts the mechanisms that are left into words.
func (r *Result) name() {
	switch {
	case len(r.Left) == 0:
		r.Verdict = Mixed
	default:
		words := make([]string, len(r.Left))
		for i, m := range r.Left {
			words[i] = string(m)
		}
		r.Verdict = strings.Join(words, " or ")
	}
}

// Inapplicable lists the tests that could not be made.
func (r *Result) Inapplicable() []string {
	var names []string
	for _, t := range r.Tests {
		if !t.Applicable {
			names = append(names, t.Name)
		}
	}
	return names
}

// Rules numbers the rules of the verdict: raised when the same figures can get another.
const Rules = 3

// recorded is the verdict as the record has it.
func (r *Result) recorded() finding.Verdict {
	switch {
	case r.Verdict == None:
		return finding.NoNesting
	case len(r.Left) == 0:
		return finding.Mixed
	case len(r.Left) > 1:
		return finding.Several
	}
	return finding.Verdict(r.Left[0])
}

func (r *Result) basis() *finding.Basis {
	return &finding.Basis{
		Rules: Rules, Budget: map[string]int{"pairs": r.Pairs, "depth": r.Depth, "tests": len(r.Tests) - len(r.Inapplicable())},
		Controls: []finding.Control{finding.WiredNetworks},
	}
}

// Findings is the result in the schema of all findings.
func (r *Result) Findings(version string) []finding.Finding {
	concept := finding.Marks(r.Language)
	add := func(list []finding.Finding, metric, kind string, v stat.Interval) []finding.Finding {
		f := finding.Finding{Concept: concept, Unit: finding.NoUnit, Metric: metric, Kind: kind, Method: "probes of the text's own " + r.Probes, Version: version}
		return append(list, f.WithInterval(v))
	}
	out := add(nil, "mechanism", "", stat.Point(math.NaN(), int64(r.Pairs)))
	out[0].Verdict, out[0].Basis = r.recorded(), r.basis()
	out = add(out, "inside_auroc", "", r.Inside.AUROC)
	out = add(out, "inside_nats", "", r.Inside.Nats)
	if r.Inside.Unmarked.Defined() {
		out = add(out, "inside_auroc", "unmarked", r.Inside.Unmarked)
		out = add(out, "inside_nats", "unmarked", r.Inside.UnmarkedNats)
	}
	if n := r.Natural; n != nil {
		out = add(out, "inside_auroc", "text", n.AUROC)
		out = add(out, "inside_nats", "text", n.Nats)
		out = add(out, "probe_loss", "probes", n.ProbeLoss)
		out = add(out, "probe_loss", "text", n.TextLoss)
	}
	if r.Axis != nil {
		out = add(out, "axis_r2", "", r.Axis.R2)
		best := finding.Finding{Concept: concept, Site: r.Axis.Site, Unit: r.Axis.Unit, Metric: "axis_unit_r", Method: "best unit, chosen on other sequences", Version: version}
		out = append(out, best.WithInterval(r.Axis.R))
	}
	for _, t := range r.Tests {
		for _, f := range t.Figures {
			at := finding.Tests[t.Name+": "+f.Name]
			out = add(out, at[0], at[1], f.Interval)
		}
	}
	for _, m := range []Mechanism{Flag, Counter, Stack} {
		left := 0.0
		if slices.Contains(r.Left, m) {
			left = 1
		}
		out = add(out, "mechanism_left", string(m), stat.Point(left, 1))
	}
	return out
}

// Trace is the depth reading of a network over a passage, for a picture.
type Trace struct {
	Text  []rune    `json:"text"`  // [T]
	Depth []int     `json:"depth"` // [T] what is open after each character
	Marks []int     `json:"marks"` // positions of marks
	Axis  []float64 `json:"axis"`  // [T] the depth direction
	Unit  []float64 `json:"unit"`  // [T] the best unit's activation
	Count []float64 `json:"count"` // [T] the count of a network with a counter, nil without
}

// View is what a run keeps under ViewName.
type View struct {
	Result *Result  `json:"result"`
	Split  string   `json:"split"`
	Growth []Moment `json:"growth,omitempty"`
}
