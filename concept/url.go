package concept

import "strings"

// The beginnings of a URL.
var urlHeads = []string{"https://", "http://", "ftp://", "www."}

const urlHold = 4 // characters after which the state is on

// urlMachine follows one URL. text holds what was read of it: a prefix of a
// head while confirmed is false, else the URL so far.
type urlMachine struct {
	text      []rune
	confirmed bool
	overlong  bool
	at        int64 // position of the 4th character
	body      int   // characters of the head
	prev      rune  // the character before
}

func (m *urlMachine) step(s *scan, r, _ rune) (int32, bool) {
	y, valid := m.read(s, r)
	m.prev = r
	s.hold = never
	if len(m.text) >= urlHold && !m.overlong {
		s.hold = m.at
	}
	return y, valid
}

func (m *urlMachine) read(s *scan, r rune) (int32, bool) {
	if m.confirmed {
		return m.inside(s, r)
	}
	if len(m.text) == 0 && (r > 'w' || r < 'f' || joins(m.prev)) {
		return 0, true
	}
	if whole, ok := headAfter(m.text, r); ok {
		m.text = append(m.text, r)
		m.confirmed, m.body = whole, len(m.text)
		if len(m.text) == urlHold {
			m.at = s.t
		}
		return one(len(m.text) >= urlHold), true
	}
	m.abandon(s)
	if _, ok := headAfter(nil, r); ok && !joins(m.prev) {
		m.text = append(m.text, r)
	}
	return 0, true
}

// joins: a head behind such a character is part of a word. Ideographs, which
// are written without spaces, do not join.
func joins(prev rune) bool { return prev < 0x2e80 && isWord(prev) }

// headAfter reports whether text+r begins a head, and whether it is a whole one.
func headAfter(text []rune, r rune) (whole, ok bool) {
	n := len(text)
	for _, h := range urlHeads {
		if n < len(h) && rune(h[n]) == r && matches(text, h) {
			return n+1 == len(h), true
		}
	}
	return false, false
}

func matches(text []rune, head string) bool {
	for i, r := range text {
		if rune(head[i]) != r {
			return false
		}
	}
	return true
}

// abandon forgets a head that did not come about and withdraws its labels.
func (m *urlMachine) abandon(s *scan) {
	if len(m.text) >= urlHold {
		s.invalidate(m.at)
	}
	m.text = m.text[:0]
}

func (m *urlMachine) inside(s *scan, r rune) (int32, bool) {
	if endsURL(r) {
		m.finish(s, 0)
		return 0, true
	}
	if len(m.text) == 2*urlLimit { // overlong: no more than an escape must be remembered
		m.text = m.text[:copy(m.text, m.text[len(m.text)-longestPattern:])]
	}
	m.text = append(m.text, r)
	if n := entityTail(m.text, r); n > 0 {
		m.text = m.text[:len(m.text)-n]
		m.finish(s, n-1)
		return 0, true
	}
	if len(m.text) > urlLimit && !m.overlong {
		s.invalidate(m.at)
		m.overlong = true
	}
	return 1, !m.overlong
}

// endsURL: white space, the ASCII characters that no URL contains (RFC 3986,
// with the square brackets it reserves for addresses) and CJK punctuation.
func endsURL(r rune) bool {
	switch r {
	case ' ', '\n', '<', '>', '"', '[', ']', '{', '}', '|', '\\', '^', '`':
		return true
	}
	return r >= 0x3000 && r <= 0x303f || r >= 0xff00 && r <= 0xff65 || isSpace(r)
}

// entityTail is the length of an escaped < > or " that r completes, or 0.
func entityTail(text []rune, r rune) int {
	if r != ';' {
		return 0
	}
	for _, e := range []string{"&lt;", "&gt;", "&quot;"} {
		if n := len(e); len(text) >= n && string(text[len(text)-n:]) == e {
			return n
		}
	}
	return 0
}

// finish ends the URL before s.t and withdraws what was not part of it: its
// trailing punctuation, and the extra characters read behind it.
func (m *urlMachine) finish(s *scan, extra int) {
	if !m.overlong {
		n := stripped(m.text, m.body)
		from := s.t - int64(extra) - int64(len(m.text)-n)
		if n <= m.body {
			from = m.at // nothing but a head
		}
		s.invalidate(from)
	}
	m.text, m.confirmed, m.overlong = m.text[:0], false, false
}

func (m *urlMachine) end(s *scan) {
	if m.confirmed {
		m.finish(s, 0)
		return
	}
	m.abandon(s)
}

// stripped is the length of text without trailing . , ; : ! ? and without
// trailing ) that no ( inside the URL opened; at least min.
func stripped(text []rune, min int) int {
	balance := 0
	for _, r := range text {
		switch r {
		case '(':
			balance++
		case ')':
			balance--
		}
	}
	n := len(text)
	for n > min {
		switch r := text[n-1]; {
		case strings.ContainsRune(".,;:!?", r):
		case r == ')' && balance < 0:
			balance++
		default:
			return n
		}
		n--
	}
	return n
}

// urlConcepts is the URL.
func urlConcepts() []Concept {
	return []Concept{{
		Name: "url", Kind: Binary, Class: State, Delay: urlLimit + urlHold,
		Definition: "Inside a URL. A URL begins with http://, https://, ftp:// or www. (lower case, no letter or digit of an alphabet before it) and runs up to white space, one of < > \" [ ] { } | \\ ^ ` (which no URL contains), CJK punctuation, or an escaped < > \" (&lt; &gt; &quot;). " +
			"The label is 1 from its 4th character on and 0 from the character that ends it. Invalid: trailing . , ; : ! ? and ) that no ( of the URL opened; the first characters of an escape that ends it; " +
			"a beginning that turns out to be none (httpd); a head with nothing behind it; a URL of more than 500 characters.",
		events: []pattern{{"http", Opener}, {"ftp:", Opener}, {"www.", Opener}},
		New:    func() Labeler { return newScan(func() machine { return &urlMachine{} }, false) },
	}}
}
