package mechanism

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"unicode"

	"github.com/rnnscope/rnnscope/synth"
	"github.com/rnnscope/rnnscope/text"
)

// ErrNoMarks says that a text, or the alphabet of a network, has nothing to count.
var ErrNoMarks = errors.New("nothing to count")

// Kind is one pair of marks as symbols; a straight mark has both the same.
type Kind struct {
	Open  int32 `json:"open"`
	Close int32 `json:"close"`
}

func (k Kind) straight() bool { return k.Open == k.Close }

// Context of a mark in the text: so many characters before it and after it.
const (
	leadIn  = 2
	leadOut = 1
)

// With fewer examples a mark is shown bare, in filler.
const (
	fewContexts = 8
)

// Language is the nested marks of a text and what stands around them.
type Language struct {
	Name  string
	Marks []synth.Mark
	Kinds []Kind
	Depth int   // D: the greatest depth that at least one mark in 500 reaches
	Free  bool  // a kind may stand within itself and in either order within another
	End   int32 // the line end, if it never stands inside; otherwise -1
	// Gaps between marks, in characters: the 5 % and 95 % quantiles, at most 40.
	GapLow, GapHigh int
	Pairs           int // of the text

	ids      []int32
	free     []int32     // by position: characters from here on that are filler
	longest  int         // longest stretch of filler
	outside  []int       // places before which nothing is open
	pieces   *pieceIndex // what stands between marks; nil: filler
	alphabet *text.Alphabet
}

// role is one end of a kind.
type role struct {
	kind int
	open bool
}

// Families are the marks looked for in a text, the commonest family of a text wins.
func Families() map[string][]synth.Mark {
	return map[string][]synth.Mark{
		"straight":   synth.StraightMarks,
		"curly":      synth.CurlyMarks,
		"corner":     synth.CornerMarks,
		"guillemets": {{Open: '«', Close: '»'}, {Open: '‹', Close: '›'}},
	}
}

// FindLanguage chooses the family of quotation marks that a text has most of. The
// error matches ErrNoMarks: the alphabet lacks all of them, or the text has fewer
// than 20 pairs.
func FindLanguage(name string, a *text.Alphabet, ids []int32) (*Language, error) {
	count := make([]int, a.Size())
	for _, id := range ids {
		count[id]++
	}
	best, most, known := "", 0, false
	families := Families()
	for _, family := range []string{"straight", "curly", "corner", "guillemets"} {
		n := 0
		for _, m := range families[family] {
			open, ok1 := a.Lookup(m.Open)
			shut, ok2 := a.Lookup(m.Close)
			if ok1 && ok2 {
				known = true
				n += min(count[open], count[shut]) // a lone ’ is an apostrophe
			}
		}
		if n > most {
			best, most = family, n
		}
	}
	if !known {
		if k := a.Kind(); k == text.Words || k == text.Pieces {
			return nil, fmt.Errorf("%w: no quotation mark is one of the network's %s by itself", ErrNoMarks, k)
		}
		return nil, fmt.Errorf("%w: the network's alphabet has no quotation marks", ErrNoMarks)
	}
	if best == "" {
		return nil, fmt.Errorf("%w: the text has no quotation marks", ErrNoMarks)
	}
	return NewLanguage(name+", "+best+" marks", a, ids, families[best])
}

// NewLanguage reads the marks of a text. Marks the alphabet lacks are left out. The
// error matches ErrNoMarks.
func NewLanguage(name string, a *text.Alphabet, ids []int32, marks []synth.Mark) (*Language, error) {
	l := &Language{Name: name, alphabet: a, End: -1}
	l.ids = wholeLines(ids, l.newline())
	for _, m := range marks {
		open, ok1 := a.Lookup(m.Open)
		shut, ok2 := a.Lookup(m.Close)
		if ok1 && ok2 {
			l.Marks, l.Kinds = append(l.Marks, m), append(l.Kinds, Kind{open, shut})
		}
	}
	if len(l.Kinds) == 0 {
		return nil, fmt.Errorf("%w: the alphabet has none of the marks", ErrNoMarks)
	}
	s, all := l.scan(), l.Marks
	l.dropRareKinds(s)
	if l.Pairs < 20 {
		most := slices.Index(s.pairs, slices.Max(s.pairs))
		return nil, fmt.Errorf("%w: the text has %d pairs of %c%c, and 20 are needed", ErrNoMarks, s.pairs[most], all[most].Open, all[most].Close)
	}
	s = l.scan()
	l.findEnd(s)
	l.findOutside(s)
	l.pieces = l.indexPieces(s)
	l.findFiller(s)
	if len(l.outside) == 0 {
		return nil, fmt.Errorf("%w: the text is too short or never outside of its quotation marks", ErrNoMarks)
	}
	return l, nil
}

