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
	prev      rune  // the two characters before
	prev2     rune
	host      host   // behind //
	bare      []rune // // and what follows while it may be a host
	bareAt    int64  // the second / of them
}

func (m *urlMachine) step(s *scan, r, _ rune) (int32, bool) {
	y, valid := m.read(s, r)
	if !m.confirmed {
		y, valid = m.relative(s, r, y, valid)
	} else {
		m.host = host{}
	}
	m.prev2, m.prev = m.prev, r
	s.hold = never
	if len(m.text) >= urlHold && !m.overlong {
		s.hold = m.at
	}
	if m.host.state == mayBeHost {
		s.hold = min(s.hold, m.bareAt)
	}
	return y, valid
}

// relative follows an address without a scheme. That it is one shows at the /
// behind its host only: the label is on from there, and invalid before.
func (m *urlMachine) relative(s *scan, r rune, y int32, valid bool) (int32, bool) {
	if m.host.state == mayBeHost {
		m.bare = append(m.bare, r)
	}
	switch {
	case m.host.read(r):
		s.invalidate(m.bareAt)
		if m.host.inside() {
			m.text, m.body, m.confirmed, m.at = append(m.text[:0], m.bare...), len(m.bare), true, s.t
			return 1, true
		}
	case r == '/' && m.prev == '/' && m.prev2 != ':' && m.prev2 != '/' && !joins(m.prev2) && m.host.state == noHost:
		m.host, m.bareAt, m.bare = newHost(m.prev2), s.t, append(m.bare[:0], '/', '/')
	}
	return y, valid
}

func (m *urlMachine) read(s *scan, r rune) (int32, bool) {
	if m.confirmed {
		return m.inside(s, r)
	}
	if len(m.text) == 0 && (lower(r) > 'w' || lower(r) < 'f' || joins(m.prev)) {
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

// lower is r in lower case if it is a letter of ASCII: schemes and hosts are written in any.
func lower(r rune) rune {
	if 'A' <= r && r <= 'Z' {
		return r + 'a' - 'A'
	}
	return r
}

// headAfter reports whether text+r begins a head, and whether it is a whole one.
func headAfter(text []rune, r rune) (whole, ok bool) {
	n := len(text)
	for _, h := range urlHeads {
		if n < len(h) && rune(h[n]) == lower(r) && matches(text, h) {
			return n+1 == len(h), true
		}
	}
	return false, false
}

func matches(text []rune, head string) bool {
	for i, r := range text {
		if rune(head[i]) != lower(r) {
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
	if m.overlong {
		s.spans.lost++
	} else {
		n := trimURL(m.text, m.body)
		from := s.t - int64(extra) - int64(len(m.text)-n)
		if n <= m.body {
			from = m.at // nothing but a head
			s.spans.lost++
		} else {
			s.spans.closed++
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

// trimURL is the length of text without trailing . , ; : ! ? and without
// trailing ) that no ( inside the URL opened; at least min.
func trimURL(text []rune, min int) int {
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
		Definition: "Inside a URL. A URL begins with http://, https://, ftp:// or www. (in small letters or capitals, no letter or digit of an alphabet before it) and runs up to white space, one of < > \" [ ] { } | \\ ^ ` (which no URL contains), CJK punctuation, or an escaped < > \" (&lt; &gt; &quot;). An address that leaves out its scheme (//, a host with a dot, /; behind [ the host alone; no : or / and no letter or digit of an alphabet before it) is one too: its label is 1 from the / behind its host on, and invalid before. " +
			"The label is 1 from its 4th character on and 0 from the character that ends it. Invalid: trailing . , ; : ! ? and ) that no ( of the URL opened; the first characters of an escape that ends it; " +
			"a beginning that turns out to be none (httpd); a head with nothing behind it; a URL of more than 500 characters.",
		events: []pattern{{"http", Opener}, {"ftp:", Opener}, {"www.", Opener}, {"HTTP", Opener}, {"Http", Opener}, {"FTP:", Opener}, {"Ftp:", Opener}, {"WWW.", Opener}, {"Www.", Opener}},
		New:    func() Labeler { return newScan(func() machine { return &urlMachine{} }, false) },
	}}
}
