package explain

import (
	"cmp"
	"slices"

	"github.com/rnnscope/rnnscope/explain/tree"
	"github.com/rnnscope/rnnscope/explain/vocabulary"
	"github.com/rnnscope/rnnscope/rnn"
	"github.com/rnnscope/rnnscope/stat"
)

// ViewName is the name of the result among a run's views, and the source of its findings.
const ViewName = "explain"

// Result is every unit of some sites, explained.
type Result struct {
	Version   string     `json:"version"`
	Text      string     `json:"text"`
	Split     string     `json:"split"`
	Step      int64      `json:"step"`
	Leaves    [Sizes]int `json:"leaves"`
	Grown     int        `json:"grown"`     // characters that descriptions were grown on
	Held      int        `json:"held"`      // and pruned on
	Reported  int        `json:"reported"`  // and scored on
	Segments  int        `json:"segments"`  // of the jackknife
	Swap      int        `json:"swap"`      // characters of a segment of the null, 0: too little text
	Untrained int        `json:"untrained"` // networks
	Sites     []Site     `json:"sites"`
	Memory    *Memory    `json:"memory,omitempty"`
	Words     *InWords   `json:"words,omitempty"`
}

// Has reports whether all units were explained.
func (r *Result) Has(units []rnn.Unit) bool {
	for _, u := range units {
		i := slices.IndexFunc(r.Sites, func(s Site) bool { return s.Name == u.Site })
		if i < 0 || u.Unit >= len(r.Sites[i].Units) {
			return false
		}
	}
	return true
}

// Site is one site's units and what they come to together.
type Site struct {
	Name   string `json:"name"`
	Units  []Unit `json:"units"`
	Words  int    `json:"words"`  // columns of the vocabulary
	Short  int    `json:"short"`  // of them in the short one
	Median Curve  `json:"median"` // R^2 by size, median over units
	// Half is the share of units with R^2 of .5 and more, by size.
	Half [Sizes]stat.Interval `json:"half"`
	// Remember is the share of units whose beyond-score counts.
	Remember stat.Interval `json:"remember"`
	// Fresh is the same of untrained networks: R^2, shares, and the highest beyond-score
	// of any unit of any network.
	Fresh *Fresh `json:"fresh,omitempty"`
	Draws int    `json:"draws"` // arrangements of the null
}

// Fresh is what the units of untrained networks come to.
type Fresh struct {
	Networks int                  `json:"networks"`
	Median   Curve                `json:"median"`
	Half     [Sizes]stat.Interval `json:"half"`
	Highest  Curve                `json:"highest"` // best of all units of all networks, beyond short context
}

// Unit is one unit's description and what it is worth.
type Unit struct {
	Unit   int                  `json:"unit"`
	Leaves [Sizes]int           `json:"leaves"` // left after pruning; 1: nothing found
	R2     [Sizes]stat.Interval `json:"r2"`
	Short  [Sizes]stat.Interval `json:"short"`  // by the last five characters alone
	Beyond [Sizes]stat.Interval `json:"beyond"` // R2 less Short
	P      stat.Number          `json:"p"`      // the unit's own, of what lies beyond short context
	// Remembers: the beyond-score of the largest size lies above all of untrained
	// networks, and P passes the correction over the site's units.
	Remembers bool `json:"remembers"`
	// Memory is S_k at the ks of Memory: how much the last k characters fix.
	Memory []stat.Interval `json:"memory,omitempty"`
	Times  *Times          `json:"times,omitempty"` // nil in results of versions that had none
	// Fidelity is F by size, of units that the readout sees and uses measurably; Uses is what
	// the loss rises by when the unit stands at its mean, in nats.
	Fidelity *[Sizes]stat.Interval `json:"fidelity,omitempty"`
	Uses     *stat.Interval        `json:"uses,omitempty"`
	Family   int                   `json:"family"` // the unit of the site that stands for those like it
	Root     *vocabulary.Asked     `json:"root,omitempty"`
	Rules    []Rule                `json:"rules"` // of the middle size, the strongest first
	// Places are the highest and then the lowest on the report, of the best and the least
	// explained tenth of the site.
	Places []Place `json:"places,omitempty"`
}

// Rule is a leaf in words.
type Rule struct {
	Share float64           `json:"share"` // of the text
	Z     float64           `json:"z"`     // mean there, in standard deviations
	Text  map[string]string `json:"text"`  // by language
}

// worded is the size whose rules are told.
const worded = 1

// site turns a study into figures.
func (s *study) site(name string) Site {
	out := Site{Name: name, Words: len(s.words.Columns), Short: s.words.Short}
	var words []*vocabulary.Words
	for _, lang := range vocabulary.Languages {
		words = append(words, vocabulary.NewWords(lang))
	}
	for u := range s.units {
		out.Units = append(out.Units, s.unit(u, words))
	}
	out.Median, out.Half = summary(out.Units)
	return out
}

func (s *study) unit(u int, words []*vocabulary.Words) Unit {
	t := &s.units[u]
	out := Unit{Unit: u, Family: u, P: stat.Undefined()}
	out.R2, _ = t.full.score()
	out.Short, _ = t.short.score()
	out.Beyond = t.beyond()
	for i, cut := range t.full.cuts {
		out.Leaves[i] = cut.Leaves(t.full.tree)
	}
	if cut := t.full.cuts[worded]; cut.Asks(t.full.tree, 0) {
		out.Root = &vocabulary.Asked{Question: t.full.tree.Nodes[0].Question, Yes: true}
	}
	rules := vocabulary.Rules(s.words.Columns, s.grown, t.full.tree, t.full.cuts[worded], deviation(s.col.unit(u)[:s.plan.grow]))
	for _, r := range rules[:min(len(rules), vocabulary.MostRules)] {
		said := Rule{Share: r.Share, Z: r.Z, Text: map[string]string{}}
		for i, lang := range vocabulary.Languages {
			said.Text[lang] = words[i].Sentence(s.words.Columns, r)
			if len(rules) == 1 {
				said.Text[lang] = words[i].Say("nothing")
			}
		}
		out.Rules = append(out.Rules, said)
	}
	return out
}

// summary is the median R^2 of units by size, and the share with .5 and more. A unit
// that does not move has no R^2 and is left out.
func summary(units []Unit) (median Curve, half [Sizes]stat.Interval) {
	for i := range Leaves {
		var r2 []float64
		n := int64(0)
		for _, u := range units {
			if x := u.R2[i].Estimate; x == x {
				r2 = append(r2, x)
				if x >= 0.5 {
					n++
				}
			}
		}
		slices.SortFunc(r2, cmp.Compare)
		median[i], half[i] = stat.Undefined(), stat.Wilson(n, int64(len(r2)))
		if len(r2) > 0 {
			median[i] = stat.Number(stat.Quantile(r2, 0.5))
		}
	}
	return median, half
}

// deviation of 16-bit steps.
func deviation(q []uint16) float64 {
	var s, ss int64
	for _, x := range q {
		s, ss = s+int64(x), ss+int64(x)*int64(x)
	}
	return tree.Deviation(int64(len(q)), s, ss)
}

func medianOf(x []float64) stat.Number {
	if len(x) == 0 {
		return stat.Undefined()
	}
	slices.SortFunc(x, cmp.Compare)
	return stat.Number(stat.Quantile(x, 0.5))
}
