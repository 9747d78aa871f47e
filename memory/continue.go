package memory

import (
	"cmp"
	"context"
	"slices"

	"github.com/rnnscope/rnnscope/ngram"
	"github.com/rnnscope/rnnscope/rnn"
)

// continueRows is B of the batches in which continuations are scored.
const continueRows = 96

// continuer scores many continuations, each from a recorded state.
type continuer struct {
	m       *rnn.Model
	workers int
	jobs    []continuationJob
}

type continuationJob struct {
	s     *snapshot
	from  int // position whose state it continues
	ids   []int32
	index int
}

func newContinuer(m *rnn.Model, workers int) *continuer { return &continuer{m: m, workers: workers} }

func (c *continuer) add(s *snapshot, from int, ids []int32) {
	c.jobs = append(c.jobs, continuationJob{s, from, ids, len(c.jobs)})
}

// run returns ln P of each continuation in the order they were added.
func (c *continuer) run(ctx context.Context) ([]float64, error) {
	out := make([]float64, len(c.jobs))
	// Long ones together: padding costs as much as symbols.
	jobs := slices.Clone(c.jobs)
	slices.SortStableFunc(jobs, func(a, b continuationJob) int { return cmp.Compare(len(b.ids), len(a.ids)) })
	var pass *rnn.Pass
	t, b := 0, 0
	for len(jobs) > 0 {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		n := min(continueRows, len(jobs))
		need := max(1, len(jobs[0].ids)-1)
		if pass == nil || need <= t/2 {
			t, b = need, n
			var err error
			if pass, err = c.m.NewPass(rnn.PassOptions{T: t, B: b, Workers: c.workers}); err != nil {
				return nil, err
			}
		}
		n = min(n, b)
		c.batch(pass, t, b, jobs[:n], out)
		jobs = jobs[n:]
	}
	return out, nil
}

func (c *continuer) batch(pass *rnn.Pass, t, b int, jobs []continuationJob, out []float64) {
	x, y, losses := make([]int32, t*b), make([]int32, t*b), make([]float32, t*b)
	for i := range x {
		x[i], y[i] = -1, -1
	}
	st := c.m.NewState(b)
	for r, j := range jobs {
		j.s.load(st, r, j.from)
		out[j.index] = float64(j.s.prediction(j.from)[j.ids[0]])
		for k := range len(j.ids) - 1 {
			x[k*b+r], y[k*b+r] = j.ids[k], j.ids[k+1]
		}
	}
	pass.Forward(x, st, nil)
	pass.Score(y, losses)
	for r, j := range jobs {
		for k := range len(j.ids) - 1 {
			out[j.index] -= float64(losses[k*b+r])
		}
	}
}

// continuation is ln P of ids after what the scorer has read; it reads them.
func continuation(s *ngram.Scorer, ids []int32, order int) float64 {
	logp := make([]float64, order)
	sum := 0.0
	for _, id := range ids {
		s.Advance(id, logp)
		sum += logp[order-1]
	}
	return sum
}
