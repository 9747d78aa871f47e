package rnn

import "github.com/rnnscope/rnnscope/internal/f32"

// elmanStep is torch.nn.RNN's cell (Elman 1990).
type elmanStep struct{ relu bool }

func (s elmanStep) forward(p *Pass, l, t, lo, hi int) {
	bias := p.layers[l].bias
	for r := lo; r < hi; r++ {
		if p.x[t*p.o.B+r] < 0 {
			p.hold(l, t, r)
			continue
		}
		v := p.rowAt(l, t, r)
		if p.sums(l) {
			s.sum(&v, bias)
			p.door.visit(l, 0, t, r, v.gates)
			f32.ElmanForward(v.gates, nil, nil, v.h, s.relu)
		} else {
			f32.ElmanForward(v.gates, v.in, bias, v.h, s.relu)
		}
		if p.door != nil {
			p.door.visit(l, partH, t, r, v.h)
		}
		p.rise(l, t, r, &v)
	}
}

// sum leaves in gates the whole pre-activation, added in the kernel's own order.
func (elmanStep) sum(v *row, bias []float32) {
	if v.in != nil {
		f32.Add(v.gates, v.in)
	}
	f32.Add(v.gates, bias)
}

func (s elmanStep) backward(p *Pass, l, t, lo, hi int) {
	y, n, b := &p.layers[l], p.width(), p.o.B
	for r := lo; r < hi; r++ {
		i := t*b + r
		if p.x[i] < 0 {
			clear(slot(y.gates, i, n))
			continue
		}
		f32.ElmanBackward(slot(y.gates, i, n), slot(y.dhc, r, n), slot(y.h, i+b, n), s.relu)
		clear(slot(y.dhc, r, n))
	}
	p.backRecurrent(l, t, lo, hi, y.gates[(t*b+lo)*n:])
}
