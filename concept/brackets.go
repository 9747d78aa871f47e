package concept

// The three kinds of bracket.
const (
	paren = iota
	square
	brace
)

// bracketKind tells which bracket r is and whether it opens.
func bracketKind(r rune) (kind int, opens, ok bool) {
	switch r {
	case '(':
		return paren, true, true
	case ')':
		return paren, false, true
	case '[':
		return square, true, true
	case ']':
		return square, false, true
	case '{':
		return brace, true, true
	case '}':
		return brace, false, true
	}
	return 0, false, false
}

// bracketMachine counts brackets of the kinds in mask; outside, if it is not
// nil, says which characters are code and not string or comment.
type bracketMachine struct {
	nest
	mask   [3]bool
	top    bool // label the kind on top and not the depth
	source *lexer
	lines  directives // of source
	prev   rune
}

func (m *bracketMachine) step(s *scan, r, next rune) (int32, bool) {
	m.expire(s)
	kind, opens, ok := bracketKind(r)
	ok = ok && !quoted(m.prev, next)
	m.prev = r
	if m.source != nil {
		if !m.source.read(r).code() {
			ok = false
		}
		m.lines.read(&m.nest, r)
	}
	if ok && m.mask[kind] {
		if opens {
			m.open(s, s.t, kind, "")
		} else {
			m.close(s, s.t, kind, "")
		}
	}
	s.hold = m.hold()
	if m.top {
		return m.nest.top(), true
	}
	return m.depth(), true
}

// quoted reports that a bracket stands alone between two marks of one kind, as '[' and
// "(" do: it is spoken of, or a character of a program, and opens or closes nothing.
func quoted(before, next rune) bool {
	return before == next && (before == '\'' || before == '"' || before == '`')
}

func newBrackets(mask [3]bool, top, code bool) *bracketMachine {
	m := &bracketMachine{nest: newNest(bracketLimit, "paren", "square", "brace"), mask: mask, top: top}
	if code {
		m.source = &lexer{style: styleC}
	}
	return m
}

const (
	bracketRule = " A bracket alone between two marks of one kind ('(', \"[\") is none (x_{t+1} is looked at). A closer that nothing waits for is ignored."
	belowRule   = " A closer that waits below unclosed openers closes those too, and their labels become invalid." // where kinds are mixed
	agedRule    = " If the outermost bracket is open for more than 10,000 characters, all labels since it are invalid and the count starts anew."
)

// bracketConcepts are depths of ( [ {.
func bracketConcepts() []Concept {
	all := [3]bool{true, true, true}
	of := func(mask [3]bool, top, code bool) func() machine {
		return func() machine { return newBrackets(mask, top, code) }
	}
	depth := func(name, definition string, fresh func() machine, kind Kind, events ...pattern) Concept {
		definition += bracketRule
		if len(events) > 2 {
			definition += belowRule
		}
		return Concept{Name: name, Definition: definition + agedRule, Kind: kind, Class: State, Delay: bracketLimit + 1, events: events,
			New: func() Labeler { return newScan(fresh, true) }}
	}
	round := []pattern{{"(", Opener}, {")", Closer}}
	squares := []pattern{{"[", Opener}, {"]", Closer}}
	curly := []pattern{{"{", Opener}, {"}", Closer}}
	every := append(append(append([]pattern{}, round...), squares...), curly...)
	return []Concept{
		depth("bracket-depth", "The number of open brackets of the kinds ( [ { together, matched by kind.", of(all, false, false), Depth, every...),
		depth("paren-depth", "The number of open round brackets, other kinds ignored.", of([3]bool{paren: true}, false, false), Depth, round...),
		depth("square-depth", "The number of open square brackets, other kinds ignored.", of([3]bool{square: true}, false, false), Depth, squares...),
		depth("brace-depth", "The number of open braces, other kinds ignored.", of([3]bool{brace: true}, false, false), Depth, curly...),
		depth("bracket-top", "The kind of the innermost open bracket: 0 none, 1 round, 2 square, 3 brace.", of(all, true, false), Category, every...),
		depth("code-bracket-depth", "bracket-depth with brackets inside strings, character literals and comments (C and Go lexer) left out. Behind #else and #elif the depth is what it was before the #if, behind a #define what it was before that.", of(all, false, true), Depth, every...),
	}
}
