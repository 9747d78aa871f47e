package mechanism

import (
	"context"
	"fmt"
	"strings"

	"github.com/rnnscope/rnnscope/specimen"
	"github.com/rnnscope/rnnscope/synth"
)

// Run makes the six tests of a network on the marks of its specimen's text, of the part the network has not
// learned from, and follows how it reads a passage. The same input and seed give the same result. Errors match
// ErrNoMarks, specimen.ErrInput (another alphabet than the network's) or specimen.ErrNoWeights, are those of the text's medium, or ctx's.
func Run(ctx context.Context, sp *specimen.Specimen, opt Options) (*Result, error) {
	m, err := sp.Weights("how a network counts marks")
	if err != nil {
		return nil, err
	}
	l := opt.Language
	if l == nil {
		if l, err = ReadMarks(sp, opt.Marks); err != nil {
			return nil, err
		}
	}
	res, err := measure(ctx, m, l, opt)
	if err != nil {
		return nil, err
	}
	res.Step = sp.Step
	if opt.Passage > 0 {
		res.Trace, err = follow(ctx, m, l, res.Axis, l.passage(opt.Passage))
	}
	return res, err
}

// ReadMarks reads what stands around the marks in the unseen part of a specimen's text; of no marks, around the
// family of quotation marks that the text has most of. Errors match ErrNoMarks or specimen.ErrInput, or are those of the text's medium.
func ReadMarks(sp *specimen.Specimen, marks []synth.Mark) (*Language, error) {
	if sp.Alphabet == nil || sp.Alphabet.Size() != sp.Symbols() {
		return nil, fmt.Errorf("%w: the network and the alphabet have different symbols", specimen.ErrInput)
	}
	ids, _, err := sp.Unseen()
	if err != nil {
		return nil, err
	}
	if len(marks) == 0 {
		return FindLanguage(sp.Text.Name, sp.Alphabet, ids)
	}
	var names []string
	for _, m := range marks {
		name := string(m.Open)
		if m.Close != m.Open {
			name += string(m.Close)
		}
		names = append(names, name)
	}
	return NewLanguage(sp.Text.Name+", "+strings.Join(names, " "), sp.Alphabet, ids, marks)
}
