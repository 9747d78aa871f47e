package concept

import (
	"slices"
	"strings"
	"unicode"
)

// paragraphs finds blank lines: the line feed that ends a line of nothing but
// white space.
type paragraphs struct {
	blank bool // nothing but white space since the last line feed
	seen  bool // there was one
}

// read reports whether r ends a blank line.
func (p *paragraphs) read(r rune) bool {
	if r == '\n' {
		ended := p.blank && p.seen
		p.blank, p.seen = true, true
		return ended
	}
	p.blank = p.blank && isSpace(r)
	return false
}

// straight is the parity of one kind of mark.
type straight struct {
	on    bool
	start int64 // first character of the opener
	at    int64 // its last
	kind  string
	doubt int64 // up to here no label is valid
}

// toggle reads a mark of n characters that ends at s.t.
func (q *straight) toggle(s *scan, n int) {
	start := s.t - int64(n) + 1
	if q.on {
		s.spans.closed++
		s.reportPair(Pair{OpenStart: q.start, Open: q.at, CloseStart: start, Close: s.t, Kind: q.kind, Depth: 1})
	}
	q.on, q.start, q.at = !q.on, start, s.t
}

// drop forces the state off and withdraws the span.
func (q *straight) drop(s *scan) {
	if q.on {
		s.spans.lost++
		s.invalidate(q.at)
		q.on = false
	}
}

func (q *straight) expire(s *scan) {
	if q.on && s.t-q.at > quoteLimit {
		q.drop(s)
	}
}

func (q *straight) hold() int64 {
	if q.on {
		return q.at
	}
	return never
}

// context is what the rules for straight marks look at besides the mark.
type context struct {
	escapes
	before  rune // the character before the mark, or before the escape that stands for it
	prev    rune // the last character, or the mark that an escape stands for
	outer   rune // the character before the escape being read
	slashes int  // backslashes in a row that ended at the last character
}

// mark reads one character: itself, or the mark that an escape ending here
// stands for, and its length.
func (c *context) mark(r rune) (mark rune, n int) {
	if r == '&' {
		c.outer = c.prev
	}
	if mark, n = c.escapes.read(r); n > 0 {
		c.before = c.outer
		return mark, n
	}
	c.before = c.prev
	return r, 1
}

// done notes what mark gave, once every rule has looked.
func (c *context) done(mark rune) {
	if c.prev = mark; c.slashes%2 == 1 {
		c.prev = 0 // a mark behind a backslash is beside none
	}
	if mark == '\\' {
		c.slashes++
	} else {
		c.slashes = 0
	}
}

// literal reports that a mark is a character of a program or of LaTeX and opens
// nothing: \" and the " of '"'.
func (c *context) literal(next, around rune) bool {
	return c.slashes%2 == 1 || c.before == around && next == around
}

// straightMachine: parity of ".
type straightMachine struct {
	straight
	context
	lines paragraphs
}

func newStraight() *straightMachine {
	return &straightMachine{straight: straight{kind: "quote"}}
}

func (m *straightMachine) step(s *scan, r, next rune) (int32, bool) {
	m.expire(s)
	if m.lines.read(r) {
		m.drop(s)
		m.doubt = 0
	}
	mark, n := m.mark(r)
	switch {
	case mark != '"' || m.literal(next, '\'') || s.t < m.doubt:
	case m.on && m.opens(next):
		m.drop(s)
		m.doubt = s.t + quoteLimit
	default:
		m.toggle(s, n)
	}
	m.done(mark)
	s.hold = m.hold()
	return one(m.on), s.t >= m.doubt
}

// opens reports that a mark can only be an opening one: inside a quotation it nests,
// or a mark before it is missing. From there on the parity says nothing.
func (c *context) opens(next rune) bool {
	return (isSpace(c.before) || strings.ContainsRune("([{=", c.before)) && isWord(next)
}

// singleMachine: parity of ' where it is a quotation mark.
type singleMachine struct {
	straight
	context
	lines paragraphs
	fresh bool   // in the first word behind the opener
	word  []rune // that word, lower case
}

func newSingle() *singleMachine {
	return &singleMachine{straight: straight{kind: "single-quote"}}
}

