package mechanism

import "math/rand/v2"

// A probe is a quilt. Around every mark stands what stands around that mark in some place of
// the text: from behind the mark before it to before the mark after it. Where one piece ends the
// next begins behind the same characters, as many as can be had, on the same side of the marks. So marks come in an
// order that the suite chooses and everything between them is the text's own.
//
// quilt is the pieces that a text has.
type quilt struct {
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
	seamless    = 8  // characters alike before a join: more are not asked for
)

// sew finds the pieces of a text. It is nil where marks stand close or are few: there they are
// shown with neutral filler between them.
func (l *Language) sew(s *scanned) *quilt {
	q := &quilt{run: make([]int32, len(l.ids)+1), back: make([]int32, len(l.ids)+1), marks: map[crossing][]int{}, last: make([]int32, len(l.ids)), is: map[int]role{}, joins: map[before][]int{}, sides: map[int][]int{}}
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
		if l.GapHigh < shortestWide || few[role{k, true}] < fewContexts || few[role{k, false}] < fewContexts {
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
	q := l.quilt
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
		if best == seamless {
			break
		}
	}
	return at, lead, true
}

// fits counts how many of the last characters written stand before a position, too.
func (l *Language) fits(written []int32, at int) int {
	n := 0
	for n < seamless && n < len(written) && at-1-n >= 0 && written[len(written)-1-n] == l.ids[at-1-n] {
		n++
	}
	return n
}

// stretch writes n more characters as they stand on a side in the text.
func (l *Language) stretch(dst []int32, side, n int, rng *rand.Rand) []int32 {
	q := l.quilt
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
	q := l.quilt
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
		if best == seamless {
			break
		}
	}
	return from, mark, to
}

// approach draws what stands before a closer of a kind, as it stands elsewhere on a side.
func (l *Language) approach(kind, side int, written []int32, rng *rand.Rand) []int32 {
	q := l.quilt
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
