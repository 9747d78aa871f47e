package rnn

import (
	"errors"
	"math"
	"os"
	"runtime"
	"slices"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	if os.Getenv(replayEnv) != "" {
		os.Exit(replay(os.Getenv(replayEnv)))
	}
	goleak.VerifyTestMain(m)
}

// descend is steps of plain gradient descent over fresh text with carried state;
// it returns the losses.
func descend(t testing.TB, m *Model, o PassOptions, steps int) []float64 {
	t.Helper()
	p, err := m.NewPass(o)
	if err != nil {
		t.Fatal(err)
	}
	rng := newRand(5)
	p.SetDropout(newRand(6))
	st := m.NewState(o.B)
	x, y := make([]int32, o.T*o.B), make([]int32, o.T*o.B)
	var losses []float64
	for range steps {
		for i := range x {
			x[i] = int32(rng.IntN(m.cfg.Vocab))
			y[i] = x[i] % 3
		}
		p.Forward(x, st, nil)
		losses = append(losses, p.Backward(y, 1/float32(len(x))))
		for i, g := range m.grads {
			m.slab[i] -= .2 * g
		}
		p.Repack()
	}
	return losses
}

// TestWorkers demands equal losses and weights, bit for bit, for 1 to 8 workers, be the
// products between layers made for a worker's own rows or shared out.
func TestWorkers(t *testing.T) {
	for _, cfg := range []Config{
		{Cell: LSTM, Vocab: 61, Hidden: 70, Layers: 2, Dropout: .2},
		{Cell: GRU, Vocab: 30, Hidden: 33, Layers: 2, Embed: 5},
		{Cell: Elman, Vocab: 96, Hidden: 65, Layers: 1},
		{Cell: Elman, Nonlinearity: ReLU, Vocab: 5, Hidden: 20, Layers: 3},
	} {
		t.Run(cfg.label(), func(t *testing.T) {
			m, err := New(cfg)
			if err != nil {
				t.Fatal(err)
			}
			m.Init(newRand(3))
			var want []float64
			var weights []float32
			for w := 1; w <= 8; w++ {
				run, own := m.Clone(), 3
				if w%3 == 0 {
					own = 30
				}
				got := descend(t, run, PassOptions{T: 11, B: 29, Backward: true, Workers: w, Train: true, block: 4, own: own}, 20)
				if w == 1 {
					want, weights = got, run.slab
					if !(slices.Min(want[15:]) < slices.Min(want[:5])) {
						t.Errorf("the losses went %v: nothing was learned", want)
					}
					continue
				}
				if !slices.Equal(got, want) {
					t.Errorf("%d workers: losses %v, with one %v", w, got, want)
				}
				if !slices.Equal(run.slab, weights) {
					t.Errorf("%d workers: other weights than with one", w)
				}
			}
		})
	}
}

// TestProcessors is TestWorkers for GOMAXPROCS, which Workers 0 follows.
func TestProcessors(t *testing.T) {
	m, _ := New(Config{Cell: LSTM, Vocab: 20, Hidden: 24, Layers: 2})
	m.Init(newRand(3))
	var want []float32
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	for procs := 1; procs <= 8; procs++ {
		runtime.GOMAXPROCS(procs)
		run := m.Clone()
		descend(t, run, PassOptions{T: 10, B: 9, Backward: true}, 20)
		if procs == 1 {
			want = run.slab
		} else if !slices.Equal(run.slab, want) {
			t.Errorf("GOMAXPROCS %d: other weights than with 1", procs)
		}
	}
}

