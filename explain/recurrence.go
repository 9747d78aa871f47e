package explain

import (
	"context"
	"fmt"

	"github.com/rnnscope/rnnscope/rnn"
	"github.com/rnnscope/rnnscope/stat"
	"github.com/rnnscope/rnnscope/text"
)

const (
	recurrentBlocks = 20
	recurrentBytes  = 96 << 20
	recurrentLead   = 500 // symbols after the network is left to descriptions that are not scored
	recurrentSteps  = 50
)

// descriptionHook is a hook that gives the recurrence, and nobody else, descriptions in the
// place of h.
type descriptionHook struct {
	sites  []string
	units  int
	at     int           // position from the block's Lo of step 0
	states [][][]float32 // [site][block][rows,H]
}

func (d *descriptionHook) Sites() []string { return d.sites }

func (d *descriptionHook) At(i, t, row int, v []float32) bool {
	pos := d.at + t
	if pos < 0 || row >= len(d.states[i]) || (pos+1)*d.units > len(d.states[i][row]) {
		return false
	}
	copy(v, d.states[i][row][pos*d.units:(pos+1)*d.units])
	return true
}

// recurrent measures K where descriptions take the place of h of all layers at the
// recurrence: the network reads up to the block by itself, then what it hands to its own
// next step is what the descriptions say, while the readout and the layer above see
// the h that comes of it.
func (j *job) recurrent(ctx context.Context, layers []*study, unigram []float64) ([]ReplacementResult, error) {
	h := j.Model.Config().Hidden
	most := recurrentBytes / (4 * h * text.DefaultBlock * len(layers))
	blocks := j.wholeBlocks(max(4, min(recurrentBlocks, most)))
	if len(blocks) < 2 {
		return nil, nil
	}
	ids, at, err := gather(j.Text.Source, oneMore(blocks, j.Text.Source.Len()))
	if err != nil {
		return nil, err
	}
	run := &recurrentRun{j: j, ids: ids, at: at, unigram: unigram}
	advance := j.stage("descriptions at the recurrence", 1+Sizes)
	network, uni, count, err := run.losses(ctx, nil)
	if err != nil {
		return nil, err
	}
	advance()
	var out []ReplacementResult
	for size, k := range Leaves {
		hook := &descriptionHook{units: h}
		for l, s := range layers {
			hook.sites = append(hook.sites, fmt.Sprintf("l%d.h.rec", l))
			states, err := s.ofBlocks(ctx, blocks, size, j.workers())
			if err != nil {
				return nil, err
			}
			hook.states = append(hook.states, states)
		}
		loss, _, _, err := run.losses(ctx, hook)
		if err != nil {
			return nil, err
		}
		out = append(out, ReplacementResult{Leaves: k, Loss: stat.SegmentMean(loss, count), K: keptShare(uni, loss, network, count), Temperature: stat.Undefined()})
		advance()
	}
	return out, nil
}

// wholeBlocks are blocks of the report all of whose symbols are rows.
func (j *job) wholeBlocks(most int) []text.Block {
	var out []text.Block
	last := j.plan.at[len(j.plan.at)-1]
	for _, b := range j.plan.reported {
		if len(out) < most && b.Hi-1 <= last && b.Len() > 2*recurrentLead {
			out = append(out, b)
		}
	}
	return out
}

// ofBlocks is what descriptions of a size say over whole blocks, [block][rows,H].
func (s *study) ofBlocks(ctx context.Context, blocks []text.Block, size, workers int) ([][]float32, error) {
	var out [][]float32
	var walks []*worker
	rows := rowsOf(blocks, s.plan.at, s.plan.report[0].lo, len(s.plan.at))
	for i, b := range blocks {
		states := make([]float32, b.Len()*len(s.units))
		lo := int(rows[i][0])
		err := s.simulate(ctx, stretch{lo, lo + b.Len()}, workers, &walks, func(k int) []float32 {
			if k == size {
				return states
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
		out = append(out, states)
	}
	return out, nil
}

// recurrentRun runs blocks beside each other.
type recurrentRun struct {
	j       *job
	ids     []int32
	at      []text.Block // in ids, one symbol longer than the block
	unigram []float64    // ln P
}

// losses are sums by block, in nats, of symbols behind the lead.
func (r *recurrentRun) losses(ctx context.Context, hook *descriptionHook) (loss, unigram, count []float64, err error) {
	b := len(r.at)
	pass, err := r.j.Model.NewPass(rnn.PassOptions{T: recurrentSteps, B: b, Workers: r.j.workers()})
	if err != nil {
		return nil, nil, nil, err
	}
	loss, unigram, count = make([]float64, b), make([]float64, b), make([]float64, b)
	state := r.j.Model.NewState(b)
	x, y, each := make([]int32, recurrentSteps*b), make([]int32, recurrentSteps*b), make([]float32, recurrentSteps*b)
	longest := 0
	for _, at := range r.at {
		longest = max(longest, at.Len()-1)
	}
	lead := (text.WarmUp + recurrentSteps - 1) / recurrentSteps * recurrentSteps
	for s := -lead; s < longest; s += recurrentSteps {
		if err := ctx.Err(); err != nil {
			return nil, nil, nil, err
		}
		for row, at := range r.at {
			for t := range recurrentSteps {
				pos, i := at.Lo+s+t, t*b+row
				x[i], y[i] = -1, -1
				if pos >= at.Warm && pos < at.Hi-1 {
					x[i] = r.ids[pos]
					if s+t >= recurrentLead {
						y[i] = r.ids[pos+1]
					}
				}
			}
		}
		if hook == nil || s+recurrentSteps <= 0 {
			pass.Forward(x, state, nil)
		} else {
			hook.at = s
			pass.Forward(x, state, hook)
		}
		pass.Score(y, each)
		for i, next := range y {
			if next >= 0 {
				loss[i%b] += float64(each[i])
				unigram[i%b] -= r.unigram[next]
				count[i%b]++
			}
		}
	}
	return loss, unigram, count, nil
}
