package inspect

import (
	"testing"

	"github.com/rnnscope/rnnscope/rnn"
	"github.com/rnnscope/rnnscope/train"
)

// TestTrainingOf: what seeds, size and looking change is left out; what else differs shows.
func TestTrainingOf(t *testing.T) {
	base := train.Config{Model: rnn.Config{Cell: rnn.LSTM, Hidden: 128, Layers: 2, Vocab: 90}}
	plain := trainingOf(base, "tail 80/10/10")
	for name, change := range map[string]func(c *train.Config){
		"seed":        func(c *train.Config) { c.Seed, c.OrderSeed = 7, 8 },
		"size":        func(c *train.Config) { c.Model.Cell, c.Model.Hidden, c.Model.Layers = rnn.Elman, 64, 1 },
		"tanh":        func(c *train.Config) { c.Model.Nonlinearity = "tanh" },
		"keep states": func(c *train.Config) { c.KeepStates = true },
	} {
		c := base
		if change(&c); trainingOf(c, "tail 80/10/10") != plain {
			t.Errorf("%s: %s, want %s", name, trainingOf(c, "tail 80/10/10"), plain)
		}
	}
	for name, change := range map[string]func(c *train.Config){
		"dropout":   func(c *train.Config) { c.Model.Dropout = .5 },
		"relu":      func(c *train.Config) { c.Model.Nonlinearity = "relu" },
		"embedding": func(c *train.Config) { c.Model.Embed = 16 },
		"counter":   func(c *train.Config) { c.Model.Counter = true },
		"batch":     func(c *train.Config) { c.Batch = 99 },
	} {
		c := base
		if change(&c); trainingOf(c, "tail 80/10/10") == plain {
			t.Errorf("%s changes nothing", name)
		}
	}
	if trainingOf(base, "tail 40/10/50") == plain {
		t.Error("another split changes nothing")
	}
}
