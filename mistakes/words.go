package mistakes

import (
	"unicode"

	"github.com/rnnscope/rnnscope/text"
)

// word is a run of letters, digits and marks of a text: [lo,hi).
type word struct{ lo, hi int }

func inWord(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r) }

// wordsOf finds the words of a text, ascending.
func wordsOf(rs []rune) []word {
	var out []word
	for i := 0; i < len(rs); i++ {
		if !inWord(rs[i]) {
			continue
		}
		lo := i
		for i < len(rs) && inWord(rs[i]) {
			i++
		}
		out = append(out, word{lo, i})
	}
	return out
}

// countWords counts the words of the training text.
func countWords(rs []rune) map[string]int {
	n := map[string]int{}
	for _, w := range wordsOf(rs) {
		n[string(rs[w.lo:w.hi])]++
	}
	return n
}

// isPunctuation reports whether a character is a mark or a line end.
func isPunctuation(r rune) bool {
	return r == '\n' || r == '\r' || unicode.IsPunct(r) || unicode.IsSymbol(r)
}

// spelled is the characters that symbols stand for, and for every symbol where it ends among them.
func spelled(a *text.Alphabet, ids []int32) (rs []rune, ends []int) {
	if a.OneEach() {
		rs, ends = a.Runes(ids), make([]int, len(ids))
		for i := range ends {
			ends[i] = i + 1
		}
		return rs, ends
	}
	return a.Spell().Write(nil, nil, ids)
}

// surroundings is what the text says of every symbol: the causes that hold whatever the network does.
type surroundings struct {
	ids  []int32 // [T]
	rs   []rune
	ends []int   // [T] where each symbol ends in rs
	from []int32 // [T] characters to the last occurrence of the symbol's word, 0: none, or in no word
	kind []uint8 // [T] bits below
}

const (
	rareBit = 1 << iota
	firstBit
	punctuationBit
)

// rareCount is how often a rare word stands in the training text at most.
const rareCount = 5

// lookAround looks at a text, of whose words trained holds the counts in the training text. A symbol of
// several characters is of the word that its first letter is of; it is a mark if it has a mark and no letter.
func lookAround(a *text.Alphabet, ids []int32, trained map[string]int) *surroundings {
	rs, ends := spelled(a, ids)
	c := &surroundings{ids: ids, rs: rs, ends: ends, from: make([]int32, len(ids)), kind: make([]uint8, len(ids))}
	last := map[string]int{} // end of the last occurrence
	words := wordsOf(rs)
	at, w, begin, seen := -1, word{}, 0, false
	for i := range ids {
		lo, hi := c.span(i)
		for lo < hi && !inWord(rs[lo]) {
			if isPunctuation(rs[lo]) {
				c.kind[i] |= punctuationBit
			}
			lo++
		}
		if lo == hi {
			continue
		}
		for lo >= w.hi { // on to the word of this letter
			if at >= 0 {
				last[string(rs[w.lo:w.hi])] = w.hi
			}
			at++
			w = words[at]
			begin, seen = last[string(rs[w.lo:w.hi])]
		}
		c.kind[i] &^= punctuationBit
		if lo == w.lo {
			c.kind[i] |= firstBit
		}
		if seen {
			c.from[i] = int32(w.lo - begin + (w.hi - w.lo)) // from its beginning there to its beginning here
		}
		if trained[string(rs[w.lo:w.hi])] <= rareCount {
			c.kind[i] |= rareBit
		}
	}
	return c
}

// span is where symbol i stands among the characters.
func (c *surroundings) span(i int) (lo, hi int) {
	if i > 0 {
		lo = c.ends[i-1]
	}
	return lo, c.ends[i]
}

// causes are those of position i that are properties of the text, as bits of Causes.
func (c *surroundings) causes(i int) uint16 {
	var bits uint16
	for k, n := range []int32{100, 500, 1000, 5000} {
		if d := c.from[i]; d > 0 && d <= n {
			bits |= 1 << (1 + k)
		}
	}
	for k, bit := range []uint8{rareBit, firstBit, punctuationBit} {
		if c.kind[i]&bit != 0 {
			bits |= 1 << (5 + k)
		}
	}
	return bits
}
