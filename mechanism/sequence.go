package mechanism

import (
	"math/rand/v2"
	"slices"
)

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
	if l.pieces == nil {
		w.fill()
		return w
	}
	w.follow(at, 0)
	return w
}

// usesPieces reports whether what stands around marks is the text's own.
func (w *writer) usesPieces() bool { return w.l.pieces != nil && !w.bare }

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
	n, there := max(least, w.length()), int(w.l.pieces.run[at])
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
	if !w.usesPieces() {
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

// wait writes as much as stands behind a mark, without one.
func (w *writer) wait() {
	if w.usesPieces() {
		w.ids = w.l.stretch(w.ids, w.side(), max(leadOut, w.length()), w.rng)
		return
	}
	w.ids = w.l.filler(w.ids, max(1, w.length()), w.rng)
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
	if !w.usesPieces() {
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

// A probe is made of pieces of the text. Around every mark stands what stands around that mark in some place of
// the text: from behind the mark before it to before the mark after it. Where one piece ends the
// next begins behind the same characters, as many as can be had, on the same side of the marks. So marks come in an
// order that the suite chooses and everything between them is the text's own.
//
// pieceIndex is the pieces that a text has.
type pieceIndex struct {
	run   []int32            // [T+1] by position: characters from here on before the next mark or blank line
	back  []int32            // [T+1] by position: characters straight before here since the last of them
	marks map[crossing][]int // places of marks; depth 0: at any
	side  []int              // [T] after each character
	last  []int32            // [T] by position: the mark last read, -1 since a blank line
	// joins lists, by the side and the two characters before them, the positions that can follow.
	joins map[before][]int
	sides map[int][]int // the same by side alone
	// ends is what stands before closers and could stand elsewhere too; see closings.
	ends map[int][]before
	of   map[before][]int // places by what was read last and the side
	is   map[int]role     // by position
}

// crossing is a mark that leads from one side to another, at a depth.
type crossing struct {
	role
	from, to, depth int
}

// outsideSide is the side where nothing is open; inside it is the kind on top.
const outsideSide = -1

const (
	longestLead = 16 // characters of a piece before its mark
	tries       = 48 // places looked at for a join
	joinOverlap = 8  // characters alike before a join: more are not asked for
)

// indexPieces finds the pieces of a text. It is nil where marks are few: there they are shown with neutral
// filler between them.
func (l *Language) indexPieces(s *scanned) *pieceIndex {
	q := &pieceIndex{run: make([]int32, len(l.ids)+1), back: make([]int32, len(l.ids)+1), marks: map[crossing][]int{}, last: make([]int32, len(l.ids)), is: map[int]role{}, joins: map[before][]int{}, sides: map[int][]int{}}
	isMark := make([]bool, len(l.ids)+1)
	for _, m := range s.marks {
		isMark[m.at] = true
		q.is[m.at] = m.role
	}
	parts := func(i int) bool { return isMark[i] || l.ids[i] == l.newline() && i > 0 && l.ids[i-1] == l.newline() }
	for i := len(l.ids) - 1; i >= 0; i-- {
		if !parts(i) {
			q.run[i] = q.run[i+1] + 1
		}
	}
	last := int32(-1)
	for i := range l.ids {
		switch {
		case !parts(i):
			q.back[i+1] = q.back[i] + 1
		case isMark[i]:
			last = int32(i)
		default:
			last = -1
		}
		q.last[i] = last
	}
	q.side = l.sidesOf(s)
	side, few := q.side, map[role]int{}
	for _, m := range s.marks {
		if m.at < leadIn || m.at+leadOut >= len(l.ids) {
			continue
		}
		few[m.role]++
		for _, depth := range []int{m.depth, 0} {
			c := crossing{m.role, side[m.at-1], side[m.at], depth}
			q.marks[c] = append(q.marks[c], m.at)
		}
	}
	for k := range l.Kinds {
		if few[role{k, true}] < fewContexts || few[role{k, false}] < fewContexts {
			return nil
		}
	}
	for i := leadIn; i < len(l.ids); i++ {
		if q.run[i] > 0 && q.back[i] > 0 {
			at := side[i-1]
			q.joins[before{l.ids[i-2], l.ids[i-1], at}] = append(q.joins[before{l.ids[i-2], l.ids[i-1], at}], i)
			q.sides[at] = append(q.sides[at], i)
		}
	}
	q.of = l.placesOf(s)
	q.ends = map[int][]before{}
	for _, b := range l.closings(s, q.of) {
		q.ends[b.top] = append(q.ends[b.top], b)
	}
	return q
}

// sidesOf is the side after each character.
func (l *Language) sidesOf(s *scanned) []int {
	side := make([]int, len(l.ids))
	l.walkMarks(s, func(i int, stack []int, _ int) {
		side[i] = outsideSide
		if len(stack) > 0 {
			side[i] = stack[len(stack)-1]
		}
	})
	return side
}

// piece draws a place of a mark, at its depth where the text has enough of them, and how much of
// what stands before it is taken: the place whose text joins best on what is written. ok is false
// where the text never crosses so.
func (l *Language) piece(c crossing, written []int32, rng *rand.Rand) (at, lead int, ok bool) {
	q := l.pieces
	list := q.marks[c]
	if len(list) < fewContexts {
		c.depth = 0
		list = q.marks[c]
	}
	if len(list) == 0 {
		return 0, 0, false
	}
	best := -1
	for range tries {
		p := list[rng.IntN(len(list))]
		most := min(int(q.back[p]), longestLead)
		for n := min(leadIn, most); n <= most; n++ {
			if fit := l.fits(written, p-n); fit > best {
				best, at, lead = fit, p, n
			}
		}
		if best == joinOverlap {
			break
		}
	}
	return at, lead, true
}

// fits counts how many of the last characters written stand before a position, too.
func (l *Language) fits(written []int32, at int) int {
	n := 0
	for n < joinOverlap && n < len(written) && at-1-n >= 0 && written[len(written)-1-n] == l.ids[at-1-n] {
		n++
	}
	return n
}

// stretch writes n more characters as they stand on a side in the text.
func (l *Language) stretch(dst []int32, side, n int, rng *rand.Rand) []int32 {
	q := l.pieces
	for n > 0 {
		var list []int
		if len(dst) >= 2 {
			list = q.joins[before{dst[len(dst)-2], dst[len(dst)-1], side}]
		}
		if len(list) == 0 {
			list = q.sides[side]
		}
		if len(list) == 0 {
			return l.filler(dst, n, rng)
		}
		best, at := -1, 0
		for range tries { // seams that do not show, and few of them
			p := list[rng.IntN(len(list))]
			if fit := 2*l.fits(dst, p) + min(n, int(q.run[p])); fit > best {
				best, at = fit, p
			}
		}
		take := min(n, int(q.run[at]))
		dst = append(dst, l.ids[at:at+take]...)
		n -= take
	}
	return dst
}

// ending draws a place of the text from which a closer of a kind could follow, and which has such a
// mark before it as was put last: where the piece from that mark to the place begins, to be joined on
// what is written, and where it ends. Inside and outside end alike.
func (l *Language) ending(kind int, last crossing, written []int32, rng *rand.Rand) (from, mark, to int) {
	q := l.pieces
	ends := q.ends[kind]
	best := -1
	for range min(len(ends), 4) * tries {
		b := ends[rng.IntN(len(ends))]
		b.top = last.to
		list := q.of[b]
		if len(list) == 0 {
			continue
		}
		p := list[rng.IntN(len(list))]
		m := int(q.last[p])
		if m < leadIn || p-m > naturalReach || q.is[m] != last.role || q.side[m-1] != last.from {
			continue
		}
		most := min(int(q.back[m]), longestLead)
		for n := min(leadIn, most); n <= most; n++ {
			if fit := l.fits(written, m-n); fit > best {
				best, from, mark, to = fit, m-n, m, p+1
			}
		}
		if best == joinOverlap {
			break
		}
	}
	return from, mark, to
}

// approach draws what stands before a closer of a kind, as it stands elsewhere on a side.
func (l *Language) approach(kind, side int, written []int32, rng *rand.Rand) []int32 {
	q := l.pieces
	ends := q.ends[kind]
	if len(ends) == 0 {
		return nil
	}
	b := ends[rng.IntN(len(ends))]
	b.top = side
	list := q.of[b]
	if len(list) == 0 {
		return []int32{b.first, b.last}
	}
	best, at, lead := -1, 0, leadIn
	for range tries {
		p := list[rng.IntN(len(list))] + 1
		most := min(int(q.back[p]), longestLead)
		for n := min(leadIn, most); n <= most; n++ {
			if fit := l.fits(written, p-n); fit > best {
				best, at, lead = fit, p, n
			}
		}
	}
	return l.ids[at-lead : at]
}

const naturalReach = 200 // a place inside is at most so far behind its opener, so that this was read

// before is the last two characters of a place and, inside, what is open on top (-1: nothing).
type before struct {
	first, last int32
	top         int
}