// scanned is what one reading of the text found.
type scanned struct {
	depth []int8 // after each character, at most 100
	marks []placed
	pairs []int // by kind
	byTop map[[2]int]int
}

// placed is a mark that was matched or opened.
type placed struct {
	at int
	role
	depth int // after it for an opener, before it for a closer
}

// scan reads the text with a stack. A closer that matches nothing open is no mark;
// neither is ’ between letters. A straight mark
// closes its own kind if that was opened last, and otherwise opens it. A
// blank line forgets what is open.
func (l *Language) scan() *scanned {
	s := &scanned{depth: make([]int8, len(l.ids)), pairs: make([]int, len(l.Kinds)), byTop: map[[2]int]int{}}
	var stack []int
	for i, id := range l.ids {
		if id == l.newline() && i > 0 && l.ids[i-1] == id {
			stack = stack[:0]
		}
		k, open, is := l.markIn(l.ids, i, id, stack)
		switch {
		case !is:
		case open:
			if len(stack) > 0 {
				s.byTop[[2]int{stack[len(stack)-1], k}]++
			}
			stack = append(stack, k)
			s.marks = append(s.marks, placed{i, role{k, true}, len(stack)})
		default:
			s.marks = append(s.marks, placed{i, role{k, false}, len(stack)})
			at := lastIndex(stack, k)
			stack = slices.Delete(stack, at, at+1)
			s.pairs[k]++
		}
		s.depth[i] = int8(min(len(stack), 100))
	}
	return s
}

// wholeLines leaves out what stands before the first blank line, or the first line
// end: a part of a text may begin inside a quotation, and a straight mark would be
// taken for its opposite from there on.
func wholeLines(ids []int32, newline int32) []int32 {
	const near = 5000
	first := -1
	for i, id := range ids[:min(near, len(ids))] {
		if id != newline {
			continue
		}
		if i > 0 && ids[i-1] == newline {
			return ids[i+1:]
		}
		if first < 0 {
			first = i
		}
	}
	return ids[first+1:]
}

func (l *Language) newline() int32 {
	if id, ok := l.alphabet.Lookup('\n'); ok {
		return id
	}
	return -1
}

// markIn says whether symbol id at i of a text is a mark, of which kind and which end.
func (l *Language) markIn(ids []int32, i int, id int32, stack []int) (kind int, open, is bool) {
	for k, m := range l.Kinds {
		inside := slices.Contains(stack, k)
		onTop := len(stack) > 0 && stack[len(stack)-1] == k
		if l.Marks[k].Close == '’' && id == m.Close && l.between(ids, i) {
			return 0, false, false
		}
		switch {
		case m.straight() && id == m.Open:
			return k, !onTop, true
		case id == m.Open:
			return k, true, true
		case id == m.Close && inside:
			return k, false, true
		}
	}
	return 0, false, false
}

// between reports whether letters stand on both sides of position i.
func (l *Language) between(ids []int32, i int) bool {
	return i > 0 && i+1 < len(ids) && unicode.IsLetter(l.alphabet.Rune(ids[i-1])) && unicode.IsLetter(l.alphabet.Rune(ids[i+1]))
}

func lastIndex(s []int, v int) int {
	for i := len(s) - 1; i >= 0; i-- {
		if s[i] == v {
			return i
		}
	}
	return -1
}

