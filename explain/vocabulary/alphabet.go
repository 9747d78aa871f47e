package vocabulary

import (
	"cmp"
	"slices"
	"unicode/utf8"

	"github.com/rnnscope/rnnscope/text"
)

// symbols bins the symbols of an alphabet: the frequent ones alone, the others with
// those of the same classes.
type symbols struct {
	kind    text.Kind
	runes   []rune   // by symbol: its last character, which its classes are those of
	shown   []string // by symbol
	bin     []uint8  // by symbol
	members []rune   // by bin, one of its characters
	texts   []string // by bin, "" where it is shared
	order   []int32  // symbols seen, the most frequent first
}

// newSymbols bins by counts of symbols.
func newSymbols(a *text.Alphabet, vocab int, counts []int64) *symbols {
	s := &symbols{kind: a.Kind(), runes: make([]rune, vocab), shown: make([]string, vocab), bin: make([]uint8, vocab)}
	for v := range s.runes {
		s.runes[v], s.shown[v] = '\uFFFD', "\uFFFD"
		if u, ok := a.Unknown(); v < a.Size() && !(ok && int32(v) == u) {
			s.shown[v] = a.Visible(int32(v))
			s.runes[v], _ = utf8.DecodeLastRuneInString(a.Symbol(int32(v)))
		} else if _, named := a.Vocabulary(); named && ok && int32(v) == u {
			s.shown[v] = a.Visible(int32(v))
		}
		s.order = append(s.order, int32(v))
	}
	slices.SortStableFunc(s.order, func(a, b int32) int { return cmp.Compare(counts[b], counts[a]) })
	alone := min(symbolBins, vocab)
	for i, v := range s.order[:alone] {
		s.bin[v] = uint8(i)
		s.members, s.texts = append(s.members, s.runes[v]), append(s.texts, s.shown[v])
	}
	shared := map[int]uint8{}
	for _, v := range s.order[alone:] {
		kind := signature(s.runes[v])
		b, ok := shared[kind]
		if !ok {
			b = uint8(min(len(s.members), 255))
			shared[kind] = b
			if int(b) == len(s.members) {
				s.members, s.texts = append(s.members, s.runes[v]), append(s.texts, "")
			}
		}
		s.bin[v] = b
	}
	s.order = slices.DeleteFunc(s.order, func(v int32) bool { return counts[v] == 0 })
	return s
}
