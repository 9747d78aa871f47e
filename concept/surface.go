package concept

// surfaceConcepts are properties of one character, here or next.
func surfaceConcepts() []Concept {
	return []Concept{
		oneRune("capital", "x_t is an upper-case letter (Unicode category Lu).", isCapital),
		oneRune("digit", "x_t is a decimal digit (Unicode category Nd).", isDigit),
		nextRune("capital-next", "x_{t+1} is an upper-case letter (Lu). Invalid at the last character of the text.",
			func(_, next rune) bool { return isCapital(next) }),
		nextRune("line-end-next", "x_{t+1} is a line feed. Invalid at the last character of the text.",
			func(_, next rune) bool { return next == '\n' }),
	}
}

// runeMachine: y is a function of x_t.
type runeMachine func(rune) bool

func (f runeMachine) step(_ *scan, r, _ rune) (int32, bool) { return one(f(r)), true }

func oneRune(name, definition string, f func(rune) bool) Concept {
	return Concept{Name: name, Definition: definition, Kind: Binary, Class: Surface,
		New: func() Labeler { return newScan(func() machine { return runeMachine(f) }, false) }}
}

// nextMachine: y is a function of x_t and x_{t+1}; nothing is known of what follows the end.
type nextMachine func(r, next rune) bool

func (f nextMachine) step(_ *scan, r, next rune) (int32, bool) {
	if next == eof {
		return 0, false
	}
	return one(f(r, next)), true
}

func nextRune(name, definition string, f func(r, next rune) bool) Concept {
	return Concept{Name: name, Definition: definition, Kind: Binary, Class: Predictive, Delay: 1,
		New: func() Labeler { return newScan(func() machine { return nextMachine(f) }, true) }}
}
