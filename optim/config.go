package optim

import (
	"errors"
	"fmt"
	"math"
)

// ErrConfig marks settings that no optimiser can have.
var ErrConfig = errors.New("optim: invalid configuration")

// Names of the optimisers and of the ways to clip.
const (
	Adam    = "adam"
	RMSProp = "rmsprop"
	SGD     = "sgd"

	ClipNone  = "none"
	ClipNorm  = "norm"
	ClipValue = "value"
)

// Config is an optimiser's settings. Zero values of Beta1, Beta2, Eps and Decay
// take PyTorch's defaults.
type Config struct {
	Name     string   `json:"name"`               // adam, rmsprop, sgd
	LR       float64  `json:"lr"`                 // before the schedule
	Beta1    float64  `json:"beta1,omitempty"`    // Adam, .9
	Beta2    float64  `json:"beta2,omitempty"`    // Adam, .999
	Eps      float64  `json:"eps,omitempty"`      // Adam and RMSProp, 1e-8
	Decay    float64  `json:"decay,omitempty"`    // RMSProp's alpha, .99
	Momentum float64  `json:"momentum,omitempty"` // SGD, 0
	Clip     string   `json:"clip,omitempty"`     // none (also when empty), norm, value
	ClipAt   float64  `json:"clip_at,omitempty"`  // largest norm, or largest |value|
	Schedule Schedule `json:"schedule"`
	Workers  int      `json:"-"` // goroutines, 0: GOMAXPROCS; bits never depend on it
}

// withDefaults is c with PyTorch's defaults in place of zeros.
func (c Config) withDefaults() Config {
	set := func(x *float64, def float64) {
		if *x == 0 {
			*x = def
		}
	}
	if c.Name == Adam {
		set(&c.Beta1, .9)
		set(&c.Beta2, .999)
	}
	if c.Name == RMSProp {
		set(&c.Decay, .99)
	}
	if c.Name != SGD {
		set(&c.Eps, 1e-8)
	}
	if c.Clip == "" {
		c.Clip = ClipNone
	}
	if c.Schedule.Name == "" {
		c.Schedule.Name = Constant
	}
	return c
}

// Validate reports settings that make no sense; errors match ErrConfig.
func (c Config) Validate() error {
	bad := func(format string, a ...any) error {
		return fmt.Errorf("%w: %s", ErrConfig, fmt.Sprintf(format, a...))
	}
	share := func(x float64) bool { return x >= 0 && x < 1 }
	switch {
	case c.Name != Adam && c.Name != RMSProp && c.Name != SGD:
		return bad("optimiser %q, want adam, rmsprop or sgd", c.Name)
	case !(c.LR > 0) || math.IsInf(c.LR, 0):
		return bad("learning rate %v, want more than 0", c.LR)
	case !share(c.Beta1) || !share(c.Beta2):
		return bad("betas %v and %v, want 0 or more and less than 1", c.Beta1, c.Beta2)
	case !share(c.Decay):
		return bad("decay %v, want 0 or more and less than 1", c.Decay)
	case !share(c.Momentum):
		return bad("momentum %v, want 0 or more and less than 1", c.Momentum)
	case c.Momentum > 0 && c.Name != SGD:
		return bad("momentum is for sgd, not %s", c.Name)
	case !(c.Eps >= 0) || math.IsInf(c.Eps, 0):
		return bad("eps %v is negative or not finite", c.Eps)
	case c.Workers < 0:
		return bad("%d workers", c.Workers)
	}
	switch c.Clip {
	case "", ClipNone:
	case ClipNorm, ClipValue:
		if !(c.ClipAt > 0) || math.IsInf(c.ClipAt, 1) {
			return bad("clip at %v, want a number above 0; clip none clips nothing", c.ClipAt)
		}
	default:
		return bad("clip %q, want none, norm or value", c.Clip)
	}
	return c.Schedule.validate(bad)
}
