package train

import (
	"context"
	"fmt"

	"github.com/rnnscope/rnnscope/rnn"
	"github.com/rnnscope/rnnscope/text"
)

// maxRows is how many stretches of a validation part are read side by side.
const maxRows = 64

// valSteps is the T of an evaluation's chunks. It has no influence on the loss.
const valSteps = 100

// Evaluator measures the loss over one span of a text. The span is cut into at
// most 64 stretches of 4,000 characters or more; the network enters each from the
// zero state WarmUp characters early and reads it in one stream, so the loss
// depends on text and span alone. A character counts as predicted when it is the
// target.
type Evaluator struct {
	pass   *rnn.Pass
	state  *rnn.State
	ids    []int32
	blocks []text.Block
	steps  int     // inputs of the longest row, warm-up included
	total  int     // targets scored
	x, y   []int32 // [T,B]
}

// NewEvaluator allocates for span of ids; workers as rnn.PassOptions. A span with
// no scorable character is text.ErrTooShort.
func NewEvaluator(m *rnn.Model, ids []int32, span text.Span, workers int) (*Evaluator, error) {
	size := max(text.DefaultBlock, (span.Len()+maxRows-1)/maxRows)
	e := &Evaluator{ids: ids, blocks: text.Grid{Size: size}.Blocks(span)}
	if len(e.blocks) == 0 {
		return nil, fmt.Errorf("%w: nothing of the validation part comes after the first %d characters, which only warm the network up; give a longer text",
			text.ErrTooShort, text.WarmUp)
	}
	for _, b := range e.blocks {
		e.total += b.Len()
		e.steps = max(e.steps, b.Hi-b.Warm-1)
	}
	rows := len(e.blocks)
	pass, err := m.NewPass(rnn.PassOptions{T: valSteps, B: rows, Workers: workers})
	if err != nil {
		return nil, err
	}
	e.pass, e.state = pass, m.NewState(rows)
	e.x, e.y = make([]int32, valSteps*rows), make([]int32, valSteps*rows)
	return e, nil
}

// Loss reads the whole span with the model's present weights and returns the mean
// loss in nats and the number of characters scored. progress, if not nil, is told
// how many steps of all are done. The only error is ctx.Err().
func (e *Evaluator) Loss(ctx context.Context, progress func(done, total int)) (nats float64, n int64, err error) {
	e.pass.Repack()
	e.state.Zero()
	var sum float64
	for from := 0; from < e.steps; from += valSteps {
		if err := ctx.Err(); err != nil {
			return 0, 0, err
		}
		sum += e.chunk(from)
		if progress != nil {
			done := min(from+valSteps, e.steps)
			progress(int(int64(e.total)*int64(done)/int64(e.steps)), e.total)
		}
	}
	return sum / float64(e.total), int64(e.total), nil
}

// probe is the loss of the first chunk with every target counted, from the zero
// state: enough to see whether the weights still give numbers.
func (e *Evaluator) probe() float64 {
	e.pass.Repack()
	e.state.Zero()
	e.fill(0)
	for i, id := range e.x {
		if id >= 0 {
			e.y[i] = id
		}
	}
	e.pass.Forward(e.x, e.state, nil)
	return e.pass.Score(e.y, nil)
}

// chunk reads steps [from, from+T) of every row and returns the summed loss.
func (e *Evaluator) chunk(from int) float64 {
	e.fill(from)
	e.pass.Forward(e.x, e.state, nil)
	return e.pass.Score(e.y, nil)
}

// fill lays out the inputs and targets of steps [from, from+T), [T,B]: -1 where a
// row has ended, and for targets where the row still warms up.
func (e *Evaluator) fill(from int) {
	rows := len(e.blocks)
	for r, b := range e.blocks {
		for t := range valSteps {
			i, at := t*rows+r, b.Warm+from+t
			e.x[i], e.y[i] = -1, -1
			if at+1 >= b.Hi {
				continue
			}
			e.x[i] = e.ids[at]
			if at+1 >= b.Lo {
				e.y[i] = e.ids[at+1]
			}
		}
	}
}
