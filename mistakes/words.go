package mistakes

import "unicode"

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

// surroundings is what the text says of every position: the causes that hold whatever the network does.
type surroundings struct {
	rs   []rune
	from []int32 // [len(rs)] distance to the last occurrence of the position's word, 0: none, or in no word
	kind []uint8 // [len(rs)] bits below
}

const (
	rareBit = 1 << iota
	firstBit
	punctuationBit
)

// rareCount is how often a rare word stands in the training text at most.
const rareCount = 5

// lookAround looks at rs, of which trained holds the counts of training words.
func lookAround(rs []rune, trained map[string]int) *surroundings {
	c := &surroundings{rs: rs, from: make([]int32, len(rs)), kind: make([]uint8, len(rs))}
	last := map[string]int{} // end of the last occurrence
	for _, w := range wordsOf(rs) {
		name := string(rs[w.lo:w.hi])
		end, seen := last[name]
		last[name] = w.hi
		c.kind[w.lo] |= firstBit
		for i := w.lo; i < w.hi; i++ {
			if seen {
				c.from[i] = int32(w.lo - end + (w.hi - w.lo)) // from its beginning there to its beginning here
			}
			if trained[name] <= rareCount {
				c.kind[i] |= rareBit
			}
		}
	}
	for i, r := range rs {
		if isPunctuation(r) {
			c.kind[i] |= punctuationBit
		}
	}
	return c
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
