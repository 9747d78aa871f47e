package rnn

import "github.com/rnnscope/rnnscope/internal/f32"

// elmanStep is torch.nn.RNN's cell (Elman 1990).
type elmanStep struct{ relu bool }

func (s elmanStep) forward(p *Pass, l, t, lo, hi int) {
	if p.plain(l) {
		s.rows(p, l, t, lo, hi)
		return
	}
	bias := p.layers[l].bias
	for r := lo; r < hi; r++ {
		if p.isPadding(t*p.o.B + r) {
			p.hold(l, t, r)
			continue
		}
		v := p.rowAt(l, t, r)
		if p.sums(l) {
			s.sum(&v, bias)
			p.hook.visit(l, 0, t, r, v.gates)
			f32.ElmanForward(v.gates, nil, nil, v.h, s.relu)
		} else {
			f32.ElmanForward(v.gates, v.in, bias, v.h, s.relu)
		}
		if p.hook != nil {
			p.hook.visit(l, partH, t, r, v.h)
		}
		p.passUp(l, t, r, &v)
	}
}

// rows is forward where nothing but the kernel is to be done.
func (s elmanStep) rows(p *Pass, l, t, lo, hi int) {
	y, n, b := &p.layers[l], p.width(), p.o.B
	gates, h, in := y.gates[t%y.steps*b*n:], y.h[(t+1)*b*n:], p.inputs(l, t)
	for r := lo; r < hi; r++ {
		f32.ElmanForward(slot(gates, r, n), in.row(r), y.bias, slot(h, r, n), s.relu)
	}
}

func (s elmanStep) units(p *Pass, l, lo, hi int) {
	y, n, in := &p.layers[l], p.width(), p.inputs(l, 0)
	f32.ElmanForward(y.gates[lo:hi], in.row(0)[lo:hi], y.bias[lo:hi], y.h[n+lo:n+hi], s.relu)
}

// sum leaves in gates the whole pre-activation, added in the kernel's own order.
func (elmanStep) sum(v *row, bias []float32) {
	f32.Add(v.gates, v.in)
	f32.Add(v.gates, bias)
}

func (s elmanStep) backward(p *Pass, l, t, lo, hi int) {
	y, n, b := &p.layers[l], p.width(), p.o.B
	gates, h := y.gates[t*b*n:], y.h[(t+1)*b*n:]
	// One call for all rows: only padding, whose gradient is none, sets rows apart.
	f32.ElmanBackward(gates[lo*n:hi*n], y.dhc[lo*n:hi*n], h[lo*n:hi*n], s.relu)
	for r := lo; p.padded && r < hi; r++ {
		if p.x[t*b+r] < 0 {
			clear(slot(gates, r, n))
		}
	}
	p.backRecurrent(l, t, lo, hi, gates[lo*n:], false)
}