// dropRareKinds leaves out kinds with fewer than 20 pairs, and measures what is left.
func (l *Language) dropRareKinds(s *scanned) {
	var marks []synth.Mark
	var kinds []Kind
	for k, n := range s.pairs {
		if n >= 20 {
			marks, kinds = append(marks, l.Marks[k]), append(kinds, l.Kinds[k])
			l.Pairs += n
		}
	}
	l.Marks, l.Kinds = marks, kinds
}

// findEnd measures depth, gaps and orders, and finds out whether the line end tells
// that nothing is open.
func (l *Language) findEnd(s *scanned) {
	var reach [101]int
	var gaps []float64
	last := -1
	for _, m := range s.marks {
		if m.open {
			reach[min(m.depth, 100)]++
		}
		if last >= 0 {
			gaps = append(gaps, float64(m.at-last-1))
		}
		last = m.at
	}
	for d, n := range reach {
		if n*500 >= len(s.marks) && n > 0 {
			l.Depth = max(l.Depth, d)
		}
	}
	slices.Sort(gaps)
	q := func(share float64) int { return int(gaps[int(share*float64(len(gaps)-1))]) }
	l.GapLow, l.GapHigh = min(q(0.05), 40), min(q(0.95), 40)
	both := func(a, b int) bool { return s.byTop[[2]int{a, b}] >= 10 && s.byTop[[2]int{b, a}] >= 10 }
	l.Free = len(l.Kinds) > 1 && both(0, 1) && both(0, 0)
	inside, all := 0, 0
	for i, id := range l.ids {
		if id == l.newline() {
			all++
			if s.depth[i] > 0 {
				inside++
			}
		}
	}
	if all >= 20 && inside*50 < all {
		l.End = l.newline()
	}
}

// findFiller marks the stretches without marks, blank lines and characters that tell
// on which side they are: seen 50 times or more, and never (outside) or only (inside).
func (l *Language) findFiller(s *scanned) {
	v := l.alphabet.Size()
	inside, all := make([]int, v), make([]int, v)
	for i, id := range l.ids {
		all[id]++
		if s.depth[i] > 0 {
			inside[id]++
		}
	}
	telling := make([]bool, v)
	for id := range telling {
		telling[id] = all[id] >= 50 && (inside[id]*50 < all[id] || (all[id]-inside[id])*50 < all[id])
	}
	if l.End >= 0 {
		telling[l.End] = true
	}
	for _, k := range l.Kinds {
		telling[k.Open], telling[k.Close] = true, true
	}
	l.free = make([]int32, len(l.ids)+1)
	for i := len(l.ids) - 1; i >= 0; i-- {
		id := l.ids[i]
		blank := id == l.newline() && i > 0 && l.ids[i-1] == id
		if telling[id] || blank {
			continue
		}
		l.free[i] = l.free[i+1] + 1
		l.longest = max(l.longest, int(l.free[i]))
	}
	if l.pieces == nil {
		*l = *l.withFiller()
	}
}

// findOutside lists where sequences may begin: outside, after a line end where that
// tells so.
func (l *Language) findOutside(s *scanned) {
	for i := warmUp; i < len(l.ids); i++ {
		if s.depth[i-1] == 0 && (l.End < 0 || l.ids[i-1] == l.End) {
			l.outside = append(l.outside, i)
		}
	}
}

// filler draws n characters of filler from the text.
func (l *Language) filler(dst []int32, n int, rng *rand.Rand) []int32 {
	for n > 0 && l.longest > 0 {
		take := min(n, l.longest)
		at := -1
		for range 2000 {
			if i := rng.IntN(len(l.ids)); int(l.free[i]) >= take {
				at = i
				break
			}
		}
		for i := 0; at < 0; i++ { // rare: the first stretch that is long enough
			if int(l.free[i]) >= take {
				at = i
			}
		}
		dst = append(dst, l.ids[at:at+take]...)
		n -= take
	}
	return dst
}

// symbol is the mark of a role.
func (l *Language) symbol(r role) int32 {
	if r.open {
		return l.Kinds[r.kind].Open
	}
	return l.Kinds[r.kind].Close
}

// straight reports whether the language has one mark, which does not say which end
// it is.
func (l *Language) straight() bool { return len(l.Kinds) == 1 && l.Kinds[0].straight() }

// warmUp is how much of the text every sequence starts with, in characters.
const warmUp = 80
