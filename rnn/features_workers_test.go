package rnn

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// A hidden layer before the readout that is narrower than the layer below: whichever worker has rows, the last one too, finds room for
// them, and comes to the same gradient. Which worker takes a row is left to chance elsewhere.
func TestNarrowHeadOnAnyWorker(t *testing.T) {
	const units, narrow, workers, streams = 14, 3, 4, 5
	m, err := New(Config{Cell: LSTM, Vocab: 9, Hidden: units, Layers: 1, Head: Head{Hidden: narrow, Activation: "tanh"}})
	if err != nil {
		t.Fatal(err)
	}
	rng := rand.New(rand.NewPCG(1, 1))
	m.Init(rng)
	p, err := m.NewPass(PassOptions{T: 3, B: streams, Workers: workers, Backward: true})
	if err != nil {
		t.Fatal(err)
	}
	f := p.head.before
	f.fwd.Pack(f.w, units, narrow, units, true)
	f.back.Pack(f.w, narrow, units, units, false)
	h, d := make([]float32, streams*units), make([]float32, streams*narrow)
	for i := range h {
		h[i] = rng.Float32()
	}
	for i := range d {
		d[i] = rng.Float32()
	}
	var first []float32
	for w := range workers {
		dst := make([]float32, streams*units)
		f.forward(w, h, streams)
		copy(f.piece(f.dOut, w, narrow), d)
		f.backward(w, dst, h, streams)
		if first == nil {
			first = dst
		}
		if !slices.Equal(first, dst) || slices.Max(dst) == 0 {
			t.Errorf("worker %d comes to another gradient", w)
		}
	}
}
