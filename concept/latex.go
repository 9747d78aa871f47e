package concept

import "strings"

// mathMode is what kind of math is open.
type mathMode int8

const (
	noMath      mathMode = iota
	mathDollar           // $ ... $
	mathDollars          // $$ ... $$
	mathBracket          // \[ ... \]
	mathParen            // \( ... \)
)

// command is how far into \begin{name} or \end{name} a character stands.
type command int8

const (
	noCommand command = iota
	backslash         // just behind a backslash
	control           // in the letters of a control word
	argument          // in the name, behind {
	delimiter         // behind \verb: the next character bounds what is verbatim
	inline            // between two of them, on one line
)

// latexScanner reads LaTeX.
type latexScanner struct {
	nest  // environments
	lines paragraphs
	state command
	word  []rune // control word being read, then the name
	ends  bool   // the name belongs to \end
	from  int64  // the backslash

	bound    rune // ends an inline verbatim
	comment  bool // behind an unescaped %
	verbatim bool // inside an environment whose text is not LaTeX

	math    mathMode
	mathAt  int64
	mathTop int64 // first character of its opener
	dollar  bool  // the character before is a $ that may be the first of two
	price   price // may the open $ be that of a price?
}

// verbatims are environments in which nothing but their own end is read.
func verbatims(name string) bool {
	switch name {
	case "verbatim", "verbatim*", "Verbatim", "lstlisting", "minted", "comment", "filecontents", "filecontents*":
		return true
	}
	return false
}

func (l *latexScanner) read(s *scan, r, next rune) {
	l.expire(s)
	l.verbatim = l.verbatim && len(l.stack) > 0 // it may just have expired
	if l.math != noMath && s.t-l.mathAt > quoteLimit {
		l.dropMath(s)
	}
	if l.lines.read(r) {
		l.dropMath(s)
	}
	l.watchPrice(s, r)
	if l.comment {
		l.comment = r != '\n'
		return
	}
	if l.state != noCommand && l.inCommand(s, r) {
		return
	}
	switch {
	case r == '\\':
		l.noDollar()
		l.state, l.from, l.word = backslash, s.t, l.word[:0]
	case l.verbatim:
	case r == '%':
		l.noDollar()
		l.comment = true
	case r == '$':
		l.dollarSign(s, next)
	default:
		l.noDollar()
	}
}

// inCommand reads on in a command; false means r is to be read as ordinary text.
func (l *latexScanner) inCommand(s *scan, r rune) bool {
	switch l.state {
	case backslash:
		if letter(r) {
			l.state, l.word = control, append(l.word, r)
			return true
		}
		l.state = noCommand
		l.symbol(s, r)
		return true
	case delimiter:
		if r == '*' {
			return true
		}
		l.state, l.bound = inline, r
		return r != '\n' && l.opensInline(r)
	case inline:
		if r == l.bound || r == '\n' {
			l.state = noCommand
		}
		return r != '\n'
	case control:
		if !letter(r) && l.inlineCommand() {
			l.state = delimiter
			return l.inCommand(s, r)
		}
		if r == '{' && l.startsName() {
			l.state, l.word = argument, l.word[:0]
			return true
		}
		if len(l.word) < longestPattern+1 && letter(r) {
			l.word = append(l.word, r)
			return true
		}
		l.state = noCommand
		return false
	}
	if r == '}' {
		l.state = noCommand
		l.environment(s)
		return true
	}
	if r == '\n' || r == '{' || r == '\\' || r == '$' || r == '%' || len(l.word) == nameLimit {
		l.state = noCommand
		return false
	}
	l.word = append(l.word, r)
	return true
}

// inlineCommand reports \verb and the like: what follows stands between two equal marks.
func (l *latexScanner) inlineCommand() bool {
	w := string(l.word)
	return !l.verbatim && (w == "verb" || w == "lstinline" || w == "path")
}

