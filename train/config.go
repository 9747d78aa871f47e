package train

import (
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/rnnscope/rnnscope/optim"
	"github.com/rnnscope/rnnscope/rnn"
	"github.com/rnnscope/rnnscope/text"
)

// ErrConfig reports settings that no training can have; the error says which and why.
var ErrConfig = errors.New("impossible training settings")

// Config says what is trained and how. It is saved with the run: everything that
// has influence on the weights' bits is in here or in the text.
type Config struct {
	Model         rnn.Config   `json:"model"`                // Vocab is filled in from the alphabet
	Batch         int          `json:"batch"`                // B
	Seq           int          `json:"seq"`                  // T
	Iterations    int64        `json:"iterations,omitempty"` // updates in all; 0: from Epochs
	Epochs        float64      `json:"epochs,omitempty"`     // passes over the training part, when Iterations is 0
	Optim         optim.Config `json:"optim"`
	InitBound     float64      `json:"init_bound,omitempty"`     // weights start uniform in +-InitBound; 0: as PyTorch starts them
	Seed          uint64       `json:"seed"`                     // of the weights, dropout and samples
	OrderSeed     uint64       `json:"order_seed,omitempty"`     // of the text's order: the training part is read from a place drawn with it, round and round; 0: from its start
	ValidateEvery int64        `json:"validate_every,omitempty"` // steps; 0: only with snapshots and at the end
	SaveEvery     int64        `json:"save_every,omitempty"`     // steps between resume files; 0: Options.SaveInterval alone
	Snapshots     []int64      `json:"snapshots,omitempty"`      // steps, ascending; the last step is always one
	KeepStates    bool         `json:"keep_states,omitempty"`    // of every snapshot the whole state is kept, from which a training can be repeated, not the weights alone
	Samples       Samples      `json:"samples"`
}

// Samples says what is drawn at a snapshot. The trainer only carries it.
type Samples struct {
	Prompt      string  `json:"prompt"`
	Length      int     `json:"length"` // symbols
	Temperature float64 `json:"temperature"`
}

// LongestSample bounds the samples of snapshots, in symbols.
const LongestSample = 100_000

// MaxIterations bounds a training in updates: more than a thousand years of them.
const MaxIterations = 1e12

// Validate says what in settings from elsewhere cannot be, for an alphabet of so many
// symbols and a training part of so many characters. Whether this machine has the memory
// for them is New's and Resume's to say. Errors match ErrConfig or those of New.
func (c Config) Validate(vocab, chars int) error {
	if c.Model.Vocab != 0 && c.Model.Vocab != vocab {
		return fmt.Errorf("%w: a network of %d symbols for an alphabet of %d", ErrConfig, c.Model.Vocab, vocab)
	}
	perEpoch, err := text.ChunksPerEpoch(chars, c.Batch, c.Seq)
	if err != nil {
		return err
	}
	_, err = c.resolve(vocab, perEpoch)
	return err
}

func (s Samples) validate() error {
	if s.Length < 0 || s.Length > LongestSample || !(s.Temperature >= 0) || math.IsInf(s.Temperature, 1) {
		return fmt.Errorf("%w: samples of %d characters at temperature %v", ErrConfig, s.Length, s.Temperature)
	}
	return nil
}

