package concept

import "strings"

// wordMachine labels edges of letter runs.
type wordMachine struct {
	start bool
	prev  bool // the character before is a letter
}

func (m *wordMachine) step(_ *scan, r, _ rune) (int32, bool) {
	letter := isLetter(r)
	y := one(letter != m.prev && letter == m.start)
	m.prev = letter
	return y, true
}

// sentences finds sentence boundaries.
type sentences struct {
	pending bool   // a terminator and perhaps closers were read
	word    []rune // the letters just before, and the periods between them
	cut     bool   // word was too long to keep
}

const longestAbbreviation = 6

// abbreviations end in a period without ending a sentence; single letters do too.
var abbreviations = map[string]bool{
	"Mr": true, "Mrs": true, "Ms": true, "Dr": true, "St": true, "Prof": true, "Gen": true, "Col": true, "Capt": true,
	"Lt": true, "Sgt": true, "Rev": true, "Hon": true, "Sen": true, "Rep": true, "Jr": true, "Sr": true, "Mme": true, "Mlle": true, "M": true,
	"e.g": true, "i.e": true, "cf": true, "vs": true, "viz": true, "No": true, "Vol": true, "vol": true, "pp": true,
	"Fig": true, "fig": true, "Eq": true, "eq": true, "Sec": true, "sec": true, "Ch": true, "ch": true, "ed": true, "eds": true, "approx": true, "ca": true,
}

// read reports whether r is a boundary: the white space behind [.!?…] and its
// closers, or 。！？ themselves.
func (m *sentences) read(r rune) bool {
	switch {
	case r == '。' || r == '！' || r == '？':
		m.pending = false
		m.forget()
		return true
	case r == '.':
		m.pending = m.pending || !m.abbreviation()
		m.extend(r)
		return false
	case r == '!' || r == '?' || r == '…':
		m.pending = true
		m.forget()
		return false
	case isLetter(r):
		m.pending = false
		m.extend(r)
		return false
	}
	m.forget()
	if isSpace(r) {
		ended := m.pending
		m.pending = false
		return ended
	}
	m.pending = m.pending && strings.ContainsRune("\"')]}”’»」』", r)
	return false
}

func (m *sentences) extend(r rune) {
	if len(m.word) == longestAbbreviation {
		m.cut = true
	}
	if !m.cut {
		m.word = append(m.word, r)
	}
}

func (m *sentences) forget() { m.word, m.cut = m.word[:0], false }

func (m *sentences) abbreviation() bool {
	if m.cut || len(m.word) == 0 {
		return false
	}
	return len(m.word) == 1 && m.word[0] != 'I' || abbreviations[string(m.word)]
}

type sentenceMachine struct{ sentences }

func (m *sentenceMachine) step(_ *scan, r, _ rune) (int32, bool) { return one(m.read(r)), true }

// properMachine: the next character is a capital that starts neither sentence nor line.
type properMachine struct {
	sentences
	begins bool // a letter now would begin a sentence or a line
	said   bool // the label before was given because of an I
	prev   rune
}

func newProper() machine { return &properMachine{begins: true, prev: '\n'} }

func (m *properMachine) step(s *scan, r, next rune) (int32, bool) {
	ended := m.read(r)
	switch {
	case r == '\n' || ended:
		m.begins = true
	case isWord(r):
		m.begins = false
	case opensQuote(r) && !isWord(m.prev):
		m.begins = true
	}
	m.prev = r
	if m.said && !isLetter(next) { // the pronoun I
		s.invalidate(s.t - 1)
	}
	m.said, s.hold = false, never
	if next == eof {
		return 0, false
	}
	y := isCapital(next) && !m.begins && !isLetter(r)
	if y && next == 'I' {
		m.said, s.hold = true, s.t
	}
	return one(y), true
}

// opensQuote reports marks that can open a quotation; " and ' do so only when
// no letter or digit stands before them.
func opensQuote(r rune) bool { return strings.ContainsRune("\"'“‘«「『", r) }

// wordConcepts are words and sentences.
func wordConcepts() []Concept {
	word := func(name, definition string, start bool) Concept {
		return Concept{Name: name, Definition: definition, Kind: Binary, Class: Window,
			New: func() Labeler { return newScan(func() machine { return &wordMachine{start: start} }, false) }}
	}
	return []Concept{
		nextRune("word-end-next", "x_t is a letter and x_{t+1} is not: the word ends here. Invalid at the last character of the text.",
			func(r, next rune) bool { return isLetter(r) && !isLetter(next) }),
		{Name: "proper-noun-next", Kind: Binary, Class: Predictive, Delay: 2,
			Definition: "x_{t+1} is an upper-case letter that starts a word (x_t is no letter) but neither a line (only white space and marks since the line feed), nor a sentence (the same since a sentence-end), " +
				"nor a quotation (the same since an opening mark). Invalid before the word I, and at the last character of the text.",
			New: func() Labeler { return newScan(newProper, true) }},
		word("word-start", "x_t is a letter and x_{t-1} is not.", true),
		word("word-end", "x_t is not a letter and x_{t-1} is: a word has just ended.", false),
		{Name: "sentence-end", Kind: Binary, Class: Window,
			Definition: "A sentence has just ended: x_t is white space behind . ! ? or … and any closing quotes and brackets, or x_t is one of 。！？. " +
				"A period behind a single letter other than I or behind a listed abbreviation (Mr, Dr, e.g, ...) does not end a sentence, nor does one between digits (no white space follows).",
			events: []pattern{{".", Toggle}, {"!", Toggle}, {"?", Toggle}, {"…", Toggle}, {"。", Toggle}, {"！", Toggle}, {"？", Toggle}},
			New:    func() Labeler { return newScan(func() machine { return &sentenceMachine{} }, false) }},
	}
}