// opensInline reports whether r can bound a verbatim text: \path{...} and
// \lstinline[...] are read as any command.
func (l *latexScanner) opensInline(r rune) bool {
	if r == '{' || r == '[' || isSpace(r) {
		l.state = noCommand
		return false
	}
	return true
}

func (l *latexScanner) startsName() bool {
	w := string(l.word)
	l.ends = w == "end"
	return l.ends || w == "begin"
}

// symbol reads the character behind a backslash: \[ \] \( \) or, skipped, \$ \% \\.
func (l *latexScanner) symbol(s *scan, r rune) {
	if l.verbatim {
		return
	}
	switch {
	case r == '[' && l.math == noMath:
		l.openMath(s, mathBracket, s.t-1)
	case r == '(' && l.math == noMath:
		l.openMath(s, mathParen, s.t-1)
	case r == ']' && l.math == mathBracket:
		l.closeMath(s, s.t-1)
	case r == ')' && l.math == mathParen:
		l.closeMath(s, s.t-1)
	}
}

// environment acts on a whole \begin{name} or \end{name}.
func (l *latexScanner) environment(s *scan) {
	name := string(l.word)
	if l.verbatim && !(l.ends && l.stack[len(l.stack)-1].name == name) {
		return
	}
	switch {
	case name == "document":
	case l.ends:
		l.close(s, l.from, 0, name)
		l.verbatim = false
	default:
		l.open(s, l.from, 0, name)
		l.verbatim = verbatims(name)
	}
}

// dollarSign: the first $ opens $...$; a second right behind it makes it $$...$$.
// Inside $$...$$ two in a row close; inside \[ and \( a $ belongs to an \mbox and is skipped.
func (l *latexScanner) dollarSign(s *scan, next rune) {
	switch l.math {
	case noMath:
		l.openMath(s, mathDollar, s.t)
		l.dollar, l.price = true, price{opens: true}
	case mathDollar:
		counted := l.price.open || l.price.opens
		l.price = price{}
		if l.dollar {
			l.withdrawMath(s)
			l.math, l.mathAt, l.dollar = mathDollars, s.t, false
			return
		}
		if counted && isDigit(next) { // $10-$20
			l.dropPrice(s)
			l.dollarSign(s, next)
			return
		}
		l.closeMath(s, s.t)
	case mathDollars:
		if l.dollar {
			l.dollar = false
			l.closeMath(s, s.t-1)
			return
		}
		l.dollar = true
	}
}

// price follows what stands behind a $ and a digit, to tell prices ($10 to $20)
// from formulas ($2x$, $0 \to A$).
type price struct {
	opens bool // the $ was just read
	open  bool // a digit followed, nothing yet says that it is a formula
	word  int  // letters in a row that neither letter nor digit stands before
	prev  rune
}

// watchPrice takes math back that began with a number and goes on with a word.
func (l *latexScanner) watchPrice(s *scan, r rune) {
	p := &l.price
	if p.opens {
		*p = price{open: isDigit(r), prev: r}
		return
	}
	if !p.open || r == '$' {
		return
	}
	switch {
	case isLetter(r):
		if p.word > 0 || !isWord(p.prev) {
			p.word++
		}
	case isDigit(r) || isSpace(r) || strings.ContainsRune(".,;:!?()'\"/%-–—", r):
		p.word = 0
	default:
		p.open = false
	}
	if p.prev = r; p.word == 2 && l.math == mathDollar {
		l.dropPrice(s)
	}
}

// noDollar notes that a character is no $.
func (l *latexScanner) noDollar() { l.dollar = false }

func (l *latexScanner) openMath(s *scan, mode mathMode, start int64) {
	l.math, l.mathAt, l.mathTop = mode, s.t, start
}

func (l *latexScanner) closeMath(s *scan, start int64) {
	if l.quiet {
		s.spans.closed++
	}
	s.reportPair(Pair{OpenStart: l.mathTop, Open: l.mathAt, CloseStart: start, Close: s.t, Kind: "math", Depth: 1})
	l.math, l.price = noMath, price{}
}

