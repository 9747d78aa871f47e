package table

import (
	"fmt"
	"math"
	"strings"

	"github.com/rnnscope/rnnscope/dissect"
	"github.com/rnnscope/rnnscope/rnn"
)

// Several is a number of things: 1 step, 2,000 steps.
func Several(n int, one string) string {
	if n == 1 {
		return "1 " + one
	}
	return Grouped(n) + " " + one + "s"
}

// heldAt is the g of S_g that verdicts quote.
const heldAt = 20

// held is a unit's AUROC on S_20, NaN where that is not defined.
func held(s *dissect.Score) float64 {
	for _, h := range s.Held {
		if h.Gap == heldAt {
			return h.AUROC.Estimate
		}
	}
	return math.NaN()
}

// verdictSentences say in plain words what was found, a line each, and in one line for what the text is too short.
func verdictSentences(r *dissect.Result) string {
	var b strings.Builder
	var little []string
	for i := range r.Concepts {
		switch c := &r.Concepts[i]; {
		case c.Best == nil:
		case c.Verdict == dissect.TooLittleText:
			little = append(little, ConceptTitle(c.Concept))
		default:
			fmt.Fprintf(&b, "%s: %s%s\n", ConceptTitle(c.Concept), r.Symbols.Say(sentence(c)), r.Symbols.Say(StateSentence(c)))
		}
	}
	if len(little) > 0 {
		fmt.Fprintf(&b, "Too little text, or too few places in it that are on, for the null to say anything: %s.\n", strings.Join(little, "; "))
	}
	return b.String()
}

// couldShow says what was not found: how good a unit this text would have shown.
func couldShow(u *dissect.Score) string {
	if u.CouldShow == 0 { // a result of a version that did not say
		return ""
	}
	if !u.CouldShow.Defined() {
		return " This text could have shown no unit, however good."
	}
	return fmt.Sprintf(" A unit would have been found from %s of 100 on, in four texts of five.", Fixed(100*float64(u.CouldShow), 0))
}

func sentence(c *dissect.ConceptResult) string {
	u := c.Best
	name := rnn.UnitName(u.Site, u.Unit)
	if c.Verdict == dissect.NotFound {
		chance := "no more than chance allows"
		if float64(u.AdjustedP) <= dissect.Alpha {
			chance = "and its interval reaches chance"
		}
		return fmt.Sprintf("not found; the unit that follows it best where units are chosen, %s, is right here in %s of 100 comparisons, %s.%s",
			name, Fixed(100*u.AUROC.Estimate, 0), chance, couldShow(u))
	}
	higher := "higher"
	if u.Sign < 0 {
		higher = "lower"
	}
	words := fmt.Sprintf("unit %s is %s where it is on than where it is off in %s of 100 comparisons", name, higher, Fixed(100*u.AUROC.Estimate, 0))
	if c.Verdict == dissect.Learned {
		words += fmt.Sprintf(", more than any unit of untrained networks (%s)", Fixed(100*float64(u.UntrainedMax), 0))
	} else if u.UntrainedMax.Defined() {
		words += ", which untrained networks may reach too"
	}
	switch {
	case c.Closer == nil:
	case c.Holds:
		words += "; it holds the state: it is still right 20 characters after anything could have switched it, whatever the character"
	case c.Closer.Window == 1:
		words += "; the character just read predicts it as well"
	case c.Closer.Window > 1:
		words += fmt.Sprintf("; the last %d characters predict it as well", c.Closer.Window)
	}
	return words + "."
}
