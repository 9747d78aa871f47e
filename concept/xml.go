package concept

import (
	"slices"
	"strings"
	"unicode"
)

const (
	tagLimit   = 2_000
	depthLimit = 256 // elements deeper than this are not counted
)

// xmlState is where in the markup a character stands.
type xmlState int8

const (
	xmlText xmlState = iota
	xmlOpened
	xmlName      // name of an opening tag
	xmlCloseName // name of a closing tag, from the / on
	xmlInTag     // between attributes
	xmlEquals    // behind the = of an attribute
	xmlValue     // quoted value
	xmlBareValue // value without quotes
	xmlSlash     // / of a self-closing tag
	xmlNameSlash // the same directly behind the name: <linux/file.h> is no tag
	xmlDeclare   // <! or <? up to >
	xmlComment   // <!-- up to -->
	xmlData      // <![CDATA[ up to ]]>
)

// void elements of HTML have no content and no closing tag.
var voidElements = map[string]bool{
	"area": true, "base": true, "br": true, "col": true, "embed": true, "hr": true, "img": true, "input": true,
	"link": true, "meta": true, "param": true, "source": true, "track": true, "wbr": true,
}

// endedBy are the elements of HTML whose closing tag may be left out, and the opening
// tags that end them (HTML standard, optional tags).
var endedBy = map[string][]string{
	"p": {"address", "article", "aside", "blockquote", "center", "details", "div", "dl", "fieldset", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6",
		"header", "hr", "main", "nav", "ol", "p", "pre", "section", "table", "ul", "li", "dt", "dd", "tr", "td", "th"},
	"li": {"li"}, "dt": {"dt", "dd"}, "dd": {"dt", "dd"}, "option": {"option", "optgroup"},
	"td": {"td", "th", "tr", "tbody", "tfoot"}, "th": {"td", "th", "tr", "tbody", "tfoot"}, "tr": {"tr", "tbody", "tfoot"},
}

// formatting are elements of HTML that dress a few words; one that is open for long was
// never closed.
var formatting = set("big center em font kbd small span strike strong sub sup tt")

// xmlScanner reads XML and the HTML that is found in the wild.
type xmlScanner struct {
	nest
	old     int // elements at the bottom of the stack that are older than bracketLimit
	state   xmlState
	name    []rune // of the tag being read; of a declaration its first characters
	quote   rune   // closes the value
	tag     int64  // the < of the tag being read
	bare    int64  // where the opener of a comment ended
	p1      rune   // the two characters before
	p2      rune
	remarks bool   // the labels are those of comments
	line    []rune // beginning of the line: #include <file> is no tag
}

// read moves over one character.
func (x *xmlScanner) read(s *scan, r rune) {
	x.age(s)
	if x.state != xmlText && s.t-x.tag > x.limit() {
		x.cancel(s)
	}
	switch x.state {
	case xmlText:
		x.text(s, r)
	case xmlOpened:
		x.readOpener(s, r)
	case xmlName, xmlCloseName:
		x.inName(s, r)
	case xmlComment:
		if r == '>' && x.p1 == '-' && x.p2 == '-' && s.t-x.bare > 2 {
			s.reportPair(Pair{OpenStart: x.tag, Open: x.bare, CloseStart: s.t - 2, Close: s.t, Kind: "comment", Depth: 1})
			s.spans.closed += x.count(xmlComment)
			x.state = xmlText
		}
	case xmlData:
		if r == '>' && x.p1 == ']' && x.p2 == ']' {
			x.state = xmlText
		}
	case xmlDeclare:
		x.declare(s, r)
	default:
		x.inTag(s, r)
	}
	x.p2, x.p1 = x.p1, r
	x.note(r)
}

// age judges an element when it becomes older than bracketLimit: it stays if
// elements were matched inside it, or beside it inside its parent; otherwise, and if it
// only formats, it is a stray <word>, and goes with all that is open above it.
func (x *xmlScanner) age(s *scan) {
	x.old = min(x.old, len(x.stack))
	if x.old == len(x.stack) || s.t-x.stack[x.old].at <= bracketLimit {
		return
	}
	structure := !formatting[strings.ToLower(x.stack[x.old].name)]
	if structure && (x.stack[x.old].parent || x.old > 0 && x.stack[x.old-1].parent) {
		x.old++
		return
	}
	if !x.quiet {
		s.spans.lost += int64(len(x.stack) - x.old)
		s.invalidate(x.stack[x.old].at)
	}
	x.cut(x.old)
}