func (m *singleMachine) step(s *scan, r, next rune) (int32, bool) {
	m.expire(s)
	if m.lines.read(r) {
		m.drop(s)
	}
	m.checkElision(s, r)
	mark, n := m.mark(r)
	if mark == '\'' && m.before != '\'' && next == '\'' {
		s.spans.other++
	}
	if mark == '\'' && m.quotes(next) {
		m.toggle(s, n)
		m.fresh, m.word = m.on, m.word[:0]
	}
	m.done(mark)
	s.hold = m.hold()
	return one(m.on), true
}

// elisions are words that lost their beginning: their mark opens nothing.
var elisions = map[string]bool{
	"tis": true, "twas": true, "twere": true, "twill": true, "twould": true, "twixt": true, "tween": true, "gainst": true, "neath": true,
	"seven": true, "eight": true, "nine": true, "twelve": true, "fifteen": true, // years: in 'seven
	"em": true, "til": true, "bout": true, "cause": true, "cept": true, "scape": true, "fore": true, "ere": true,
}

const longestElision = 7

// checkElision watches the word behind an opener and takes the opener back if it was
// an elision.
func (m *singleMachine) checkElision(s *scan, r rune) {
	if !m.fresh {
		return
	}
	if m.on && len(m.word) <= longestElision && isLetter(r) {
		m.word = append(m.word, unicode.ToLower(r))
		return
	}
	m.fresh = false
	if m.on && elisions[string(m.word)] {
		m.drop(s)
	}
}

// quotes tells a quotation mark from an apostrophe and from the doubled marks of
// wiki text and LaTeX: an opener has no letter or digit before it, a closer none
// behind it, and neither another ' beside it.
func (m *singleMachine) quotes(next rune) bool {
	if m.literal(next, '"') || m.before == '\'' || next == '\'' {
		return false
	}
	if m.on {
		return !isWord(next)
	}
	return !isWord(m.before)
}

// The curly, guillemet and corner quotes, openers and closers in the same order.
const (
	curlyDouble = iota
	curlySingle
	guillemet
	corner
	whiteCorner
)

func curlyKind(r rune) (kind int, opens, ok bool) {
	switch r {
	case '“':
		return curlyDouble, true, true
	case '”':
		return curlyDouble, false, true
	case '‘':
		return curlySingle, true, true
	case '’':
		return curlySingle, false, true
	case '«':
		return guillemet, true, true
	case '»':
		return guillemet, false, true
	case '「':
		return corner, true, true
	case '」':
		return corner, false, true
	case '『':
		return whiteCorner, true, true
	case '』':
		return whiteCorner, false, true
	}
	return 0, false, false
}

// everyKind is all directed quotes.
const everyKind = -1

// curlyMachine is the stack of directed quotes, or of those of one kind, and what
// is asked of it: depth, parity or the kind on top.
type curlyMachine struct {
	nest
	escapes
	lines paragraphs
	label func(*nest) int32
	only  int // kind, or everyKind
}

func newDirected(kind int) *curlyMachine {
	m := newCurly((*nest).depth)
	m.only = kind
	return m
}

func newCurly(label func(*nest) int32) *curlyMachine {
	return &curlyMachine{label: label, only: everyKind,
		nest: newNest(quoteLimit, "curly-double", "curly-single", "guillemet", "corner", "white-corner")}
}

func (m *curlyMachine) step(s *scan, r, next rune) (int32, bool) {
	m.read(s, r, next)
	s.hold = m.hold()
	return m.label(&m.nest), true
}

func (m *curlyMachine) read(s *scan, r, next rune) {
	m.expire(s)
	if m.lines.read(r) {
		m.drop(s)
	}
	n := 1
	if mark, length := m.escapes.read(r); length > 0 {
		r, n = mark, length
	}
	if r < 0x80 {
		return
	}
	kind, opens, ok := curlyKind(r)
	switch {
	case !ok, m.only != everyKind && kind != m.only, r == '’' && isWord(next) && next < 0x2e80: // an apostrophe: don’t, ’tis
	case opens:
		m.open(s, s.t-int64(n)+1, kind, "")
	default:
		m.close(s, s.t-int64(n)+1, kind, "")
	}
}

// inQuoteMachine joins the parity of " and the stack of directed quotes.
type inQuoteMachine struct {
	straight *straightMachine
	curly    *curlyMachine
}

