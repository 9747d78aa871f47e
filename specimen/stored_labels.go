package specimen

import (
	"errors"
	"fmt"
	"slices"

	"github.com/rnnscope/rnnscope/concept"
	"github.com/rnnscope/rnnscope/stat"
)

// Stored is labels that were made before, by the same rules. Fill gives a block its labels and what it
// holds; ok is false where they were not made.
type Stored interface {
	Fill(b *BlockLabels) (ok bool, err error)
}

// takeStored takes the labels of a block from those made before.
func (l *Labeller) takeStored(b *BlockLabels) (ok bool, err error) {
	if l.Stored == nil {
		return false, nil
	}
	if ok, err = l.Stored.Fill(b); !ok || err != nil {
		return false, err
	}
	for c := range b.Labels {
		if !l.Rules[c].made(&b.Labels[c], b.Held[c], b.Block.Len()) {
			return false, fmt.Errorf("%w: those of %s, symbols %d to %d", ErrStored, l.Rules[c].Concept.Name, b.Block.Lo, b.Block.Hi)
		}
		settleRuns(&b.Labels[c], b.Block.Len())
	}
	return true, nil
}

// ErrStored says that stored labels are none that their rule could give.
var ErrStored = errors.New("stored labels contradict their rule")

// made reports whether n labels are such as the rule gives: what counts them relies on that.
func (r Rule) made(l *stat.Labels, held []uint8, n int) bool {
	if (l.Values != nil) != r.Numeric || r.Numeric && len(l.Values) != n || (held != nil) != (r.Concept.Class == concept.State) || held != nil && len(held) != n {
		return false
	}
	if slices.ContainsFunc(held, func(level uint8) bool { return int(level) > len(HeldGaps) }) {
		return false
	}
	on, out := l.Positive, l.Invalid
	for t := range n {
		isOn, isOut := len(on) > 0 && on[0] == int32(t), len(out) > 0 && out[0] == int32(t)
		if isOn {
			on = on[1:]
		}
		if isOut {
			out = out[1:]
		}
		if isOn && isOut || r.Numeric && !r.gives(l.Values[t], isOn, isOut, l.Sparse) {
			return false
		}
	}
	return len(on)+len(out) == 0
}

// gives reports whether a number can belong to a position that is on, or out of scoring.
func (r Rule) gives(y int32, on, out, sparse bool) bool {
	switch {
	case out:
		return y == 0
	case y < -maxValue || y > maxValue || on != (y > r.Above) && (y < maxValue || r.Above < maxValue): // what is greater is kept as maxValue
		return false
	}
	return !sparse || on || y == 0
}
