package rnn

import "github.com/rnnscope/rnnscope/internal/f32"

// planPacks reserves every packed matrix and cuts the packing into tasks.
func (p *Pass) planPacks() {
	n, gh, v := p.width(), p.gateWidth(), p.m.cfg.Vocab
	for l := range p.layers {
		y := &p.layers[l]
		p.planPack(&y.hhT, y.w.hh.w, n, gh, n, true)
		if p.o.Backward {
			p.planPack(&y.hh, y.w.hh.w, gh, n, n, false)
		}
		if l > 0 {
			p.planPack(&y.ihT, y.w.ih.w, n, gh, n, true)
		}
		if l > 0 && p.o.Backward {
			p.planPack(&y.ih, y.w.ih.w, gh, n, n, false)
		}
		p.packs = append(p.packs, packTask{bias: y})
	}
	k := p.head.width
	p.planPack(&p.head.fwd, p.m.fcW.w, k, v, k, true)
	if p.o.Backward {
		p.planPack(&p.head.back, p.m.fcW.w, v, k, k, false)
	}
	if p.head.before != nil {
		p.head.before.plan(p)
	}
	if p.encoder != nil {
		p.encoder.plan(p)
	}
}

// planPack adds the tasks of B[k,n] from src, as f32.Packed.Pack reads it.
func (p *Pass) planPack(to *f32.Packed, src []float32, k, n, ld int, trans bool) {
	to.Reserve(k, n)
	w := f32.PanelWidth()
	step := w * max(1, 32768/(w*k))
	for c := 0; c < n; c += step {
		p.packs = append(p.packs, packTask{to: to, src: src, ld: ld, trans: trans, col0: c, col1: min(c+step, n)})
	}
}

// repack is the program of worker w for Repack.
func (p *Pass) repack(int) {
	for i := p.crew.Next(); i < len(p.packs); i = p.crew.Next() {
		p.packs[i].run()
	}
	if p.encoder != nil {
		p.crew.Barrier()
		p.encoder.fill(p)
	}
}

func (k *packTask) run() {
	if k.bias != nil {
		copy(k.bias.bias, k.bias.w.bih.w)
		f32.Add(k.bias.bias, k.bias.w.bhh.w)
		return
	}
	k.to.PackCols(k.src, k.ld, k.trans, k.col0, k.col1)
}

// encoder is the input embedding. What a symbol adds to the gates of layer 0 is
// its row of E W_ih^T, so that product is made once for all V symbols and the rest
// is as with one-hot input.
type encoder struct {
	table, dTable []float32  // [V,GH]
	ihT, ih       f32.Packed // [E,GH], [GH,E]
	backwards     bool
}

func newEncoder(m *Model, backward bool, room *arena) *encoder {
	n := m.cfg.Vocab * m.cfg.Gates() * m.cfg.Hidden
	e := &encoder{table: room.take(n), backwards: backward}
	if backward {
		e.dTable = room.take(n)
	}
	return e
}

func (e *encoder) plan(p *Pass) {
	w, gh, k := p.m.layers[0].ih.w, p.gateWidth(), p.m.cfg.Embed
	p.planPack(&e.ihT, w, k, gh, k, true)
	if e.backwards {
		p.planPack(&e.ih, w, gh, k, k, false)
	}
}

// fill computes the table, symbols shared out.
func (e *encoder) fill(p *Pass) {
	v, k, gh := p.m.cfg.Vocab, p.m.cfg.Embed, p.gateWidth()
	for r0, r1 := p.claim(v); r0 < r1; r0, r1 = p.claim(v) {
		f32.Gemm(e.table[r0*gh:], gh, r1-r0, p.m.embed.w[r0*k:], k, 1, &e.ihT, false)
	}
}

// backward turns the table's gradient into those of the embedding, symbols shared
// out, and of W_ih, its rows shared out.
func (e *encoder) backward(p *Pass) {
	v, k, gh := p.m.cfg.Vocab, p.m.cfg.Embed, p.gateWidth()
	size, tile := p.chunk(v), tileOf(gh, p.o.Workers)
	chunks := (v + size - 1) / size
	for i := p.crew.Next(); ; i = p.crew.Next() {
		if i < chunks {
			r0 := i * size
			r1 := min(r0+size, v)
			f32.Gemm(p.m.embed.g[r0*k:], k, r1-r0, e.dTable[r0*gh:], gh, 1, &e.ih, false)
			continue
		}
		lo := (i - chunks) * tile
		if lo >= gh {
			return
		}
		hi := min(lo+tile, gh)
		f32.GemmTN(p.m.layers[0].ih.g[lo*k:], k, e.dTable[lo:], gh, p.m.embed.w, k, hi-lo, k, v, false)
	}
}
