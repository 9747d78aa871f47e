package rnn

import "github.com/rnnscope/rnnscope/internal/f32"

// head is the readout, logits = h W^T + b, and the memory it works in.
type head struct {
	w      *weight    // [V,H]
	b      *weight    // [V]
	fwd    f32.Packed // [H,V]
	back   f32.Packed // [V,H], with Backward
	logits []float32  // [rows,V]: a block of steps, or one chunk a worker
	all    []float32  // [T*B,V], allocated when Logits is first called
}

// products sets dst[rows,V] to the logits of h[rows,H].
func (d *head) products(dst, h []float32, rows, n int) {
	v := len(d.b.w)
	f32.Gemm(dst, v, rows, h, n, 1, &d.fwd, false)
	for r := range rows {
		f32.Add(dst[r*v:(r+1)*v], d.b.w)
	}
}

// products sets logits[rows,V] to those of h[rows,H], the first row being position
// at = t*B+b.
func (p *Pass) products(logits, h []float32, at, rows int) {
	p.head.products(logits, h, rows, p.width())
	if p.counter != nil {
		p.counter.add(logits, at, rows, p.o.B, 0, p.m.cfg.Vocab)
	}
}

// score is the program of worker w for Score.
func (p *Pass) score(w int) {
	n, v := p.width(), p.m.cfg.Vocab
	h, rows := p.above(len(p.layers)-1), p.o.T*p.o.B
	logits := p.head.logits[w*p.most*v:]
	for r0, r1 := p.claim(rows); r0 < r1; r0, r1 = p.claim(rows) {
		p.products(logits, h[r0*n:], r0, r1-r0)
		f32.SoftmaxXent(logits, r1-r0, v, v, p.y[r0:r1], p.losses[r0:r1], false, 0)
	}
}

// headBackward scores steps [t0,t1), leaves the gradient by the logits in place
// of them and the gradient by h in dh, rows shared out.
func (p *Pass) headBackward(w, t0, t1 int) {
	n, v, b := p.width(), p.m.cfg.Vocab, p.o.B
	h, rows := p.above(len(p.layers) - 1)[t0*b*n:], (t1-t0)*b
	for r0, r1 := p.claim(rows); r0 < r1; r0, r1 = p.claim(rows) {
		logits := p.head.logits[r0*v : r1*v]
		p.products(logits, h[r0*n:], t0*b+r0, r1-r0)
		if p.seed != nil {
			p.plant(w, logits, t0*b+r0, r1-r0)
		} else {
			at := t0*b + r0
			f32.SoftmaxXent(logits, r1-r0, v, v, p.y[at:at+r1-r0], p.losses[at:at+r1-r0], true, p.scale)
		}
		f32.Gemm(p.dh[r0*n:], n, r1-r0, logits, v, 1, &p.head.back, false)
	}
}

// headGradients adds the block's part of the readout's gradients, V shared out.
func (p *Pass) headGradients(t0, t1 int, accumulate bool) {
	n, v, b := p.width(), p.m.cfg.Vocab, p.o.B
	h, rows := p.above(len(p.layers) - 1)[t0*b*n:], (t1-t0)*b
	tile := tileOf(v, p.o.Workers)
	for i := p.crew.Next(); i*tile < v; i = p.crew.Next() {
		lo := i * tile
		hi := min(lo+tile, v)
		f32.GemmTN(p.head.w.g[lo*n:], n, p.head.logits[lo:], v, h, n, hi-lo, n, rows, accumulate)
		f32.SumRows(p.head.b.g[lo:hi], p.head.logits[lo:], rows, v, accumulate)
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
func (p *Pass) allLogits(int) {
	n, v := p.width(), p.m.cfg.Vocab
	h, rows := p.above(len(p.layers)-1), p.o.T*p.o.B
	for r0, r1 := p.claim(rows); r0 < r1; r0, r1 = p.claim(rows) {
		p.products(p.head.all[r0*v:], h[r0*n:], r0, r1-r0)
	}
}
