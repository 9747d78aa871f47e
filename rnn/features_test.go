package rnn

import (
	"fmt"
	"math"
	"slices"
	"testing"
)

// headed are networks with something between h and the readout, with a start of their
// own, or with layers of different sizes.
func headed() []Config {
	var all []Config
	for i, head := range []Head{
		{Norm: LayerNorm, Eps: 1e-5}, {Norm: RMSNorm, Eps: 1e-6}, {Norm: LayerNorm, Eps: 1e-5, Hidden: 6, Activation: "gelu"},
		{Hidden: 5, Activation: "relu"}, {Hidden: 9, Activation: "tanh"}, {Hidden: 4, Activation: "sigmoid"}, {Hidden: 4, Activation: "silu"},
		{Hidden: 4, Activation: "elu"}, {Hidden: 4, Activation: "leaky_relu"}, {Hidden: 4, Activation: "identity"}, {},
	} {
		cell := []Cell{LSTM, GRU, Elman}[i%3]
		all = append(all,
			Config{Cell: cell, Vocab: 7, Hidden: 5, Layers: 1, Head: head, Start: i%2 == 0},
			Config{Cell: cell, Vocab: 7, Hidden: 6, Layers: 2, Head: head, Sizes: []string{"6,3", "4,6"}[i%2], Start: i%2 == 1})
	}
	return all
}

func (c Config) headLabel() string {
	return fmt.Sprintf("%s %+v %s start %v", c.Cell, c.Head, c.Sizes, c.Start)
}

// headedExample has random weights everywhere, also in norms and starts, but for
// units that only fill up a layer.
func headedExample(t *testing.T, cfg Config) *example {
	t.Helper()
	e := newExample(t, cfg, 5, 2, false)
	rng := newRand(9)
	for _, p := range e.m.Params() {
		if p.Name == "head.norm.bias" || p.Name == "start.h" || p.Name == "start.c" {
			for i := range p.Data {
				if i%cfg.Hidden < 3 {
					p.Data[i] = float32(rng.NormFloat64())
				}
			}
		}
	}
	e.st = e.m.NewState(2)
	return e
}

func TestHeadAgainstTheSlowTwin(t *testing.T) {
	for _, cfg := range headed() {
		e := headedExample(t, cfg)
		r := newReference(e.m)
		h, c := r.wide(e.st)
		want := r.run(e.x, 2, h, c)
		p := e.pass(t, PassOptions{Workers: 2, Sites: cfg.HiddenSites()})
		p.Forward(e.x, e.m.NewState(2), nil)
		logits := p.Logits()
		for i, row := range want {
			for v, l := range row {
				if !near(float64(logits[i*7+v]), l, 1e-5, 1e-5) {
					t.Fatalf("%s: logit %d at %d is %v, want %v", cfg.headLabel(), v, i, logits[i*7+v], l)
				}
			}
		}
		s := e.m.NewStepper(2)
		for step := range e.t {
			if got := s.Step(e.x[step*2 : step*2+2]); !slices.Equal(got, logits[step*14:step*14+14]) {
				t.Errorf("%s: a step alone has other logits at %d", cfg.headLabel(), step)
			}
		}
		alone := e.m.NewStepper(1)
		for step := range e.t {
			got := alone.Step(e.x[step*2 : step*2+1])
			same(t, cfg.headLabel()+": one stream", got, logits[step*14:step*14+7], 1e-6)
		}
		for l := range cfg.Layers {
			for u := cfg.Units(l); u < cfg.Hidden; u++ {
				if p.Read(cfg.HiddenSites()[l], 4)[u] != 0 {
					t.Errorf("%s: unit %d of layer %d, which only fills up, is not 0", cfg.headLabel(), u, l)
				}
			}
		}
	}
}

func TestInputGradientThroughAHead(t *testing.T) {
	for _, cfg := range headed() {
		e := headedExample(t, cfg)
		p := e.pass(t, PassOptions{Backward: true, Workers: 2, block: 2})
		p.Forward(e.x, e.m.NewState(2), nil)
		norms := make([]float32, len(e.x))
		p.InputGradient(func(step, row int, logits, d []float32) {
			if step == 4 && row == 1 {
				d[2] = 1
			}
		}, norms)
		r := newReference(e.m)
		for step := range e.t {
			at, sum := step*2+1, 0.
			for v := range cfg.Vocab {
				logit := func(by float64) float64 {
					h, c := r.wide(e.st)
					return r.nudged(e.x, 2, h, c, at, v, by)[9][2]
				}
				g := (logit(1e-5) - logit(-1e-5)) / 2e-5
				sum += g * g
			}
			if want := math.Sqrt(sum); !near(float64(norms[at]), want, 1e-3, 1e-5) {
				t.Errorf("%s: input gradient at step %d is %v, want %v", cfg.headLabel(), step, norms[at], want)
			}
		}
	}
}

func TestStreamsBeginAtTheStart(t *testing.T) {
	e := headedExample(t, Config{Cell: LSTM, Vocab: 7, Hidden: 5, Layers: 2, Start: true})
	st := e.m.NewState(3)
	begin := slices.Clone(st.H[1])
	if begin[0] == 0 || st.C[1][1] == 0 {
		t.Fatal("the start is zero")
	}
	st.H[1][0], st.C[0][6] = 9, 9
	st.ZeroRow(0)
	st.Zero()
	if !slices.Equal(st.H[1], begin) || st.C[0][6] != st.C[0][1] {
		t.Error("a stream put before the first symbol is elsewhere")
	}
}

func TestHeadsThatCannotBe(t *testing.T) {
	ok := Config{Cell: LSTM, Vocab: 7, Hidden: 5, Layers: 2}
	for _, change := range []func(*Config){
		func(c *Config) { c.Head.Norm = "batch" }, func(c *Config) { c.Head.Hidden = -1 }, func(c *Config) { c.Head.Hidden = 3 },
		func(c *Config) { c.Head = Head{Norm: LayerNorm, Eps: math.NaN()} }, func(c *Config) { c.Sizes = "5" },
		func(c *Config) { c.Sizes = "5,6" }, func(c *Config) { c.Sizes = "4,4" }, func(c *Config) { c.Sizes = "5,x" },
		func(c *Config) { c.Head = Head{Hidden: math.MaxInt32, Activation: "relu"} },
	} {
		cfg := ok
		change(&cfg)
		if cfg.Validate() == nil {
			t.Errorf("%+v passes", cfg)
		}
	}
}