// TestBatchIndependence demands that a row's logits do not depend on the rows beside it.
func TestBatchIndependence(t *testing.T) {
	for _, cfg := range shapes() {
		e := newExample(t, cfg, 6, 5, true)
		p := e.pass(t, PassOptions{})
		p.Forward(e.x, e.state(), nil)
		all := slices.Clone(p.Logits())
		for b := range e.b {
			one, err := e.m.NewPass(PassOptions{T: e.t, B: 1})
			if err != nil {
				t.Fatal(err)
			}
			st := e.m.NewState(1)
			st.CopyRow(0, e.st, b)
			var x []int32
			for i := range e.t {
				x = append(x, e.x[i*e.b+b])
			}
			one.Forward(x, st, nil)
			got, v := one.Logits(), cfg.Vocab
			for i := range e.t {
				if want := all[(i*e.b+b)*v : (i*e.b+b+1)*v]; x[i] >= 0 && !slices.Equal(got[i*v:(i+1)*v], want) {
					t.Fatalf("%s: row %d alone has other logits than among %d", cfg.label(), b, e.b)
				}
			}
		}
	}
}

// TestChunks demands that two chunks with the state carried equal one long chunk.
func TestChunks(t *testing.T) {
	for _, cfg := range shapes() {
		e := newExample(t, cfg, 8, 3, true)
		long, st := e.pass(t, PassOptions{}), e.state()
		long.Forward(e.x, st, nil)
		want := long.Score(e.y, nil)
		half, err := e.m.NewPass(PassOptions{T: 4, B: 3})
		if err != nil {
			t.Fatal(err)
		}
		carried, got := e.state(), 0.
		for i := 0; i < len(e.x); i += 12 {
			half.Forward(e.x[i:i+12], carried, nil)
			got += half.Score(e.y[i:i+12], nil)
		}
		if !near(got, want, 1e-12, 1e-12) {
			t.Errorf("%s: loss %v in two chunks, %v in one", cfg.label(), got, want)
		}
		for l := range st.H {
			if !slices.Equal(st.H[l], carried.H[l]) {
				t.Errorf("%s: state of layer %d differs", cfg.label(), l)
			}
		}
	}
}

// whole lists networks whose units fill vectors on every kernel path: a step of one
// stream shares them out.
func whole() (cs []Config) {
	for _, c := range []Config{{Cell: LSTM}, {Cell: GRU}, {Cell: Elman}, {Cell: Elman, Nonlinearity: ReLU}, {Cell: LSTM, Embed: 8}} {
		c.Vocab, c.Hidden = 50, 96
		for c.Layers = 1; c.Layers <= 3; c.Layers++ {
			cs = append(cs, c)
		}
	}
	return cs
}

// TestStepper demands the same logits step by step as in a pass.
func TestStepper(t *testing.T) {
	odd := Config{Cell: LSTM, Vocab: 50, Hidden: 130, Layers: 2}
	for i, cfg := range append(append(shapes(), odd), whole()...) {
		for _, b := range []int{1, 5} {
			workers := 1 + i%3
			e := newExample(t, cfg, 6, b, b > 1)
			p, st := e.pass(t, PassOptions{}), e.state()
			p.Forward(e.x, st, nil)
			want := p.Logits()
			s := e.m.newStepper(b, workers)
			s.State().CopyFrom(e.st)
			for i := range e.t {
				if i%3 == 1 {
					s.Advance(e.x[i*b : (i+1)*b]) // no logits, and the state goes on
					continue
				}
				got := s.Step(e.x[i*b : (i+1)*b])
				for j := range got {
					if e.x[i*b+j/cfg.Vocab] >= 0 && got[j] != want[i*b*cfg.Vocab+j] {
						t.Fatalf("%s: logit %d of step %d is %v, in a pass %v", cfg.label(), j, i, got[j], want[i*b*cfg.Vocab+j])
					}
				}
			}
			for l := range st.H {
				if !slices.Equal(st.H[l], s.State().H[l]) {
					t.Errorf("%s: state of layer %d differs", cfg.label(), l)
				}
			}
		}
	}
}

