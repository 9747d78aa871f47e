package rnn

import "github.com/rnnscope/rnnscope/internal/f32"

// planTasks lists the weight gradients, the long products first.
func (p *Pass) planTasks() {
	if !p.o.Backward {
		return
	}
	h, gh := p.width(), p.gateWidth()
	add := func(kind taskKind, l, lo, hi, tile int) {
		for ; lo < hi; lo += tile {
			p.tasks = append(p.tasks, task{kind, l, lo, min(lo+tile, hi)})
		}
	}
	for l := range p.layers {
		cut := gh // the GRU's recurrent n block has a gradient of its own
		if p.m.cfg.Cell == GRU {
			cut = 2 * h
		}
		add(gradHH, l, 0, cut, tileOf(cut, p.o.Workers))
		add(gradHH, l, cut, gh, tileOf(gh-cut, p.o.Workers))
		if l > 0 {
			add(gradIH, l, 0, gh, tileOf(gh, p.o.Workers))
		}
	}
	add(gradTable, 0, 0, gh, tileOf(gh, p.o.Workers))
	if p.counter != nil {
		p.tasks = append(p.tasks, task{kind: gradCounter})
	}
}

// gradient computes one task from the gate gradients. Every element is a sum over
// the T*B rows in their order, so it does not matter who computes which tile.
func (p *Pass) gradient(k *task) {
	y, n, stride := &p.layers[k.layer], p.width(), p.gateStride()
	rows := p.o.T * p.o.B
	switch k.kind {
	case gradHH:
		if y.hn != nil && k.lo >= 2*n {
			f32.GemmTNSums(y.w.hh.g[k.lo*n:], n, y.w.bhh.g[k.lo:k.hi], y.hn[k.lo-2*n:], oddLines(n), y.h, n, k.hi-k.lo, n, rows, false)
			return
		}
		f32.GemmTN(y.w.hh.g[k.lo*n:], n, y.gates[k.lo:], stride, y.h, n, k.hi-k.lo, n, rows, false)
	case gradIH:
		f32.GemmTNSums(y.w.ih.g[k.lo*n:], n, y.w.bih.g[k.lo:k.hi], y.gates[k.lo:], stride, p.above(k.layer-1), n, k.hi-k.lo, n, rows, false)
		p.recurrentBias(y, k.lo, k.hi)
	case gradTable:
		p.tableGradient(k.lo, k.hi)
		f32.SumRows(y.w.bih.g[k.lo:k.hi], p.dTable[k.lo:], p.m.cfg.Vocab, p.gateWidth(), false)
		p.recurrentBias(y, k.lo, k.hi)
	case gradCounter:
		p.counter.gradient(p)
	}
}

// tableGradient adds the gate gradients to the rows of their symbols, columns [lo,hi).
func (p *Pass) tableGradient(lo, hi int) {
	gh := p.gateWidth()
	for v := range p.m.cfg.Vocab {
		clear(p.dTable[v*gh+lo : v*gh+hi])
	}
	f32.ScatterAddCols(p.dTable, gh, p.x, p.layers[0].gates, p.gateStride(), lo, hi)
}

// recurrentBias sets columns [lo,hi) of the gradient of b_hh to that of b_ih. The GRU's n
// block has one of its own, which comes with its weights.
func (p *Pass) recurrentBias(y *passLayer, lo, hi int) {
	if y.hn != nil {
		hi = max(lo, min(hi, 2*p.width()))
	}
	copy(y.w.bhh.g[lo:hi], y.w.bih.g[lo:hi])
}