func (l *latexScanner) dropMath(s *scan) {
	if l.math != noMath {
		if l.quiet {
			s.spans.lost++
		}
		l.withdrawMath(s)
		l.math, l.dollar, l.price = noMath, false, price{}
	}
}

// dropPrice takes back math that was a price.
func (l *latexScanner) dropPrice(s *scan) {
	before := s.spans
	l.dropMath(s)
	if s.spans = before; l.quiet {
		s.spans.other++
	}
}

// withdrawMath marks the labels since the opener invalid; environments do not
// depend on them.
func (l *latexScanner) withdrawMath(s *scan) {
	if l.quiet {
		s.invalidate(l.mathAt)
	}
}

// latexLabel says which label a latexMachine puts out.
type latexLabel int

const (
	latexDepth latexLabel = iota
	latexMath
	latexName
)

// latexMachine labels environments or math.
type latexMachine struct {
	latexScanner
	label latexLabel
}

func newLatex(label latexLabel) *latexMachine {
	m := &latexMachine{latexScanner: latexScanner{nest: newNest(bracketLimit, "environment")}, label: label}
	m.quiet = label == latexMath
	return m
}

func (m *latexMachine) step(s *scan, r, next rune) (int32, bool) {
	m.read(s, r, next)
	switch m.label {
	case latexMath:
		s.hold = never
		if m.math != noMath {
			s.hold = m.mathAt
		}
		return one(m.math != noMath), true
	case latexName:
		s.hold = m.hold()
		if n := len(m.stack); n > 0 {
			return NameID(m.stack[n-1].name), true
		}
		return 0, true
	}
	s.hold = m.hold()
	return m.depth(), true
}

// latexConcepts are environments and math.
func latexConcepts() []Concept {
	const environment = " A comment (% to the line's end), a verbatim text (an environment such as verbatim, lstlisting or comment; \\verb|...|, \\lstinline|...|, \\path|...| on one line) and an escaped character (\\$, \\%) are skipped; document does not count. An \\end nothing waits for is ignored; one that waits below unclosed environments " +
		"closes those too, and their labels become invalid. If the outermost environment is open for more than 10,000 characters, all labels since it are invalid and the count starts anew."
	begin := []pattern{{"\\begin{", Opener}, {"\\end{", Closer}}
	tex := func(name, definition string, kind Kind, label latexLabel, delay int, events ...pattern) Concept {
		return Concept{Name: name, Definition: definition, Kind: kind, Class: State, Delay: delay, events: events,
			New: func() Labeler { return newScan(func() machine { return newLatex(label) }, true) }}
	}
	return []Concept{
		tex("latex-environment", "The number of open environments: one more at the } of \\begin{name}, one less at the } of \\end{name}."+environment, Depth, latexDepth, bracketLimit+1, begin...),
		tex("latex-name", "The name of the innermost open environment, as NameID(name); 0 none."+environment, Category, latexName, bracketLimit+1, begin...),
		tex("latex-math", "Inside $...$, $$...$$, \\[...\\] or \\(...\\): 1 from the opener's last character on (the first of $$ is invalid), 0 from the closer's last on. \\$, comments and verbatim texts (as in latex-environment) are skipped; a single $ inside the longer forms is skipped. "+
			"A $ before a digit begins a price, whose labels are invalid, where nothing but letters, digits, white space and . , ; : ! ? ( ) ' \" / % - – — stands between it and a word (two letters or more in a row, neither letter nor digit before them: $10 to $20) or a $ before a digit ($10-$20). "+
			"Math still open at a blank line or after 2,000 characters is closed there and is invalid from its opener on.",
			Binary, latexMath, quoteLimit+1, pattern{"$", Toggle}, pattern{"\\[", Opener}, pattern{"\\]", Closer}, pattern{"\\(", Opener}, pattern{"\\)", Closer}),
	}
}