// TestNoAllocation counts allocations of a whole training step, of scoring and of
// sampling.
func TestNoAllocation(t *testing.T) {
	for _, cfg := range []Config{
		{Cell: LSTM, Vocab: 40, Hidden: 48, Layers: 2, Dropout: .1},
		{Cell: GRU, Vocab: 40, Hidden: 48, Layers: 2, Embed: 8},
		{Cell: Elman, Vocab: 40, Hidden: 48, Layers: 1},
	} {
		e := newExample(t, cfg, 30, 20, false)
		p, st := e.pass(t, PassOptions{Backward: true, Train: true, Workers: 2}), e.state()
		p.SetDropout(newRand(1))
		step := func() {
			p.Repack()
			p.Forward(e.x, st, nil)
			p.Backward(e.y, .01)
		}
		if n := testing.AllocsPerRun(20, step); n != 0 {
			t.Errorf("%s: %v allocations a training step", cfg.label(), n)
		}
		q, losses := e.pass(t, PassOptions{Workers: 2}), make([]float32, len(e.x))
		if n := testing.AllocsPerRun(20, func() { q.Forward(e.x, st, nil); q.Score(e.y, losses) }); n != 0 {
			t.Errorf("%s: %v allocations a scored chunk", cfg.label(), n)
		}
		s := e.m.NewStepper(20)
		if n := testing.AllocsPerRun(20, func() { s.Step(e.x[:20]) }); n != 0 {
			t.Errorf("%s: %v allocations a sampled step", cfg.label(), n)
		}
	}
}

// TestMemory weighs what a pass allocates, gradients included, against weights, two
// moments and the activations backpropagation needs: of every gate and state one value a
// position, and the probabilities. At most a quarter more.
func TestMemory(t *testing.T) {
	for _, c := range []struct {
		cfg  Config
		t, b int
		kept int // activations of a layer and position, in units of H
	}{
		{Config{Cell: LSTM, Vocab: 96, Hidden: 128, Layers: 2}, 50, 50, 7}, // i f g o c tanh(c) h
		{Config{Cell: LSTM, Vocab: 96, Hidden: 256, Layers: 1}, 100, 64, 7},
		{Config{Cell: LSTM, Vocab: 4181, Hidden: 128, Layers: 1}, 50, 64, 7},
		{Config{Cell: GRU, Vocab: 96, Hidden: 256, Layers: 1}, 100, 64, 5}, // r z n W_hn h
		{Config{Cell: GRU, Vocab: 96, Hidden: 128, Layers: 2}, 100, 50, 5},
	} {
		m, err := New(c.cfg)
		if err != nil {
			t.Fatal(err)
		}
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		if _, err := m.NewPass(PassOptions{T: c.t, B: c.b, Backward: true, Workers: 2}); err != nil {
			t.Fatal(err)
		}
		runtime.ReadMemStats(&after)
		all := float64(after.TotalAlloc-before.TotalAlloc) + 4*4*float64(c.cfg.Parameters())
		need := 4 * (3*float64(c.cfg.Parameters()) + float64(c.t*c.b*(c.kept*c.cfg.Hidden*c.cfg.Layers+c.cfg.Vocab)))
		t.Logf("%s V=%d: %.1f MB, of it needed %.1f: %.0f %% more", c.cfg.label(), c.cfg.Vocab, all/1e6, need/1e6, 100*(all/need-1))
		if all > 1.25*need {
			t.Errorf("%s V=%d takes %.0f %% more memory than needed", c.cfg.label(), c.cfg.Vocab, 100*(all/need-1))
		}
	}
}

