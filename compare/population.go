package compare

import (
	"fmt"
	"math"
	"slices"

	"github.com/rnnscope/rnnscope/births"
	"github.com/rnnscope/rnnscope/dissect"
	"github.com/rnnscope/rnnscope/evolve"
	"github.com/rnnscope/rnnscope/mechanism"
	"github.com/rnnscope/rnnscope/memory"
	"github.com/rnnscope/rnnscope/stat"
)

// Views are what a run keeps of its analyses; nil where it was not asked.
type Views struct {
	Dissect   *dissect.Result
	Mechanism *mechanism.View
	Memory    *memory.Result
	Births    *births.Result
	Evolution *evolve.History
}

// Result is a comparison of runs.
type Result struct {
	Version    string          `json:"version"`
	Text       string          `json:"text"`                 // on which units were matched
	Characters int             `json:"characters,omitempty"` // of each part, at most; none where units were not matched
	Untrained  int             `json:"untrained,omitempty"`  // networks of each shape; none where units were not matched
	Runs       []Run           `json:"runs"`
	Mixed      []string        `json:"mixed"`      // in what the runs differ besides their seeds: all that is counted below is over all of them
	Pairs      []Pair          `json:"pairs"`      // every run beside every other; empty with --no-match
	Verdicts   []VerdictCount  `json:"verdicts"`   // of concepts, over the runs that were dissected
	Mechanisms []VerdictCount  `json:"mechanisms"` // of quotation marks, over the runs that were asked
	Horizons   []SpreadOf      `json:"horizons"`   // gap at which the excess over the n-gram line halves, over the runs that were asked
	Births     []BirthSpread   `json:"births"`     // over the runs that were asked in the same way
	Emergences []EmergeSpread  `json:"emergences"` // how skills came, over the runs that were asked and judged by the newest rules
	Missing    []MissingAnswer `json:"missing"`    // what some runs were not asked, and the command
	// Titles are what figures and held-out items are called, by name and language ("en", "zh").
	Titles map[string]map[string]string `json:"titles"`
}

// Run is one of the runs.
type Run struct {
	Name   string      `json:"name"`
	Cell   string      `json:"cell"`
	Layers int         `json:"layers"`
	Hidden int         `json:"hidden"`
	Seed   uint64      `json:"seed"`
	Step   int64       `json:"step"`
	Loss   stat.Number `json:"validation_nats"`
	Text   string      `json:"text_sha256"` // of the run's own text; "" where it is not known
	// Training is how it was trained, but for the seeds, the network and the snapshots; "" where it is not known.
	Training string `json:"-"`
}

// In what runs may differ besides their seeds; words of the tables.
const (
	MixedText   = "text"
	MixedCell   = "cell"
	MixedLayers = "layers"
	MixedHidden = "units"
	MixedStep   = "step"
	// of the optimiser, the batch and the like
	MixedTraining = "training"
)

// mixed lists in what the runs differ besides their seeds.
func mixed(runs []Run) []string {
	out := []string{}
	for _, x := range []struct {
		name string
		of   func(Run) string
	}{
		{MixedText, func(r Run) string { return r.Text }}, {MixedCell, func(r Run) string { return r.Cell }}, {MixedLayers, func(r Run) string { return fmt.Sprint(r.Layers) }},
		{MixedHidden, func(r Run) string { return fmt.Sprint(r.Hidden) }}, {MixedStep, func(r Run) string { return fmt.Sprint(r.Step) }}, {MixedTraining, func(r Run) string { return r.Training }},
	} {
		if slices.ContainsFunc(runs, func(r Run) bool { return x.of(r) != x.of(runs[0]) }) {
			out = append(out, x.name)
		}
	}
	return out
}

// VerdictCount is in how many of the runs that answered a verdict holds.
type VerdictCount struct {
	Name    string        `json:"name"` // of the concept; of mechanisms "quotation marks"
	Verdict string        `json:"verdict"`
	Share   stat.Interval `json:"share"` // Wilson; n: runs that answered
	Runs    int64         `json:"runs"`  // in which it holds
}

