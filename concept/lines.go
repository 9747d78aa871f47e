package concept

import "math"

// columnMachine: characters since the last line feed.
type columnMachine struct{ y int32 }

func (m *columnMachine) step(_ *scan, r, _ rune) (int32, bool) {
	switch {
	case r == '\n':
		m.y = 0
	case m.y < math.MaxInt32:
		m.y++
	}
	return m.y, true
}

const tabWidth = 8

// indentMachine: leading columns of the line.
type indentMachine struct {
	y    int32
	past bool // something other than blanks was read on this line
}

func (m *indentMachine) step(_ *scan, r, _ rune) (int32, bool) {
	switch {
	case r == '\n':
		m.y, m.past = 0, false
	case m.past || m.y > math.MaxInt32-tabWidth:
	case r == '\t':
		m.y += tabWidth - m.y%tabWidth
	case r == ' ':
		m.y++
	case r == '\u3000':
		m.y += 2
	default:
		m.past = true
	}
	return m.y, true
}

// digitsMachine: digits in a row up to here.
type digitsMachine struct{ y int32 }

func (m *digitsMachine) step(_ *scan, r, _ rune) (int32, bool) {
	switch {
	case !isDigit(r):
		m.y = 0
	case m.y < math.MaxInt32:
		m.y++
	}
	return m.y, true
}

// headingMachine follows == Title == on one line.
type headingMachine struct {
	level int // = signs of the opener; -1: this line is none
	body  bool
	run   int // = signs just read, in the body
	at    int64
	start int64
	open  bool
}

func (m *headingMachine) step(s *scan, r, _ rune) (int32, bool) {
	switch {
	case r == '\n':
		if m.open {
			s.spans.lost++
			s.invalidate(m.at)
		}
		*m = headingMachine{}
	case m.level < 0:
	case !m.body && r == '=':
		m.opener(s)
	case !m.body && m.level < 2:
		m.level = -1
	case r == '=':
		m.closer(s)
	default:
		m.body, m.run = true, 0
	}
	if m.open && s.t-m.start > urlLimit {
		s.spans.lost++
		s.invalidate(m.at)
		*m = headingMachine{level: -1}
	}
	s.hold = never
	if m.open {
		s.hold = m.at
	}
	return one(m.open), true
}

func (m *headingMachine) opener(s *scan) {
	if m.level == 0 {
		m.start, m.at = s.t, s.t
	}
	m.level++
	if m.level >= 2 {
		s.invalidate(m.at) // of a longer opener only the last character counts
		m.open, m.at = true, s.t
	}
}

func (m *headingMachine) closer(s *scan) {
	if m.run++; m.run < m.level {
		return
	}
	s.reportPair(Pair{OpenStart: m.start, Open: m.start + int64(m.level) - 1, CloseStart: s.t - int64(m.level) + 1, Close: s.t, Kind: "heading", Depth: 1})
	s.spans.closed++
	m.open, m.level = false, -1
}

// speakerMachine follows a line of a play that names who speaks.
type speakerMachine struct {
	lines paragraphs
	state speakerState
	at    int64
	prev  rune
}

type speakerState int8

const (
	speakerAwaits speakerState = iota // at the start of a line behind a blank one
	speakerName
	speakerColon
	speakerNone // not on this line
)

func (m *speakerMachine) step(s *scan, r, _ rune) (int32, bool) {
	blank := m.lines.read(r)
	switch {
	case r == '\n':
		switch m.state {
		case speakerName:
			s.spans.lost++
			s.invalidate(m.at)
		case speakerColon:
			s.spans.closed++
		}
		if m.state = speakerNone; blank {
			m.state = speakerAwaits
		}
	case m.state == speakerAwaits && isCapital(r):
		m.state, m.at = speakerName, s.t
	case m.state == speakerAwaits:
		m.state = speakerNone
	case m.state == speakerName && r == ':':
		m.state = speakerColon
	case m.state == speakerColon && r == '\r':
	case m.state == speakerColon, m.state == speakerName && (!m.names(r) || s.t-m.at >= nameLimit):
		s.spans.lost++
		s.invalidate(m.at)
		m.state = speakerNone
	}
	m.prev = r
	s.hold = never
	if m.state == speakerName || m.state == speakerColon {
		s.hold = m.at
		return 1, true
	}
	return 0, true
}

// names reports whether the name may go on with r: letters, spaces and
// apostrophes, every word beginning with a capital.
func (m *speakerMachine) names(r rune) bool {
	if r == ' ' || r == '\'' || r == '’' {
		return true
	}
	return isLetter(r) && (m.prev != ' ' || isCapital(r))
}

// lineConcepts are positions on a line.
func lineConcepts() []Concept {
	simple := func(name, definition string, class Class, fresh func() machine, events ...pattern) Concept {
		return Concept{Name: name, Definition: definition, Kind: Numeric, Class: class, events: events,
			New: func() Labeler { return newScan(fresh, false) }}
	}
	feed := pattern{"\n", Closer}
	return []Concept{
		simple("column", "Characters since the last line feed: 0 at the line feed, 1 at the first character of a line.", State,
			func() machine { return &columnMachine{} }, feed),
		simple("indentation", "Columns of blanks at the start of this line, a tab filling up to a multiple of 8, an ideographic space counting 2; it grows while they are read and is held to the end of the line; 0 at the line feed.",
			State, func() machine { return &indentMachine{} }, feed),
		{Name: "speaker-heading", Kind: Binary, Class: State, Delay: nameLimit,
			Definition: "In a line that names the speaker of a play: a line behind a blank one (or the first of the text), at most 64 characters of letters, single marks ' ’ and spaces, every word beginning with a capital, up to and including a colon that ends the line (a carriage return may follow). " +
				"The beginning of a line that turns out to be none is invalid.",
			events: []pattern{{"\n\n", Opener}, {":", Closer}},
			New:    func() Labeler { return newScan(func() machine { return &speakerMachine{} }, false) }},
		simple("digit-run", "Decimal digits (Nd) in a row up to and including x_t.", Window, func() machine { return &digitsMachine{} }),
	}
}
