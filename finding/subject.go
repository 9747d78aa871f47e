package finding

import (
	"fmt"
	"strings"
)

// Steps of a Subject that are no step.
const (
	UnknownStep = -1 // nobody knows
	EveryStep   = -2 // the result speaks of the whole training
)

// Subject is what a figure was measured on. Two results of one name belong beside each other where
// their subjects differ, and only a result of the same subject takes another's place.
type Subject struct {
	Text    string `json:"text"`    // name of the text; "" where nobody knows
	SHA256  string `json:"sha256"`  // of the text's bytes, hex; "" where nobody knows
	Step    int64  `json:"step"`    // of the training, or UnknownStep or EveryStep
	Split   Split  `json:"split"`   // the part that figures were measured on
	Weights string `json:"weights"` // SHA-256 of the weights, or of the states where only those are known, hex
}

// Unknown is the subject of figures that were kept before figures knew theirs.
var Unknown = Subject{Step: UnknownStep}

// Gap is something that is not known of a subject.
type Gap string

// The gaps.
const (
	NoText    Gap = "text"
	NoSHA256  Gap = "sha256"
	NoStep    Gap = "step"
	NoSplit   Gap = "split"
	NoWeights Gap = "weights"
)

// Gaps lists what is not known of s.
func (s Subject) Gaps() []Gap {
	var out []Gap
	for _, g := range []struct {
		is  bool
		gap Gap
	}{
		{s.Text == "", NoText}, {s.SHA256 == "", NoSHA256}, {s.Step == UnknownStep, NoStep}, {s.Split == Split{}, NoSplit},
		{s.Weights == "" && s.Step != EveryStep, NoWeights},
	} {
		if g.is {
			out = append(out, g.gap)
		}
	}
	return out
}

// String names the subject in a line of English: "novel.txt, test of tail 80/10/10, step 2000".
func (s Subject) String() string {
	parts := []string{s.Text}
	if s.Text == "" {
		parts[0] = "unknown text"
	}
	if split := s.Split.String(); split != "" {
		parts = append(parts, split)
	}
	switch s.Step {
	case UnknownStep:
		parts = append(parts, "unknown step")
	case EveryStep:
		parts = append(parts, "all steps")
	default:
		parts = append(parts, fmt.Sprintf("step %d", s.Step))
	}
	return strings.Join(parts, ", ")
}
