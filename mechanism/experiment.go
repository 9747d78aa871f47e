package mechanism

import (
	"cmp"
	"math"
	"slices"

	"github.com/rnnscope/rnnscope/stat"
)

// Experiment is many networks of several architectures trained on generated languages.
type Experiment struct {
	Command  string   `json:"command"`
	Version  string   `json:"version"`
	Kernels  string   `json:"kernels"`
	Seed     uint64   `json:"seed"`
	Seconds  float64  `json:"seconds"`
	Settings Settings `json:"settings"`
	Entries  []Entry  `json:"entries"`
	Groups   []Group  `json:"groups"`
	// Compared: does an explicit counter help?
	Compared  []Comparison `json:"compared"`
	Reference []Reference  `json:"reference"`
}

// Settings is how the networks of an experiment were trained.
type Settings struct {
	Grid      Training `json:"grid"`      // of the networks on nested marks
	Reference Training `json:"reference"` // of those on the languages of the literature
	Text      int      `json:"text"`      // characters of every generated text
	Gap       int      `json:"gap"`       // at most so many letters between two marks of the grid's texts
	Filler    string   `json:"filler"`    // the letters
}

// Training is the size and the schedule of like networks.
type Training struct {
	Hidden  int     `json:"hidden"`
	Updates int64   `json:"updates"`
	Rate    float64 `json:"rate"` // Adam's highest
	Batch   int     `json:"batch"`
	Seq     int     `json:"seq"`
}

// Entry is one network.
type Entry struct {
	Language string   `json:"language"` // "one kind", "two kinds", "straight"
	Cell     string   `json:"cell"`     // "elman", "gru", "lstm", "elman + counter"
	Depth    int      `json:"depth"`    // of the training text
	Seed     uint64   `json:"seed"`
	Loss     float64  `json:"loss"` // validation, nats a character
	Result   *Result  `json:"result"`
	Growth   []Moment `json:"growth,omitempty"`
}

// Group is the networks that differ by their seed alone: an architecture.
type Group struct {
	Language string `json:"language"`
	Cell     string `json:"cell"`
	Depth    int    `json:"depth"`
	Networks int    `json:"networks"`
	// Verdicts of the networks, the most frequent first.
	Verdicts []Count `json:"verdicts"`
	// Verdict of the architecture: that of at least 80 % of 5 or more networks, or
	// "varies", or "too few networks".
	Verdict string        `json:"verdict"`
	Loss    stat.Interval `json:"loss"`
	Inside  stat.Interval `json:"inside"`
	Within  stat.Interval `json:"within"` // known at depth 2..D; at depth 1 for D = 1
	Beyond  stat.Interval `json:"beyond"` // known beyond D
	Kind    stat.Interval `json:"kind"`   // kind of closer known at depth 2..D
	Cosine  stat.Interval `json:"cosine"` // of the geometry's steps
	Even    stat.Interval `json:"even"`
	Figures []Figure      `json:"figures"` // every figure of every test, over seeds
	Grid    []GridMean    `json:"grid"`
}

// Count is how many networks got a verdict.
type Count struct {
	Verdict string `json:"verdict"`
	N       int    `json:"n"`
}

// GridMean is one cell of the depth grid over seeds.
type GridMean struct {
	Depth  int           `json:"depth"`
	Extra  int           `json:"extra"`
	Gap    int           `json:"gap"`
	Known  stat.Interval `json:"known"`
	Kind   stat.Interval `json:"kind"`
	Beyond bool          `json:"beyond"`
}

// Reference is one small network on a language of the literature.
type Reference struct {
	Language string  `json:"language"` // "a^n b^n", "Dyck-1", "Dyck-2", "shuffled Dyck-2"
	Cell     string  `json:"cell"`
	Hidden   int     `json:"hidden"`
	Seed     uint64  `json:"seed"`
	Loss     float64 `json:"loss"`
	Trained  int     `json:"trained"`   // largest n, or marks on a line, of the training text
	CountsTo int     `json:"counts_to"` // 0: not even the longer half of what it was trained on
	// Counted is the share of n up to Trained that is read without a fault.
	Counted stat.Interval `json:"counted"`
	Most    int           `json:"most,omitempty"` // up to which n was looked
	Lines   []LineScore   `json:"lines,omitempty"`
}

// Summarize groups the entries by architecture; intervals are over seeds (Student's t).
func Summarize(entries []Entry) []Group {
	var groups []Group
	members := map[string][]*Entry{}
	var order []string
	for i := range entries {
		e := &entries[i]
		key := e.Language + "\x00" + e.Cell + "\x00" + string(rune(e.Depth))
		if members[key] == nil {
			order = append(order, key)
		}
		members[key] = append(members[key], e)
	}
	for _, key := range order {
		groups = append(groups, summarizeOne(members[key]))
	}
	return groups
}

