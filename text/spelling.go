package text

import "unicode/utf8"

// Spelling turns symbols into the characters they stand for, piece by piece. A
// symbol may complete one character (most alphabets), several (a word, with the
// space before it) or none: the first bytes of a character, <pad>. What is said of
// characters is carried to symbols by their last character: see
// concept.OnSymbols. A Spelling serves one goroutine.
type Spelling struct {
	a       *Alphabet
	n       int    // characters completed
	pending []byte // of a character that is not complete
	inside  bool   // something stands before on this line: a space may follow
	glued   bool   // the symbol before takes no space after it
	behind  bool   // the text may begin inside a character, whose bytes are left out
}

// Spell returns a Spelling that stands before the first symbol.
func (a *Alphabet) Spell() *Spelling { return &Spelling{a: a} }

// Write appends the characters that ids complete to runes, and to ends, for every
// id, the number of characters completed since the start of the text, its own
// included. The characters of symbol i are [ends[i-1], ends[i]); it has none where
// the two are equal. Bytes that are no UTF-8 and the unknown symbol read U+FFFD;
// such bytes count to the symbol that shows that they are none.
func (s *Spelling) Write(runes []rune, ends []int, ids []int32) ([]rune, []int) {
	if s.a.OneEach() {
		for _, id := range ids {
			s.n++
			runes, ends = append(runes, s.a.Rune(id)), append(ends, s.n)
		}
		return runes, ends
	}
	for _, id := range ids {
		before := len(runes)
		runes = s.symbol(runes, id)
		s.n += len(runes) - before
		ends = append(ends, s.n)
	}
	return runes, ends
}

// symbol appends the characters that one symbol completes.
func (s *Spelling) symbol(runes []rune, id int32) []rune {
	if s.a.vocab == nil { // bytes
		if int(id) == len(s.a.runes) {
			return append(s.broken(runes), utf8.RuneError)
		}
		return s.bytes(runes, byte(s.a.runes[id]))
	}
	w := &s.a.vocab.spelled[id]
	if w.nothing {
		return runes
	}
	if s.space(w) {
		runes = append(s.broken(runes), ' ')
	}
	text := w.text
	if !s.inside && s.a.vocab.Marks == MarkSpace && len(text) > 0 && text[0] == ' ' && s.n == 0 {
		text = text[1:]
	}
	for i := range len(text) {
		runes = s.bytes(runes, text[i])
	}
	s.after(w, text)
	return runes
}

// space tells whether a space stands before the symbol.
func (s *Spelling) space(w *spelled) bool { return s.inside && (w.spaced || !s.glued && !w.left) }

// after notes what the next symbol must know.
func (s *Spelling) after(w *spelled, text string) {
	s.glued = w.right
	if len(text) > 0 {
		s.inside = text[len(text)-1] != '\n'
	}
}

// bytes adds a byte and appends the character it completes.
func (s *Spelling) bytes(runes []rune, b byte) []rune {
	if s.behind && continues(b) {
		return runes
	}
	s.behind = false
	if b < utf8.RuneSelf && len(s.pending) == 0 {
		return append(runes, rune(b))
	}
	s.pending = append(s.pending, b)
	for len(s.pending) > 0 && utf8.FullRune(s.pending) {
		r, size := utf8.DecodeRune(s.pending)
		runes = append(runes, r)
		s.pending = s.pending[:copy(s.pending, s.pending[size:])]
	}
	return runes
}

// broken gives up on a character that does not go on.
func (s *Spelling) broken(runes []rune) []rune {
	for range s.pending {
		runes = append(runes, utf8.RuneError)
	}
	s.pending = s.pending[:0]
	return runes
}

// Text is what the next symbol adds to the text, as it is written: of a word the
// space before it, of a byte the byte alone. Joined, it is the text (see Decode).
func (s *Spelling) Text(id int32) string {
	if s.a.vocab == nil {
		s.n++
		return s.a.Symbol(id)
	}
	w := &s.a.vocab.spelled[id]
	if w.nothing {
		return ""
	}
	space, text := s.space(w), w.text
	if s.a.vocab.Marks == MarkSpace && s.n == 0 && len(text) > 0 && text[0] == ' ' {
		text = text[1:]
	}
	s.n++
	s.after(w, text)
	if space {
		return " " + text
	}
	return text
}

// decode is the text of ids under a vocabulary.
func (a *Alphabet) decode(ids []int32) string {
	var out []byte
	s := a.Spell()
	for _, id := range ids {
		out = append(out, s.Text(id)...)
	}
	return string(out)
}
