package rnn

import "github.com/rnnscope/rnnscope/internal/f32"

// readoutInput is what the readout reads of h [rows,H], for worker w: h itself, or what the
// head makes of it.
func (p *Pass) readoutInput(w int, h []float32, rows int) []float32 {
	if p.head.before == nil {
		return h
	}
	return p.head.before.forward(w, h, rows)
}

// logitRow is row i of the block's logits.
func (p *Pass) logitRow(i int) []float32 {
	at := i * p.head.ld
	return p.head.logits[at : at+p.m.cfg.Vocab]
}

// products sets logits[rows,V], rows ld apart, to those of h[rows,H], the first row
// being position at = t*B+b, for worker w.
func (p *Pass) products(w int, logits []float32, ld int, h []float32, at, rows int) {
	f32.Gemm(logits, ld, rows, p.readoutInput(w, h, rows), p.head.width, 1, &p.head.fwd, false)
	p.addBias(logits, ld, at, rows)
}

// addBias adds to the products of rows, the first being position at, what makes them logits.
func (p *Pass) addBias(logits []float32, ld, at, rows int) {
	for r := range rows {
		f32.Add(logits[r*ld:r*ld+len(p.head.b.w)], p.head.b.w)
	}
	if p.counter != nil {
		p.counter.add(logits, ld, at, rows, 0, p.m.cfg.Vocab)
	}
}

// score is the program of worker w for Score.
func (p *Pass) score(w int) {
	n, v := p.width(), p.m.cfg.Vocab
	h, rows := p.above(len(p.layers)-1), p.o.T*p.o.B
	ld := p.head.ld
	logits := p.head.logits[w*p.most*ld:]
	for r0, r1 := p.claim(rows); r0 < r1; r0, r1 = p.claim(rows) {
		p.products(w, logits, ld, h[r0*n:], r0, r1-r0)
		f32.SoftmaxXent(logits, r1-r0, v, ld, p.y[r0:r1], p.losses[r0:r1], false, 0)
	}
}

// headBackward scores steps [t0,t1), leaves the gradient by the logits in place
// of them and the gradient by h in dh: rows [lo,hi), or shared out.
func (p *Pass) headBackward(w, t0, t1, lo, hi int) {
	b := p.o.B
	if p.own {
		steps := max(1, p.most/(hi-lo))
		for t := t0; t < t1; t += steps {
			p.headRows(w, t0*b, (t-t0)*b+lo, hi-lo, min(steps, t1-t))
		}
		return
	}
	rows := (t1 - t0) * b
	for r0, r1 := p.claim(rows); r0 < r1; r0, r1 = p.claim(rows) {
		p.headRows(w, t0*b, r0, r1-r0, 1)
	}
	p.crew.Barrier()
}

// headRows is headBackward for rows [r,r+m) of the block that begins at position
// first = t*B+b, and for the same of so many steps.
func (p *Pass) headRows(w, first, r, m, steps int) {
	n, b, ld := p.width(), p.o.B, p.head.ld
	h, logits := p.above(len(p.layers) - 1)[(first+r)*n:], p.head.logits[r*ld:]
	if p.head.before != nil {
		for s := range steps {
			p.featureRows(w, logits[s*b*ld:], h[s*b*n:], p.dh[(r+s*b)*n:], first+r+s*b, m)
		}
		return
	}
	f32.GemmGroups(logits, ld, b*ld, m, h, n, b*n, steps, &p.head.fwd)
	for s := range steps {
		p.lossGradient(w, logits[s*b*ld:], first+r+s*b, m)
	}
	f32.GemmGroups(p.dh[r*n:], n, b*n, m, logits, ld, b*ld, steps, &p.head.back)
}

// featureRows is headRows of one step where there is something between h and the
// readout. m is at most what features hold at once.
func (p *Pass) featureRows(w int, logits, h, dh []float32, at, m int) {
	f, ld := p.head.before, p.head.ld
	f32.Gemm(logits, ld, m, f.forward(w, h, m), p.head.width, 1, &p.head.fwd, false)
	p.lossGradient(w, logits, at, m)
	f32.Gemm(f.piece(f.dOut, w, p.head.width), p.head.width, m, logits, ld, 1, &p.head.back, false)
	f.backward(w, dh, h, m)
}

// lossGradient adds to the products of rows, the first being position at, what makes them
// logits, scores them and replaces them by their gradient.
func (p *Pass) lossGradient(w int, logits []float32, at, rows int) {
	v, ld := p.m.cfg.Vocab, p.head.ld
	p.addBias(logits, ld, at, rows)
	if p.seed != nil {
		p.plant(w, logits, at, rows)
		return
	}
	f32.SoftmaxXent(logits, rows, v, ld, p.y[at:at+rows], p.losses[at:at+rows], true, p.scale)
}

// headGradients adds the block's part of the readout's gradients, shared out by the
// longer side of W, so that the shorter one is not cut into few rows of the matrix
// kernel.
func (p *Pass) headGradients(t0, t1 int, accumulate bool) {
	n, v, b, ld := p.width(), p.m.cfg.Vocab, p.o.B, p.head.ld
	h, rows := p.above(len(p.layers) - 1)[t0*b*n:], (t1-t0)*b
	g, logits := p.head.w.g, p.head.logits
	long := max(n, v)
	tile := tileOf(long, p.o.Workers)
	products := (long + tile - 1) / tile
	for i := p.crew.Next(); ; i = p.crew.Next() {
		lo := i * tile
		hi := min(lo+tile, long)
		switch {
		case i < products && v >= n:
			f32.GemmTNSums(g[lo*n:], n, p.head.b.g[lo:hi], logits[lo:], ld, h, n, hi-lo, n, rows, accumulate)
			if p.counter != nil {
				p.counter.outGradient(p, t0, t1, lo, hi, accumulate)
			}
			continue
		case i < products:
			f32.GemmTN(g[lo:], n, logits, ld, h[lo:], n, v, hi-lo, rows, accumulate)
			continue
		}
		tile := tileOf(v, p.o.Workers)
		if lo = (i - products) * tile; lo >= v || v >= n { // the sums came with the product
			return
		}
		hi = min(lo+tile, v)
		f32.SumRows(p.head.b.g[lo:hi], logits[lo:], rows, ld, accumulate)
		if p.counter != nil {
			p.counter.outGradient(p, t0, t1, lo, hi, accumulate)
		}
	}
}

// Logits of the last Forward, [T*B,V], valid until the next call on p. The first
// call allocates them.
func (p *Pass) Logits() []float32 {
	p.checkForwarded()
	if p.head.all == nil {
		p.head.all = f32.Make(p.o.T * p.o.B * p.m.cfg.Vocab)
	}
	p.crew.Do(p.runLogits)
	return p.head.all
}

// allLogits is the program of worker w for Logits.
func (p *Pass) allLogits(w int) {
	n, v := p.width(), p.m.cfg.Vocab
	h, rows := p.above(len(p.layers)-1), p.o.T*p.o.B
	for r0, r1 := p.claim(rows); r0 < r1; r0, r1 = p.claim(rows) {
		p.products(w, p.head.all[r0*v:], v, h[r0*n:], r0, r1-r0)
	}
}
