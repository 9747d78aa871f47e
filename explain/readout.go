package explain

import (
	"context"
	"math"

	"github.com/rnnscope/rnnscope/explain/tree"
	"github.com/rnnscope/rnnscope/internal/crew"
	"github.com/rnnscope/rnnscope/internal/f32"
	"github.com/rnnscope/rnnscope/rnn"
	"github.com/rnnscope/rnnscope/stat"
)

// readout is the network's last step, logits = h W^T + b.
type readout struct {
	v, h int
	w    []float32 // [V,H]
	b    []float32 // [V]
	pack f32.Packed
}

// newReadout is nil for a network whose readout sees more than h.
func newReadout(m *rnn.Model) *readout {
	c := m.Config()
	if c.Counter {
		return nil
	}
	r := &readout{v: c.Vocab, h: c.Hidden}
	for _, p := range m.Params() {
		switch p.Name {
		case "fc.weight":
			r.w = make([]float32, p.Len())
			p.Export(r.w)
		case "fc.bias":
			r.b = make([]float32, p.Len())
			p.Export(r.b)
		}
	}
	if len(r.w) != r.v*r.h || len(r.b) != r.v {
		return nil
	}
	r.pack.Pack(r.w, r.h, r.v, r.h, true)
	return r
}

// logits [n,V] of states [n,H].
func (r *readout) logits(dst, h []float32, n int) {
	f32.Gemm(dst, r.v, n, h, r.h, 1, &r.pack, false)
	for i := range n {
		f32.Add(dst[i*r.v:(i+1)*r.v], r.b)
	}
}

// crossEntropy of logits times beta, an inverse temperature.
func crossEntropy(z []float32, y int32, beta float64) float64 {
	top := z[0]
	for _, x := range z {
		top = max(top, x)
	}
	var sum float64
	for _, x := range z {
		sum += math.Exp(beta * float64(x-top))
	}
	return math.Log(sum) - beta*float64(z[y]-top)
}

const (
	fidelityRows  = 20_000
	fidelityCells = 2 << 20 // rows times symbols
	leastUse      = 0.0005  // nats that a unit at its mean must cost for fidelity to be reported
)

// fidelity asks of every unit what the loss rises by at the readout when its description
// takes its place, against its mean:
//
//	F = 1 - [L(description) - L] / [L(mean) - L]
//
// Only the unit's own column of W counts, so that the sum over symbols is all there is to
// do anew: loss' - loss = ln sum_v p_v exp(w_vu d) - w_yu d for a change of d.
func (s *study) fidelity(ctx context.Context, r *readout, out *Site, workers int, advance func()) error {
	f := s.newFidelity(r)
	return crew.ForEach(ctx, len(out.Units), workers, func(u int) {
		uses, shares := f.unit(u)
		out.Units[u].Uses = &uses
		if uses.Lo > leastUse {
			out.Units[u].Fidelity = &shares
		}
		advance()
	})
}

// fidelity is the rows that every unit is asked on.
type fidelity struct {
	s       *study
	r       *readout
	rows    []int     // of the plan, in the order of segments
	segment []int     // by row
	p       []float32 // [rows,V] what the network predicts
}

func (s *study) newFidelity(r *readout) *fidelity {
	f := &fidelity{s: s, r: r}
	most := min(fidelityRows, max(2000, fidelityCells/r.v))
	every := max(1, s.plan.reportRows()/most)
	for k, seg := range s.plan.report {
		for row := seg.lo; row < seg.hi; row += every {
			if s.plan.next[row] >= 0 {
				f.rows, f.segment = append(f.rows, row), append(f.segment, k)
			}
		}
	}
	f.p = make([]float32, len(f.rows)*r.v)
	h := make([]float32, len(f.rows)*r.h)
	for i, row := range f.rows {
		s.col.states(h[i*r.h:(i+1)*r.h], row)
	}
	r.logits(f.p, h, len(f.rows))
	for i := range f.rows {
		f32.Softmax(f.p[i*r.v:(i+1)*r.v], f.p[i*r.v:(i+1)*r.v])
	}
	return f
}

// states are the activations of all units at a row.
func (c *column) states(dst []float32, row int) {
	for u := range dst {
		dst[u] = float32(c.lo[u] + c.step[u]*float64(c.q[u*c.rows+row]))
	}
}

func (f *fidelity) unit(u int) (uses stat.Interval, shares [Sizes]stat.Interval) {
	s, r := f.s, f.r
	w := make([]float32, r.v)
	for v := range w {
		w[v] = r.w[v*r.h+u]
	}
	walker := s.newWalker()
	g := &s.units[u].full
	values := s.describe(walker, g, u) // by size, for rows of the report
	first := s.plan.report[0].lo
	segments := len(s.plan.report)
	mean := s.col.lo[u] + s.col.step[u]*g.tree.Nodes[0].Mean
	increase, count := make([][]float64, Sizes+1), make([]float64, segments)
	for i := range increase {
		increase[i] = make([]float64, segments)
	}
	buf := make([]float32, r.v)
	for i, row := range f.rows {
		a := s.col.lo[u] + s.col.step[u]*float64(s.col.q[u*s.col.rows+row])
		p, y, k := f.p[i*r.v:(i+1)*r.v], s.plan.next[row], f.segment[i]
		increase[Sizes][k] += lossChange(buf, w, p, y, mean-a)
		for size := range Sizes {
			increase[size][k] += lossChange(buf, w, p, y, float64(values[size][row-first])-a)
		}
		count[k]++
	}
	for size := range shares {
		shares[size] = oneLess(increase[size], increase[Sizes])
		shares[size].N = int64(len(f.rows))
	}
	return stat.SegmentMean(increase[Sizes], count), shares
}

// lossChange is loss' - loss when one unit changes by d; w is its column, p the softmax.
func lossChange(buf, w, p []float32, y int32, d float64) float64 {
	for v, x := range w {
		buf[v] = x * float32(d)
	}
	own := float64(buf[y])
	f32.Exp(buf, buf)
	var sum float64
	for v, x := range buf {
		sum += float64(p[v]) * float64(x)
	}
	return math.Log(sum) - own
}

// oneLess is 1 - sum(num)/sum(den) with its delete-one-segment interval.
func oneLess(num, den []float64) stat.Interval {
	ratio := stat.SegmentMean(num, den)
	return stat.Interval{Estimate: 1 - ratio.Estimate, Lo: 1 - ratio.Hi, Hi: 1 - ratio.Lo, N: ratio.N}
}

// describe is what a unit's description says of the rows of the report, by size, in
// activations.
func (s *study) describe(w *worker, g *grown, u int) [Sizes][]float32 {
	first := s.plan.report[0].lo
	var out [Sizes][]float32
	for i := range out {
		out[i] = make([]float32, s.plan.reportRows())
	}
	for _, seg := range s.plan.report {
		n := seg.hi - seg.lo
		leaf := w.walk.Walk(g.tree, w.at(s, seg.lo, seg.lo, n), n)
		for i, cut := range g.cuts {
			value := s.values(g, cut, u)
			for r, l := range leaf {
				out[i][seg.lo-first+r] = value[l]
			}
		}
	}
	return out
}

// values are what the leaves of a cut say, in activations.
func (s *study) values(g *grown, cut tree.Cut, u int) []float32 {
	out := make([]float32, len(g.tree.Nodes))
	for i := range out {
		out[i] = float32(s.col.lo[u] + s.col.step[u]*g.tree.Nodes[cut[i]].Mean)
	}
	return out
}
