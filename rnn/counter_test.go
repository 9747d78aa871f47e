package rnn

import (
	"compress/gzip"
	"encoding/json"
	"math"
	"os"
	"slices"
	"testing"
)

// TestCounterGoldens compares networks with an explicit counter with PyTorch's loop
// over time (testdata/make_counter_goldens.py).
func TestCounterGoldens(t *testing.T) {
	f, err := os.Open("testdata/counter.json.gz")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	var all struct {
		Cases []struct {
			golden
			Count      []float32
			CountAfter []float32 `json:"count_after"`
		}
	}
	if err := json.NewDecoder(z).Decode(&all); err != nil {
		t.Fatal(err)
	}
	if len(all.Cases) != 4 {
		t.Fatalf("%d cases, want 4", len(all.Cases))
	}
	for _, g := range all.Cases {
		t.Run(g.Config.label(), func(t *testing.T) {
			m, err := New(g.Config)
			if err != nil {
				t.Fatal(err)
			}
			if len(m.Params()) != len(g.Params) {
				t.Fatalf("%d parameters, PyTorch has %d", len(m.Params()), len(g.Params))
			}
			for _, p := range m.Params() {
				if !slices.Equal(p.Shape, g.Shapes[p.Name]) {
					t.Fatalf("%s has shape %v, PyTorch's %v", p.Name, p.Shape, g.Shapes[p.Name])
				}
				p.Import(g.Params[p.Name])
			}
			st := m.NewState(g.B)
			copy(st.Count, g.Count)
			for l := range st.H {
				bh := g.B * g.Config.Hidden
				copy(st.H[l], g.H[l*bh:])
				if st.C != nil {
					copy(st.C[l], g.C[l*bh:])
				}
			}
			p, err := m.NewPass(PassOptions{T: g.T, B: g.B, Backward: true, Workers: 2, block: 4, own: 1})
			if err != nil {
				t.Fatal(err)
			}
			p.Forward(g.X, st, nil)
			same(t, "logits", p.Logits(), g.Logits, 2e-6)
			same(t, "count", st.Count, g.CountAfter, 2e-6)
			mean := 1 / float64(g.T*g.B)
			if loss := p.Backward(g.Y, float32(mean)) * mean; !near(loss, g.Loss, 1e-6, 0) {
				t.Errorf("loss %v, PyTorch's %v", loss, g.Loss)
			}
			for _, par := range m.Params() {
				got := make([]float32, par.Len())
				par.ExportGrad(got)
				same(t, par.Name, got, g.Grads[par.Name], 1e-6)
			}
		})
	}
}

// TestCounterCarries: a count goes on from chunk to chunk, and the stepper counts as
// a pass does.
func TestCounterCarries(t *testing.T) {
	e := newExample(t, Config{Cell: GRU, Vocab: 7, Hidden: 5, Layers: 1, Counter: true}, 12, 3, true)
	whole := e.state()
	e.pass(t, PassOptions{Workers: 2}).Forward(e.x, whole, nil)
	half, err := e.m.NewPass(PassOptions{T: 6, B: 3})
	if err != nil {
		t.Fatal(err)
	}
	two := e.state()
	half.Forward(e.x[:18], two, nil)
	half.Forward(e.x[18:], two, nil)
	s := e.m.NewStepper(3)
	s.State().CopyFrom(e.st)
	for i := 0; i < len(e.x); i += 3 {
		s.Step(e.x[i : i+3])
	}
	if !slices.Equal(whole.Count, two.Count) || !slices.Equal(whole.Count, s.State().Count) {
		t.Errorf("count %v in one chunk, %v in two, %v step by step", whole.Count, two.Count, s.State().Count)
	}
	for r, c := range whole.Count {
		if math.Abs(float64(c-e.st.Count[r])) < 1e-3 {
			t.Errorf("row %d never counted: %v", r, c)
		}
	}
	s.State().ZeroRow(1)
	if s.State().Count[1] != 0 || s.State().Count[0] == 0 {
		t.Errorf("after zeroing row 1 the counts are %v", s.State().Count)
	}
}
