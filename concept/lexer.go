package concept

// style chooses the lexical rules of a language family.
type style int

const (
	styleC      style = iota // C, C++, Go, Java, JavaScript: // /* */ " ' `
	stylePython              // Python: # " ' """ '''
)

// part is what a character of a program belongs to.
type part int8

const (
	partCode part = iota
	partLineComment
	partBlockComment
	partString
)

func (p part) code() bool { return p == partCode }

// lexer tells code from comments and strings, character by character: after
// read(r) part is the state behind r. Its memory is constant.
type lexer struct {
	style  style
	part   part
	quote  rune // the mark that closes the string
	triple bool // python: three of them
	escape bool // the last character was an unescaped backslash
	broken bool // the last read closed a string at a line end, unterminated; or a comment was none
	run    int  // python: quote marks just read in a row
	p1, p2 rune // the two characters before
	host   host // may the line comment be an address, //host/path?
	header int  // how much of #include this line has begun with; -1: it has not
}

// includes begins a line whose name in quotes is a file's, no literal.
const includes = "#include"

// read takes one character and returns the part after it.
func (l *lexer) read(r rune) part {
	l.broken = false
	switch l.part {
	case partLineComment:
		if l.host.read(r) {
			l.part, l.broken = partCode, true
			break
		}
		if r == '\n' {
			l.part = partCode
		}
	case partBlockComment:
		if r == '/' && l.p1 == '*' {
			l.part, r = partCode, 0 // so that "*//" does not begin a comment
		}
	case partString:
		l.inString(r)
	default:
		if l.host.inside() && !l.host.ends(r) {
			break
		}
		l.inCode(r)
		if l.part == partBlockComment {
			r = 0 // so that "/*/" does not end
		}
	}
	l.p2, l.p1 = l.p1, r
	l.directive(r)
	return l.part
}

// directive follows the beginning of the line.
func (l *lexer) directive(r rune) {
	switch {
	case r == '\n':
		l.header = 0
	case l.header < 0 || l.header == len(includes):
	case l.part == partCode && r == rune(includes[l.header]):
		l.header++
	case l.header > 1 || !isSpace(r):
		l.header = -1
	}
}

func (l *lexer) inCode(r rune) {
	if l.style == stylePython {
		l.inPython(r)
		return
	}
	switch {
	case r == '"' && l.header == len(includes):
	case r == '/' && l.p1 == '/' && l.p2 != ':':
		l.part, l.host = partLineComment, newHost(l.p2)
	case r == '*' && l.p1 == '/':
		l.part = partBlockComment
	case r == '"' || r == '`' || r == '\'' && !isWord(l.p1):
		l.part, l.quote, l.escape = partString, r, false
	}
}

// inPython: the second mark of """ closes an empty string, the third opens a triple one.
func (l *lexer) inPython(r rune) {
	switch {
	case r == '#':
		l.part = partLineComment
	case (r == '"' || r == '\'') && l.run == 2 && r == l.quote:
		l.part, l.triple, l.escape, l.run = partString, true, false, 0
		return
	case r == '"' || r == '\'':
		l.part, l.quote, l.triple, l.escape, l.run = partString, r, false, false, 1
		return
	}
	l.run = 0
}

func (l *lexer) inString(r rune) {
	if l.escape {
		l.escape = false
		l.run = 0
		return
	}
	switch {
	case r == '\\' && l.quote != '`':
		l.escape, l.run = true, 0
	case r == l.quote && l.triple:
		if l.run++; l.run == 3 {
			l.part, l.triple, l.run = partCode, false, 0
		}
	case r == l.quote:
		l.part = partCode
		if l.style == stylePython && l.run == 1 {
			l.run = 2
			return
		}
		l.run = 0
	case r == '\n' && l.quote != '`' && !l.triple:
		l.part, l.broken, l.run = partCode, true, 0
	default:
		l.run = 0
	}
}

// lexMachine labels comments or strings.
type lexMachine struct {
	lexer
	strings bool
	at      int64 // where the present span opened
	on      bool
}

func newLex(st style, strings bool) *lexMachine {
	return &lexMachine{lexer: lexer{style: st}, strings: strings}
}

func (m *lexMachine) step(s *scan, r, _ rune) (int32, bool) {
	if m.on && s.t-m.at > bracketLimit {
		s.spans.lost++
		s.invalidate(m.at)
		m.lexer, m.on = lexer{style: m.style}, false
	}
	was, name := m.on, m.part
	p := m.read(r)
	if m.strings {
		m.on = p == partString
	} else {
		m.on = p == partLineComment || p == partBlockComment
	}
	s.hold = never
	switch {
	case m.on && !was:
		m.at = s.t
	case was && !m.on && m.broken:
		if s.invalidate(m.at); name == partLineComment {
			s.spans.other++ // an address
		} else {
			s.spans.lost++
		}
	case was && !m.on:
		s.spans.closed++
		m.report(s, name)
	}
	if m.on {
		s.hold = m.at
	}
	return one(m.on), true
}

func (m *lexMachine) report(s *scan, p part) {
	if s.pair == nil {
		return
	}
	kind, start, end := "string", m.at, s.t
	switch p {
	case partLineComment:
		kind = "line-comment"
		if m.style == styleC {
			start--
		}
	case partBlockComment:
		kind, start, end = "comment", start-1, end-1
	}
	s.reportPair(Pair{OpenStart: start, Open: m.at, CloseStart: end, Close: s.t, Kind: kind, Depth: 1})
}

// sourceConcepts are comments and strings of program text.
func sourceConcepts() []Concept {
	lexed := func(name, definition string, st style, strings bool, events ...pattern) Concept {
		return Concept{Name: name, Definition: definition, Kind: Binary, Class: State, Delay: bracketLimit, events: events,
			New: func() Labeler {
				return newScan(func() machine { return newLex(st, strings) }, false)
			}}
	}
	const overlong = " A span of more than 10,000 characters is invalid."
	return []Concept{
		lexed("comment", "Inside a comment of the C and Go family: from the second character of // (not after a colon, as in URLs) to before the line feed, "+
			"or from the * of /* to before the / of */. Marks inside strings and character literals do not count. "+
			"//host.org/path (a host with a dot, and a /; behind [ a space or ] will do) is an address and no comment: its labels are invalid from the second / to the end of the host, and no mark in it counts."+overlong,
			styleC, false, pattern{"//", Opener}, pattern{"/*", Opener}, pattern{"*/", Closer}),
		lexed("string-literal", "Inside a literal of the C and Go family: between \", between ' (not after a letter or digit) or between `, 1 from the opening mark on, 0 from the closing one on; a backslash skips the next character (not in `); marks inside comments do not count. "+
			"The name that #include \"...\" gives is none. "+
			"A \" or ' literal that reaches an unescaped line feed ends there and is invalid."+overlong,
			styleC, true, pattern{"\"", Toggle}, pattern{"'", Toggle}, pattern{"`", Toggle}),
		lexed("comment-python", "Inside a Python comment: from # outside strings to before the line feed."+overlong,
			stylePython, false, pattern{"#", Opener}),
		lexed("string-python", "Inside a Python string: between \" or ' on one line, or between triples of them, 1 from the opening mark on, 0 from the closing one on; a backslash skips the next character; marks inside comments do not count. "+
			"The first mark of a triple opens, the second closes, the third opens again; the third of the closing triple closes. A one-line string that reaches an unescaped line feed is invalid."+overlong,
			stylePython, true, pattern{"\"", Toggle}, pattern{"'", Toggle}),
	}
}
