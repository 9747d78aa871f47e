package rnn

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Cell names the recurrent unit of every layer.
type Cell string

// The three cells.
const (
	Elman Cell = "elman"
	LSTM  Cell = "lstm"
	GRU   Cell = "gru"
)

// Nonlinearities of the Elman cell.
const (
	Tanh = "tanh"
	ReLU = "relu"
)

// ErrConfig marks a configuration that no network can have.
var ErrConfig = errors.New("rnn: invalid configuration")

// ErrTooLarge marks a size that does not fit in memory.
var ErrTooLarge = errors.New("rnn: too large")

// MaxParameters bounds the number of weights of one model.
const MaxParameters = 1 << 30

// Config is the shape of a network.
type Config struct {
	Cell Cell `json:"cell"`
	// Nonlinearity of the Elman cell: "tanh" (also when empty) or "relu".
	Nonlinearity string  `json:"nonlinearity,omitempty"`
	Vocab        int     `json:"vocab"`  // V
	Hidden       int     `json:"hidden"` // H
	Layers       int     `json:"layers"` // L
	Embed        int     `json:"embed"`  // width of the input embedding, 0: one-hot
	Dropout      float64 `json:"dropout,omitempty"`
	Counter      bool    `json:"counter,omitempty"` // the readout also sees one explicit count, carried over time

	// What only networks from elsewhere have.
	Head  Head `json:"head,omitzero"`   // between the last h and the readout
	Start bool `json:"start,omitempty"` // a state of its own before the first symbol, not zero
	// Sizes are the units of each layer where these differ, "20,14"; Hidden is the
	// largest. A narrower layer is filled up with units whose weights and values are 0.
	Sizes string `json:"sizes,omitempty"`
}

// Units is the number of units of layer l that are not filled up.
func (c Config) Units(l int) int {
	if c.Sizes == "" {
		return c.Hidden
	}
	n, err := strconv.Atoi(strings.Split(c.Sizes, ",")[l])
	if err != nil {
		panic("rnn: sizes that were not validated")
	}
	return n
}

func (c Config) validateSizes() error {
	if c.Sizes == "" {
		return nil
	}
	sizes, most := strings.Split(c.Sizes, ","), 0
	for _, s := range sizes {
		n, err := strconv.Atoi(s)
		if err != nil || n < 1 || n > c.Hidden {
			return fmt.Errorf("%w: %q units in a layer, want 1 to %d", ErrConfig, s, c.Hidden)
		}
		most = max(most, n)
	}
	if len(sizes) != c.Layers || most != c.Hidden {
		return fmt.Errorf("%w: layers of %s units, want %d of them, the largest %d", ErrConfig, c.Sizes, c.Layers, c.Hidden)
	}
	return nil
}

// Gates is G, the number of gate blocks of the cell.
func (c Config) Gates() int {
	switch c.Cell {
	case LSTM:
		return 4
	case GRU:
		return 3
	}
	return 1
}

// Validate reports why no network can have this shape: an error that matches
// ErrConfig or ErrTooLarge.
func (c Config) Validate() error {
	if c.Cell != Elman && c.Cell != LSTM && c.Cell != GRU {
		return fmt.Errorf("%w: cell %q, want elman, lstm or gru", ErrConfig, c.Cell)
	}
	switch c.Nonlinearity {
	case "", Tanh:
	case ReLU:
		if c.Cell != Elman {
			return fmt.Errorf("%w: nonlinearity relu is for the elman cell, not %s", ErrConfig, c.Cell)
		}
	default:
		return fmt.Errorf("%w: nonlinearity %q, want tanh or relu", ErrConfig, c.Nonlinearity)
	}
	if c.Vocab < 1 {
		return fmt.Errorf("%w: %d symbols, want at least 1", ErrConfig, c.Vocab)
	}
	if c.Hidden < 1 {
		return fmt.Errorf("%w: %d hidden units, want at least 1", ErrConfig, c.Hidden)
	}
	if c.Layers < 1 {
		return fmt.Errorf("%w: %d layers, want at least 1", ErrConfig, c.Layers)
	}
	if c.Layers > MaxLayers {
		return fmt.Errorf("%w: %d layers, more than %d", ErrTooLarge, c.Layers, MaxLayers)
	}
	if c.Embed < 0 {
		return fmt.Errorf("%w: embedding width %d is negative", ErrConfig, c.Embed)
	}
	if !(c.Dropout >= 0 && c.Dropout < 1) {
		return fmt.Errorf("%w: dropout %v, want 0 or more and less than 1", ErrConfig, c.Dropout)
	}
	if err := errors.Join(c.Head.validate(), c.validateSizes()); err != nil {
		return err
	}
	if n := c.parameters(); n > MaxParameters {
		return fmt.Errorf("%w: %s with %d symbols, %d units, %d layers has %.3g weights, more than %d",
			ErrTooLarge, c.Cell, c.Vocab, c.Hidden, c.Layers, n, MaxParameters)
	}
	return nil
}

// Parameters is the number of weights; math.MaxInt where the number is absurd.
func (c Config) Parameters() int {
	n := c.parameters()
	if n > 1<<53 {
		return math.MaxInt
	}
	return int(n)
}

// parameters counts in float64, where the product of four ints cannot overflow.
func (c Config) parameters() float64 {
	v, h, l, e := float64(c.Vocab), float64(c.Hidden), float64(c.Layers), float64(c.Embed)
	gh := float64(c.Gates()) * h
	in := v
	n := 0.0
	if c.Embed > 0 {
		in = e
		n = v * e
	}
	n += gh*in + (l-1)*gh*h + l*(gh*h+2*gh)
	if c.Counter {
		n += h + 1 + v
	}
	if c.Start {
		n += l * h
		if c.Cell == LSTM {
			n += l * h
		}
	}
	return n + c.Head.parameters(h) + v*float64(c.readoutWidth()) + v
}

// MaxLayers bounds the layers of one model.
const MaxLayers = 1000
