package rnn

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

// TestPlainEqualsPass: the forward pass to be read and the fast one give the same logits and states.
func TestPlainEqualsPass(t *testing.T) {
	const steps = 40
	for _, c := range []Config{
		{Cell: Elman, Vocab: 7, Hidden: 20, Layers: 1},
		{Cell: Elman, Nonlinearity: ReLU, Vocab: 7, Hidden: 17, Layers: 2},
		{Cell: LSTM, Vocab: 7, Hidden: 33, Layers: 2},
		{Cell: LSTM, Vocab: 5, Hidden: 16, Layers: 1, Embed: 3},
		{Cell: GRU, Vocab: 7, Hidden: 32, Layers: 3},
		{Cell: GRU, Vocab: 9, Hidden: 8, Layers: 1, Embed: 11},
	} {
		t.Run(fmt.Sprintf("%s%s %dx%d", c.Cell, c.Nonlinearity, c.Layers, c.Hidden), func(t *testing.T) {
			m, err := New(c)
			if err != nil {
				t.Fatal(err)
			}
			rng := rand.New(rand.NewPCG(4, 2))
			m.InitUniform(rng, 0.5)
			x := make([]int32, steps)
			for i := range x {
				x[i] = int32(rng.IntN(c.Vocab))
			}
			pass, err := m.NewPass(PassOptions{T: steps, B: 1})
			if err != nil {
				t.Fatal(err)
			}
			st := m.NewState(1)
			pass.Forward(x, st, nil)
			fast := pass.Logits()
			plain, err := NewPlain(m)
			if err != nil {
				t.Fatal(err)
			}
			close := func(what string, i int, got float64, want float32) {
				if math.Abs(got-float64(want)) > 1e-4*(1+math.Abs(got)) {
					t.Fatalf("%s %d: plain %g, fast %g", what, i, got, want)
				}
			}
			for at, s := range x {
				for v, z := range plain.Step(s) {
					close("logit", at*c.Vocab+v, z, fast[at*c.Vocab+v])
				}
			}
			for l := range c.Layers {
				for u, h := range plain.H[l] {
					close("h", u, h, st.H[l][u])
					if c.Cell == LSTM {
						close("c", u, plain.C[l][u], st.C[l][u])
					}
				}
			}
		})
	}
}

func TestPlainRefusesWhatItHasNot(t *testing.T) {
	m, err := New(Config{Cell: LSTM, Vocab: 3, Hidden: 4, Layers: 1, Counter: true})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := NewPlain(m); !errors.Is(err, ErrConfig) {
		t.Errorf("a network with a counter: %v", err)
	}
}
