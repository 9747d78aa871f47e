package finding

import "strings"

// Part is a part of a text.
type Part string

// The parts.
const (
	Train      Part = "train"
	Validation Part = "validation"
	Test       Part = "test"
	HeldOut    Part = "validation and test"
	Even       Part = "even"
	Odd        Part = "odd"
	Whole      Part = "all"
)

// Rule is how a text is cut into parts.
type Rule string

// The rules.
const (
	Tail        Rule = "tail"        // one cut each, from the start: train, validation, test
	Streams     Rule = "streams"     // the same in each of the parallel streams of training
	Alternating Rule = "alternating" // blocks in turns, 500 characters apart
	Uncut       Rule = "uncut"       // the text is one part
)

// Split is the part of a text that figures were measured on.
type Split struct {
	Part   Part
	Rule   Rule
	Shares string // "80/10/10"; "" where the rule has none
	Other  string // as an older version wrote it, where it is none of the above
}

// WholeText is the split of a text that is one part.
var WholeText = Split{Part: Whole, Rule: Uncut}

// alternating is how a Split of that rule is written; the name is that of text.AlternatingName.
const alternating = "alternating blocks, 500-character guards"

// String is the name that goes with every figure: "test of tail 80/10/10".
func (s Split) String() string {
	switch {
	case s.Other != "" || s.Rule == "":
		return s.Other
	case s.Rule == Uncut:
		return "all of the text"
	case s.Rule == Alternating:
		return string(s.Part) + " of " + alternating
	}
	return string(s.Part) + " of " + string(s.Rule) + " " + s.Shares
}

// ParseSplit reads what String wrote. What it never wrote is kept in Other.
func ParseSplit(name string) Split {
	if name == WholeText.String() {
		return WholeText
	}
	part, whole, ok := strings.Cut(name, " of ")
	if !ok || !isPart(Part(part)) {
		return Split{Other: name}
	}
	if whole == alternating {
		return Split{Part: Part(part), Rule: Alternating}
	}
	rule, shares, ok := strings.Cut(whole, " ")
	if r := Rule(rule); ok && (r == Tail || r == Streams) && strings.Trim(shares, "0123456789./") == "" {
		return Split{Part: Part(part), Rule: r, Shares: shares}
	}
	return Split{Other: name}
}

func isPart(p Part) bool {
	switch p {
	case Train, Validation, Test, HeldOut, Even, Odd:
		return true
	}
	return false
}

// MarshalText writes String.
func (s Split) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText is ParseSplit.
func (s *Split) UnmarshalText(b []byte) error {
	*s = ParseSplit(string(b))
	return nil
}
