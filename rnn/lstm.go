package rnn

import "github.com/rnnscope/rnnscope/internal/f32"

// lstmStep is torch.nn.LSTM's cell, gates i f g o (Hochreiter and Schmidhuber 1997
// with the forget gate of Gers et al. 2000).
type lstmStep struct{}

func (s lstmStep) forward(p *Pass, l, t, lo, hi int) {
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
		f32.LSTMForward(v.gates, v.in, bias, v.cPrev, v.c, v.tanhC, v.h)
		if p.hook != nil {
			s.visit(p.hook, l, t, r, &v)
		}
		p.passUp(l, t, r, &v)
	}
}

// rows is forward where nothing but the kernel is to be done.
func (lstmStep) rows(p *Pass, l, t, lo, hi int) {
	y, n, b := &p.layers[l], p.width(), p.o.B
	gates, h, in, tanhC := y.gates[t%y.steps*b*p.gateStride():], y.h[(t+1)*b*n:], p.inputs(l, t), y.tanhC
	if y.keepTC {
		tanhC = tanhC[t*b*n:]
	}
	cPrev, c := y.c[p.cSlot(y, t)*b*n:], y.c[p.cSlot(y, t+1)*b*n:]
	for r := lo; r < hi; r++ {
		f32.LSTMForward(p.gateRow(gates, r), in.row(r), y.bias, slot(cPrev, r, n), slot(c, r, n), slot(tanhC, r, n), slot(h, r, n))
	}
}

func (lstmStep) units(p *Pass, l, lo, hi int) {
	y, n, gh, in := &p.layers[l], p.width(), p.gateWidth(), p.inputs(l, 0)
	c := p.st.C[l]
	f32.LSTMForwardUnits(y.gates[:gh], in.row(0), y.bias, c, c, y.tanhC[:n], y.h[n:2*n], lo, hi)
}

// visit shows the row to the hook and computes anew what follows from a change.
func (lstmStep) visit(d *hookSites, l, t, r int, v *row) {
	n := len(v.h)
	changed := false
	for k := range 4 {
		changed = d.visit(l, k, t, r, v.gates[k*n:(k+1)*n]) || changed
	}
	i, f, g, o := v.gates[:n], v.gates[n:2*n], v.gates[2*n:3*n], v.gates[3*n:]
	if changed {
		for u := range v.c {
			v.c[u] = f[u]*v.cPrev[u] + i[u]*g[u]
		}
	}
	changed = d.visit(l, partC, t, r, v.c) || changed
	if changed {
		f32.Tanh(v.tanhC, v.c)
		for u := range v.h {
			v.h[u] = o[u] * v.tanhC[u]
		}
	}
	d.visit(l, partH, t, r, v.h)
}

func (lstmStep) backward(p *Pass, l, t, lo, hi int) {
	y, n, b := &p.layers[l], p.width(), p.o.B
	for r := lo; r < hi; r++ {
		i := t*b + r
		if p.isPadding(i) {
			clear(p.gateRow(y.gates, i))
			continue
		}
		f32.LSTMBackward(p.gateRow(y.gates, i), slot(y.c, i, n), slot(y.tanhC, i, n), slot(y.dhc, r, n), slot(y.dcc, r, n))
	}
	p.backRecurrent(l, t, lo, hi, y.gates[(t*b+lo)*p.gateStride():], false)
}