// count is 1 where what ends in that state is a span of the concept: elements are
// counted where they are matched, comments apart from tags.
func (x *xmlScanner) count(state xmlState) int64 {
	return int64(one(x.quiet && x.remarks == (state == xmlComment) && state != xmlData))
}

// limit is how long the present state may last.
func (x *xmlScanner) limit() int64 {
	if x.state == xmlComment || x.state == xmlData {
		return bracketLimit
	}
	return tagLimit
}

// note keeps the first characters of the line.
func (x *xmlScanner) note(r rune) {
	if r == '\n' {
		x.line = x.line[:0]
	} else if len(x.line) < len("#include") {
		x.line = append(x.line, r)
	}
}

func (x *xmlScanner) text(s *scan, r rune) {
	if r == '<' && string(x.line) != "#include" {
		x.begin(s)
	}
}

func (x *xmlScanner) begin(s *scan) {
	x.state, x.tag, x.name = xmlOpened, s.t, x.name[:0]
}

// cancel leaves a tag that turned out to be none and withdraws its labels.
func (x *xmlScanner) cancel(s *scan) {
	if x.state != xmlOpened {
		s.spans.lost += x.count(x.state)
	}
	x.withdraw(s)
	x.state = xmlText
}

// withdraw marks the labels of the tag invalid; a depth does not depend on them.
func (x *xmlScanner) withdraw(s *scan) {
	if x.quiet {
		s.invalidate(x.tag)
	}
}

func (x *xmlScanner) readOpener(s *scan, r rune) {
	switch {
	case r == '/':
		x.state = xmlCloseName
	case r == '!' || r == '?':
		x.state = xmlDeclare
	case nameStart(r):
		x.state = xmlName
		x.name = append(x.name, r)
	default:
		x.cancel(s)
		x.text(s, r)
	}
}

func nameStart(r rune) bool { return r == '_' || r == ':' || unicode.IsLetter(r) }
func nameRune(r rune) bool {
	return nameStart(r) || r == '-' || r == '.' || unicode.IsDigit(r)
}

func (x *xmlScanner) inName(s *scan, r rune) {
	closing := x.state == xmlCloseName
	switch {
	case len(x.name) == 0 && nameStart(r), len(x.name) > 0 && len(x.name) < nameLimit && nameRune(r):
		x.name = append(x.name, r)
	case len(x.name) == 0:
		x.cancel(s)
		x.text(s, r)
	case r == '>' && closing:
		x.closeElement(s)
	case r == '>':
		x.openElement(s)
	case closing && isSpace(r):
	case isSpace(r):
		x.state = xmlInTag
	case r == '/' && !closing:
		x.state = xmlNameSlash
	default:
		x.cancel(s)
		x.text(s, r)
	}
}

func (x *xmlScanner) inTag(s *scan, r rune) {
	switch x.state {
	case xmlValue:
		if r == x.quote {
			x.state = xmlInTag
		}
		return
	case xmlEquals:
		switch {
		case isSpace(r):
			return
		case r == '"' || r == '\'':
			x.state, x.quote = xmlValue, r
			return
		case r != '>' && r != '<':
			x.state = xmlBareValue
			return
		}
	case xmlBareValue:
		if r != '>' && r != '<' && !isSpace(r) {
			return
		}
		if r == '>' && x.p1 == '/' { // <br clear=all/>
			x.state = xmlText
			return
		}
	case xmlNameSlash:
		if r == '>' {
			x.state = xmlText
		} else {
			x.cancel(s)
			x.text(s, r)
		}
		return
	case xmlSlash:
		if r == '>' {
			x.state = xmlText
			return
		}
		if isSpace(r) || r == '/' {
			return
		}
	}
	x.state = xmlInTag
	switch r {
	case '>':
		x.openElement(s)
	case '<':
		x.cancel(s)
		x.begin(s)
	case '/':
		x.state = xmlSlash
	case '=':
		x.state = xmlEquals
	}
}

func (x *xmlScanner) declare(s *scan, r rune) {
	if len(x.name) < 7 {
		x.name = append(x.name, r)
	}
	switch start := string(x.name); {
	case start == "--" && x.p2 != '?':
		x.withdraw(s)
		x.state, x.bare = xmlComment, s.t
	case start == "[CDATA[":
		x.withdraw(s)
		x.state = xmlData
	case r == '>':
		x.state = xmlText
	}
}

