package optim

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/rnnscope/rnnscope/rnn"
)

type shape struct{ v, h, l, b, t int }

// BenchmarkTrainStep is one whole training step: forward, loss, backward, clip by
// norm, Adam, packing. GFLOP/s counts every product but the input gather.
func BenchmarkTrainStep(b *testing.B) {
	for _, cell := range []rnn.Cell{rnn.Elman, rnn.LSTM, rnn.GRU} {
		for _, s := range []shape{
			{96, 128, 1, 32, 64}, {96, 128, 2, 50, 50}, {96, 512, 1, 64, 100}, {96, 512, 2, 100, 100}, {4181, 256, 1, 64, 100},
		} {
			name := fmt.Sprintf("cell=%s/V=%d/H=%d/L=%d/B=%d/T=%d", cell, s.v, s.h, s.l, s.b, s.t)
			b.Run(name, func(b *testing.B) { trainStep(b, cell, s) })
		}
	}
}

func trainStep(b *testing.B, cell rnn.Cell, s shape) {
	cfg := rnn.Config{Cell: cell, Vocab: s.v, Hidden: s.h, Layers: s.l}
	m, err := rnn.New(cfg)
	if err != nil {
		b.Fatal(err)
	}
	rng := rand.New(rand.NewPCG(1, 1))
	m.Init(rng)
	p, err := m.NewPass(rnn.PassOptions{T: s.t, B: s.b, Backward: true, Train: true})
	if err != nil {
		b.Fatal(err)
	}
	o, err := New(Config{Name: Adam, LR: .002, Clip: ClipNorm, ClipAt: 5}, len(m.Slab()))
	if err != nil {
		b.Fatal(err)
	}
	x, y, st := make([]int32, s.t*s.b), make([]int32, s.t*s.b), m.NewState(s.b)
	for i := range x {
		x[i] = int32(rng.IntN(s.v))
		y[i] = (x[i] * 7) % int32(s.v)
	}
	step := func() {
		p.Forward(x, st, nil)
		p.Backward(y, 1/float32(len(x)))
		o.Step(m.Slab(), m.Grads(), .002)
		p.Repack()
	}
	step() // the first touches all memory
	b.ReportAllocs()
	for b.Loop() {
		step()
	}
	h, gh := float64(s.h), float64(cfg.Gates()*s.h)
	flops := 3 * (2*float64(2*s.l-1)*gh*h + 2*float64(s.v)*h)
	per := float64(b.N*len(x)) / b.Elapsed().Seconds()
	b.ReportMetric(per, "char/s")
	b.ReportMetric(per*flops/1e9, "GFLOP/s")
}
