package rnn

import (
	"fmt"
	"testing"
)

// flops is the useful floating point operations of one forward over a position:
// every product but the input gather.
func (c Config) flops() float64 {
	h, gh := float64(c.Hidden), float64(c.Gates()*c.Hidden)
	return 2*(float64(2*c.Layers-1)*gh*h) + 2*float64(c.Vocab)*h
}

func benchModel(b *testing.B, cfg Config) *Model {
	b.Helper()
	m, err := New(cfg)
	if err != nil {
		b.Fatal(err)
	}
	m.Init(newRand(1))
	return m
}

func benchText(cfg Config, n int) []int32 {
	rng, x := newRand(2), make([]int32, n)
	for i := range x {
		x[i] = int32(rng.IntN(cfg.Vocab))
	}
	return x
}

// BenchmarkForward is a forward that keeps all hidden states.
func BenchmarkForward(b *testing.B) {
	for _, cell := range []Cell{Elman, LSTM, GRU} {
		for _, h := range []int{128, 512} {
			for _, l := range []int{1, 2} {
				cfg := Config{Cell: cell, Vocab: 96, Hidden: h, Layers: l}
				const steps, streams = 100, 64
				b.Run(fmt.Sprintf("cell=%s/H=%d/L=%d/B=%d/T=%d", cell, h, l, streams, steps), func(b *testing.B) {
					m := benchModel(b, cfg)
					p, err := m.NewPass(PassOptions{T: steps, B: streams})
					if err != nil {
						b.Fatal(err)
					}
					x, st := benchText(cfg, steps*streams), m.NewState(streams)
					b.ReportAllocs()
					for b.Loop() {
						p.Forward(x, st, nil)
					}
					per := float64(b.N*steps*streams) / b.Elapsed().Seconds()
					b.ReportMetric(per, "char/s")
					b.ReportMetric(per*(cfg.flops()-2*float64(cfg.Vocab*h))/1e9, "GFLOP/s")
				})
			}
		}
	}
}

// BenchmarkSample is one step of one stream and of 32.
func BenchmarkSample(b *testing.B) {
	for _, cell := range []Cell{Elman, LSTM, GRU} {
		for _, h := range []int{128, 512} {
			for _, streams := range []int{1, 32} {
				cfg := Config{Cell: cell, Vocab: 96, Hidden: h, Layers: 2}
				b.Run(fmt.Sprintf("cell=%s/H=%d/L=2/B=%d", cell, h, streams), func(b *testing.B) {
					s := benchModel(b, cfg).NewStepper(streams)
					x := benchText(cfg, streams)
					b.ReportAllocs()
					for b.Loop() {
						s.Step(x)
					}
					per := float64(b.N*streams) / b.Elapsed().Seconds()
					b.ReportMetric(per, "char/s")
					b.ReportMetric(per*cfg.flops()/1e9, "GFLOP/s")
				})
			}
		}
	}
}