// openElement ends an opening tag at its >.
func (x *xmlScanner) openElement(s *scan) {
	s.spans.closed += x.count(xmlInTag)
	x.state = xmlText
	name := string(x.name)
	x.endedBefore(s, strings.ToLower(name))
	if !voidElements[strings.ToLower(name)] && len(x.stack) < depthLimit {
		x.open(s, x.tag, 0, name)
	}
}

// endedBefore ends the elements that need no closing tag before that opening tag.
func (x *xmlScanner) endedBefore(s *scan, tag string) {
	for n := len(x.stack); n > 0 && slices.Contains(endedBy[strings.ToLower(x.stack[n-1].name)], tag); n-- {
		x.endTop(s)
	}
}

// endedWith ends the elements that need no closing tag before the closing tag of one
// that they stand in.
func (x *xmlScanner) endedWith(s *scan, name string) {
	at := len(x.stack) - 1
	for at >= 0 && x.stack[at].name != name && endedBy[strings.ToLower(x.stack[at].name)] != nil {
		at--
	}
	if at < 0 || x.stack[at].name != name {
		return
	}
	for len(x.stack) > at+1 {
		x.endTop(s)
	}
}

// endTop ends the innermost element as its closing tag would.
func (x *xmlScanner) endTop(s *scan) {
	n := len(x.stack) - 1
	x.cut(n)
	if n > 0 {
		x.stack[n-1].parent = true
	}
	if !x.quiet {
		s.spans.closed++
	}
}

// closeElement ends a closing tag at its >.
func (x *xmlScanner) closeElement(s *scan) {
	s.spans.closed += x.count(xmlInTag)
	x.state = xmlText
	x.endedWith(s, string(x.name))
	x.close(s, x.tag, 0, string(x.name))
}

// inMarkup reports whether the character is inside < >.
func (x *xmlScanner) inMarkup() bool {
	return x.state != xmlText && x.state != xmlComment && x.state != xmlData
}

func (x *xmlScanner) inValue() bool { return x.state == xmlValue || x.state == xmlBareValue }

// markup says which label an xmlMachine puts out.
type markup int

const (
	markTag markup = iota
	markAttribute
	markClosing
	markComment
	markDepth
	markName
)

// xmlMachine labels one property of the markup.
type xmlMachine struct {
	xmlScanner
	mark    markup
	escaped bool   // &lt; &gt; &quot; count as < > "
	entity  []rune // an escape being read
}

func (m *xmlMachine) step(s *scan, r, _ rune) (int32, bool) {
	if m.escaped {
		m.unescape(s, r)
	} else {
		m.read(s, r)
	}
	s.hold = m.holdFrom()
	return m.label(), m.quiet || len(m.stack) < depthLimit
}

// unescape feeds an escape as the character it stands for, once it is whole;
// until then the state stays.
func (m *xmlMachine) unescape(s *scan, r rune) {
	if len(m.entity) == 0 && r != '&' {
		m.read(s, r)
		return
	}
	m.entity = append(m.entity, r)
	got := string(m.entity)
	for _, e := range [...]struct {
		text string
		r    rune
	}{{"&lt;", '<'}, {"&gt;", '>'}, {"&quot;", '"'}} {
		if got == e.text {
			m.entity = m.entity[:0]
			m.read(s, e.r)
			return
		}
		if strings.HasPrefix(e.text, got) {
			return
		}
	}
	last := len(m.entity) - 1
	for _, c := range m.entity[:last] {
		m.read(s, c)
	}
	m.entity = m.entity[:0]
	if r == '&' {
		m.entity = append(m.entity, r)
		return
	}
	m.read(s, r)
}

// holdFrom is the first label that may be withdrawn: for depths the outermost
// element of the last bracketLimit characters, otherwise the tag being read.
func (m *xmlMachine) holdFrom() int64 {
	switch {
	case !m.quiet:
		if i := min(m.old, len(m.stack)); i < len(m.stack) {
			return m.stack[i].at
		}
	case m.inMarkup():
		return m.tag
	case m.state == xmlComment && m.mark == markComment:
		return m.bare
	}
	return never
}

