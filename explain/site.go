package explain

import (
	"cmp"
	"slices"

	"github.com/rnnscope/rnnscope/explain/tree"
	"github.com/rnnscope/rnnscope/explain/vocabulary"
	"github.com/rnnscope/rnnscope/stat"
)

// worded is the size whose rules are written out.
const worded = 1

// site turns a study into figures.
func (s *study) site(name string) Site {
	out := Site{Name: name, Words: len(s.words.Columns), Short: s.words.Short}
	var words []*vocabulary.Words
	for _, lang := range vocabulary.Languages {
		words = append(words, vocabulary.NewWords(lang).For(s.words.Symbols))
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
		out.Root = &vocabulary.Answer{Question: t.full.tree.Nodes[0].Question, Yes: true}
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
