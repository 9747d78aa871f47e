package births

import (
	"math"
	"slices"

	"github.com/rnnscope/rnnscope/evolve"
	"github.com/rnnscope/rnnscope/stat"
)

// findBirth is the first step from which on the lower bound of every look lies above untrained,
// and the last one before it. nil without one.
func findBirth(looks []Point, untrained float64) (birth, after *int64) {
	if math.IsNaN(untrained) {
		untrained = .5
	}
	at := len(looks)
	for at > 0 && looks[at-1].AUROC.Lo > untrained { // an undefined bound compares false
		at--
	}
	if at == len(looks) {
		return nil, nil
	}
	if at > 0 {
		after = &looks[at-1].Step
	}
	return &looks[at].Step, after
}

// heldOutItems says which held-out items a concept serves: what follows the concept helps to
// predict them. Concepts that are not named serve none of them.
var heldOutItems = map[string]string{
	"quote-straight": "held-out-quotes", "quote-single": "held-out-quotes", "quote-depth": "held-out-quotes", "quote-parity": "held-out-quotes",
	"in-quote": "held-out-quotes", "quote-top": "held-out-quotes",
	"bracket-depth": "held-out-brackets", "paren-depth": "held-out-brackets", "square-depth": "held-out-brackets", "brace-depth": "held-out-brackets",
	"bracket-top": "held-out-brackets", "code-bracket-depth": "held-out-brackets", "corner-depth": "held-out-quotes", "white-corner-depth": "held-out-quotes",
	"xml-depth": "held-out-tags", "xml-name": "held-out-tags", "xml-closing-tag": "held-out-tags", "latex-environment": "held-out-tags", "latex-name": "held-out-tags",
	"column": "held-out-verse", "line-end-next": "held-out-verse",
	"word-end-next": "held-out-words", "word-start": "held-out-words", "word-end": "held-out-words",
	"speaker-heading": "held-out-speakers", "heading": "held-out-sections", "indentation": "held-out-indentation",
}

// HeldOutItems are the held-out items that a concept serves, "" for none.
func HeldOutItems(concept string) string { return heldOutItems[concept] }

// SkillStep is the first step from which on the log probability of a kind of held-out items
// stays above the middle of its first and its last; nil where it is not known or did not rise.
func SkillStep(h *evolve.History, name string) *int64 {
	if h == nil || name == "" {
		return nil
	}
	var steps []int64
	var values []float64
	for _, s := range h.Snapshots {
		for _, x := range s.HeldOut {
			if x.Name == name && !math.IsNaN(x.LogP.Estimate) {
				steps, values = append(steps, s.Step), append(values, x.LogP.Estimate)
			}
		}
	}
	if len(values) < 2 || values[len(values)-1] <= values[0] {
		return nil
	}
	middle := (values[0] + values[len(values)-1]) / 2
	at := len(values)
	for at > 0 && values[at-1] >= middle {
		at--
	}
	return &steps[at]
}

// Lag is how many decades of 1+step a birth lies behind that of a skill; undefined without both.
func Lag(birth, skill *int64) stat.Number {
	if birth == nil || skill == nil {
		return stat.Undefined()
	}
	return stat.Number(math.Log10(1+float64(*birth)) - math.Log10(1+float64(*skill)))
}

// byBirth orders concepts by the birth of their best unit; those without one last.
func byBirth(all []Concept) {
	step := func(c Concept) int64 {
		if c.Best.Birth == nil {
			return math.MaxInt64
		}
		return *c.Best.Birth
	}
	slices.SortStableFunc(all, func(a, b Concept) int {
		switch x, y := step(a), step(b); {
		case x < y:
			return -1
		case x > y:
			return 1
		}
		return 0
	})
}
