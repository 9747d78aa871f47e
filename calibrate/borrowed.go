package calibrate

import "github.com/rnnscope/rnnscope/concept"

// borrowed labels every character with what a concept says of the character
// shift places earlier: real labels, real autocorrelation, and nothing to do
// with the text they are laid over.
type borrowed struct {
	inner concept.Labeler
	owed  int // characters still to be labelled invalid
	n     int // characters still to come out
	held  []concept.Label
}

func (b *borrowed) Write(dst []concept.Label, src []rune) []concept.Label {
	b.n += len(src)
	b.held = b.inner.Write(b.held, src)
	for b.owed > 0 && b.n > 0 {
		dst, b.owed, b.n = append(dst, concept.Label{}), b.owed-1, b.n-1
	}
	k := min(b.n, len(b.held))
	dst = append(dst, b.held[:k]...)
	b.held, b.n = b.held[k:], b.n-k
	return dst
}

func (b *borrowed) Flush(dst []concept.Label) []concept.Label {
	b.held = b.inner.Flush(b.held)
	return append(dst, b.held[:b.n]...)
}

// borrow is the concept shift characters late, under a name of its own.
func borrow(c concept.Concept, shift int) concept.Concept {
	inner := c.New
	c.Name = "borrowed-" + c.Name
	c.New = func() concept.Labeler { return &borrowed{inner: inner(), owed: shift} }
	c.Class = concept.Window // its events are not where its labels change
	return c
}
