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

// prefixed returns ln P of each continuation after its prefix, read from the zero
// state. Texts of like length run side by side.
func prefixed(ctx context.Context, m *rnn.Model, prefixes, continuations [][]int32, workers int) ([]float64, error) {
	out := make([]float64, len(prefixes))
	order := make([]int, len(prefixes))
	for i := range order {
		order[i] = i
	}
	length := func(i int) int { return len(prefixes[i]) + len(continuations[i]) - 1 }
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(length(b), length(a)) })
	b := min(prefixRows, len(prefixes))
	if b == 0 {
		return out, ctx.Err()
	}
	pass, err := m.NewPass(rnn.PassOptions{T: prefixSteps, B: b, Workers: workers})
	if err != nil {
		return nil, err
	}
	x, y, losses := make([]int32, prefixSteps*b), make([]int32, prefixSteps*b), make([]float32, prefixSteps*b)
	st := m.NewState(b)
	for len(order) > 0 {
		n := min(b, len(order))
		st.Zero()
		for at := 0; at < length(order[0]); at += prefixSteps {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			for i := range x {
				x[i], y[i] = -1, -1
			}
			for r, i := range order[:n] {
				fillPrefixed(x, y, b, r, at, prefixes[i], continuations[i])
			}
			pass.Forward(x, st, nil)
			pass.Score(y, losses)
			for r, i := range order[:n] {
				for s := range prefixSteps {
					out[i] -= float64(losses[s*b+r])
				}
			}
		}
		order = order[n:]
	}
	return out, nil
}

// fillPrefixed sets one row to the symbols of prefix and continuation from at on;
// only the continuation is scored.
func fillPrefixed(x, y []int32, b, row, at int, prefix, continuation []int32) {
	symbol := func(k int) int32 {
		if k < len(prefix) {
			return prefix[k]
		}
		return continuation[k-len(prefix)]
	}
	total := len(prefix) + len(continuation)
	for s := 0; s < prefixSteps && at+s < total-1; s++ {
		x[s*b+row] = symbol(at + s)
		if at+s+1 >= len(prefix) {
			y[s*b+row] = symbol(at + s + 1)
		}
	}
}