// EmergeSpread is how a skill came over runs: by verdict in how many, and where its middle lies.
type EmergeSpread struct {
	Name     string                 `json:"name"`
	Figure   string                 `json:"figure"` // among Titles
	Of       string                 `json:"of"`     // of held-out items: OfRight or OfLogP
	Verdicts map[evolve.Verdict]int `json:"verdicts"`
	Metric   map[evolve.Verdict]int `json:"metric,omitempty"` // of shares right that came abruptly or perhaps so: evolve.Pairing's Metric
	Middle   Spread                 `json:"middle"`           // step; of the runs in which a sigmoid describes the rise best
}

// What is measured of held-out items.
const (
	OfRight = "right"
	OfLogP  = "log probability"
)

// MissingAnswer is what runs were not asked.
type MissingAnswer struct {
	Run     string `json:"run"`
	Command string `json:"command"`
}

// Population fills in what the runs' own analyses say; names are those of the runs.
func (r *Result) Population(all []Views) {
	controls := controlsOf(all)
	r.Mixed = mixed(r.Runs)
	r.Verdicts, r.Mechanisms, r.Horizons, r.Emergences = verdicts(all, controls), mechanisms(all), horizons(all), emergences(all)
	alike := bornAlike(all)
	r.Births = birthsOf(all, alike)
	r.Titles = titles(all)
	r.Missing = []MissingAnswer{}
	newest := newestRules(all)
	for i, v := range all {
		if v.Births != nil && (!alike[i] || askedLess(v.Births, all, alike)) {
			r.Missing = append(r.Missing, MissingAnswer{r.Runs[i].Name, birthsCommand(all, alike)})
		}
		if v.Dissect != nil && v.Dissect.Null.Untrained != controls {
			r.Missing = append(r.Missing, MissingAnswer{r.Runs[i].Name, fmt.Sprintf("dissect --untrained %d", controls)})
		}
		for _, x := range []struct {
			has     bool
			command string
		}{{v.Dissect != nil, "dissect"}, {v.Births != nil, "births"}, {v.Memory != nil, "memory"}, {v.Mechanism != nil, "quotes"}, {v.Evolution != nil && v.Evolution.Rules == newest, "evolution"}} {
			if !x.has {
				r.Missing = append(r.Missing, MissingAnswer{r.Runs[i].Name, x.command})
			}
		}
	}
}

// controlsOf is against how many untrained networks most runs were dissected; where two numbers are as frequent, the larger.
// Against fewer more is learned, and against none nothing can be: that counts only where all were. Verdicts of others are not
// counted with them.
func controlsOf(all []Views) (most int) {
	count := map[int]int{}
	for _, v := range all {
		if v.Dissect != nil {
			count[v.Dissect.Null.Untrained]++
		}
	}
	for n, k := range count {
		if n > 0 && most == 0 || n > 0 && (k > count[most] || k == count[most] && n > most) {
			most = n
		}
	}
	return most
}

// verdicts counts in how many runs each concept is learned, or else associated, of those that were held against so many
// untrained networks; without any nothing is said of learning.
func verdicts(all []Views, controls int) []VerdictCount {
	learned, associated, asked := map[string]int64{}, map[string]int64{}, map[string]int64{}
	var names []string
	for _, v := range all {
		if v.Dissect == nil || v.Dissect.Null.Untrained != controls {
			continue
		}
		for _, c := range v.Dissect.Concepts {
			if c.Verdict == dissect.NotInText || c.Verdict == dissect.TooLittleText {
				continue
			}
			if asked[c.Concept]++; asked[c.Concept] == 1 {
				names = append(names, c.Concept)
			}
			switch c.Verdict {
			case dissect.Learned:
				learned[c.Concept]++
			case dissect.Associated:
				associated[c.Concept]++
			}
		}
	}
	out := []VerdictCount{}
	for _, n := range names {
		if controls > 0 || learned[n] > 0 {
			out = append(out, VerdictCount{n, string(dissect.Learned), stat.Wilson(learned[n], asked[n]), learned[n]})
		}
		if associated[n] > 0 || controls == 0 && learned[n] == 0 {
			out = append(out, VerdictCount{n, string(dissect.Associated), stat.Wilson(associated[n], asked[n]), associated[n]})
		}
	}
	return out
}

