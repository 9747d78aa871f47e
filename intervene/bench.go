package intervene

import (
	"context"

	"github.com/rnnscope/rnnscope/rnn"
	"github.com/rnnscope/rnnscope/text"
)

const (
	benchSteps = 50 // T, a divisor of Window
	benchRows  = 96 // B
)

// bench is windows of text that the network enters in a state computed once.
type bench struct {
	m       *rnn.Model
	ids     []int32
	starts  []int      // [S] position of each window's first character
	entered *rnn.State // row s: the state before window s
	pass    *rnn.Pass  // [benchSteps, benchRows]
	workers int
	done    func(chars int) // progress
}

// newBench reads the 500 characters before every window, untouched, from the zero state.
func newBench(ctx context.Context, m *rnn.Model, ids []int32, starts []int, workers int) (*bench, error) {
	b := &bench{m: m, ids: ids, starts: starts, workers: workers, done: func(int) {}}
	var err error
	if b.pass, err = m.NewPass(rnn.PassOptions{T: benchSteps, B: benchRows, Workers: workers}); err != nil {
		return nil, err
	}
	b.entered = m.NewState(max(1, len(starts)))
	st, x := m.NewState(benchRows), make([]int32, benchSteps*benchRows)
	for lo := 0; lo < len(starts); lo += benchRows {
		rows := starts[lo:min(lo+benchRows, len(starts))]
		st.Zero()
		for at := 0; at < text.WarmUp; at += benchSteps {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			b.fill(x, len(rows), func(row int) int { return rows[row] - text.WarmUp + at })
			b.pass.Forward(x, st, nil)
		}
		for i := range rows {
			b.entered.CopyRow(lo+i, st, i)
		}
	}
	return b, nil
}

// fill sets x to the next steps of rows from their positions on; what lies before the
// text or in no row is padding.
func (b *bench) fill(x []int32, rows int, from func(row int) int) {
	for i := range x {
		x[i] = -1
	}
	for row := range rows {
		p := from(row)
		for t := range benchSteps {
			if p+t >= 0 {
				x[t*benchRows+row] = b.ids[p+t]
			}
		}
	}
}

// job is one window read under one plan.
type job struct {
	plan   Plan
	window int
	tag    int // the caller's own
}

// look is shown every position of a job, in order: the batch's row, i of the window,
// the loss and, if they were asked for, the logits [V] there.
type look func(j job, row, i int, loss float32, logits []float32)

// run reads all jobs, many as rows of one batch, and shows every position.
func (b *bench) run(ctx context.Context, jobs []job, logits bool, show look) error {
	st := b.m.NewState(benchRows)
	x, y := make([]int32, benchSteps*benchRows), make([]int32, benchSteps*benchRows)
	losses, first := make([]float32, len(x)), make([]int, benchRows)
	v := b.m.Config().Vocab
	for lo := 0; lo < len(jobs); lo += benchRows {
		rows := jobs[lo:min(lo+benchRows, len(jobs))]
		plans := make([]Plan, benchRows)
		for i, j := range rows {
			plans[i] = j.plan
			st.CopyRow(i, b.entered, j.window)
		}
		rack := NewRack(plans)
		for at := 0; at < Window; at += benchSteps {
			if err := ctx.Err(); err != nil {
				return err
			}
			for i, j := range rows {
				first[i] = b.starts[j.window] + at
			}
			b.fill(x, len(rows), func(row int) int { return first[row] })
			b.fill(y, len(rows), func(row int) int { return first[row] + 1 })
			rack.Read(x, 0, first)
			b.forward(x, st, rack)
			b.pass.Score(y, losses)
			var all []float32
			if logits {
				all = b.pass.Logits()
			}
			for i, j := range rows {
				for t := range benchSteps {
					k := t*benchRows + i
					var row []float32
					if logits {
						row = all[k*v : (k+1)*v]
					}
					show(j, i, at+t, losses[k], row)
				}
			}
			b.done(len(rows) * benchSteps)
		}
	}
	return nil
}

func (b *bench) forward(x []int32, st *rnn.State, rack *Rack) {
	if len(rack.sites) == 0 {
		b.pass.Forward(x, st, nil)
		return
	}
	b.pass.Forward(x, st, rack)
}

// losses reads every window once under a plan and returns the losses, [S,W].
func (b *bench) losses(ctx context.Context, plan Plan) ([][]float32, error) {
	out, jobs := make([][]float32, len(b.starts)), make([]job, len(b.starts))
	for w := range jobs {
		jobs[w] = job{plan: plan, window: w}
		out[w] = make([]float32, Window)
	}
	err := b.run(ctx, jobs, false, func(j job, _, i int, loss float32, _ []float32) { out[j.window][i] = loss })
	return out, err
}
