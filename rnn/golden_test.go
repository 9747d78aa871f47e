package rnn

import (
	"compress/gzip"
	"encoding/json"
	"os"
	"slices"
	"testing"
)

// golden is one case of testdata/goldens.json.gz (see make_goldens.py).
type golden struct {
	Config Config
	T, B   int
	X, Y   []int32
	H, C   []float32 // [L,B,H]
	Params map[string][]float32
	Shapes map[string][]int
	Logits []float32
	Loss   float64
	Grads  map[string][]float32
	HAfter []float32 `json:"h_after"`
	CAfter []float32 `json:"c_after"`
}

func readGoldens(t *testing.T) []golden {
	t.Helper()
	f, err := os.Open("testdata/goldens.json.gz")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	var all struct{ Cases []golden }
	if err := json.NewDecoder(z).Decode(&all); err != nil {
		t.Fatal(err)
	}
	if len(all.Cases) != 12 {
		t.Fatalf("%d golden cases, want 12", len(all.Cases))
	}
	return all.Cases
}

// TestGoldens compares one forward and backward with PyTorch's.
func TestGoldens(t *testing.T) {
	for _, g := range readGoldens(t) {
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
			for l := range st.H {
				bh := g.B * g.Config.Hidden
				copy(st.H[l], g.H[l*bh:])
				if st.C != nil {
					copy(st.C[l], g.C[l*bh:])
				}
			}
			p, err := m.NewPass(PassOptions{T: g.T, B: g.B, Backward: true, Workers: 2, own: 1})
			if err != nil {
				t.Fatal(err)
			}
			p.Forward(g.X, st, nil)
			same(t, "logits", p.Logits(), g.Logits, 2e-6)
			mean := 1 / float64(g.T*g.B)
			if loss := p.Backward(g.Y, float32(mean)) * mean; !near(loss, g.Loss, 1e-6, 0) {
				t.Errorf("loss %v, PyTorch's %v", loss, g.Loss)
			}
			same(t, "h", slices.Concat(st.H...), g.HAfter, 2e-6)
			same(t, "c", slices.Concat(st.C...), g.CAfter, 2e-6)
			for _, par := range m.Params() {
				got := make([]float32, par.Len())
				par.ExportGrad(got)
				same(t, par.Name, got, g.Grads[par.Name], 1e-6)
			}
		})
	}
}

func same(t *testing.T, what string, got, want []float32, abs float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s: %d values, PyTorch has %d", what, len(got), len(want))
	}
	for i := range got {
		if !near(float64(got[i]), float64(want[i]), 1e-5, abs) {
			t.Fatalf("%s[%d] is %v, PyTorch's %v", what, i, got[i], want[i])
		}
	}
}

// TestExportImport moves every parameter out and back.
func TestExportImport(t *testing.T) {
	for _, cfg := range shapes() {
		e := newExample(t, cfg, 1, 1, false)
		to := e.m.Clone()
		clear(to.Slab())
		for i, p := range e.m.Params() {
			flat := make([]float32, p.Len())
			p.Export(flat)
			to.Params()[i].Import(flat)
		}
		if !slices.Equal(e.m.Slab(), to.Slab()) {
			t.Errorf("%s: weights changed on the way out and in", cfg.label())
		}
	}
}
