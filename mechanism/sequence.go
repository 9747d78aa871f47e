package mechanism

import "math/rand/v2"

// warmUp is how much of the text every sequence starts with, in characters.
const warmUp = 80

// writer builds one sequence of a language.
type writer struct {
	l   *Language
	rng *rand.Rand
	sequence
	// bare shows marks without their contexts.
	bare bool
	// gap, when not negative, is the filler after every mark.
	gap int
}

// begin starts a sequence with a piece of the text that ends outside of everything.
func (l *Language) begin(rng *rand.Rand) *writer {
	w := &writer{l: l, rng: rng, gap: -1}
	at := l.outside[rng.IntN(len(l.outside))]
	w.ids = append(w.ids, l.ids[at-warmUp:at]...)
	w.hold()
	return w
}

// hold writes filler, so much that marks stand as far apart as in the text.
func (w *writer) hold() {
	n := w.gap
	if n < 0 {
		n = w.l.GapLow + w.rng.IntN(w.l.GapHigh-w.l.GapLow+1)
	}
	if len(w.l.contexts) > 0 && !w.bare {
		n = max(0, n-leadIn-leadOut)
	}
	w.ids = w.l.filler(w.ids, n, w.rng)
}

// put writes a mark in a context of the text, and filler.
func (w *writer) put(kind int, open bool) {
	r := role{kind, open}
	var before, after []int32
	if !w.bare {
		before, after = w.l.around(r, w.rng)
	}
	w.ids = append(w.ids, before...)
	w.ids = append(w.ids, w.l.symbol(r))
	w.ids = append(w.ids, after...)
	w.hold()
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

// lead writes what stands before a closer of a kind and records the state there.
func (w *writer) lead(kind int) {
	if !w.bare {
		before, _ := w.l.around(role{kind, false}, w.rng)
		w.ids = append(w.ids, before...)
	}
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