// presets are functions so that nobody can change one for everybody.
var presets = map[string]func() Config{
	// Under a minute on two cores; passes step 2,000, about which the essay speaks.
	// On the built-in text many small updates at a high rate beat fewer large ones; 8,000
	// of them leave the 5-gram model more than .2 bits a character behind.
	"demo": func() Config {
		return Config{
			Model: rnn.Config{Cell: rnn.LSTM, Hidden: 128, Layers: 1},
			Batch: 16, Seq: 64, Iterations: 8000,
			Optim: optim.Config{
				Name: optim.Adam, LR: 0.02, Clip: optim.ClipNorm, ClipAt: 5,
				Schedule: optim.Schedule{Name: optim.Cosine, Warmup: 20, Floor: 0.1},
			},
			Samples: Samples{Prompt: "", Length: 800, Temperature: 0.8},
		}
	},
	// The essay's own script.
	"seed": func() Config {
		return Config{
			Model: rnn.Config{Cell: rnn.Elman, Nonlinearity: rnn.Tanh, Hidden: 128, Layers: 1},
			Batch: 32, Seq: 50, Iterations: 2000,
			Optim:   optim.Config{Name: optim.Adam, LR: 0.01, Clip: optim.ClipNone, Schedule: optim.Schedule{Name: optim.Constant}},
			Samples: Samples{Prompt: "the ", Length: 50, Temperature: 1},
		}
	},
	// The defaults of char-rnn's train.lua (Karpathy 2015): RMSProp with decay .95,
	// learning rate times .97 an epoch after the tenth, elementwise clip at 5.
	"char-rnn": func() Config {
		return Config{
			Model: rnn.Config{Cell: rnn.LSTM, Hidden: 128, Layers: 2},
			Batch: 50, Seq: 50, Epochs: 50, InitBound: 0.08,
			Optim: optim.Config{
				Name: optim.RMSProp, LR: 2e-3, Decay: 0.95, Eps: 1e-8, Clip: optim.ClipValue, ClipAt: 5,
				Schedule: optim.Schedule{Name: optim.StepEpochs, Factor: 0.97, After: 10, Every: 1},
			},
			Samples: Samples{Prompt: "", Length: 400, Temperature: 1},
		}
	},
}

// Presets lists the names Preset knows.
func Presets() []string { return slices.Sorted(maps.Keys(presets)) }

// Preset returns named settings; an unknown name is ErrConfig.
func Preset(name string) (Config, error) {
	p, ok := presets[name]
	if !ok {
		return Config{}, fmt.Errorf("%w: preset %q; there are %s", ErrConfig, name, strings.Join(Presets(), ", "))
	}
	return p(), nil
}

// resolve fills in what follows from the data: V, the number of updates, the
// length of a cosine schedule, the last snapshot.
func (c Config) resolve(vocab, perEpoch int) (Config, error) {
	c.Model.Vocab = vocab
	if err := c.Model.Validate(); err != nil {
		return c, err
	}
	if c.Iterations < 0 || !(c.Epochs >= 0) || math.IsInf(c.Epochs, 1) {
		return c, fmt.Errorf("%w: %d iterations, %v epochs: want a number above 0 of one of them", ErrConfig, c.Iterations, c.Epochs)
	}
	if c.Iterations == 0 {
		updates := math.Ceil(c.Epochs * float64(perEpoch))
		if updates > math.MaxInt32 {
			return c, fmt.Errorf("%w: %v epochs are %.3g updates of this text, want at most %d", ErrConfig, c.Epochs, updates, math.MaxInt32)
		}
		c.Iterations = int64(updates)
	}
	if c.Iterations > MaxIterations {
		return c, fmt.Errorf("%w: %d iterations, want at most %.0e", ErrConfig, c.Iterations, float64(MaxIterations))
	}
	if c.Iterations < 1 {
		return c, fmt.Errorf("%w: no iterations and no epochs; give one of them", ErrConfig)
	}
	if c.ValidateEvery < 0 || c.SaveEvery < 0 {
		return c, fmt.Errorf("%w: validate every %d, save every %d steps", ErrConfig, c.ValidateEvery, c.SaveEvery)
	}
	if !(c.InitBound >= 0) || math.IsInf(c.InitBound, 1) {
		return c, fmt.Errorf("%w: initial weights within %v", ErrConfig, c.InitBound)
	}
	if err := c.Samples.validate(); err != nil {
		return c, err
	}
	if s := &c.Optim.Schedule; s.Name == optim.Cosine && s.Steps == 0 {
		s.Steps = int(c.Iterations)
		s.Warmup = min(s.Warmup, s.Steps/2) // a preset shortened to a few steps
	}
	if err := c.Optim.Validate(); err != nil {
		return c, err
	}
	return c.withSnapshots(), nil
}

// withSnapshots orders the snapshots, drops those that never come, adds the last step.
func (c Config) withSnapshots() Config {
	s := slices.DeleteFunc(slices.Clone(c.Snapshots), func(step int64) bool { return step < 0 || step > c.Iterations })
	s = append(s, c.Iterations)
	slices.Sort(s)
	c.Snapshots = slices.Compact(s)
	return c
}