func (m *xmlMachine) label() int32 {
	switch m.mark {
	case markTag:
		return one(m.inMarkup())
	case markAttribute:
		return one(m.inValue())
	case markClosing:
		return one(m.state == xmlCloseName)
	case markComment:
		return one(m.state == xmlComment)
	case markName:
		if n := len(m.stack); n > 0 {
			return NameID(m.stack[n-1].name)
		}
		return 0
	}
	return m.depth()
}

func newXML(mark markup, escaped bool) *xmlMachine {
	m := &xmlMachine{xmlScanner: xmlScanner{nest: newNest(never, "tag")}, mark: mark, escaped: escaped}
	m.quiet = mark != markDepth && mark != markName
	m.remarks = mark == markComment
	return m
}

// markupConcepts are tags and elements.
func markupConcepts() []Concept {
	const (
		tag = " A tag begins with < and a letter, _ or : (or /, ! or ?) and ends with the > outside its attribute values; a / directly behind its name must be followed by that >. A < that begins none, a tag broken off by another < and one of more than 2,000 characters are invalid. " +
			"#include <file> is no tag; comments and CDATA sections are none either, and their first characters are invalid."
		element = " Void elements of HTML (br, img, ...) and self-closing tags never count; a closing tag that no element waits for is ignored; one that waits below unclosed elements closes those too, and their labels (at most the last 10,000) become invalid. " +
			"Elements whose closing tag HTML lets out (p, li, dt, dd, td, th, tr, option) end where it says: before a tag that cannot stand inside (p before another p, a list, a heading ...; li before li) and with the element around. " +
			"An element open for 10,000 characters without a matched element inside it, or beside it inside its parent, and one that only formats (center, font, small, span ...) is taken for a stray <word>: all labels since it are invalid and it no longer counts. Labels are invalid while 256 elements are open: deeper ones are not counted."
		escaped = " The escapes &lt; &gt; &quot; count as < > \", at their semicolon."
	)
	marked := func(name, definition string, kind Kind, mark markup, esc bool, events ...pattern) Concept {
		delay := tagLimit
		if mark == markComment {
			delay = bracketLimit
		}
		if mark == markDepth || mark == markName {
			delay = bracketLimit + tagLimit
		}
		return Concept{Name: name, Definition: definition, Kind: kind, Class: State, Delay: delay, events: events,
			New: func() Labeler { return newScan(func() machine { return newXML(mark, esc) }, false) }}
	}
	angles := []pattern{{"<", Opener}, {">", Closer}}
	escapedAngles := append([]pattern{{"&lt;", Opener}, {"&gt;", Closer}}, angles...)
	return []Concept{
		marked("xml-tag", "Inside a tag: 1 from < on, 0 from > on."+tag, Binary, markTag, false, angles...),
		marked("xml-attribute", "Inside an attribute value: 1 from its opening quote (or first character, if unquoted) behind = on, 0 from the closing quote (or what ends it) on."+tag,
			Binary, markAttribute, false, append([]pattern{{"=\"", Opener}, {"='", Opener}, {"\"", Closer}, {"'", Closer}}, angles...)...),
		marked("xml-closing-tag", "Inside a closing tag: 1 from the / of </ on, 0 from > on."+tag, Binary, markClosing, false, pattern{"</", Opener}, pattern{">", Closer}),
		marked("xml-depth", "The number of open elements: one more at the > of an opening tag, one less at the > of its closing tag."+element, Depth, markDepth, false, angles...),
		marked("xml-name", "The name of the innermost open element, as NameID(name); 0 none."+element, Category, markName, false, angles...),
		marked("comment-xml", "Inside <!-- -->: 1 from the second - on, 0 from > on; also inside &lt;!-- --&gt;. The < (of &lt; its semicolon) and what stands between it and that - are invalid; the two - of the opener close nothing. More than 10,000 characters: invalid.", Binary, markComment, true,
			pattern{"<!--", Opener}, pattern{"-->", Closer}, pattern{"&lt;!--", Opener}, pattern{"--&gt;", Closer}),
		marked("xml-tag-escaped", "xml-tag in text that may itself be escaped."+escaped, Binary, markTag, true, escapedAngles...),
		marked("xml-depth-escaped", "xml-depth in text that may itself be escaped."+escaped, Depth, markDepth, true, escapedAngles...),
	}
}
