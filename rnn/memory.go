package rnn

import "fmt"

// MaxBytes bounds what one model or pass may allocate.
const MaxBytes = 64 << 30

// MaxLayers bounds the layers of one model.
const MaxLayers = 1000

// trainingSlabs is how often the weights stand in memory while they are trained:
// themselves, gradients, two moments, packed for both directions; and, while a
// resume file is written, weights and moments in PyTorch's order and as bytes.
const trainingSlabs = 14

// TrainingFits says whether a network of shape cfg can be trained on this machine
// over chunks of T steps and B streams. Errors match ErrConfig or ErrTooLarge.
func TrainingFits(cfg Config, t, b int) error {
	if err := cfg.Validate(); err != nil {
		return err
	}
	pass := (&Model{cfg: cfg}).passBytes(PassOptions{T: t, B: b, Backward: true})
	return fits(trainingSlabs*4*float64(cfg.Parameters()) + pass)
}

// fits says whether so many bytes can be had at all.
func fits(bytes float64) error {
	limit := float64(MaxBytes)
	if have := physicalMemory(); have > 0 && have < limit {
		limit = have
	}
	if bytes > limit {
		return fmt.Errorf("%w: needs %.1f GB of memory, %.1f GB is the limit here: use fewer units, layers, streams or steps",
			ErrTooLarge, bytes/1e9, limit/1e9)
	}
	return nil
}
