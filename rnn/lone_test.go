package rnn

import (
	"slices"
	"testing"
)

// TestAlone demands of a pass of one stream, whose units are shared out, the bits of the plain one: every state, gate, logit and
// gradient.
func TestAlone(t *testing.T) {
	odd := Config{Cell: LSTM, Vocab: 50, Hidden: 130, Layers: 2} // no whole panels: the plain pass
	for i, cfg := range append(append(shapes(), odd), whole()...) {
		for _, workers := range []int{1, 2, 3} {
			e := newExample(t, cfg, 11, 1, false)
			o := PassOptions{Workers: workers, Backward: i%2 == 0, block: 4}
			p, st := e.pass(t, o), e.state()
			p.Forward(e.x, st, nil)
			q, plain := e.pass(t, o), e.state()
			q.runAlone = q.runForward
			q.Forward(e.x, plain, nil)
			if !slices.Equal(p.Logits(), q.Logits()) {
				t.Fatalf("%s, %d workers: other logits", cfg.label(), workers)
			}
			for l := range st.H {
				y, z := &p.layers[l], &q.layers[l]
				if !slices.Equal(st.H[l], plain.H[l]) || !slices.Equal(y.h, z.h) || !slices.Equal(y.c, z.c) || !slices.Equal(y.gates, z.gates) {
					t.Fatalf("%s, %d workers: layer %d differs", cfg.label(), workers, l)
				}
			}
			if !o.Backward || cfg.Head != (Head{}) || cfg.Start {
				continue
			}
			p.Backward(e.y, 1)
			got := slices.Clone(e.m.grads)
			q.Backward(e.y, 1)
			if !slices.Equal(got, e.m.grads) {
				t.Fatalf("%s, %d workers: other gradients", cfg.label(), workers)
			}
		}
	}
}
