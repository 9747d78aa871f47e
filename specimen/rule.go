package specimen

import (
	"fmt"

	"github.com/rnnscope/rnnscope/concept"
)

// Rule says when a label counts as on.
type Rule struct {
	Concept concept.Concept
	Above   int32 // on: Y > above
	Numeric bool  // Y itself is correlated with activations
}

// RuleOf is the rule of a concept that is on above 0.
func RuleOf(c concept.Concept) Rule {
	return Rule{Concept: c, Numeric: c.Kind == concept.Depth || c.Kind == concept.Numeric}
}

func (r Rule) String() string {
	switch r.Concept.Kind {
	case concept.Binary:
		return "on"
	case concept.Depth:
		return fmt.Sprintf("depth > %d", r.Above)
	case concept.Category:
		return "of any kind"
	}
	return fmt.Sprintf("value > %d", r.Above)
}

// maxValue bounds numeric labels, so that sums cannot overflow.
const maxValue = 1 << 14
