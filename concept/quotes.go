package concept

import "unicode"

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
	on   bool
	at   int64
	kind string
}

func (q *straight) toggle(s *scan) {
	if q.on {
		s.matched(Pair{OpenStart: q.at, Open: q.at, CloseStart: s.t, Close: s.t, Kind: q.kind, Depth: 1})
	}
	q.on, q.at = !q.on, s.t
}

// drop forces the state off and withdraws the span.
func (q *straight) drop(s *scan) {
	if q.on {
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

// straightMachine: parity of ".
type straightMachine struct {
	straight
	lines paragraphs
}

func newStraight() *straightMachine {
	return &straightMachine{straight: straight{kind: "quote"}}
}

func (m *straightMachine) step(s *scan, r, _ rune) (int32, bool) {
	m.expire(s)
	if m.lines.read(r) {
		m.drop(s)
	}
	if r == '"' {
		m.toggle(s)
	}
	s.hold = m.hold()
	return one(m.on), true
}

// singleMachine: parity of ' where it is a quotation mark.
type singleMachine struct {
	straight
	lines paragraphs
	prev  rune
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
	m.elided(s, r)
	if r == '\'' && m.quotes(next) {
		m.toggle(s)
		m.fresh, m.word = m.on, m.word[:0]
	}
	m.prev = r
	s.hold = m.hold()
	return one(m.on), true
}

// elisions are words that lost their beginning: their mark opens nothing.
var elisions = map[string]bool{
	"tis": true, "twas": true, "twere": true, "twill": true, "twould": true, "twixt": true, "tween": true, "gainst": true, "neath": true,
	"em": true, "til": true, "bout": true, "cause": true, "cept": true, "scape": true, "fore": true, "ere": true,
}

const longestElision = 6

// elided watches the word behind an opener and takes the opener back if it was
// an elision.
func (m *singleMachine) elided(s *scan, r rune) {
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

// quotes tells a quotation mark from an apostrophe: an opener has no letter or
// digit before it, a closer none behind it.
func (m *singleMachine) quotes(next rune) bool {
	if m.on {
		return !isWord(next)
	}
	return !isWord(m.prev)
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
	if r < 0x80 {
		return
	}
	kind, opens, ok := curlyKind(r)
	switch {
	case !ok, m.only != everyKind && kind != m.only, r == '’' && isWord(next) && next < 0x2e80: // an apostrophe: don’t, ’tis
	case opens:
		m.open(s, s.t, kind, "")
	default:
		m.close(s, s.t, kind, "")
	}
}

// inQuoteMachine joins the parity of " and the stack of directed quotes.
type inQuoteMachine struct {
	straight *straightMachine
	curly    *curlyMachine
}

func (m *inQuoteMachine) step(s *scan, r, next rune) (int32, bool) {
	y, _ := m.straight.step(s, r, next)
	m.curly.read(s, r, next)
	s.hold = min(m.straight.hold(), m.curly.hold())
	return one(y > 0 || m.curly.depth() > 0), true
}

// quoteConcepts are quotations.
func quoteConcepts() []Concept {
	const (
		unclosed = " A quotation still open at a blank line (at the line feed that ends it) or after 2,000 characters is closed there and is invalid from its opener on."
		curly    = "open quotes of the kinds “” ‘’ «» 「」 『』. A ’ before a letter or digit of an alphabet (not an ideograph), or with no ‘ open, is an apostrophe (x_{t+1} is looked at); " +
			"a closer over unclosed openers closes those too, and their labels become invalid."
	)
	const closers = " A closer over unclosed openers closes those too, and their labels become invalid."
	plain := pattern{"\"", Toggle}
	directed := []pattern{
		{"“", Opener}, {"”", Closer}, {"‘", Opener}, {"’", Closer}, {"«", Opener}, {"»", Closer},
		{"「", Opener}, {"」", Closer}, {"『", Opener}, {"』", Closer},
	}
	make := func(name, definition string, kind Kind, ahead bool, fresh func() machine, events ...pattern) Concept {
		return Concept{Name: name, Definition: definition + unclosed, Kind: kind, Class: State, Delay: quoteLimit + 1, events: events,
			New: func() Labeler { return newScan(fresh, ahead) }}
	}
	return []Concept{
		make("in-quote", "Inside a quotation: the number of \" so far is odd, or a directed quote is open (quote-depth > 0).", Binary, true,
			func() machine {
				return &inQuoteMachine{straight: newStraight(), curly: newCurly((*nest).depth)}
			},
			append(directed, plain)...),
		make("quote-straight", "The parity of \": every \" toggles, 1 after the opening one, 0 after the closing one.", Binary, false,
			func() machine { return newStraight() }, plain),
		make("quote-single", "The parity of ' where it is a quotation mark: it opens if no letter or digit stands before it; "+
			"it closes if no letter or digit stands behind it (x_{t+1} is looked at). So apostrophes inside words never count; an elision at a word's start ('tis) outside a quotation "+
			"is taken for an opener, and a plural possessive (dogs') inside one for its closer: limits of the rule.", Binary, true,
			func() machine { return newSingle() }, pattern{"'", Toggle}),
		make("quote-depth", "The number of "+curly, Depth, true, func() machine { return newCurly((*nest).depth) }, directed...),
		make("quote-parity", "1 where the depth is odd, the depth being the number of "+curly, Binary, true, func() machine { return newCurly((*nest).parity) }, directed...),
		make("corner-depth", "The number of open 「 」, other quotes ignored."+closers, Depth, true, func() machine { return newDirected(corner) },
			pattern{"「", Opener}, pattern{"」", Closer}),
		make("white-corner-depth", "The number of open 『 』, other quotes ignored: in Chinese and Japanese text the quotation inside a quotation."+closers, Depth, true,
			func() machine { return newDirected(whiteCorner) }, pattern{"『", Opener}, pattern{"』", Closer}),
		make("quote-top", "The kind of the innermost of the "+curly+" 0 none, then in the order above.", Category, true, func() machine { return newCurly((*nest).top) }, directed...),
	}
}
