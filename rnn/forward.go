package rnn

import "github.com/rnnscope/rnnscope/internal/f32"

// forward is the program of worker w for Forward.
func (p *Pass) forward(w int) {
	lo, hi := p.shard(w)
	for l := range p.layers {
		p.enter(l, lo, hi)
		span := p.o.T
		if l > 0 {
			span = p.ahead
		}
		for t0 := 0; t0 < p.o.T; t0 += span {
			t1 := min(t0+span, p.o.T)
			if l > 0 {
				p.inputProducts(l, t0, t1, lo, hi)
			}
			for t := t0; t < t1; t++ {
				p.step(l, t, lo, hi)
			}
			if !p.own && len(p.layers) > 1 {
				p.crew.Barrier()
			}
		}
		p.leave(l, lo, hi)
	}
	if p.counter != nil {
		p.counter.run(p, lo, hi)
	}
}

// step runs layer l over rows [lo,hi) of step t.
func (p *Pass) step(l, t, lo, hi int) {
	if lo == hi {
		return
	}
	y, n, stride := &p.layers[l], p.width(), p.gateStride()
	prev := y.h[t*p.o.B*n:]
	if p.hook.wants(l, partHRec) {
		prev = y.hrec
	}
	gates := y.gates[(t%y.steps*p.o.B+lo)*stride:]
	f32.Gemm(gates, stride, hi-lo, prev[lo*n:], n, 1, &y.hhT, false)
	p.cell.forward(p, l, t, lo, hi)
}

// inputProducts computes W_ih x of an upper layer for steps [t0,t1): rows [lo,hi), or
// shared out.
func (p *Pass) inputProducts(l, t0, t1, lo, hi int) {
	y, n, stride, b := &p.layers[l], p.width(), p.gateStride(), p.o.B
	src := p.above(l - 1)[t0*b*n:]
	if p.own {
		f32.GemmGroups(p.xin[lo*stride:], stride, b*stride, hi-lo, src[lo*n:], n, b*n, t1-t0, &y.ihT)
		return
	}
	rows := (t1 - t0) * b
	for r0, r1 := p.claim(rows); r0 < r1; r0, r1 = p.claim(rows) {
		f32.Gemm(p.xin[r0*stride:], stride, r1-r0, src[r0*n:], n, 1, &y.ihT, false)
	}
	p.crew.Barrier()
}

// above is what the reader above layer l, the next layer or the readout, reads, [T,B,H].
func (p *Pass) above(l int) []float32 {
	y := &p.layers[l]
	switch {
	case y.x != nil:
		return y.x
	case p.hook.wants(l, partRead):
		return y.hread
	}
	return y.h[p.o.B*p.width():]
}

// enter loads rows [lo,hi) of the state.
func (p *Pass) enter(l, lo, hi int) {
	y, n := &p.layers[l], p.width()
	copy(y.h[lo*n:hi*n], p.st.H[l][lo*n:hi*n])
	if p.hook.wants(l, partHRec) {
		copy(y.hrec[lo*n:hi*n], p.st.H[l][lo*n:hi*n])
	}
	if y.c == nil {
		return
	}
	copy(y.c[lo*n:hi*n], p.st.C[l][lo*n:hi*n])
	if p.hook.wants(l, partCRec) {
		copy(y.crec[lo*n:hi*n], p.st.C[l][lo*n:hi*n])
	}
}

// leave stores rows [lo,hi) of the state.
func (p *Pass) leave(l, lo, hi int) {
	y, n, bh := &p.layers[l], p.width(), p.o.B*p.width()
	h := y.h[p.o.T*bh:]
	if p.hook.wants(l, partHRec) {
		h = y.hrec
	}
	copy(p.st.H[l][lo*n:hi*n], h[lo*n:hi*n])
	if y.c == nil {
		return
	}
	c := y.c[p.cSlot(y, p.o.T)*bh:]
	if p.hook.wants(l, partCRec) {
		c = y.crec
	}
	copy(p.st.C[l][lo*n:hi*n], c[lo*n:hi*n])
}

// cSlot is where c before step t is kept: two slots take turns when not all are.
func (p *Pass) cSlot(y *passLayer, t int) int {
	if y.keepC {
		return t
	}
	return t & 1
}

// rowAt gathers the views of row r at step t; symbol is not negative.
func (p *Pass) rowAt(l, t, r int) row {
	y, n, gh, b := &p.layers[l], p.width(), p.gateWidth(), p.o.B
	v := row{gates: p.gateRow(y.gates, t%y.steps*b+r), hPrev: slot(y.h, t*b+r, n), h: slot(y.h, (t+1)*b+r, n)}
	if l == 0 {
		v.in = slot(p.table, int(p.x[t*b+r]), gh)
	} else {
		v.in = p.gateRow(p.xin, t%p.ahead*b+r)
	}
	once := t
	if !y.keepTC {
		once = 0
	}
	if y.c != nil {
		v.cPrev, v.c = slot(y.c, p.cSlot(y, t)*b+r, n), slot(y.c, p.cSlot(y, t+1)*b+r, n)
		v.tanhC = slot(y.tanhC, once*b+r, n)
	}
	if y.hn != nil {
		v.hn = p.hnRow(y.hn, once*b+r)
	}
	if p.hook != nil {
		p.readCopies(l, r, &v)
	}
	return v
}

// plain reports whether layer l needs nothing but its kernel: no padding, no hook,
// no dropout, no kept Elman sum.
func (p *Pass) plain(l int) bool {
	return !p.padded && p.hook == nil && p.layers[l].x == nil && !p.keepsSum[l]
}

func (p *Pass) inputs(l, t int) inputs {
	b, gh := p.o.B, p.gateWidth()
	if l == 0 {
		return inputs{p.table, p.x[t*b : (t+1)*b], gh, gh}
	}
	return inputs{p.xin[t%p.ahead*b*p.gateStride():], nil, gh, p.gateStride()}
}

// hold carries the state of a padded row over step t.
func (p *Pass) hold(l, t, r int) {
	y, n, b := &p.layers[l], p.width(), p.o.B
	h := slot(y.h, (t+1)*b+r, n)
	copy(h, slot(y.h, t*b+r, n))
	clear(p.gateRow(y.gates, t%y.steps*b+r))
	if y.c != nil {
		copy(slot(y.c, p.cSlot(y, t+1)*b+r, n), slot(y.c, p.cSlot(y, t)*b+r, n))
	}
	if p.hook.wants(l, partRead) {
		copy(slot(y.hread, t*b+r, n), h)
	}
	if y.x != nil {
		copy(slot(y.x, t*b+r, n), h)
	}
}

// passUp passes the finished h of row r to the reader above: through dropout, if on.
func (p *Pass) passUp(l, t, r int, v *row) {
	y := &p.layers[l]
	if p.hook != nil {
		p.writeCopies(l, t, r, v)
	}
	if y.x == nil {
		return
	}
	n, i := p.width(), t*p.o.B+r
	from := v.h
	if p.hook.wants(l, partRead) {
		from = slot(y.hread, i, n)
	}
	dst := slot(y.x, i, n)
	copy(dst, from)
	p.drop.mask(dst, l, i)
}
