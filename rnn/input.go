package rnn

import (
	"math"

	"github.com/rnnscope/rnnscope/internal/f32"
)

// InputGradient is backpropagation from any function of the logits to the input:
// norms [T,B] becomes the Euclidean norm of its gradient by the one-hot input of
// each position, |sum over gates of dGate W_ih|. seed gives the function's own
// gradient by the logits. The model's gradients are not touched. Like Backward it
// uses up the last Forward.
func (p *Pass) InputGradient(seed Seed, norms []float32) { p.gradientOfInput(seed, norms, nil) }

// InputGradients is InputGradient with the gradients themselves, [T,B,V].
func (p *Pass) InputGradients(seed Seed, grads []float32) {
	if len(grads) != p.o.T*p.o.B*p.m.cfg.Vocab {
		panic("rnn: one gradient a position and symbol")
	}
	p.gradientOfInput(seed, make([]float32, p.o.T*p.o.B), grads)
}

func (p *Pass) gradientOfInput(seed Seed, norms, grads []float32) {
	p.checkBackward()
	if len(norms) != p.o.T*p.o.B {
		panic("rnn: one norm a position")
	}
	if p.seedRow == nil {
		p.seedRow = make([]float32, p.o.Workers*p.m.cfg.Vocab)
		p.tableT = new(f32.Packed)
	}
	gh := p.gateWidth()
	p.tableT.Pack(p.table, gh, p.m.cfg.Vocab, gh, true)
	p.seed, p.norms, p.inputGrads = seed, norms, grads
	p.crew.Do(p.runInput)
	p.seed, p.norms, p.inputGrads, p.forwarded = nil, nil, nil, false
}

// inputGradient is the program of worker w for InputGradient.
func (p *Pass) inputGradient(w int) {
	p.backThroughTime(w, false)
	v, rows := p.m.cfg.Vocab, p.o.T*p.o.B
	d := p.head.logits[w*p.most*p.head.ld:]
	for r0, r1 := p.claim(rows); r0 < r1; r0, r1 = p.claim(rows) {
		f32.Gemm(d, v, r1-r0, p.layers[0].gates[r0*p.gateStride():], p.gateStride(), 1, p.tableT, false)
		for r := r0; r < r1; r++ {
			p.norms[r] = float32(math.Sqrt(f32.SumSquares(slot(d, r-r0, v))))
			if p.inputGrads != nil {
				copy(slot(p.inputGrads, r, v), slot(d, r-r0, v))
			}
		}
	}
}

// plant replaces the logits of rows, the first being position at = t*B+b, by the
// seed's gradient.
func (p *Pass) plant(w int, logits []float32, at, rows int) {
	v := p.m.cfg.Vocab
	d := slot(p.seedRow, w, v)
	for r := range rows {
		clear(d)
		row := logits[r*p.head.ld : r*p.head.ld+v]
		p.seed((at+r)/p.o.B, (at+r)%p.o.B, row, d)
		copy(row, d)
	}
}
