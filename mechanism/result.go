package mechanism

import (
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

// What stands between the marks of probes.
const (
	Pieces = "pieces" // of the text, as they stand around those marks: see pieceIndex
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
	Chosen     *Chosen     `json:"chosen"` // why these; nil where the text has no pieces to join
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

// Axis is how a network shows a quantity: its best unit and its best linear direction.
type Axis struct {
	Site string `json:"site"` // of the best unit
	Unit int    `json:"unit"`
	// R of the best unit with the quantity and R2 of the ridge, on sequences that
	// neither was chosen on; intervals by resampling sequences.
	R      stat.Interval `json:"r"`
	R2     stat.Interval `json:"r2"`
	Lambda float64       `json:"lambda"`

	index  int // of the best unit in the memory
	slope  float64
	offset float64   // the unit's a + slope * value is on the scale of the quantity
	weight []float64 // [M]
	bias   float64
}

// Toggle is the first test: what the network holds after the n-th straight mark.
type Toggle struct {
	N []int `json:"n"` // 1..12
	// Parity and Count are the readings of the directions fitted to "open or not" and
	// to n, and Bare the first one's where marks stand in filler without context.
	Parity []stat.Interval `json:"parity"`
	Count  []stat.Interval `json:"count"`
	Bare   []stat.Interval `json:"bare"`
	Unit   []stat.Interval `json:"unit"` // the activation of the best unit
	// Values of single sequences, [few][n], for a picture.
	Single [][]float64 `json:"single"`
}

// Steps is the second test: what an opener and the closer after it change in what is
// held, by the depth they lead to.
type Steps struct {
	Depth []int `json:"depth"` // 1..D
	// Open and Close are the changes along the depth direction, in units of depth.
	Open  []stat.Interval `json:"open"`
	Close []stat.Interval `json:"close"`
	// Cosine of the changes at openers, [D][D].
	Cosine [][]stat.Number `json:"cosine"`
	// Length of the change at an opener, the first one's being 1.
	Length []stat.Number `json:"length"`
}

// Cell is one cell of the depth grid.
type Cell struct {
	Depth int `json:"depth"`
	Extra int `json:"extra"` // pairs opened and closed at the greatest depth
	Gap   int `json:"gap"`   // characters after each mark; -1: as in the text
	// Known is whether the network tells, after closing all but one or all that was
	// opened, which of the two it was: AUROC of the inside score. Beyond says that the
	// depth is greater than any in the text.
	Known  stat.Interval `json:"known"`
	Kind   stat.Interval `json:"kind"` // share of closers on the way out whose kind it knows
	Beyond bool          `json:"beyond"`
	Inside stat.Interval `json:"nats"` // difference of the mean inside scores

	variance     float64
	right, asked float64
}

// Geometry is the fifth test: where the mean state of each depth lies.
type Geometry struct {
	// Depth and Place: the mean memory at depth 0..2D in the plane that shows most of
	// the distances; Shown is the share of squared distances it shows.
	Depth  []int           `json:"depth"`
	Place  [][2]float64    `json:"place"`
	Shown  stat.Number     `json:"shown"`
	Cosine [][]stat.Number `json:"cosine"` // of the steps 1..D, [D][D]
	Length []stat.Number   `json:"length"` // of the steps, the first being 1
}

// Fixed is the sixth test: where a neutral cycle of input leads from each depth.
type Fixed struct {
	Characters int `json:"characters"` // read of the cycle, over and over
	// Retained[d][e] is the distance of the mean states of depths d and e after that
	// beside the distance before; depths 0..D.
	Retained [][]stat.Interval `json:"retained"`
	// Later is Retained[0][1] after four times as many characters: more than the text
	// asks for, and no ground to exclude anything.
	Later stat.Interval `json:"later"`
	// Content is the distance of two contents of one depth, "([" and "[(", after that
	// beside the distance of depths 0 and 1 before; D >= 2 and free kinds only.
	Content stat.Interval `json:"content"`
	Points  []Point       `json:"points"` // the states reached, by depth
	Saddle  *Point        `json:"saddle"` // between depths 0 and 1; nil: none found
}

// Point is a state that the cycle (nearly) maps to itself.
type Point struct {
	Depth int `json:"depth"`
	// Speed is how far one cycle moves it beside the distance of depths 0 and 1.
	Speed stat.Number `json:"speed"`
	// Modulus of the leading eigenvalues of the cycle's Jacobian, a character; empty
	// where the state is too large.
	Modulus []stat.Number `json:"modulus"`
}

// Natural is what the network does at places of the text itself, as they stand there.
type Natural struct {
	// AUROC and Nats compare log P(closer) at places inside with places outside that were
	// reached by the same two characters, such as stand before closers; Pairs of places,
	// 0: too few.
	AUROC stat.Interval `json:"auroc"`
	Nats  stat.Interval `json:"nats"`
	Pairs int           `json:"pairs"`
	// The network's loss in nats a character on the probes, on stretches of the text of that
	// length, and below which 95 % of these stretches stay. Off: the probes are above it.
	ProbeLoss stat.Interval `json:"probe_loss"`
	TextLoss  stat.Interval `json:"text_loss"`
	Limit     stat.Number   `json:"limit"`
	Off       bool          `json:"off_text"`
}

// Moment is what a network makes of the marks at one step of its training.
type Moment struct {
	Step    int64         `json:"step"`
	Inside  stat.Interval `json:"inside"` // AUROC of telling inside from outside, at depth 1
	Nested  stat.Interval `json:"nested"` // the same after nesting to depth 2..D
	R2      stat.Interval `json:"r2"`     // of the depth direction
	Cosine  stat.Interval `json:"cosine"` // of the steps between depths
	Written Written       `json:"written"`
	Verdict string        `json:"verdict"`
	Left    []Mechanism   `json:"left"`
}

// Written is how a network's own text opens and closes.
type Written struct {
	// Fitting is the share of its marks that fit: a closer closes what was opened
	// last. Shuffled is the same with its marks in random order, the null. Undefined
	// where order cannot matter: one straight mark and no line ends that tell.
	Fitting  stat.Interval `json:"fitting"`
	Shuffled stat.Interval `json:"shuffled"`
	Marks    int           `json:"marks"`
}
