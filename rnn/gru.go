package rnn

import "github.com/rnnscope/rnnscope/internal/f32"

// gruStep is torch.nn.GRU's cell, gates r z n (Cho et al. 2014, the reset gate
// applied after the recurrent product: h' = (1-z) n + z h).
type gruStep struct{}

func (s gruStep) forward(p *Pass, l, t, lo, hi int) {
	if p.plain(l) {
		s.rows(p, l, t, lo, hi)
		return
	}
	w := p.layers[l].w
	for r := lo; r < hi; r++ {
		if p.isPadding(t*p.o.B + r) {
			p.hold(l, t, r)
			continue
		}
		v := p.rowAt(l, t, r)
		f32.GRUForward(v.gates, v.in, w.bih.w, w.bhh.w, v.hPrev, v.hn, v.h)
		if p.hook != nil {
			s.visit(p.hook, l, t, r, w.bih.w, &v)
		}
		p.passUp(l, t, r, &v)
	}
}

// rows is forward where nothing but the kernel is to be done.
func (gruStep) rows(p *Pass, l, t, lo, hi int) {
	y, n, b := &p.layers[l], p.width(), p.o.B
	gates, prev, h, in, hn := y.gates[t%y.steps*b*p.gateStride():], y.h[t*b*n:], y.h[(t+1)*b*n:], p.inputs(l, t), y.hn
	if y.keepTC {
		hn = hn[t*b*oddLines(n):]
	}
	for r := lo; r < hi; r++ {
		f32.GRUForward(p.gateRow(gates, r), in.row(r), y.w.bih.w, y.w.bhh.w, slot(prev, r, n), p.hnRow(hn, r), slot(h, r, n))
	}
}

func (gruStep) units(p *Pass, l, lo, hi int) {
	y, n, gh, in := &p.layers[l], p.width(), p.gateWidth(), p.inputs(l, 0)
	f32.GRUForwardUnits(y.gates[:gh], in.row(0), y.w.bih.w, y.w.bhh.w, p.st.H[l], y.hn[:n], y.h[n:2*n], lo, hi)
}

// visit shows the row to the hook and computes anew what follows from a change: r
// acts through n, and n and z make h. bih is b_ih, [3H].
func (gruStep) visit(d *hookSites, l, t, row int, bih []float32, v *row) {
	k := len(v.h)
	r, z, n := v.gates[:k], v.gates[k:2*k], v.gates[2*k:]
	reset := d.visit(l, 0, t, row, r)
	changed := d.visit(l, 1, t, row, z) || reset
	if reset {
		in, b := v.in[2*k:], bih[2*k:]
		for u := range n {
			n[u] = in[u] + b[u] + r[u]*v.hn[u]
		}
		f32.Tanh(n, n)
	}
	changed = d.visit(l, 2, t, row, n) || changed
	if changed {
		for u := range v.h {
			v.h[u] = n[u] + z[u]*(v.hPrev[u]-n[u])
		}
	}
	d.visit(l, partH, t, row, v.h)
}

func (gruStep) backward(p *Pass, l, t, lo, hi int) {
	y, n, b := &p.layers[l], p.width(), p.o.B
	for r := lo; r < hi; r++ {
		i := t*b + r
		gates, hn, rec := p.gateRow(y.gates, i), p.hnRow(y.hn, i), p.gateRow(p.dRec, r)
		if p.isPadding(i) {
			clear(gates)
			clear(hn)
			clear(rec)
			continue
		}
		f32.GRUBackward(gates, rec, slot(y.h, i, n), hn, slot(y.dhc, r, n))
		copy(hn, rec[2*n:]) // the one part in which the two gradients differ
	}
	p.backRecurrent(l, t, lo, hi, p.dRec[lo*p.gateStride():], true)
}