// TestImpossible demands errors, not panics, for what a user can ask.
func TestImpossible(t *testing.T) {
	ok := Config{Cell: LSTM, Vocab: 5, Hidden: 4, Layers: 1}
	for _, c := range []struct {
		change func(*Config)
		want   error
	}{
		{func(c *Config) { c.Cell = "qrnn" }, ErrConfig},
		{func(c *Config) { c.Nonlinearity = ReLU }, ErrConfig},
		{func(c *Config) { c.Nonlinearity = "sine" }, ErrConfig},
		{func(c *Config) { c.Vocab = 0 }, ErrConfig},
		{func(c *Config) { c.Hidden = -3 }, ErrConfig},
		{func(c *Config) { c.Layers = 0 }, ErrConfig},
		{func(c *Config) { c.Embed = -1 }, ErrConfig},
		{func(c *Config) { c.Dropout = 1 }, ErrConfig},
		{func(c *Config) { c.Dropout = math.NaN() }, ErrConfig},
		{func(c *Config) { c.Hidden = 1 << 20 }, ErrTooLarge},
		{func(c *Config) { c.Hidden = math.MaxInt }, ErrTooLarge},
		{func(c *Config) { c.Vocab, c.Hidden, c.Layers = math.MaxInt, math.MaxInt, math.MaxInt }, ErrTooLarge},
		{func(c *Config) { c.Layers = math.MaxInt }, ErrTooLarge},
	} {
		cfg := ok
		c.change(&cfg)
		if _, err := New(cfg); !errors.Is(err, c.want) {
			t.Errorf("%+v: error %v, want %v", cfg, err, c.want)
		}
	}
	m, err := New(ok)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		o    PassOptions
		want error
	}{
		{PassOptions{T: 0, B: 1}, ErrConfig},
		{PassOptions{T: 1, B: -1}, ErrConfig},
		{PassOptions{T: 1, B: 1, Workers: -1}, ErrConfig},
		{PassOptions{T: math.MaxInt, B: math.MaxInt}, ErrTooLarge},
		{PassOptions{T: 1 << 30, B: 1 << 20, Backward: true}, ErrTooLarge},
		{PassOptions{T: 1, B: 1, Sites: []string{"l1.h"}}, ErrSite},
		{PassOptions{T: 1, B: 1, Sites: []string{"l0.h.rec"}}, ErrSite},
	} {
		if _, err := m.NewPass(c.o); !errors.Is(err, c.want) {
			t.Errorf("%+v: error %v, want %v", c.o, err, c.want)
		}
	}
	if got := ok.Parameters(); got != len(m.Slab()) {
		t.Errorf("%d parameters, the slab has %d", got, len(m.Slab()))
	}
}

// TestDropout checks the share dropped, the scale, and that the gradient is that of
// the masked network: the loss along the gradient falls as the gradient says.
func TestDropout(t *testing.T) {
	var d dropout
	d.init(.3, true)
	d.drawFrom(1)
	x := make([]float32, 100_000)
	for i := range x {
		x[i] = 1
	}
	d.mask(x, 0, 0)
	kept, sum := 0, 0.
	for _, v := range x {
		if v != 0 {
			kept++
		}
		sum += float64(v)
	}
	if math.Abs(float64(kept)/1e5-.7) > .01 || math.Abs(sum/1e5-1) > .015 {
		t.Errorf("dropout .3 kept %d of 100000, mean %v", kept, sum/1e5)
	}
	for _, cell := range []Cell{Elman, LSTM, GRU} {
		cfg := Config{Cell: cell, Vocab: 7, Hidden: 9, Layers: 2, Dropout: .4}
		e := newExample(t, cfg, 5, 4, false)
		loss := func() float64 {
			p := e.pass(t, PassOptions{Backward: true, Train: true})
			p.SetDropout(newRand(8)) // the same mask each time
			p.Forward(e.x, e.state(), nil)
			return p.Backward(e.y, 1)
		}
		loss()
		g := slices.Clone(e.m.grads)
		var norm float64
		for _, v := range g {
			norm += float64(v) * float64(v)
		}
		const step = 2e-4
		move := func(by float64) {
			for i, v := range g {
				e.m.slab[i] += float32(by * float64(v))
			}
		}
		move(step)
		up := loss()
		move(-2 * step)
		down := loss()
		if slope := (up - down) / (2 * step); !near(slope, norm, 5e-3, 0) {
			t.Errorf("%s: the loss changes by %v along the gradient, want %v", cell, slope, norm)
		}
	}
}

func (d *dropout) drawFrom(seed uint64) { d.rng = newRand(seed); d.draw() }

