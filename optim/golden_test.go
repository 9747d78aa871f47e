package optim

import (
	"compress/gzip"
	"encoding/json"
	"math"
	"os"
	"testing"

	"github.com/rnnscope/rnnscope/rnn"
)

// golden is a case of rnn/testdata/goldens.json.gz with its training runs.
type golden struct {
	Config rnn.Config
	T, B   int
	X, Y   []int32
	H, C   []float32
	Params map[string][]float32
	Runs   []struct {
		Optimiser struct {
			Config
			ClipAt float64 `json:"clip_at"`
		}
		Losses []float64
		Params map[string][]float32
	}
}

// TestTenSteps trains every golden network ten steps with every optimiser and
// compares each loss and the last weights with PyTorch's.
func TestTenSteps(t *testing.T) {
	f, err := os.Open("../rnn/testdata/goldens.json.gz")
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
	runs := 0
	for _, g := range all.Cases {
		for _, run := range g.Runs {
			runs++
			cfg := run.Optimiser.Config
			cfg.ClipAt = run.Optimiser.ClipAt
			name := string(g.Config.Cell) + g.Config.Nonlinearity + "/" + cfg.Name
			m := load(t, g)
			losses := tenSteps(t, g, m, cfg)
			for i, want := range run.Losses {
				if math.Abs(losses[i]-want) > 2e-5*want {
					t.Errorf("%s: loss of step %d is %v, PyTorch's %v", name, i, losses[i], want)
				}
			}
			for _, p := range m.Params() {
				got := make([]float32, p.Len())
				p.Export(got)
				for i, want := range run.Params[p.Name] {
					if math.Abs(float64(got[i]-want)) > 2e-5+2e-5*math.Abs(float64(want)) {
						t.Fatalf("%s: %s[%d] after ten steps is %v, PyTorch's %v", name, p.Name, i, got[i], want)
					}
				}
			}
		}
	}
	if runs != 48 {
		t.Errorf("%d runs compared, want 48", runs)
	}
}

func load(t *testing.T, g golden) *rnn.Model {
	t.Helper()
	m, err := rnn.New(g.Config)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range m.Params() {
		p.Import(g.Params[p.Name])
	}
	return m
}

func tenSteps(t *testing.T, g golden, m *rnn.Model, cfg Config) []float64 {
	t.Helper()
	p, err := m.NewPass(rnn.PassOptions{T: g.T, B: g.B, Backward: true})
	if err != nil {
		t.Fatal(err)
	}
	o, err := New(cfg, len(m.Slab()))
	if err != nil {
		t.Fatal(err)
	}
	st, mean := m.NewState(g.B), 1/float64(g.T*g.B)
	var losses []float64
	for step := range int64(10) {
		for l := range st.H {
			bh := g.B * g.Config.Hidden
			copy(st.H[l], g.H[l*bh:])
			if st.C != nil {
				copy(st.C[l], g.C[l*bh:])
			}
		}
		p.Forward(g.X, st, nil)
		losses = append(losses, p.Backward(g.Y, float32(mean))*mean)
		o.Step(m.Slab(), m.Grads(), cfg.Rate(step, 0))
		p.Repack()
	}
	return losses
}