func summarizeOne(list []*Entry) Group {
	g := Group{Language: list[0].Language, Cell: list[0].Cell, Depth: list[0].Depth, Networks: len(list)}
	over := func(of func(e *Entry) float64) stat.Interval {
		var x []float64
		for _, e := range list {
			if v := of(e); !math.IsNaN(v) {
				x = append(x, v)
			}
		}
		if len(x) == 0 {
			return stat.Point(math.NaN(), 0)
		}
		return mean(x)
	}
	figure := func(test, name string) stat.Interval {
		return over(func(e *Entry) float64 { return e.Result.Test(test).Find(name).Estimate })
	}
	g.Loss = over(func(e *Entry) float64 { return e.Loss })
	g.Inside = over(func(e *Entry) float64 { return e.Result.Inside.AUROC.Estimate })
	g.Within = figure(TestGrid, knownWithin)
	if !g.Within.Defined() {
		g.Within = g.Inside
	}
	g.Beyond = figure(TestGrid, knownBeyond)
	g.Kind = figure(TestGrid, kindWithin)
	g.Cosine, g.Even = figure(TestGeometry, "cosine of steps"), figure(TestGeometry, "shortest step beside the longest")
	for _, t := range list[0].Result.Tests {
		for _, f := range t.Figures {
			g.Figures = append(g.Figures, Figure{t.Name + ": " + f.Name, figure(t.Name, f.Name)})
		}
	}
	for i, c := range list[0].Result.Grid {
		cell := func(e *Entry) *Cell { return &e.Result.Grid[i] }
		g.Grid = append(g.Grid, GridMean{
			Depth: c.Depth, Extra: c.Extra, Gap: c.Gap, Beyond: c.Beyond,
			Known: over(func(e *Entry) float64 { return cell(e).Known.Estimate }),
			Kind:  over(func(e *Entry) float64 { return cell(e).Kind.Estimate }),
		})
	}
	g.vote(list)
	return g
}

// vote draws the verdict of the architecture.
func (g *Group) vote(list []*Entry) {
	count := map[string]int{}
	for _, e := range list {
		count[e.Result.Verdict]++
	}
	for v, n := range count {
		g.Verdicts = append(g.Verdicts, Count{v, n})
	}
	slices.SortFunc(g.Verdicts, func(a, b Count) int { return cmp.Or(cmp.Compare(b.N, a.N), cmp.Compare(a.Verdict, b.Verdict)) })
	switch best := g.Verdicts[0]; {
	case len(list) < 5:
		g.Verdict = "too few networks"
	case best.N*5 >= len(list)*4:
		g.Verdict = best.Verdict
	default:
		g.Verdict = "varies"
	}
}

// Comparison is two architectures on one language, network by network of equal seed.
type Comparison struct {
	Language string `json:"language"`
	Depth    int    `json:"depth"`
	With     string `json:"with"`    // the cell with an explicit counter
	Without  string `json:"without"` // the plain cell
	// Differences, with - without; intervals over seeds.
	Loss   stat.Interval `json:"loss"` // nats a character
	Within stat.Interval `json:"within"`
	Beyond stat.Interval `json:"beyond"`
}

// Compare sets the networks of one cell beside those of another.
func Compare(entries []Entry, with, without string) []Comparison {
	type key struct {
		language string
		depth    int
		seed     uint64
	}
	plain := map[key]*Entry{}
	for i := range entries {
		if e := &entries[i]; e.Cell == without {
			plain[key{e.Language, e.Depth, e.Seed}] = e
		}
	}
	var out []Comparison
	var diffs [][3][]float64
	for i := range entries {
		e := &entries[i]
		p := plain[key{e.Language, e.Depth, e.Seed}]
		if e.Cell != with || p == nil {
			continue
		}
		at := slices.IndexFunc(out, func(c Comparison) bool { return c.Language == e.Language && c.Depth == e.Depth })
		if at < 0 {
			out, diffs = append(out, Comparison{Language: e.Language, Depth: e.Depth, With: with, Without: without}), append(diffs, [3][]float64{})
			at = len(out) - 1
		}
		figure := func(e *Entry, name string) float64 { return e.Result.Test(TestGrid).Find(name).Estimate }
		for k, d := range []float64{e.Loss - p.Loss, figure(e, knownWithin) - figure(p, knownWithin), figure(e, knownBeyond) - figure(p, knownBeyond)} {
			if !math.IsNaN(d) {
				diffs[at][k] = append(diffs[at][k], d)
			}
		}
	}
	for i := range out {
		for k, to := range []*stat.Interval{&out[i].Loss, &out[i].Within, &out[i].Beyond} {
			*to = stat.Point(math.NaN(), 0)
			if len(diffs[i][k]) > 0 {
				*to = mean(diffs[i][k])
			}
		}
	}
	return out
}