// TestInputGradient compares with central differences of the reference, whose input
// at one position is nudged in every direction through the input weights' columns.
func TestInputGradient(t *testing.T) {
	for _, cfg := range shapes() {
		if cfg.Embed > 0 || cfg.Hidden > 10 {
			continue
		}
		e := newExample(t, cfg, 5, 2, false)
		var norms, shared []float32
		for _, own := range []int{9, 1} {
			p := e.pass(t, PassOptions{Backward: true, Workers: 2, block: 2, own: own})
			p.Forward(e.x, e.state(), nil)
			norms, shared = make([]float32, len(e.x)), norms
			p.InputGradient(func(step, row int, logits, d []float32) {
				if step == 4 && row == 1 {
					d[2] = 1 // the logit of symbol 2 at the last step of stream 1
				}
			}, norms)
		}
		if !slices.Equal(norms, shared) {
			t.Errorf("%s: input gradients %v, with products shared out %v", cfg.label(), norms, shared)
		}
		grads := make([]float32, len(e.x)*cfg.Vocab)
		p := e.pass(t, PassOptions{Backward: true, Workers: 2, block: 2})
		p.Forward(e.x, e.state(), nil)
		p.InputGradients(func(step, row int, logits, d []float32) {
			if step == 4 && row == 1 {
				d[2] = 1
			}
		}, grads)
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
				if got := float64(grads[at*cfg.Vocab+v]); !near(got, g, 1e-3, 1e-5) {
					t.Errorf("%s: gradient by symbol %d at step %d is %v, want %v", cfg.label(), v, step, got, g)
				}
			}
			if want := math.Sqrt(sum); !near(float64(norms[at]), want, 1e-4, 1e-6) {
				t.Errorf("%s: input gradient at step %d is %v, want %v", cfg.label(), step, norms[at], want)
			}
			if norms[step*2] != 0 {
				t.Errorf("%s: the other stream has gradient %v", cfg.label(), norms[step*2])
			}
		}
	}
}

// nudged is run with by added to element v of the one-hot input of position at.
func (r *reference) nudged(x []int32, b int, h, c [][][]float64, at, v int, by float64) [][]float64 {
	out := r.run(x[:at/b*b], b, h, c)
	w, bias := r.params["rnn.weight_ih_l0"], slices.Clone(r.params["rnn.bias_ih_l0"])
	for i := at / b * b; i < len(x); i++ {
		for g := range bias {
			r.params["rnn.bias_ih_l0"][g] = bias[g]
			if i == at {
				r.params["rnn.bias_ih_l0"][g] += by * w[g*r.cfg.Vocab+v]
			}
		}
		s := i % b
		one := func(a [][][]float64) [][][]float64 {
			var rows [][][]float64
			for l := range a {
				rows = append(rows, a[l][s:s+1])
			}
			return rows
		}
		out = append(out, r.run(x[i:i+1], 1, one(h), one(c))...)
	}
	copy(r.params["rnn.bias_ih_l0"], bias)
	return out
}

func TestLogitsAfterScore(t *testing.T) {
	e := newExample(t, Config{Cell: GRU, Vocab: 9, Hidden: 6, Layers: 1}, 70, 3, false)
	p := e.pass(t, PassOptions{Workers: 3})
	p.Forward(e.x, e.state(), nil)
	losses := make([]float32, len(e.x))
	total := p.Score(e.y, losses)
	logits, sum := p.Logits(), 0.
	for i := range e.x {
		row, z := logits[i*9:(i+1)*9], 0.
		for _, l := range row {
			z += math.Exp(float64(l))
		}
		want := math.Log(z) - float64(row[e.y[i]])
		if !near(float64(losses[i]), want, 1e-5, 1e-6) {
			t.Fatalf("loss of position %d is %v, by its logits %v", i, losses[i], want)
		}
		sum += want
	}
	if !near(total, sum, 1e-5, 0) {
		t.Errorf("total %v, by the logits %v", total, sum)
	}
}
