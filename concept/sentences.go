package concept

import (
	"slices"
	"strings"
	"unicode"
)

// stop is what a mark that may end a sentence does.
type stop int8

const (
	endsSentence stop = iota // unless a lower-case letter follows: "Stop!" he cried
	endsOrCounts             // the same, unless a digit follows: No. 5
	mayEnd                   // it belongs to a word that may stand last: U.S. etc. Walker Jr.
	goesOn                   // it belongs to a word that something follows: Mr. e.g. J.
)

const longestAbbreviation = 12

// followed are words whose period never ends a sentence.
var followed = set(`Mr Mrs Ms Dr St Prof Gen Col Capt Lt Sgt Rev Hon Sen Rep Gov Maj Adm Cpl Cmdr Mme Mlle Messrs Mt Ft
	e.g i.e cf vs viz Vol vol Vols vols pp Fig fig Figs figs Eq eq Eqs eqs Sec sec Secs Ch ch Art art ed eds approx ca esp resp Ed Eds tr trs trans`)

// closing are words whose period may end a sentence as well.
var closing = set("etc Inc Ltd Co Corp Bros Jr Sr Esq al Ph.D a.m p.m Jan Feb Mar Apr Jun Jul Aug Sept Sep Oct Nov Dec Ave Blvd Rd Dept Univ")

// numbered are words whose period ends no sentence before a number.
var numbered = set("No no Nos nos")

// sentences finds sentence boundaries. After read it says what it found at the
// character; marks and escapes of closing quotes are read alike.
type sentences struct {
	escapes
	held    []rune // of what may be an escape
	pending bool   // a terminator and perhaps closers were read
	how     stop   // what the terminator does
	word    []rune // the letters just before, and the periods and apostrophes between them
	cut     bool   // word was too long to keep
	digits  int    // of the number just read that began the line; 0: none
	past    bool   // something other than white space was read on this line or since a boundary
	spaced  bool   // the character before is white space
	last    rune   // the character before, or the mark it completed
	prior   rune   // the one before that
}

// read reports whether r is a boundary: the white space behind [.!?…] and its
// closers, or 。！？ themselves; and whether what follows may still withdraw that.
func (m *sentences) read(r rune) (boundary, open bool) {
	switch mark, n := m.escapes.read(r); {
	case n > 0:
		m.held, r = m.held[:0], mark
	case r != '&' && m.inside():
		m.held = append(m.held, r)
		return false, false
	default:
		for _, c := range m.held {
			m.take(c)
		}
		if m.held = m.held[:0]; r == '&' {
			m.held = append(m.held, r)
			return false, false
		}
	}
	return m.take(r)
}

func (m *sentences) take(r rune) (boundary, open bool) {
	boundary, open = m.look(r)
	m.past = r != '\n' && !boundary && (m.past || !isSpace(r))
	m.spaced = isSpace(r)
	m.prior, m.last = m.last, r
	return boundary, open
}

func (m *sentences) look(r rune) (boundary, open bool) {
	switch {
	case r == '。' || r == '！' || r == '？':
		m.pending = false
		m.forget()
		return true, false
	case r == '.':
		m.period()
		m.extend(r)
		return false, false
	case r == '!' || r == '?' || r == '…':
		if m.pending && r != '…' { // !! keeps what the first one is
			m.forget()
			return false, false
		}
		m.pending, m.how = true, endsSentence
		if m.spaced && r != '…' || m.alone() {
			m.how = mayEnd // a ? b : c
		}
		m.forget()
		return false, false
	case isLetter(r), m.apostrophe(r):
		m.pending = false
		m.extend(r)
		return false, false
	}
	m.number(r)
	m.forget()
	if isSpace(r) {
		boundary, m.pending = m.pending, false
		return boundary && m.how <= endsOrCounts, boundary && m.how != goesOn
	}
	m.pending = m.pending && strings.ContainsRune("\"')]}”’»」』", r)
	return false, false
}

// apostrophe reports a mark inside a word (couldn't, AT&T) or before it ('tis).
func (m *sentences) apostrophe(r rune) bool {
	if r != '\'' && r != '’' && r != '&' {
		return false
	}
	return m.spaced && !m.pending && r != '&' || len(m.word) > 0 && isLetter(m.word[len(m.word)-1])
}

// period reads one.
func (m *sentences) period() {
	if m.pending || m.spaced { // . . . or .config
		return
	}
	m.pending, m.how = true, m.abbreviation()
	if m.alone() {
		m.how = mayEnd
	}
}

// alone reports that nothing stands before the mark but an opening quote: "..." and '?'
// are strings of a program, or cries.
func (m *sentences) alone() bool {
	return strings.ContainsRune("\"'`“‘", m.last) && (isSpace(m.prior) || strings.ContainsRune("([{=,:", m.prior))
}

