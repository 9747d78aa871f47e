package text

import (
	"strings"
	"unicode/utf8"
)

// Show is symbols as somebody looks at them: their characters, and of each the symbol
// that completes it, ascending. A symbol that stands for no text or for what the
// alphabet lacks shows its name (<pad>, <unk>); of bytes that complete no character
// nothing is shown, nor of the rest of a character that began before. Where every symbol
// is one character the two go in step and of is nil.
func (a *Alphabet) Show(ids []int32) (runes []rune, of []int) {
	if a.OneEach() {
		return a.Runes(ids), nil
	}
	s := a.Spell()
	s.behind = true
	for i, id := range ids {
		runes = s.appendShown(runes, id)
		for len(of) < len(runes) {
			of = append(of, i)
		}
	}
	return runes, of
}

// appendShown appends what one symbol shows.
func (s *Spelling) appendShown(runes []rune, id int32) []rune {
	v := s.a.vocab
	if v == nil || !v.spelled[id].nothing && id != v.Unknown {
		before := len(runes)
		runes = s.symbol(runes, id)
		s.n += len(runes) - before
		return runes
	}
	s.pending = s.pending[:0]
	if w := &v.spelled[id]; !w.nothing && s.space(w) {
		runes = append(runes, ' ')
	}
	if w := &v.spelled[id]; !w.nothing {
		s.after(w, w.text)
	}
	s.n++
	return append(runes, []rune(v.Names[id])...)
}

// ShowString is Show as a string.
func (a *Alphabet) ShowString(ids []int32) string {
	runes, _ := a.Show(ids)
	return string(runes)
}

// OnRunes carries values of symbols to the characters that Show gave them.
func OnRunes[T any](of []int, values []T) []T {
	if of == nil {
		return values
	}
	out := make([]T, len(of))
	for i, k := range of {
		out[i] = values[k]
	}
	return out
}

// RunesAt carries a stretch of symbols to the characters that Show gave them.
func RunesAt(of []int, lo, hi int) (from, to int) {
	if of == nil {
		return lo, hi
	}
	for _, k := range of {
		if k < lo {
			from++
		}
		if k < hi {
			to++
		}
	}
	return from, to
}

// continues tells a byte that cannot begin a character.
func continues(b byte) bool { return !utf8.RuneStart(b) }

// SymbolText is the characters of Show's that symbol i completes.
func SymbolText(runes []rune, of []int, i int) string {
	from, to := RunesAt(of, i, i+1)
	return string(runes[min(from, len(runes)):min(to, len(runes))])
}

// First is the first character of a symbol but for the space before it: what kind it is
// is asked of that. It is U+FFFD for a byte beyond ASCII, and for a symbol of no text.
func (a *Alphabet) First(id int32) rune {
	switch {
	case a.OneEach():
		return a.Rune(id)
	case a.bytes:
		if r := a.Rune(id); r < utf8.RuneSelf {
			return r
		}
		return utf8.RuneError
	}
	s := &a.vocab.spelled[id]
	if s.nothing || id == a.vocab.Unknown {
		return utf8.RuneError
	}
	whole := s.text
	if rest := strings.TrimLeft(whole, " "); rest != "" {
		whole = rest
	}
	r, _ := utf8.DecodeRuneInString(whole)
	return r
}

// EndsLine tells whether a line ends within a symbol.
func (a *Alphabet) EndsLine(id int32) bool {
	if a.vocab == nil {
		return a.Rune(id) == '\n'
	}
	return strings.Contains(a.vocab.spelled[id].text, "\n")
}

// LastRunes carries symbols to their last characters; of those without any nothing stays.
func LastRunes(of, symbols []int) []int {
	if of == nil {
		return symbols
	}
	out := []int{}
	for _, k := range symbols {
		if from, to := RunesAt(of, k, k+1); to > from {
			out = append(out, to-1)
		}
	}
	return out
}
