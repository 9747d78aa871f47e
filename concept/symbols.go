package concept

import (
	"slices"

	"github.com/rnnscope/rnnscope/text"
)

// SymbolLabeler carries labels of characters to the symbols of an alphabet: a
// symbol has the label of the last character that it completes, so a predictive
// label speaks of the next symbol's first character. A symbol that completes no
// character (the first bytes of one, <pad>) is not to be scored. Gap counts
// symbols: it is 0 where Y changed within the symbol. Labels come out in order, one
// a symbol, possibly late. It serves one goroutine.
type SymbolLabeler struct {
	l      Labeler
	labels []Label // of characters from position base on
	base   int     // characters before labels[0]
	ends   []int   // of symbols that wait for their label
	last   int     // end of the symbol before the first one that waits
	gap    int32   // of the symbol before, in symbols
	y      int32   // its label
	begun  bool    // a symbol has had a label
}

// OnSymbols makes labels of symbols from those of characters.
func OnSymbols(l Labeler) *SymbolLabeler { return &SymbolLabeler{l: l} }

// Write takes the characters and the ends of symbols that text.Spelling.Write made,
// in pieces of any size, and appends one label for every symbol whose label is out.
// ends counts from the start of the text.
func (s *SymbolLabeler) Write(dst []Label, runes []rune, ends []int) []Label {
	s.labels = s.l.Write(s.labels, runes)
	s.ends = append(s.ends, ends...)
	return s.carry(dst)
}

// Flush appends the labels held back and ends the text: the labeler then stands
// before a new one.
func (s *SymbolLabeler) Flush(dst []Label) []Label {
	s.labels = s.l.Flush(s.labels)
	dst = s.carry(dst)
	*s = SymbolLabeler{l: s.l, labels: s.labels[:0], ends: s.ends[:0]}
	return dst
}

// carry moves labels that are out to their symbols.
func (s *SymbolLabeler) carry(dst []Label) []Label {
	have, n := s.base+len(s.labels), 0
	for _, to := range s.ends {
		if to > have {
			break
		}
		if to == s.last {
			dst = append(dst, s.without())
		} else {
			dst = append(dst, s.with(s.labels[to-1-s.base], int32(min(to-s.last, 1<<30))))
		}
		s.last, n = to, n+1
	}
	s.ends = s.ends[:copy(s.ends, s.ends[n:])]
	// The label before s.last is not needed again.
	drop := min(s.last-s.base, len(s.labels))
	s.labels, s.base = s.labels[:copy(s.labels, s.labels[drop:])], s.base+drop
	return dst
}

// without is the label of a symbol that completes no character.
func (s *SymbolLabeler) without() Label {
	if s.begun {
		s.gap++
	}
	return Label{Y: s.y, Gap: s.gap}
}

// with is the label of a symbol of n characters.
func (s *SymbolLabeler) with(l Label, n int32) Label {
	if s.begun && l.Gap >= n {
		s.gap++
	} else {
		s.gap = 0
	}
	s.y, s.begun = l.Y, true
	return Label{Y: l.Y, Valid: l.Valid, Gap: s.gap}
}

// SymbolAges carries the ages of characters (EventScanner.Ages) to symbols.
type SymbolAges struct {
	e    *EventScanner
	last int   // characters before
	age  int32 // of the symbol before
	ages []int32
}

// OnSymbols counts ages in symbols.
func (e *EventScanner) OnSymbols() *SymbolAges { return &SymbolAges{e: e} }

// Ages appends, for each symbol, the number of symbols since the last one that
// completed an event: 0 at such a symbol, t+1 where there was none yet. runes and
// ends are those of text.Spelling.Write.
func (s *SymbolAges) Ages(dst []int32, runes []rune, ends []int) []int32 {
	s.ages = s.e.Ages(s.ages[:0], runes)
	at := 0
	for _, to := range ends {
		n := to - s.last
		if slices.Contains(s.ages[at:at+n], 0) {
			s.age = 0
		} else if s.age < 1<<31-1 {
			s.age++
		}
		at, s.last = at+n, to
		dst = append(dst, s.age)
	}
	return dst
}

// LabelSymbols labels a whole text: one label a symbol.
func LabelSymbols(c Concept, a *text.Alphabet, ids []int32) []Label {
	if a.OneEach() {
		return LabelAll(c, a.Runes(ids))
	}
	runes, ends := a.Spell().Write(nil, nil, ids)
	l := OnSymbols(c.New())
	return l.Flush(l.Write(make([]Label, 0, len(ids)), runes, ends))
}

// PairsIn matches the pairs of a text of symbols: positions and gaps count symbols. A
// pair within one symbol is none.
func PairsIn(a *text.Alphabet, ids []int32, kinds ...string) []Pair {
	if a.OneEach() {
		return Pairs(a.Runes(ids), kinds...)
	}
	runes, ends := a.Spell().Write(nil, nil, ids)
	symbol := func(at int64) int64 { // the symbol that completes a character
		i, _ := slices.BinarySearch(ends, int(at)+1)
		return int64(i)
	}
	var out []Pair
	for _, p := range Pairs(runes, kinds...) {
		p.OpenStart, p.Open, p.CloseStart, p.Close = symbol(p.OpenStart), symbol(p.Open), symbol(p.CloseStart), symbol(p.Close)
		if p.CloseStart > p.Open {
			out = append(out, p)
		}
	}
	return out
}
