// Package optim changes weights by their gradients: Adam, RMSProp and SGD with
// momentum, with PyTorch's equations; clipping by norm or by value; and the
// learning rate's schedule.
package optim

import "errors"

// ErrConfig marks settings that no optimiser can have.
var ErrConfig = errors.New("optim: invalid configuration")

// Names of the optimisers, the ways to clip and the schedules.
const (
	Adam    = "adam"
	RMSProp = "rmsprop"
	SGD     = "sgd"

	ClipNone  = "none"
	ClipNorm  = "norm"
	ClipValue = "value"

	Constant   = "constant"
	StepEpochs = "step-epochs"
	StepSteps  = "step"
	Cosine     = "cosine"
)

// Config is an optimiser's settings. Zero values take PyTorch's defaults.
type Config struct {
	Name     string   `json:"name"`               // adam, rmsprop, sgd
	LR       float64  `json:"lr"`                 //
	Beta1    float64  `json:"beta1,omitempty"`    // Adam, .9
	Beta2    float64  `json:"beta2,omitempty"`    // Adam, .999
	Eps      float64  `json:"eps,omitempty"`      // Adam and RMSProp, 1e-8
	Decay    float64  `json:"decay,omitempty"`    // RMSProp's alpha, .99
	Momentum float64  `json:"momentum,omitempty"` // SGD and RMSProp, 0
	Clip     string   `json:"clip,omitempty"`     // none, norm, value
	ClipAt   float64  `json:"clip_at,omitempty"`  //
	Schedule Schedule `json:"schedule"`
	Workers  int      `json:"-"` // goroutines, 0: GOMAXPROCS; bits never depend on it
}

// Schedule is how the learning rate goes down.
type Schedule struct {
	Name   string  `json:"name,omitempty"`   // constant, step-epochs, step, cosine
	Factor float64 `json:"factor,omitempty"` // step schedules: lr times this at every decay
	After  int     `json:"after,omitempty"`  // step-epochs: first decay after this epoch; step: after this step
	Every  int     `json:"every,omitempty"`  // decay every so many epochs or steps, 1 if 0
	Warmup int     `json:"warmup,omitempty"` // cosine: linear warm-up steps
	Steps  int     `json:"steps,omitempty"`  // cosine: total steps
	Floor  float64 `json:"floor,omitempty"`  // cosine: final lr as a share of LR
}

// Validate reports settings that make no sense; errors match ErrConfig.
func (c Config) Validate() error { panic("to come") }

// Rate is the learning rate of the step'th update (from 0) in the epoch'th pass
// over the text (from 0, fractions counted down).
func (c Config) Rate(step int64, epoch int) float64 { panic("to come") }

// Optimizer holds the moments of n weights.
type Optimizer struct{}

// New makes an optimiser for n weights; errors match ErrConfig.
func New(cfg Config, n int) (*Optimizer, error) { panic("to come") }

// Config is the settings, defaults filled in.
func (o *Optimizer) Config() Config { panic("to come") }

// Step clips grads in place and updates params with learning rate lr. It returns
// the gradient's norm before clipping.
func (o *Optimizer) Step(params, grads []float32, lr float64) float64 { panic("to come") }

// Slots are the moments by name, views, to save and to restore in place.
func (o *Optimizer) Slots() map[string][]float32 { panic("to come") }

// Steps is the number of updates made; SetSteps restores it.
func (o *Optimizer) Steps() int64 { panic("to come") }

// SetSteps restores the number of updates made.
func (o *Optimizer) SetSteps(n int64) { panic("to come") }
