package concept

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
)

// latexScanner reads LaTeX.
type latexScanner struct {
	nest  // environments
	lines paragraphs
	state command
	word  []rune // control word being read, then the name
	ends  bool   // the name belongs to \end
	from  int64  // the backslash

	comment  bool // behind an unescaped %
	verbatim bool // inside an environment whose text is not LaTeX

	math    mathMode
	mathAt  int64
	mathTop int64 // first character of its opener
	dollar  bool  // the character before is a $ that may be the first of two
}

// verbatims are environments in which nothing but their own end is read.
func verbatims(name string) bool {
	return name == "verbatim" || name == "verbatim*" || name == "lstlisting" || name == "Verbatim"
}

func (l *latexScanner) read(s *scan, r rune) {
	l.expire(s)
	l.verbatim = l.verbatim && len(l.stack) > 0 // it may just have expired
	if l.math != noMath && s.t-l.mathAt > quoteLimit {
		l.dropMath(s)
	}
	if l.lines.read(r) {
		l.dropMath(s)
	}
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
		l.dollarSign(s)
	default:
		l.noDollar()
	}
}

// inCommand reads on in a command; false means r is to be read as ordinary text.
func (l *latexScanner) inCommand(s *scan, r rune) bool {
	switch l.state {
	case backslash:
		if 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' {
			l.state, l.word = control, append(l.word, r)
			return true
		}
		l.state = noCommand
		l.symbol(s, r)
		return true
	case control:
		if r == '{' && l.startsName() {
			l.state, l.word = argument, l.word[:0]
			return true
		}
		if len(l.word) < 8 && ('a' <= r && r <= 'z' || 'A' <= r && r <= 'Z') {
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
func (l *latexScanner) dollarSign(s *scan) {
	switch l.math {
	case noMath:
		l.openMath(s, mathDollar, s.t)
		l.dollar = true
	case mathDollar:
		if l.dollar {
			l.withdrawMath(s)
			l.math, l.mathAt, l.dollar = mathDollars, s.t, false
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

// noDollar notes that a character is no $.
func (l *latexScanner) noDollar() { l.dollar = false }

func (l *latexScanner) openMath(s *scan, mode mathMode, start int64) {
	l.math, l.mathAt, l.mathTop = mode, s.t, start
}

func (l *latexScanner) closeMath(s *scan, start int64) {
	s.matched(Pair{OpenStart: l.mathTop, Open: l.mathAt, CloseStart: start, Close: s.t, Kind: "math", Depth: 1})
	l.math = noMath
}

func (l *latexScanner) dropMath(s *scan) {
	if l.math != noMath {
		l.withdrawMath(s)
		l.math, l.dollar = noMath, false
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

func (m *latexMachine) step(s *scan, r, _ rune) (int32, bool) {
	m.read(s, r)
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
	const environment = " A comment (% to the line's end), a verbatim text and an escaped character (\\$, \\%) are skipped; document does not count. An \\end nothing waits for is ignored; one that waits below unclosed environments " +
		"closes those too, and their labels become invalid. If the outermost environment is open for more than 10,000 characters, all labels since it are invalid and the count starts anew."
	begin := []pattern{{"\\begin{", Opener}, {"\\end{", Closer}}
	tex := func(name, definition string, kind Kind, label latexLabel, delay int, events ...pattern) Concept {
		return Concept{Name: name, Definition: definition, Kind: kind, Class: State, Delay: delay, events: events,
			New: func() Labeler { return newScan(func() machine { return newLatex(label) }, false) }}
	}
	return []Concept{
		tex("latex-environment", "The number of open environments: one more at the } of \\begin{name}, one less at the } of \\end{name}."+environment, Depth, latexDepth, bracketLimit, begin...),
		tex("latex-name", "The name of the innermost open environment, as NameID(name); 0 none."+environment, Category, latexName, bracketLimit, begin...),
		tex("latex-math", "Inside $...$, $$...$$, \\[...\\] or \\(...\\): 1 from the opener's last character on (the first of $$ is invalid), 0 from the closer's last on. \\$ and comments are skipped; a single $ inside the longer forms is skipped. "+
			"Math still open at a blank line or after 2,000 characters is closed there and is invalid from its opener on.",
			Binary, latexMath, quoteLimit+1, pattern{"$", Toggle}, pattern{"\\[", Opener}, pattern{"\\]", Closer}, pattern{"\\(", Opener}, pattern{"\\)", Closer}),
	}
}
