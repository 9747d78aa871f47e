package concept

// wordMachine labels edges of letter runs.
type wordMachine struct {
	start bool
	prev  bool // the character before is a letter
}

func (m *wordMachine) step(_ *scan, r, _ rune) (int32, bool) {
	letter := isLetter(r)
	y := one(letter != m.prev && letter == m.start)
	m.prev = letter
	return y, true
}

// wordConcepts are words and sentences.
func wordConcepts() []Concept {
	word := func(name, definition string, start bool) Concept {
		return Concept{Name: name, Definition: definition, Kind: Binary, Class: Window,
			New: func() Labeler { return newScan(func() machine { return &wordMachine{start: start} }, false) }}
	}
	return []Concept{
		nextRune("word-end-next", "x_t is a letter and x_{t+1} is not: the word ends here. Invalid at the last character of the text.",
			func(r, next rune) bool { return isLetter(r) && !isLetter(next) }),
		properNoun(),
		word("word-start", "x_t is a letter and x_{t-1} is not.", true),
		word("word-end", "x_t is not a letter and x_{t-1} is: a word has just ended.", false),
		sentenceEnd(),
	}
}
