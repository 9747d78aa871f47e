package memory

import (
	"cmp"
	"context"
	"slices"

	"github.com/rnnscope/rnnscope/rnn"
)

const (
	prefixRows  = 64 // B of the batches in which prefixes are read
	prefixSteps = 64 // T
)

// scoreContinuations returns ln P of two continuations after each prefix, which is read once
// from the zero state. Prefixes of like length run side by side.
func scoreContinuations(ctx context.Context, m *rnn.Model, prefixes [][]int32, continuations [][2][]int32, workers int) ([][2]float64, error) {
	out := make([][2]float64, len(prefixes))
	order := make([]int, len(prefixes))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(len(prefixes[b]), len(prefixes[a])) })
	b := min(prefixRows, len(prefixes))
	if b == 0 {
		return out, ctx.Err()
	}
	r, err := newPrefixReader(m, prefixes, continuations, b, workers)
	if err != nil {
		return nil, err
	}
	for ; len(order) > 0; order = order[min(b, len(order)):] {
		batch := order[:min(b, len(order))]
		if err := r.read(ctx, batch); err != nil {
			return nil, err
		}
		for side := range 2 {
			r.score(batch, side, out)
		}
	}
	return out, nil
}

// prefixReader reads a batch of prefixes and scores what may follow them.
type prefixReader struct {
	b             int
	prefixes      [][]int32
	continuations [][2][]int32
	long          *rnn.Pass // [prefixSteps,b]
	short         *rnn.Pass // [longest,b]
	longest       int       // continuation
	state, work   *rnn.State
}

func newPrefixReader(m *rnn.Model, prefixes [][]int32, continuations [][2][]int32, b, workers int) (*prefixReader, error) {
	r := &prefixReader{b: b, prefixes: prefixes, continuations: continuations, longest: 1, state: m.NewState(b), work: m.NewState(b)}
	for _, c := range continuations {
		r.longest = max(r.longest, len(c[0]), len(c[1]))
	}
	var err error
	if r.long, err = m.NewPass(rnn.PassOptions{T: prefixSteps, B: b, Workers: workers}); err != nil {
		return nil, err
	}
	r.short, err = m.NewPass(rnn.PassOptions{T: r.longest, B: b, Workers: workers})
	return r, err
}

// read leaves in state what each row knows before the last symbol of its prefix.
func (r *prefixReader) read(ctx context.Context, batch []int) error {
	r.state.Zero()
	x := make([]int32, prefixSteps*r.b)
	for at := 0; at < len(r.prefixes[batch[0]])-1; at += prefixSteps {
		if err := ctx.Err(); err != nil {
			return err
		}
		for i := range x {
			x[i] = -1
		}
		for row, i := range batch {
			p := r.prefixes[i]
			for s := 0; s < prefixSteps && at+s < len(p)-1; s++ {
				x[s*r.b+row] = p[at+s]
			}
		}
		r.long.Forward(x, r.state, nil)
	}
	return nil
}

// score adds up ln P of one side's continuations.
func (r *prefixReader) score(batch []int, side int, out [][2]float64) {
	x, y := make([]int32, r.longest*r.b), make([]int32, r.longest*r.b)
	losses := make([]float32, r.longest*r.b)
	for i := range x {
		x[i], y[i] = -1, -1
	}
	for row, i := range batch {
		last := r.prefixes[i][len(r.prefixes[i])-1]
		for s, id := range r.continuations[i][side] {
			x[s*r.b+row], y[s*r.b+row] = last, id
			last = id
		}
	}
	r.work.CopyFrom(r.state)
	r.short.Forward(x, r.work, nil)
	r.short.Score(y, losses)
	for row, i := range batch {
		for s := range r.continuations[i][side] {
			out[i][side] -= float64(losses[s*r.b+row])
		}
	}
}
