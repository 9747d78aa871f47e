package memory

import (
	"context"
	"math"
	"slices"

	"github.com/rnnscope/rnnscope/rnn"
	"github.com/rnnscope/rnnscope/stat"
)

const (
	midFar       = 64 // characters before the closer at which a unit is resampled at most
	effectPairs  = 16 // trials of a kind
	effectSteps  = 32 // T
	effectRows   = 64 // B: the undisturbed run and 63 units
	effectTiming = 1e-6
)

// effects are what resampling one unit mid-gap does, by layer and unit: its h, and
// for the LSTM its c, become those of a place with the same character where
// nothing is pending.
type effects struct {
	n       int
	lost    [][]float64 // mean LD lost at the closer, nats
	release [][]float64 // mean KL of the prediction of the closer
	waiting [][]float64 // mean KL of the predictions before it
}

func newEffects(c rnn.Config) effects {
	e := effects{}
	for range c.Layers {
		e.lost = append(e.lost, make([]float64, c.Hidden))
		e.release = append(e.release, make([]float64, c.Hidden))
		e.waiting = append(e.waiting, make([]float64, c.Hidden))
	}
	return e
}

// othersOf is the 95 % quantile of the loss over the other units of the layer.
func (e *effects) othersOf(layer, unit int) float64 {
	others := slices.Delete(slices.Clone(e.lost[layer]), unit, unit+1)
	slices.Sort(others)
	return stat.Quantile(others, 0.95)
}

// timing is the effect at the release over that while waiting; both count from
// effectTiming nats on, so that two effects of nothing have no ratio of note.
func (e *effects) timing(layer, unit int) float64 {
	return (e.release[layer][unit] + effectTiming) / (e.waiting[layer][unit] + effectTiming)
}

// disturbed is one trial with the symbols that lead from the middle to the closer.
type disturbed struct {
	t      *trial
	ids    []int32 // read after mid, up to the prediction of right
	right  int32
	others []int32
}

// effectsOf resamples every unit of every layer at the middle of the trials.
func (w *waiter) effectsOf(ctx context.Context, s *snapshot, kind string) (effects, error) {
	c := w.in.Model.Config()
	e := newEffects(c)
	list := w.disturb(kind)
	pass, err := w.in.Model.NewPass(rnn.PassOptions{T: effectSteps, B: effectRows, Workers: w.workers})
	if err != nil {
		return e, err
	}
	for i := range list {
		for l := range c.Layers {
			for from := 0; from < c.Hidden; from += effectRows - 1 {
				if err := ctx.Err(); err != nil {
					return e, err
				}
				w.resample(pass, s, &list[i], l, from, &e)
			}
		}
		e.n++
	}
	for l := range c.Layers {
		for u := range c.Hidden {
			e.lost[l][u] /= float64(e.n)
			e.release[l][u] /= float64(e.n)
			e.waiting[l][u] /= float64(e.n)
		}
	}
	return e, nil
}

// disturb prepares the trials that have a donor and something to ask.
func (w *waiter) disturb(kind string) []disturbed {
	var out []disturbed
	trials := w.real[kind]
	for i := range trials {
		t := &trials[i]
		at := int(t.p.CloseStart)
		if hasName(kind) {
			at = w.in.nameStart(t.p)
		}
		if t.donor < 0 || at-1 <= t.mid || len(out) == effectPairs {
			continue
		}
		d := disturbed{t: t, ids: w.in.IDs.span(t.mid+1, at), right: w.in.IDs.at(at), others: w.rivals(kind, w.in.IDs.at(at))}
		if len(d.others) > 0 {
			out = append(out, d)
		}
	}
	return out
}

// rivals are the symbols that might stand where the right one does: the other
// closing marks, or the other first letters of names.
func (w *waiter) rivals(kind string, right int32) []int32 {
	var out []int32
	list := w.recall.others[kind]
	if hasName(kind) {
		for _, n := range w.recall.names[kind] {
			if id, ok := w.in.Alphabet.Lookup([]rune(n)[0]); ok {
				list = append(list, id)
			}
		}
	}
	for _, id := range list {
		if id != right && !slices.Contains(out, id) {
			out = append(out, id)
		}
	}
	return out
}

// resample runs one trial undisturbed in row 0, and in the other rows with the
// units of layer l from the given one on replaced.
func (w *waiter) resample(pass *rnn.Pass, s *snapshot, d *disturbed, l, from int, e *effects) {
	h := s.units
	n := min(effectRows-1, h-from)
	st, donor := w.in.Model.NewState(effectRows), w.in.Model.NewState(1)
	s.load(donor, 0, d.t.donor)
	for r := range n + 1 {
		s.load(st, r, d.t.mid)
	}
	for r := range n {
		u := from + r
		st.H[l][(r+1)*h+u] = donor.H[l][u]
		if st.C != nil {
			st.C[l][(r+1)*h+u] = donor.C[l][u]
		}
	}
	x := make([]int32, effectSteps*effectRows)
	for at := 0; at < len(d.ids); at += effectSteps {
		steps := min(effectSteps, len(d.ids)-at)
		for i := range x {
			x[i] = -1
		}
		for k := range steps {
			for r := range n + 1 {
				x[k*effectRows+r] = d.ids[at+k]
			}
		}
		pass.Forward(x, st, nil)
		logits := pass.Logits()
		for k := range steps {
			last := at+k == len(d.ids)-1
			base := logits[k*effectRows*s.v:][:s.v]
			for r := range n {
				row := logits[(k*effectRows+r+1)*s.v:][:s.v]
				kl := divergence(base, row)
				if !last {
					e.waiting[l][from+r] += kl / float64(len(d.ids)-1)
					continue
				}
				e.release[l][from+r] += kl
				e.lost[l][from+r] += margin(base, d.right, d.others) - margin(row, d.right, d.others)
			}
		}
	}
}

// margin is LD: the right symbol's logit less the best other's.
func margin(logits []float32, right int32, others []int32) float64 {
	best := math.Inf(-1)
	for _, o := range others {
		best = max(best, float64(logits[o]))
	}
	return float64(logits[right]) - best
}