// number follows the digits of an item's number at the start of a line or of a field.
func (m *sentences) number(r rune) {
	switch {
	case !isDigit(r):
		m.digits = 0
	case !m.past || m.digits > 0 || m.last == '=' || m.last == '|':
		m.digits++
	}
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

// abbreviation tells what a period behind the present word does.
func (m *sentences) abbreviation() stop {
	w := m.word
	switch {
	case m.cut:
		return endsSentence
	case len(w) == 0:
		if m.digits > 0 && m.digits <= 2 {
			return mayEnd // 1. of a list
		}
		return endsSentence
	case len(w) == 1 && w[0] == 'I':
		return endsSentence
	case len(w) == 1 && isCapital(w[0]), len(w) == 2 && !isLetter(w[0]) && isCapital(w[1]):
		return goesOn
	case len(w) == 1, initials(w), closing[string(w)]:
		return mayEnd
	case followed[string(w)]:
		return goesOn
	case numbered[string(w)]:
		return endsOrCounts
	}
	return endsSentence
}

// initials are single letters with periods between them: E.C
func initials(w []rune) bool {
	if len(w) < 3 || len(w)%2 == 0 {
		return false
	}
	for i, r := range w {
		if (i%2 == 1) != (r == '.') {
			return false
		}
	}
	return true
}

// afterSpace is how far behind a boundary its first character is looked for.
const afterSpace = 64

// sentenceMachine labels the ends of sentences. A label is a function of what was
// read; what follows the white space can only withdraw it.
type sentenceMachine struct {
	sentences
	open   bool // the label at s.hold may be withdrawn
	why    stop
	feeds  int  // line feeds from there on
	middle bool // Y at s.hold is 0
}

func (m *sentenceMachine) step(s *scan, r, _ rune) (int32, bool) {
	if m.open {
		m.settle(s, r)
	}
	y, open := m.read(r)
	if open {
		m.open, m.why, m.middle, m.feeds = true, m.how, !y, 0
		s.hold = s.t
		if r == '\n' {
			m.feeds = 1
		}
	}
	return one(y), true
}

// settle looks at a character behind the white space that the label stands on.
func (m *sentenceMachine) settle(s *scan, r rune) {
	bad := false
	switch {
	case s.t-s.hold > afterSpace:
	case r == '&' || m.inside(): // perhaps an opening mark
		return
	case isSpace(r):
		if r == '\n' {
			m.feeds++
		}
		if !m.middle || m.feeds < 2 {
			return
		}
		bad = true // nothing follows in this paragraph: it ended here after all
	case opensQuote(r) || r == '(' || r == '[':
		return
	case m.middle:
		bad = isCapital(r)
	case m.why == endsOrCounts:
		bad = isDigit(r) || unicode.IsLower(r)
	default:
		bad = unicode.IsLower(r) || r == '.'
	}
	if bad {
		s.withdraw(s.hold)
	}
	m.open, s.hold = false, never
}

// properMachine: the next character is a capital that starts neither sentence nor line.
type properMachine struct {
	sentences
	begins bool // a letter now would begin a sentence or a line
	vague  bool // it may do so
	said   bool // the label before was given because of an I
}

func newProper() machine { return &properMachine{begins: true} }

func (m *properMachine) step(s *scan, r, next rune) (int32, bool) {
	ended, open := m.read(r)
	switch {
	case r == '\n' || ended:
		m.begins = true
	case open:
		m.vague = true
	case m.inside():
	case isWord(m.last):
		m.begins, m.vague = false, false
	case opensQuote(m.last) && !isWord(m.prior):
		m.begins = true
	}
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
	return one(y), !y || !m.vague
}

// opensQuote reports marks that can open a quotation; " and ' do so only when
// no letter or digit stands before them.
func opensQuote(r rune) bool { return strings.ContainsRune("\"'“‘«「『", r) }

func properNoun() Concept {
	return Concept{Name: "proper-noun-next", Kind: Binary, Class: Predictive, Delay: 2,
		Definition: "x_{t+1} is an upper-case letter that starts a word (x_t is no letter) but neither the text or a line (only white space and marks since the line feed), nor a sentence (the same since a sentence-end), " +
			"nor a quotation (the same since one of \" ' “ ‘ « 「 『 with no letter or digit before it). Invalid behind an abbreviation that may end a sentence (U.S., etc.), before the word I, and at the last character of the text.",
		New: func() Labeler { return newScan(newProper, true) }}
}

func sentenceEnd() Concept {
	return Concept{Name: "sentence-end", Kind: Binary, Class: Window, Delay: afterSpace + 2,
		Definition: "A sentence has just ended: x_t is white space behind . ! ? or … and any closing quotes and brackets (also written &quot;), or x_t is one of 。！？. " +
			"A period does not end a sentence behind a single capital other than I, behind a listed abbreviation (" + listWords(followed) + "), behind white space (. . .), nor between digits (no white space follows). " +
			"What follows the white space, opening quotes and brackets skipped, at most 64 characters on, can only take a label out of scoring. Invalid are: an end before a lower-case letter (\"Stop!\" he cried) or a period; one behind No, no, Nos or nos before a digit; and, before a capital or at the end of a paragraph, " +
			"a period that ends no sentence but might (a single small letter; letters with periods between them, as in U.S.; one or two digits, the number of an item, at the start of a line or sentence or behind = or |; " + listWords(closing) + "). " +
			"A ? or ! behind white space (a ? b : c), and a mark with nothing but an opening quote before it (\"...\"), ends none and is invalid before a capital.",
		events: []pattern{{".", Toggle}, {"!", Toggle}, {"?", Toggle}, {"…", Toggle}, {"。", Toggle}, {"！", Toggle}, {"？", Toggle}},
		New:    func() Labeler { return newScan(func() machine { return &sentenceMachine{} }, false) }}
}

// listWords are the words of a set in order.
func listWords(words map[string]bool) string {
	var out []string
	for w := range words {
		out = append(out, w)
	}
	slices.Sort(out)
	return strings.Join(out, " ")
}
