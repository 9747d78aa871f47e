package sample

import (
	"context"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/rnnscope/rnnscope/rnn"
	"github.com/rnnscope/rnnscope/text"
)

// Texts draws one text from every rng, all from the same prompt, as rows of one
// batch: much faster than one after the other. Row i is a function of rngs[i]
// alone. The arithmetic of a row in a batch may round otherwise than that of a
// single stream, so Texts and Text of the same rng need not agree in every symbol.
// Errors are those of Generate.
func Texts(ctx context.Context, m *rnn.Model, a *text.Alphabet, prompt []int32, opt Options, rngs []*rand.Rand) ([]string, error) {
	d, err := drawerFor(m, a, opt)
	if err != nil || len(rngs) == 0 {
		return nil, err
	}
	stepper := m.NewStepper(len(rngs))
	x := make([]int32, len(rngs))
	var logits []float32
	for _, id := range withStart(a, prompt) {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		for b := range x {
			x[b] = id
		}
		logits = stepper.Step(x)
	}
	said, spellings := make([]strings.Builder, len(rngs)), make([]*text.Spelling, len(rngs))
	for b := range spellings {
		spellings[b] = a.Spell()
		_, _ = spellings[b].Write(nil, nil, prompt)
	}
	for range opt.N {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		for b, row := range rows(logits, len(rngs)) {
			x[b], _ = d.draw(row, rngs[b])
			said[b].WriteString(spellings[b].Text(x[b]))
		}
		logits = stepper.Step(x)
	}
	texts := make([]string, len(rngs))
	for b := range said {
		texts[b] = said[b].String()
	}
	return texts, nil
}

// rows cuts [B,V] into its rows.
func rows(logits []float32, b int) [][]float32 {
	return slices.Collect(slices.Chunk(logits, len(logits)/b))
}
