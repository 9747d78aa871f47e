package evolve

import "github.com/rnnscope/rnnscope/text"

// Observer knows the training text and measures samples against it. It is safe
// for concurrent use.
type Observer struct {
	facts *facts
	has   []skill
}

// NewObserver reads the training part of a corpus once.
func NewObserver(c *text.Corpus, split text.Split) (*Observer, error) {
	return newObserver(c.Alphabet.Runes(c.IDs[split.Train.Lo:split.Train.Hi])), nil
}

func newObserver(training []rune) *Observer {
	o := &Observer{facts: newFacts(training)}
	for _, s := range skills() {
		if s.applies(o.facts) {
			o.has = append(o.has, s)
		}
	}
	return o
}

// Definitions lists every skill figure there is.
func Definitions() []Definition {
	var out []Definition
	for _, s := range skills() {
		out = append(out, s.Definition)
	}
	return out
}

// Definitions lists the figures this training text has.
func (o *Observer) Definitions() []Definition {
	var out []Definition
	for _, s := range o.has {
		out = append(out, s.Definition)
	}
	return out
}

// Skills measures the samples of one moment together: one figure for each of
// Definitions, in that order. A figure of which the samples have no case is
// NaN with N = 0.
func (o *Observer) Skills(samples []string) []Skill {
	rs := make([][]rune, len(samples))
	for i, s := range samples {
		rs[i] = []rune(s)
	}
	out := make([]Skill, 0, len(o.has))
	for _, s := range o.has {
		out = append(out, Skill{Name: s.Name, Value: s.measure(o.facts, rs)})
	}
	return out
}
