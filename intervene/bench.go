package intervene

import (
	"context"
	"sync"

	"github.com/rnnscope/rnnscope/internal/crew"
	"github.com/rnnscope/rnnscope/rnn"
	"github.com/rnnscope/rnnscope/text"
)

const (
	benchSteps = 50 // T, a divisor of Window
	benchRows  = 96 // B

	laneLogits = 1 << 27 // bounds the logits of all lanes
)

// bench is windows of text that the network enters in a state computed once.
type bench struct {
	m       *rnn.Model
	ids     []int32
	starts  []int      // [S] position of each window's first character
	entered *rnn.State // row s: the state before window s
	lanes   []*lane
	done    func(chars int) // progress, of one caller at a time
	mu      sync.Mutex
}

// lane is what one worker reads batches with, each on its own: small products gain nothing from
// several cores that meet after every one, and what is done with the losses is done beside them.
type lane struct {
	pass   *rnn.Pass // [benchSteps, benchRows]
	state  *rnn.State
	x, y   []int32   // [benchSteps*benchRows]
	losses []float32 // likewise
	first  []int     // [benchRows] position of each row's first step
}

func newLane(m *rnn.Model) (*lane, error) {
	pass, err := m.NewPass(rnn.PassOptions{T: benchSteps, B: benchRows, Workers: 1})
	n := benchSteps * benchRows
	return &lane{pass, m.NewState(benchRows), make([]int32, n), make([]int32, n), make([]float32, n), make([]int, benchRows)}, err
}

// newBench reads the 500 characters before every window, untouched, from the zero state.
func newBench(ctx context.Context, m *rnn.Model, ids []int32, starts []int, workers int) (*bench, error) {
	b := &bench{m: m, ids: ids, starts: starts, done: func(int) {}}
	for range max(1, min(workers, laneLogits/(benchSteps*benchRows*m.Config().Vocab))) {
		l, err := newLane(m)
		if err != nil {
			return nil, err
		}
		b.lanes = append(b.lanes, l)
	}
	b.entered = m.NewState(max(1, len(starts)))
	err := b.batches(ctx, len(starts), func(l *lane, lo, hi int) error {
		l.state.Zero()
		for at := 0; at < text.WarmUp; at += benchSteps {
			if err := ctx.Err(); err != nil {
				return err
			}
			for i, start := range starts[lo:hi] {
				l.first[i] = start - text.WarmUp + at
			}
			b.fill(l.x, l.first[:hi-lo], 0)
			l.pass.Forward(l.x, l.state, nil)
		}
		for i := range hi - lo {
			b.entered.CopyRow(lo+i, l.state, i)
		}
		return nil
	})
	return b, err
}

// batches shares n rows out to the lanes, as many at a time as a batch has.
func (b *bench) batches(ctx context.Context, n int, do func(l *lane, lo, hi int) error) error {
	rows := min(benchRows, max(1, (n+len(b.lanes)-1)/len(b.lanes)))
	return crew.TryEach(ctx, (n+rows-1)/rows, len(b.lanes), func(worker, i int) error {
		return do(b.lanes[worker], i*rows, min(n, (i+1)*rows))
	})
}

// fill sets x to the next steps of rows from their positions on, moved by shift; what lies
// before the text or in no row is padding.
func (b *bench) fill(x []int32, from []int, shift int) {
	for i := range x {
		x[i] = -1
	}
	for row, p := range from {
		p += shift
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

// look is shown every position of a job, in order: i of the window, the loss and, if they were
// asked for instead, the logits [V] there. Jobs are shown from several goroutines at once, each
// from one; no two at once have the same row, which is below rows.
type look func(j job, row, i int, loss float32, logits []float32)

// rows is how many jobs are under way at once at most.
func (b *bench) rows() int { return len(b.lanes) * benchRows }

// run reads all jobs, many as rows of one batch, and shows every position.
func (b *bench) run(ctx context.Context, jobs []job, logits bool, show look) error {
	slot := map[*lane]int{}
	for i, l := range b.lanes {
		slot[l] = i * benchRows
	}
	return b.batches(ctx, len(jobs), func(l *lane, lo, hi int) error {
		rows := jobs[lo:hi]
		plans := make([]Plan, benchRows)
		for i, j := range rows {
			plans[i] = j.plan
			l.state.CopyRow(i, b.entered, j.window)
		}
		rack := NewHooks(plans)
		for at := 0; at < Window; at += benchSteps {
			if err := ctx.Err(); err != nil {
				return err
			}
			for i, j := range rows {
				l.first[i] = b.starts[j.window] + at
			}
			b.fill(l.x, l.first[:len(rows)], 0)
			rack.Read(l.x, 0, l.first)
			l.forward(rack)
			b.show(l, rows, slot[l], at, logits, show)
		}
		return nil
	})
}

func (l *lane) forward(rack *Hooks) {
	if len(rack.sites) == 0 {
		l.pass.Forward(l.x, l.state, nil)
		return
	}
	l.pass.Forward(l.x, l.state, rack)
}

// show shows what a lane has just read of its jobs.
func (b *bench) show(l *lane, rows []job, slot, at int, logits bool, show look) {
	var all []float32
	v := b.m.Config().Vocab
	if logits {
		all = l.pass.Logits()
	} else {
		b.fill(l.y, l.first[:len(rows)], 1)
		l.pass.Score(l.y, l.losses)
	}
	for i, j := range rows {
		for t := range benchSteps {
			k := t*benchRows + i
			if logits {
				show(j, slot+i, at+t, 0, all[k*v:(k+1)*v])
			} else {
				show(j, slot+i, at+t, l.losses[k], nil)
			}
		}
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.done(len(rows) * benchSteps)
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
