package specimen

import (
	"slices"

	"github.com/rnnscope/rnnscope/text"
)

// Stretch is the characters of a block with some before it.
type Stretch struct {
	Runes []rune
	Ends  []int // characters complete after each symbol; nil: every symbol is one
	Lead  int   // symbols before the block
}

// Stretch reads a block and at most lead symbols before it.
func (p *Pages) Stretch(a *text.Alphabet, b text.Block, lead int) Stretch {
	from := max(0, b.Lo-lead)
	x, ids := Stretch{Lead: b.Lo - from}, p.Read(from, b.Hi)
	if !a.OneEach() {
		x.Runes, x.Ends = a.Spell().Write(nil, nil, ids)
		return x
	}
	for _, id := range ids {
		x.Runes = append(x.Runes, runeOfSymbol(a, id))
	}
	return x
}

// Of is the characters [lo,hi) that symbol t of the block completes.
func (x *Stretch) Of(t int) (lo, hi int) {
	switch p := x.Lead + t; {
	case x.Ends == nil:
		return p, p + 1
	case p == 0:
		return 0, x.Ends[0]
	default:
		return x.Ends[p-1], x.Ends[p]
	}
}

// Completes tells whether a text ends within symbol t of the block.
func (x *Stretch) Completes(want []rune, t int) bool {
	lo, hi := x.Of(t)
	for p := max(lo, len(want)-1); p < hi; p++ {
		if slices.Equal(x.Runes[p+1-len(want):p+1], want) {
			return true
		}
	}
	return false
}