func mechanisms(all []Views) []VerdictCount {
	count, asked := map[string]int64{}, int64(0)
	var names []string
	for _, v := range all {
		if v.Mechanism == nil || v.Mechanism.Result == nil {
			continue
		}
		asked++
		if count[v.Mechanism.Result.Verdict]++; count[v.Mechanism.Result.Verdict] == 1 {
			names = append(names, v.Mechanism.Result.Verdict)
		}
	}
	out := []VerdictCount{}
	for _, n := range names {
		out = append(out, VerdictCount{"quotation marks", n, stat.Wilson(count[n], asked), count[n]})
	}
	return out
}

func horizons(all []Views) []SpreadOf {
	gaps, asked, recall := map[string][]stat.Censored{}, map[string]int{}, map[string]memory.Recall{}
	var names []string
	for _, v := range all {
		if v.Memory == nil {
			continue
		}
		for _, x := range v.Memory.Recall {
			name := fmt.Sprintf("%s, %s", x.Kind, x.Asked)
			if asked[name]++; asked[name] == 1 {
				names, recall[name] = append(names, name), x
			}
			switch h := x.Horizon; {
			case h.Censored:
				gaps[name] = append(gaps[name], stat.Censored{Value: h.Longest, Above: true})
			case !math.IsNaN(h.Gap.Estimate):
				gaps[name] = append(gaps[name], stat.Censored{Value: h.Gap.Estimate})
			}
		}
	}
	out := []SpreadOf{}
	for _, n := range names {
		out = append(out, SpreadOf{n, recall[n].Kind, recall[n].Asked, spreadOf(gaps[n], asked[n])})
	}
	return out
}

// newestRules are the newest by which any run's skills were judged. Those judged by older ones
// are not summed up with them.
func newestRules(all []Views) (n int) {
	for _, v := range all {
		if v.Evolution != nil {
			n = max(n, v.Evolution.Rules)
		}
	}
	return n
}

func emergences(all []Views) []EmergeSpread {
	verdict, middle, asked := map[string]map[evolve.Verdict]int{}, map[string][]stat.Censored{}, map[string]int{}
	metric := map[string]map[evolve.Verdict]int{}
	var names []string
	figure, of := map[string]string{}, map[string]string{}
	add := func(name, what string, e evolve.Emergence, lower bool, last int64) {
		f := name
		if what != "" {
			name += ", " + what
		}
		figure[name], of[name] = f, what
		if asked[name]++; asked[name] == 1 {
			names, verdict[name], metric[name] = append(names, name), map[evolve.Verdict]int{}, map[evolve.Verdict]int{}
		}
		verdict[name][e.Shown()]++
		if e.Rises(lower) {
			middle[name] = append(middle[name], e.Middle(last))
		}
	}
	rules := newestRules(all)
	for _, v := range all {
		if v.Evolution == nil || v.Evolution.Rules != rules {
			continue
		}
		last := v.Evolution.LastStep()
		for _, e := range v.Evolution.Emergence {
			add(e.Name, "", e, v.Evolution.Lower(e.Name), last)
		}
		for _, p := range v.Evolution.Pairings {
			add(p.Name, OfRight, p.Right, false, last)
			add(p.Name, OfLogP, p.LogP, false, last)
			if p.Metric != "" {
				metric[p.Name+", "+OfRight][p.Metric]++
			}
		}
	}
	out := []EmergeSpread{}
	for _, n := range names {
		out = append(out, EmergeSpread{n, figure[n], of[n], verdict[n], metric[n], spreadOf(middle[n], asked[n])})
	}
	return out
}

// titles collects what the runs call their figures and held-out items.
func titles(all []Views) map[string]map[string]string {
	out := map[string]map[string]string{}
	for _, v := range all {
		if v.Evolution == nil {
			continue
		}
		for _, d := range v.Evolution.Definitions {
			out[d.Name] = d.Titles
		}
		for _, m := range v.Evolution.Measures {
			out[m.Name] = m.Titles
		}
	}
	return out
}
