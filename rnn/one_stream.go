package rnn

import "github.com/rnnscope/rnnscope/internal/f32"

// alone reports whether a pass reads one plain stream, whose units can be shared out: there is no second row that could give the
// workers something to do, and reading the weights is what a step costs.
func (p *Pass) alone() bool {
	if p.o.B != 1 || p.padded || p.hook != nil || p.counter != nil || p.width()%f32.PanelWidth() != 0 {
		return false
	}
	for l := range p.layers {
		if !p.plain(l) {
			return false
		}
	}
	return true
}

// forwardAlone is forward where alone: a worker computes all gates of its units, so that nobody waits between products and
// gates, once a step. A layer goes through all steps before the next, each reading its recurrent weights the other way round
// than the step before: what was read last is still in the cache, and of a worker's share that is most. Sums are those of
// forward, to the bit.
func (p *Pass) forwardAlone(w int) {
	lo, hi := unitsOf(w, p.o.Workers, p.width())
	for l := range p.layers {
		if w == 0 {
			p.enter(l, 0, 1)
		}
		span := p.o.T
		if l > 0 {
			span = p.ahead
		}
		p.crew.Barrier()
		for t0 := 0; t0 < p.o.T; t0 += span {
			t1 := min(t0+span, p.o.T)
			if l > 0 {
				p.inputProducts(l, t0, t1, 0, 1)
			}
			for t := t0; t < t1; t++ {
				v := p.rowAt(l, t, 0)
				if lo < hi {
					f32.GemvGates(v.gates, v.hPrev, &p.layers[l].hhT, p.m.cfg.Gates(), lo, hi, t&1 == 1)
					p.cell.share(p, l, &v, lo, hi)
				}
				p.crew.Barrier()
			}
		}
		if w == 0 {
			p.leave(l, 0, 1)
		}
	}
}

// unitsOf is worker w's part of n units, of so many workers, cut at panels.
func unitsOf(w, of, n int) (lo, hi int) {
	width := f32.PanelWidth()
	panels := (n + width - 1) / width
	return min(panels*w/of*width, n), min(panels*(w+1)/of*width, n)
}

func (lstmStep) share(p *Pass, l int, v *row, lo, hi int) {
	f32.LSTMForwardUnits(v.gates, v.in, p.layers[l].bias, v.cPrev, v.c, v.tanhC, v.h, lo, hi)
}

func (gruStep) share(p *Pass, l int, v *row, lo, hi int) {
	y := &p.layers[l]
	f32.GRUForwardUnits(v.gates, v.in, y.w.bih.w, y.w.bhh.w, v.hPrev, v.hn, v.h, lo, hi)
}

func (s elmanStep) share(p *Pass, l int, v *row, lo, hi int) {
	f32.ElmanForward(v.gates[lo:hi], v.in[lo:hi], p.layers[l].bias[lo:hi], v.h[lo:hi], s.relu)
}
