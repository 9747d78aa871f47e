package mechanism

import (
	"context"
	"fmt"

	"github.com/rnnscope/rnnscope/rnn"
)

// streams is how many sequences are read side by side.
const streams = 64

// sequence is symbols to read from the zero state, and the steps after which
// something is recorded.
type sequence struct {
	ids []int32
	at  []int // ascending
}

// reader reads sequences with a network.
type reader struct {
	m      *rnn.Model
	step   *rnn.Stepper
	x      []int32
	memory int // M
	state  int // S
}

func newReader(m *rnn.Model) *reader {
	c := m.Config()
	r := &reader{m: m, step: m.NewStepper(streams), x: make([]int32, streams)}
	r.memory = c.Layers * c.Hidden
	r.state = r.memory
	if c.Cell == rnn.LSTM {
		r.state *= 2
	}
	if c.Counter {
		r.memory++
		r.state++
	}
	return r
}

// unit names value i of the memory.
func (r *reader) unit(i int) (site string, unit int) {
	c := r.m.Config()
	if c.Counter {
		if i--; i < 0 {
			return "count", 0
		}
	}
	part := "h"
	if c.Cell == rnn.LSTM {
		part = "c"
	}
	return fmt.Sprintf("l%d.%s", i/c.Hidden, part), i % c.Hidden
}

// load copies the state of row into dst [S], the memory [M] first: the count, c of an
// LSTM, h.
func (r *reader) load(dst []float64, row int) {
	st, h := r.step.State(), r.m.Config().Hidden
	i := 0
	if st.Count != nil {
		dst[0], i = float64(st.Count[row]), 1
	}
	put := func(parts [][]float32) {
		for _, p := range parts {
			for _, v := range p[row*h : (row+1)*h] {
				if i < len(dst) {
					dst[i] = float64(v)
				}
				i++
			}
		}
	}
	if st.C != nil {
		put(st.C)
	}
	put(st.H)
}

// countOf is the count of a network with a counter; nil without one.
func (r *reader) countOf(row int) *float64 {
	count := r.step.State().Count
	if count == nil {
		return nil
	}
	v := float64(count[row])
	return &v
}

// store sets the state of row to src [S].
func (r *reader) store(row int, src []float64) {
	st, h := r.step.State(), r.m.Config().Hidden
	i := 0
	if st.Count != nil {
		st.Count[row], i = float32(src[0]), 1
	}
	get := func(parts [][]float32) {
		for _, p := range parts {
			for u := range h {
				p[row*h+u] = float32(src[i])
				i++
			}
		}
	}
	if st.C != nil {
		get(st.C)
	}
	get(st.H)
}

// visit is told that sequence i stands after its k-th recorded step: its row and the
// logits of the next symbol.
type visit func(i, k, row int, logits []float32)

// read reads all sequences. The only error is ctx.Err().
func (r *reader) read(ctx context.Context, seqs []sequence, see visit) error {
	return r.follow(ctx, seqs, true, see)
}

// follow is read, with logits or, when only the state is looked at, without (empty).
func (r *reader) follow(ctx context.Context, seqs []sequence, logits bool, see visit) error {
	v := r.m.Config().Vocab
	for lo := 0; lo < len(seqs); lo += streams {
		batch := seqs[lo:min(lo+streams, len(seqs))]
		longest := 0
		for _, s := range batch {
			longest = max(longest, len(s.ids))
		}
		var next [streams]int
		r.step.State().Zero()
		for t := range longest {
			if err := ctx.Err(); err != nil {
				return err
			}
			for row := range r.x {
				r.x[row] = -1
				if row < len(batch) && t < len(batch[row].ids) {
					r.x[row] = batch[row].ids[t]
				}
			}
			var all []float32
			due := false
			for row, s := range batch {
				due = due || next[row] < len(s.at) && s.at[next[row]] == t
			}
			if !due || !logits {
				r.step.Advance(r.x)
			} else {
				all = r.step.Step(r.x)
			}
			for row, s := range batch {
				if k := next[row]; k < len(s.at) && s.at[k] == t {
					see(lo+row, k, row, all[min(row*v, len(all)):min((row+1)*v, len(all))])
					next[row]++
				}
			}
		}
	}
	return nil
}

// memories reads all sequences and returns the memory after each recorded step,
// by sequence and step, [M].
func (r *reader) memories(ctx context.Context, seqs []sequence) ([][][]float64, error) {
	out := make([][][]float64, len(seqs))
	for i, s := range seqs {
		out[i] = make([][]float64, len(s.at))
	}
	err := r.follow(ctx, seqs, false, func(i, k, row int, _ []float32) {
		out[i][k] = make([]float64, r.memory)
		r.load(out[i][k], row)
	})
	return out, err
}
