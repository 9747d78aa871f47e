package optim

import (
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func noise(n int, seed uint64) []float32 {
	rng := rand.New(rand.NewPCG(seed, 2))
	x := make([]float32, n)
	for i := range x {
		x[i] = float32(rng.NormFloat64())
	}
	return x
}

func configs() []Config {
	return []Config{
		{Name: Adam, LR: .01, Clip: ClipNorm, ClipAt: 3},
		{Name: RMSProp, LR: .002, Decay: .95, Clip: ClipValue, ClipAt: .5},
		{Name: SGD, LR: .1, Momentum: .9},
	}
}

// TestWorkers demands the same bits from 1 to 8 workers.
func TestWorkers(t *testing.T) {
	const n = 100_003
	for _, cfg := range configs() {
		var want []float32
		var norms []float64
		for w := 1; w <= 8; w++ {
			cfg.Workers = w
			o, err := New(cfg, n)
			if err != nil {
				t.Fatal(err)
			}
			params := noise(n, 1)
			var got []float64
			for step := range 5 {
				got = append(got, o.Step(params, noise(n, uint64(10+step)), cfg.LR))
			}
			if w == 1 {
				want, norms = params, got
				continue
			}
			if !slices.Equal(params, want) || !slices.Equal(got, norms) {
				t.Errorf("%s: %d workers give other bits than one", cfg.Name, w)
			}
		}
	}
}

// TestNotFinite keeps the weights when the gradient is NaN or infinite.
func TestNotFinite(t *testing.T) {
	for _, cfg := range configs() {
		for _, bad := range []float64{math.NaN(), math.Inf(1)} {
			o, err := New(cfg, 100)
			if err != nil {
				t.Fatal(err)
			}
			params, grads := noise(100, 1), noise(100, 2)
			grads[57] = float32(bad)
			norm := o.Step(params, grads, .1)
			if finite(norm) {
				t.Errorf("%s: norm of a gradient with %v is %v", cfg.Name, bad, norm)
			}
			if !slices.Equal(params, noise(100, 1)) || o.Steps() != 0 {
				t.Errorf("%s: a gradient with %v changed the weights", cfg.Name, bad)
			}
		}
	}
}

// TestRestore continues from saved slots and steps to the bit.
func TestRestore(t *testing.T) {
	for _, cfg := range configs() {
		a, _ := New(cfg, 500)
		pa := noise(500, 1)
		for i := range 3 {
			a.Step(pa, noise(500, uint64(i)), .01)
		}
		b, _ := New(cfg, 500)
		pb := slices.Clone(pa)
		for name, s := range a.Slots() {
			copy(b.Slots()[name], s)
		}
		b.SetSteps(a.Steps())
		a.Step(pa, noise(500, 9), .01)
		b.Step(pb, noise(500, 9), .01)
		if !slices.Equal(pa, pb) {
			t.Errorf("%s: the restored optimiser steps elsewhere", cfg.Name)
		}
	}
}

func TestNoAllocation(t *testing.T) {
	for _, cfg := range configs() {
		o, err := New(cfg, 50_000)
		if err != nil {
			t.Fatal(err)
		}
		params, grads := noise(50_000, 1), noise(50_000, 2)
		if n := testing.AllocsPerRun(20, func() { o.Step(params, grads, .01) }); n != 0 {
			t.Errorf("%s: %v allocations a step", cfg.Name, n)
		}
	}
}

func TestRates(t *testing.T) {
	paper := Config{LR: 1, Schedule: Schedule{Name: StepEpochs, Factor: .95, After: 10}}
	steps := Config{LR: 1, Schedule: Schedule{Name: StepSteps, Factor: .5, Every: 100}}
	cosine := Config{LR: 1, Schedule: Schedule{Name: Cosine, Warmup: 10, Steps: 110, Floor: .1}}
	for _, c := range []struct {
		cfg   Config
		step  int64
		epoch int
		want  float64
	}{
		{Config{LR: 3}, 1e6, 99, 3},
		{paper, 0, 0, 1}, {paper, 0, 9, 1}, {paper, 0, 10, .95}, {paper, 0, 11, .95 * .95},
		{steps, 99, 0, 1}, {steps, 100, 0, .5}, {steps, 299, 0, .25},
		{cosine, 0, 0, .1}, {cosine, 9, 0, 1}, {cosine, 10, 0, 1}, {cosine, 60, 0, .55}, {cosine, 110, 0, .1}, {cosine, 9999, 0, .1},
	} {
		if got := c.cfg.Rate(c.step, c.epoch); math.Abs(got-c.want) > 1e-12 {
			t.Errorf("%s at step %d epoch %d: %v, want %v", c.cfg.Schedule.Name, c.step, c.epoch, got, c.want)
		}
	}
}

func TestBadConfig(t *testing.T) {
	ok := Config{Name: Adam, LR: .01}
	if err := ok.Validate(); err != nil {
		t.Fatal(err)
	}
	for _, change := range []func(*Config){
		func(c *Config) { c.Name = "adagrad" },
		func(c *Config) { c.LR = 0 },
		func(c *Config) { c.LR = math.NaN() },
		func(c *Config) { c.LR = math.Inf(1) },
		func(c *Config) { c.Beta1 = 1 },
		func(c *Config) { c.Eps = -1 },
		func(c *Config) { c.Momentum = .9 },
		func(c *Config) { c.Clip = "some" },
		func(c *Config) { c.Clip = ClipNorm },
		func(c *Config) { c.Workers = -1 },
		func(c *Config) { c.Schedule.Name = "linear" },
		func(c *Config) { c.Schedule = Schedule{Name: StepSteps} },
		func(c *Config) { c.Schedule = Schedule{Name: Cosine, Steps: 5, Warmup: 5} },
	} {
		c := ok
		change(&c)
		if _, err := New(c, 10); !errors.Is(err, ErrConfig) {
			t.Errorf("%+v: error %v", c, err)
		}
	}
	for _, n := range []int{-1, 0, math.MaxInt} {
		if _, err := New(ok, n); !errors.Is(err, ErrConfig) {
			t.Errorf("%d weights: error %v", n, err)
		}
	}
}
