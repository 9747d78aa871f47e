package dissect

import (
	"slices"

	"github.com/rnnscope/rnnscope/concept"
	"github.com/rnnscope/rnnscope/stat"
)

// Alpha is the error allowed over all tests of a family.
const Alpha = 0.05

// adjust gives the verdict of every site's unit. A concept's verdict is the best of its
// sites', see settleBest.
func adjust(res *Result, enough bool) {
	for c := range res.Concepts {
		k := &res.Concepts[c]
		for s := range k.Sites {
			k.Sites[s].Verdict = TooLittleText
			if k.Verdict != TooLittleText {
				k.Sites[s].Verdict = verdict(&k.Sites[s], enough)
			}
		}
		if k.State != nil {
			k.State.adjust(k.Verdict == TooLittleText)
		}
	}
}

// settleBest gives every concept the best of its sites' verdicts, and for its unit that of the
// sites with this verdict whose unit did best on validation.
func (res *Result) settleBest() {
	for c := range res.Concepts {
		k := &res.Concepts[c]
		if len(k.Sites) == 0 {
			continue
		}
		best := &k.Sites[0]
		for s := range k.Sites {
			x := &k.Sites[s]
			if r, b := rank(x.Verdict), rank(best.Verdict); r > b || r == b && x.Validation > best.Validation {
				best = x
			}
		}
		own := *best
		k.Best, k.Verdict = &own, own.Verdict
		if s := k.State; s != nil {
			s.Same = s.Score.Site == own.Site && s.Score.Unit == own.Unit && s.Score.Sign == own.Sign
		}
	}
	res.BySite = siteSummaries(res)
}

// rank orders verdicts by how much they say.
func rank(v Verdict) int {
	return slices.Index([]Verdict{NotInText, TooLittleText, NotFound, Associated, Learned}, v)
}

// verdict of a concept whose label changes in the text.
func verdict(best *Score, enough bool) Verdict {
	switch {
	case !enough, !best.AUROC.Defined(), !best.P.Defined():
		return TooLittleText
	case best.AdjustedP > Alpha, !best.AUROC.Above(0.5):
		return NotFound
	case best.UntrainedMax.Defined() && best.AUROC.Above(float64(best.UntrainedMax)):
		return Learned
	}
	return Associated
}

// falseDiscovery adds Benjamini-Hochberg's p where the whole list of built-in concepts was run:
// a further column, on which no verdict rests.
func falseDiscovery(res *Result, concepts []concept.Concept) {
	have := map[string]bool{}
	for _, c := range concepts {
		have[c.Name] = true
	}
	for _, name := range concept.Names() {
		if !have[name] {
			return
		}
	}
	var p []float64
	var of []*Score
	for c := range res.Concepts {
		for s := range res.Concepts[c].Sites {
			score := &res.Concepts[c].Sites[s]
			if concepts[c].BuiltIn() && score.P.Defined() {
				p, of = append(p, float64(score.P)), append(of, score)
			}
		}
	}
	for i, x := range stat.BenjaminiHochberg(p) {
		of[i].FalseDiscovery = stat.Number(x)
	}
}
