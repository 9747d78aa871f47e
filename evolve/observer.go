package evolve

import (
	"fmt"

	"github.com/rnnscope/rnnscope/text"
)

// Observer knows the training text and measures samples against it. It is safe
// for concurrent use.
type Observer struct {
	facts   *facts
	has     []skill
	heldOut []rune
}

// NewObserver reads the training part of a corpus once. A split that does not
// fit the corpus is text.ErrTooShort.
func NewObserver(c *text.Corpus, split text.Split) (*Observer, error) {
	if split.Train.Lo < 0 || split.Train.Hi > len(c.IDs) || split.Train.Len() < 1 || split.Val.Lo < 0 || split.Val.Hi > len(c.IDs) {
		return nil, fmt.Errorf("%w: split %s of %d symbols has train [%d,%d) and validation [%d,%d)", text.ErrTooShort,
			split.Name, len(c.IDs), split.Train.Lo, split.Train.Hi, split.Val.Lo, split.Val.Hi)
	}
	o := newObserver(characters(c, split.Train))
	o.heldOut = characters(c, split.Val)
	return o, nil
}

// characters is a part of a corpus as samples are read.
func characters(c *text.Corpus, part text.Span) []rune {
	ids := c.IDs[part.Lo:part.Hi]
	if c.Alphabet.OneEach() {
		return c.Alphabet.Runes(ids)
	}
	return []rune(c.Alphabet.Decode(ids))
}

// referenceStretches is how many stretches of held-out text Reference measures.
const referenceStretches = 40

// Reference are the figures of the validation text itself, cut into at most 40
// stretches of length characters that begin, if they can, behind a blank line or
// a line end: what a perfect imitator would reach, a little less where a stretch
// begins inside a bracket or tag. Nil when the validation part is shorter than
// one stretch.
func (o *Observer) Reference(length int) []Skill {
	if length < 1 || len(o.heldOut) < length {
		return nil
	}
	count := min(referenceStretches, len(o.heldOut)/length)
	stretches := make([]string, count)
	for i := range stretches {
		at := i * (len(o.heldOut) - length) / max(1, count-1)
		at = min(lineStart(o.heldOut, at), len(o.heldOut)-length)
		stretches[i] = string(o.heldOut[at : at+length])
	}
	return o.Skills(stretches)
}

// lineStart is the first position from at on, within a thousand characters,
// behind a blank line; else behind a line end; else at.
func lineStart(s []rune, at int) int {
	const within = 1000
	line := at
	for i := at; i < len(s) && i < at+within; i++ {
		if s[i] != '\n' {
			continue
		}
		if i+1 < len(s) && s[i+1] == '\n' {
			return i + 2
		}
		if line == at {
			line = i + 1
		}
	}
	return line
}

// skills lists all figures in the order of reports.
func skills() []skill {
	return []skill{
		wordSkill(), grammarSkill(), quoteSkill(), bracketSkill(), tagSkill(), lineSkill(), verseSkill(), metreSkill(),
		speakerSkill(), sectionSkill(), indentSkill(), copySkill(),
	}
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
