package vocabulary

import (
	"strings"
	"unicode"

	"github.com/rnnscope/rnnscope/explain/tree"
)

// class is a set of characters with a name; its words stand in lang.
type class struct {
	name string
	has  func(r rune) bool
}

const (
	vowels    = "aeiouyAEIOUYäöüáéíóúàèìòùâêîôûëïаеёиоуыэюяАЕЁИОУЫЭЮЯ"
	enders    = ".!?…。！？"
	openers   = "([{<（［｛〈《「『【“‘«"
	closers   = ")]}>）］｝〉》」』】”’»"
	quotation = "\"'“”‘’«»「」『』`"
)

func oneOf(s string) func(rune) bool { return func(r rune) bool { return strings.ContainsRune(s, r) } }

// classes in a fixed order; they overlap.
var classes = []class{
	{"newline", func(r rune) bool { return r == '\n' || r == '\r' }},
	{"space", func(r rune) bool { return r == ' ' || r == '\t' || r == '\u00a0' || r == '\u3000' }},
	{"letter", unicode.IsLetter},
	{"lower", unicode.IsLower},
	{"upper", unicode.IsUpper},
	{"vowel", oneOf(vowels)},
	{"digit", unicode.IsDigit},
	{"cjk", func(r rune) bool {
		return unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul)
	}},
	{"end", oneOf(enders)},
	{"punctuation", unicode.IsPunct},
	{"quote", oneOf(quotation)},
	{"opener", oneOf(openers)},
	{"closer", oneOf(closers)},
	{"sign", unicode.IsSymbol},
}

// classSets is for every class the bins whose characters are all in it. Symbols of a
// shared bin agree in their classes, so members[bin] may be any of its symbols.
func classSets(members []rune) (sets []tree.Set, names []string) {
	for _, k := range classes {
		var s tree.Set
		n := 0
		for b, r := range members {
			if k.has(r) {
				s.Add(b)
				n++
			}
		}
		if n >= 2 && n < len(members) { // one member is a question already
			sets, names = append(sets, s), append(names, k.name)
		}
	}
	return sets, names
}

// signature is the classes of a character as bits.
func signature(r rune) int {
	s := 0
	for i, k := range classes {
		if k.has(r) {
			s |= 1 << i
		}
	}
	return s
}