func (m *inQuoteMachine) step(s *scan, r, next rune) (int32, bool) {
	y, valid := m.straight.step(s, r, next)
	m.curly.read(s, r, next)
	s.hold = min(m.straight.hold(), m.curly.hold())
	return one(y > 0 || m.curly.depth() > 0), valid
}

// quoteConcepts are quotations.
func quoteConcepts() []Concept {
	const (
		unclosed = " A quotation still open at a blank line (at the line feed that ends it) or after 2,000 characters is closed there and is invalid from its opener on."
		nested   = " An opening mark (white space or one of ([{= before it, a letter or digit behind it) inside a quotation nests, or a mark is missing: labels from the quotation's opener to the next blank line, or for 2,000 characters, are invalid."
		escaped  = " A mark written as an escape (&quot; &#34; &ldquo; &amp;quot; ...) is a mark, at its semicolon."
		literal  = " A mark behind an odd number of backslashes, or alone between two marks of the other kind ('\"', \"'\"), is a character of a program and no quotation mark (x_{t+1} is looked at)."
		curly    = "open quotes of the kinds “” ‘’ «» 「」 『』. A ’ before a letter or digit of an alphabet (not an ideograph), or with no ‘ open, is an apostrophe (x_{t+1} is looked at); " +
			"a closer that nothing waits for is ignored; one that waits below unclosed openers closes those too, and their labels become invalid." + escaped
		closers = " A closer that nothing waits for is ignored."
	)
	plain := append(escapeEvents(Toggle, "quot"), pattern{"\"", Toggle})
	corners := []pattern{{"「", Opener}, {"」", Closer}}
	white := []pattern{{"『", Opener}, {"』", Closer}}
	directed := slices.Concat([]pattern{{"“", Opener}, {"”", Closer}, {"‘", Opener}, {"’", Closer}, {"«", Opener}, {"»", Closer}}, corners, white,
		escapeEvents(Opener, "ldquo", "lsquo", "laquo"), escapeEvents(Closer, "rdquo", "rsquo", "raquo"))
	make := func(name, definition string, kind Kind, fresh func() machine, events ...pattern) Concept {
		return Concept{Name: name, Definition: definition + unclosed, Kind: kind, Class: State, Delay: quoteLimit + 1, events: events,
			New: func() Labeler { return newScan(fresh, true) }}
	}
	return []Concept{
		make("in-quote", "Inside a quotation: the number of \" so far is odd (see quote-straight), or a directed quote is open (quote-depth > 0)."+literal+nested+escaped, Binary,
			func() machine {
				return &inQuoteMachine{straight: newStraight(), curly: newCurly((*nest).depth)}
			},
			append(directed, plain...)...),
		make("quote-straight", "The parity of \": every \" toggles, 1 after the opening one, 0 after the closing one."+literal+nested+escaped, Binary,
			func() machine { return newStraight() }, plain...),
		make("quote-single", "The parity of ' where it is a quotation mark: it opens if no letter or digit stands before it; "+
			"it closes if no letter or digit stands behind it (x_{t+1} is looked at); of two or more in a row none counts (the marks of wiki text and LaTeX; a character of a program is not in the row). So apostrophes inside words never count. "+
			"An opener whose first word is a listed elision ('tis, 'em, ...) is withdrawn: its labels are invalid; an elision that is not listed, outside a quotation, is taken for an opener, "+
			"and a plural possessive (dogs') inside one for its closer: limits of the rule."+literal+escaped, Binary,
			func() machine { return newSingle() }, append(escapeEvents(Toggle, "apos", "#39"), pattern{"'", Toggle})...),
		make("quote-depth", "The number of "+curly, Depth, func() machine { return newCurly((*nest).depth) }, directed...),
		make("quote-parity", "1 where the depth is odd, the depth being the number of "+curly, Binary, func() machine { return newCurly((*nest).parity) }, directed...),
		make("corner-depth", "The number of open 「 」, other quotes ignored."+closers, Depth, func() machine { return newDirected(corner) }, corners...),
		make("white-corner-depth", "The number of open 『 』, other quotes ignored: in Chinese and Japanese text the quotation inside a quotation."+closers, Depth,
			func() machine { return newDirected(whiteCorner) }, white...),
		make("quote-top", "The kind of the innermost of the "+curly+" 0 none, then in the order above.", Category, func() machine { return newCurly((*nest).top) }, directed...),
	}
}
