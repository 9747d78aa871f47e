package rnn

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// twin steps one stream by the slow road: a pass of one step, everything computed when it
// is needed.
type twin struct {
	p  *Pass
	st *State
}

func newTwin(t *testing.T, e *example) twin {
	p, err := e.m.NewPass(PassOptions{T: 1, B: 1, Workers: 1})
	if err != nil {
		t.Fatal(err)
	}
	return twin{p, e.state()}
}

// disturb does to stepper and twin what a caller may do between two steps, mostly nothing,
// and returns the hook of the next step.
func disturb(rng *rand.Rand, e *example, s *Stepper, w twin) Hook {
	switch rng.IntN(12) {
	case 0:
		s.State().Zero()
		w.st.Zero()
	case 1:
		s.State().CopyRow(0, e.st, 0)
		w.st.CopyRow(0, e.st, 0)
	case 2:
		h := rng.IntN(len(w.st.H))
		at := rng.IntN(len(w.st.H[h]))
		s.State().H[h][at], w.st.H[h][at] = .5, .5
	case 3:
		for range 9 {
			e.m.slab[rng.IntN(len(e.m.slab))] = rng.Float32() - .5
		}
		s.Repack()
		w.p.Repack()
	case 4:
		sites := e.m.Sites()
		return hookFunc{[]string{sites[rng.IntN(len(sites))].Name}, func(_ string, _, _ int, v []float32) bool {
			v[0] = v[0]*.5 + .25
			return true
		}}
	case 5:
		return hookFunc{[]string{"l0.h"}, func(string, int, int, []float32) bool { return false }}
	}
	return nil
}

// TestWalk steps one stream on and on, disturbed now and then, by one to three workers in
// turn, and demands the twin's bits: what was computed ahead must hold or be forgotten.
func TestWalk(t *testing.T) {
	for i, cfg := range whole() {
		e := newExample(t, cfg, 1, 1, false)
		s, w, rng := e.m.newStepper(1, 1+i%3), newTwin(t, e), newRand(uint64(i))
		s.State().CopyFrom(e.st)
		for step := range 60 {
			hook := disturb(rng, e, s, w)
			x := []int32{int32(rng.IntN(cfg.Vocab+1)) - 1}
			if hook != nil {
				x[0] = max(x[0], 0)
			}
			w.p.Forward(x, w.st, hook)
			if rng.IntN(5) == 0 && hook == nil {
				s.Advance(x)
			} else if got := s.StepHook(x, 0, hook); x[0] >= 0 && !slices.Equal(got, w.p.Logits()) {
				t.Fatalf("%s: logits of step %d differ", cfg.label(), step)
			}
			for l := range w.st.H {
				if !sameBits(w.st.H[l], s.State().H[l]) || w.st.C != nil && !sameBits(w.st.C[l], s.State().C[l]) {
					t.Fatalf("%s: state of layer %d differs after step %d", cfg.label(), l, step)
				}
			}
		}
	}
}

// TestWalkReadsToAndFro follows the readings of a stream that goes on: every recurrent matrix
// is read twice in two steps, in turns from either end, and of two layers each
// matrix is read twice in succession.
func TestWalkReadsToAndFro(t *testing.T) {
	e := newExample(t, whole()[1], 1, 1, false)
	s := e.m.newStepper(1, 1)
	var last []layerWalk
	for step := range 12 {
		s.Step([]int32{1})
		k := s.walk
		if step < 2 {
			last = slices.Clone(k.layers)
			continue
		}
		if k.far == k.near || k.layers[0].ready != true || k.layers[1].ready != k.far {
			t.Fatalf("step %d worked ahead wrongly: %+v", step, k)
		}
		if k.layers[1].in == last[1].in {
			t.Errorf("step %d read W in the direction of the step before", step)
		}
		if k.layers[0].rec == last[0].rec || k.layers[1].rec != last[1].rec { // once, and twice or not at all
			t.Errorf("step %d leaves U to be read from the wrong end: %+v after %+v", step, k.layers, last)
		}
		last = slices.Clone(k.layers)
	}
	s.State().Zero()
	s.Step([]int32{1})
	if k := s.walk; k.far || k.near || k.layers[0].ready {
		t.Errorf("worked ahead though the state was set: %+v", k)
	}
}
