package train

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rnnscope/rnnscope/optim"
	"github.com/rnnscope/rnnscope/rnn"
	"github.com/rnnscope/rnnscope/text"
)

// The evaluator against its definition: one stretch after another, one row, one step
// at a time.
func TestLossIsItsDefinition(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	ids := make([]int32, 14_000)
	for i := range ids {
		ids[i] = int32(rng.IntN(5))
	}
	m, err := rnn.New(rnn.Config{Cell: rnn.LSTM, Vocab: 5, Hidden: 7, Layers: 2})
	if err != nil {
		t.Fatal(err)
	}
	m.Init(rng)
	for _, span := range []text.Span{{Lo: 2000, Hi: 12_345}, {Lo: 13_990, Hi: 14_000}, {Lo: 100, Hi: 700}, {Lo: 0, Hi: 501}} {
		e, err := NewEvaluator(m, ids, span, 0)
		if err != nil {
			t.Fatal(err)
		}
		var want float64
		var count int64
		for _, b := range (text.Grid{}).Blocks(span) {
			s := m.NewStepper(1)
			for at := b.Warm; at+1 < b.Hi; at++ {
				logits := s.Step(ids[at : at+1])
				if at+1 < b.Lo {
					continue
				}
				var sum float64
				for _, l := range logits {
					sum += math.Exp(float64(l))
				}
				want += math.Log(sum) - float64(logits[ids[at+1]])
				count++
			}
		}
		done := 0
		got, n, err := e.Loss(context.Background(), func(d, total int) {
			if d < done || total != int(count) {
				t.Errorf("progress went from %d to %d of %d", done, d, total)
			}
			done = d
		})
		if err != nil || n != count || done != int(count) {
			t.Fatalf("%v: %d characters, want %d (%v)", span, n, count, err)
		}
		if math.Abs(got-want/float64(count)) > 1e-6 {
			t.Errorf("%v: %v nats, want %v", span, got, want/float64(count))
		}
		again, _, err := e.Loss(context.Background(), nil)
		if err != nil || again != got {
			t.Errorf("%v: measured twice, %v and %v (%v)", span, got, again, err)
		}
	}
	if _, err := NewEvaluator(m, ids, text.Span{Lo: 400, Hi: 500}, 0); !errors.Is(err, text.ErrTooShort) {
		t.Errorf("a span within the warm-up: %v", err)
	}
}

func TestPresets(t *testing.T) {
	d := data(t)
	for _, name := range Presets() {
		cfg, err := Preset(name)
		if err != nil {
			t.Fatal(err)
		}
		streams, err := text.NewStreams(d.train(), cfg.Batch, cfg.Seq)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		full, err := cfg.resolve(d.Alphabet.Size(), streams.PerEpoch())
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if last := full.Snapshots[len(full.Snapshots)-1]; last != full.Iterations {
			t.Errorf("%s: last snapshot %d of %d", name, last, full.Iterations)
		}
	}
	seed, err := Preset("seed")
	if err != nil {
		t.Fatal(err)
	}
	if m := seed.Model; m.Cell != rnn.Elman || m.Hidden != 128 || m.Embed != 0 || seed.Optim.Name != optim.Adam || seed.Optim.LR != 0.01 ||
		seed.Samples.Prompt != "the " || seed.Samples.Length != 50 {
		t.Errorf("the essay's settings became %+v", seed)
	}
	if _, err := Preset("nothing"); !errors.Is(err, ErrConfig) || !strings.Contains(err.Error(), "char-rnn") {
		t.Errorf("an unknown preset: %v", err)
	}
}

func TestResolve(t *testing.T) {
	base := tiny()
	base.Snapshots = []int64{50, 3, 3, -1, 1000}
	got, err := base.resolve(9, 10)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]int64{3, 50, 100}, got.Snapshots); diff != "" {
		t.Errorf("snapshots (-want +got):\n%s", diff)
	}
	if got.Optim.Schedule.Steps != 100 || got.Model.Vocab != 9 {
		t.Errorf("filled in %+v", got)
	}
	epochs := base
	epochs.Iterations, epochs.Epochs = 0, 2.05
	if got, err = epochs.resolve(9, 10); err != nil || got.Iterations != 21 {
		t.Errorf("2.05 epochs of 10 chunks: %d iterations (%v)", got.Iterations, err)
	}
	bad := map[string]func(*Config){
		"no length":          func(c *Config) { c.Iterations = 0 },
		"negative length":    func(c *Config) { c.Iterations = -1 },
		"epochs NaN":         func(c *Config) { c.Iterations, c.Epochs = 0, math.NaN() },
		"too many epochs":    func(c *Config) { c.Iterations, c.Epochs = 0, 1e18 },
		"negative validate":  func(c *Config) { c.ValidateEvery = -1 },
		"initial bound":      func(c *Config) { c.InitBound = -1 },
		"no such cell":       func(c *Config) { c.Model.Cell = "cnn" },
		"no hidden units":    func(c *Config) { c.Model.Hidden = 0 },
		"learning rate zero": func(c *Config) { c.Optim.LR = 0 },
		"no such optimiser":  func(c *Config) { c.Optim.Name = "lion" },
	}
	for name, spoil := range bad {
		c := tiny()
		spoil(&c)
		_, err := c.resolve(9, 10)
		if !errors.Is(err, ErrConfig) && !errors.Is(err, rnn.ErrConfig) && !errors.Is(err, optim.ErrConfig) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestImpossibleTexts(t *testing.T) {
	c, err := text.FromString("short", strings.Repeat("ab", 400), text.Options{})
	if err != nil {
		t.Fatal(err)
	}
	split, err := text.DefaultSplit(len(c.IDs))
	if err != nil {
		t.Fatal(err)
	}
	cfg := tiny()
	cfg.Batch, cfg.Seq = 50, 50
	if _, err := New(cfg, Data{c.Alphabet, c.IDs, split}, Options{}); !errors.Is(err, text.ErrTooShort) {
		t.Errorf("800 characters for 50 streams of 50: %v", err)
	}
	cfg.Batch = -1
	if _, err := New(cfg, Data{c.Alphabet, c.IDs, split}, Options{}); !errors.Is(err, text.ErrImpossible) {
		t.Errorf("-1 streams: %v", err)
	}
}
