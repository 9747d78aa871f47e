package concept

// twinMachine follows spans between doubled marks: [[ ]] or {{ }}. A mark
// belongs to one pair only: of three in a row the first two count.
type twinMachine struct {
	nest
	opener, closer rune
	run            rune // the first mark of a pair, if it was just read
}

func (m *twinMachine) step(s *scan, r, _ rune) (int32, bool) {
	m.expire(s)
	switch {
	case r != m.opener && r != m.closer:
		m.run = 0
	case r != m.run:
		m.run = r
	case r == m.opener:
		m.run = 0
		m.open(s, s.t-1, 0, "")
	default:
		m.run = 0
		m.close(s, s.t-1, 0, "")
	}
	s.hold = m.hold()
	return one(len(m.stack) > 0), true
}

func newLink() *twinMachine {
	return &twinMachine{nest: newNest(quoteLimit, "link"), opener: '[', closer: ']'}
}

func newTemplate() *twinMachine {
	return &twinMachine{nest: newNest(bracketLimit, "template"), opener: '{', closer: '}'}
}

// wikiConcepts are the marks of encyclopedia text.
func wikiConcepts() []Concept {
	twin := func(name, definition string, limit int, fresh func() *twinMachine, events ...pattern) Concept {
		return Concept{Name: name, Definition: definition, Kind: Binary, Class: State, Delay: limit, events: events,
			New: func() Labeler { return newScan(func() machine { return fresh() }, false) }}
	}
	return []Concept{
		twin("wiki-link", "Inside [[ ]], nested ones included: 1 from the second [ on, 0 from the second ] on; of three marks in a row the first two count. More than 2,000 characters: invalid.",
			quoteLimit, newLink, pattern{"[[", Opener}, pattern{"]]", Closer}),
		twin("wiki-template", "Inside {{ }}, nested ones included: 1 from the second { on, 0 from the second } on; of three marks in a row the first two count. More than 10,000 characters: invalid.",
			bracketLimit, newTemplate, pattern{"{{", Opener}, pattern{"}}", Closer}),
		{Name: "heading", Kind: Binary, Class: State, Delay: urlLimit,
			Definition: "Inside a heading == Title ==: a line that begins with at least two =. The label is 1 from the last = of the opener on (the second to last but one are invalid) and 0 from the last = of a run as long as the opener. " +
				"A line that ends without one, or a heading of more than 500 characters, is invalid.",
			events: []pattern{{"\n==", Opener}, {"==", Closer}},
			New:    func() Labeler { return newScan(func() machine { return &headingMachine{} }, false) }},
	}
}
