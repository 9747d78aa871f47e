package mechanism

import (
	"math/rand/v2"
	"slices"
)

// warmUp is how much of the text every sequence starts with, in characters.
const warmUp = 80

// writer builds one sequence of a language.
type writer struct {
	l   *Language
	rng *rand.Rand
	sequence
	stack []int // what is open
	// bare shows marks in neutral filler, without what stands around them in the text.
	bare bool
	// gap, when not negative, is the characters after every mark.
	gap int
	// before is how much was written when the last mark was put, decided where it stands: what
	// follows does not tell of it.
	before, decided int
	last            crossing
}

// begin starts a sequence with a piece of the text that ends outside of everything.
func (l *Language) begin(rng *rand.Rand) *writer {
	w := &writer{l: l, rng: rng, gap: -1}
	at := l.outside[rng.IntN(len(l.outside))]
	w.ids = append(w.ids, l.ids[at-warmUp:at]...)
	if l.quilt == nil {
		w.fill()
		return w
	}
	w.follow(at, 0)
	return w
}

// quilted reports whether what stands around marks is the text's own.
func (w *writer) quilted() bool { return w.l.quilt != nil && !w.bare }

// length draws how many characters stand behind a mark.
func (w *writer) length() int {
	if w.gap >= 0 {
		return w.gap
	}
	return w.l.GapLow + w.rng.IntN(w.l.GapHigh-w.l.GapLow+1)
}

// fill writes filler, so much that marks stand as far apart as in the text.
func (w *writer) fill() { w.ids = w.l.filler(w.ids, w.length(), w.rng) }

// follow writes what stands in the text from position at on, up to shortly before the next
// mark, and where so many characters are asked for or there are none, what stands elsewhere on
// that side.
func (w *writer) follow(at, least int) {
	n, there := max(least, w.length()), int(w.l.quilt.run[at])
	if w.gap < 0 {
		n = max(least, min(n-leadIn, there-leadIn))
	}
	take := min(n, there)
	w.ids = append(w.ids, w.l.ids[at:at+take]...)
	if n > take {
		w.ids = w.l.stretch(w.ids, w.side(), n-take, w.rng)
	}
}

// side is where the sequence has come to.
func (w *writer) side() int {
	if len(w.stack) == 0 {
		return outsideSide
	}
	return w.stack[len(w.stack)-1]
}

// put writes a mark with what stands around it in the text.
func (w *writer) put(kind int, open bool) {
	c := crossing{role: role{kind, open}, from: w.side(), depth: len(w.stack)}
	if open {
		c.depth++
		w.stack = append(w.stack, kind)
	} else if at := lastIndex(w.stack, kind); at >= 0 {
		w.stack = slices.Delete(w.stack, at, at+1)
	}
	c.to = w.side()
	w.before, w.last = len(w.ids), c
	if !w.quilted() {
		w.decided = len(w.ids)
		w.ids = append(w.ids, w.l.symbol(c.role))
		w.fill()
		return
	}
	at, lead, ok := w.l.piece(c, w.ids, w.rng)
	if !ok { // the text never nests so: the mark, and what stands on its other side
		w.decided = len(w.ids)
		w.ids = w.l.stretch(append(w.ids, w.l.symbol(c.role)), c.to, max(leadOut, w.length()), w.rng)
		return
	}
	w.ids = append(w.ids, w.l.ids[at-lead:at+1]...)
	w.decided = len(w.ids) - 1
	w.follow(at+1, leadOut)
}

// open and shut put several marks of the kinds given, shut in the opposite order.
func (w *writer) open(kinds ...int) {
	for _, k := range kinds {
		w.put(k, true)
	}
}

func (w *writer) shut(kinds ...int) {
	for i := len(kinds) - 1; i >= 0; i-- {
		w.put(kinds[i], false)
	}
}

// record keeps what the network holds after the last symbol so far.
func (w *writer) record() {
	if n := len(w.ids) - 1; n >= 0 && (len(w.at) == 0 || w.at[len(w.at)-1] < n) {
		w.at = append(w.at, n)
	}
}

// lead writes what stands before a closer of a kind and records the state there. From the last
// mark on it is one piece of the text, unless a gap is asked for or the text has no such piece.
func (w *writer) lead(kind int) {
	if !w.quilted() {
		w.record()
		return
	}
	if w.before > 0 && w.gap < 0 {
		written := w.ids[:w.before]
		if from, mark, to := w.l.ending(kind, w.last, written, w.rng); to > 0 {
			w.ids = append(written, w.l.ids[from:to]...)
			w.decided = w.before + mark - from
			w.record()
			return
		}
	}
	w.ids = append(w.ids, w.l.approach(kind, w.side(), w.ids, w.rng)...)
	w.record()
}

// kinds draws the kinds of openers at depths lo..hi-1 (from 0): in any order where
// the language is free, otherwise in the order of the text.
func (l *Language) kinds(lo, hi int, rng *rand.Rand) []int {
	k := make([]int, 0, hi-lo)
	for d := lo; d < hi; d++ {
		if l.Free {
			k = append(k, rng.IntN(len(l.Kinds)))
		} else {
			k = append(k, d%len(l.Kinds))
		}
	}
	return k
}

// plain is the kinds of n openers without a choice: one kind in a free language.
func (l *Language) plain(n int) []int {
	k := make([]int, n)
	for d := range k {
		if !l.Free {
			k[d] = d % len(l.Kinds)
		}
	}
	return k
}

// walk writes n marks at random within the depth of the language, recording the
// held state after each; depth is what is open then.
func (l *Language) walk(n int, rng *rand.Rand) (s sequence, depth []float64) {
	w := l.begin(rng)
	var stack []int
	for range n {
		open := rng.IntN(2) == 0
		if len(stack) == 0 {
			open = true
		}
		if len(stack) >= l.Depth || l.straight() && len(stack) > 0 {
			open = false
		}
		if open {
			k := l.kinds(len(stack), len(stack)+1, rng)[0]
			stack = append(stack, k)
			w.put(k, true)
		} else {
			w.put(stack[len(stack)-1], false)
			stack = stack[:len(stack)-1]
		}
		before := len(w.at)
		w.record()
		if len(w.at) > before {
			depth = append(depth, float64(len(stack)))
		}
	}
	return w.sequence, depth
}
