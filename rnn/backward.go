package rnn

import "github.com/rnnscope/rnnscope/internal/f32"

// backward is the program of worker w for Backward: from the last block of steps
// to the first, top layer to bottom, gate gradients only; then, after a barrier,
// the weight gradients as long products over all T*B rows.
func (p *Pass) backward(w int) {
	p.backThroughTime(w, true)
	for i := p.crew.Next(); i < len(p.tasks); i = p.crew.Next() {
		p.gradient(&p.tasks[i])
	}
	if p.encoder != nil {
		p.crew.Barrier()
		p.encoder.backward(p)
	}
}

// backThroughTime leaves gate gradients in place of the gates, and, with weights,
// the gradients of the readout.
func (p *Pass) backThroughTime(w int, weights bool) {
	lo, hi := p.shard(w)
	n := p.width()
	last := (p.o.T - 1) / p.block * p.block
	for l := len(p.layers) - 1; l >= 0; l-- {
		y, top := &p.layers[l], l == len(p.layers)-1
		clear(y.dhc[lo*n : hi*n])
		clear(y.dcc[lo*n : hi*n])
		if p.counter != nil && top {
			clear(p.counter.dc[lo:hi])
		}
		for t0 := last; t0 >= 0; t0 -= p.block {
			t1 := min(t0+p.block, p.o.T)
			p.blockBack(w, l, t0, t1)
			switch {
			case top && weights:
				if p.own {
					p.crew.Barrier() // all logits
				}
				p.headGradients(t0, t1, t0 != last)
				p.crew.Barrier() // before logits of the next block
			case !p.own:
				p.crew.Barrier()
			}
		}
	}
	if p.own && (!weights || len(p.layers) > 1) {
		p.crew.Barrier()
	}
}

// blockBack runs the rows of worker w of layer l backward through steps [t0,t1).
func (p *Pass) blockBack(w, l, t0, t1 int) {
	lo, hi := p.shard(w)
	top := l == len(p.layers)-1
	if top {
		p.headBackward(w, t0, t1, lo, hi)
	} else {
		p.fromAbove(l, t0, t1, lo, hi)
	}
	for t := t1 - 1; t >= t0; t-- {
		if top && p.counter != nil {
			p.counter.backStep(p, t, t-t0, lo, hi)
		}
		p.backStep(l, t, t-t0, lo, hi)
	}
}

// fromAbove puts into dh the gradient by h of layer l that comes from the layer above, for
// steps [t0,t1): rows [lo,hi), or shared out.
func (p *Pass) fromAbove(l, t0, t1, lo, hi int) {
	up, n, stride, b := &p.layers[l+1], p.width(), p.gateStride(), p.o.B
	if p.own {
		f32.GemmGroups(p.dh[lo*n:], n, b*n, hi-lo, up.gates[(t0*b+lo)*stride:], stride, b*stride, t1-t0, &up.ih)
		for t := t0; t < t1; t++ {
			p.dropFromAbove(l, t0, t*b+lo, t*b+hi)
		}
		return
	}
	rows := (t1 - t0) * b
	for r0, r1 := p.claim(rows); r0 < r1; r0, r1 = p.claim(rows) {
		f32.Gemm(p.dh[r0*n:], n, r1-r0, up.gates[(t0*b+r0)*stride:], stride, 1, &up.ih, false)
		p.dropFromAbove(l, t0, t0*b+r0, t0*b+r1)
	}
	p.crew.Barrier()
}

// dropFromAbove takes the gradient of positions [i0,i1) through the dropout above layer l.
func (p *Pass) dropFromAbove(l, t0, i0, i1 int) {
	if p.layers[l].x == nil {
		return
	}
	n := p.width()
	for i := i0; i < i1; i++ {
		p.drop.mask(slot(p.dh, i-t0*p.o.B, n), l, i)
	}
}

// backStep runs rows [lo,hi) of step t backward; s is the step within the block.
func (p *Pass) backStep(l, t, s, lo, hi int) {
	if lo == hi {
		return
	}
	y, n, b := &p.layers[l], p.width(), p.o.B
	f32.Add(y.dhc[lo*n:hi*n], p.dh[(s*b+lo)*n:(s*b+hi)*n])
	p.cell.backward(p, l, t, lo, hi)
}

// isPadding reports whether position i = t*B+b is padding.
func (p *Pass) isPadding(i int) bool { return p.padded && p.x[i] < 0 }

// backRecurrent makes dhc the gradient by the state before; d is the gradient by the
// recurrent products, [hi-lo,GH], rows as those of gates. direct says that dhc holds a part to which theirs is
// added. The chunk's first step passes nothing on: backpropagation is truncated there.
func (p *Pass) backRecurrent(l, t, lo, hi int, d []float32, direct bool) {
	if t == 0 {
		return
	}
	y, n := &p.layers[l], p.width()
	if p.padded && !direct { // padded rows pass theirs on as it is
		for r := lo; r < hi; r++ {
			if p.x[t*p.o.B+r] >= 0 {
				clear(slot(y.dhc, r, n))
			}
		}
		direct = true
	}
	f32.Gemm(y.dhc[lo*n:], n, hi-lo, d, p.gateStride(), 1, &y.hh, direct)
}
