package rnn

import (
	"fmt"
	"math"
)

// Head is what stands between h of the last layer and the linear readout; the zero
// Head is nothing. Networks from elsewhere have it; it is read and run, also
// backward to the input, and not trained.
//
//	x = h,  x = norm(x) if Norm,  x = act(W x + b) if Hidden;  logits = fc x + b
type Head struct {
	// Norm is "layer" (Ba, Kiros, Hinton 2016: (x - mean) / sqrt(var + Eps) * weight
	// + bias), "rms" (Zhang and Sennrich 2019: x / sqrt(mean x^2 + Eps) * weight) or
	// empty.
	Norm string  `json:"norm,omitempty"`
	Eps  float64 `json:"eps,omitempty"` // of Norm
	// Hidden is K, the units of one hidden layer; 0: none.
	Hidden     int    `json:"hidden,omitempty"`
	Activation string `json:"activation,omitempty"` // of Hidden, one of Activations; else empty
}

// Kinds of Head.Norm.
const (
	LayerNorm = "layer"
	RMSNorm   = "rms"
)

// activation is a function and its derivative.
type activation struct{ f, d func(x float64) float64 }

var activations = map[string]activation{
	"identity": {func(x float64) float64 { return x }, func(float64) float64 { return 1 }},
	"relu":     {func(x float64) float64 { return max(x, 0) }, func(x float64) float64 { return step(x, 0) }},
	"leaky_relu": {func(x float64) float64 { return max(x, 0.01*x) }, // slope 0.01, PyTorch's default
		func(x float64) float64 { return step(x, 0.01) }},
	"elu": {func(x float64) float64 { return max(x, math.Expm1(min(x, 0))) }, func(x float64) float64 { return math.Exp(min(x, 0)) }},
	"tanh": {math.Tanh, func(x float64) float64 {
		y := math.Tanh(x)
		return 1 - y*y
	}},
	"sigmoid": {logistic, func(x float64) float64 { return logistic(x) * (1 - logistic(x)) }},
	"silu": {func(x float64) float64 { return x * logistic(x) }, func(x float64) float64 {
		s := logistic(x)
		return s * (1 + x*(1-s))
	}},
	// gelu is the exact one, x Phi(x), PyTorch's default.
	"gelu": {func(x float64) float64 { return x * normal(x) }, func(x float64) float64 {
		return normal(x) + x*math.Exp(-x*x/2)/math.Sqrt(2*math.Pi)
	}},
}

// Activations are the names of what may follow the hidden layer of a Head.
var Activations = []string{"identity", "relu", "leaky_relu", "elu", "tanh", "sigmoid", "silu", "gelu"}

// Activate applies one of Activations; it panics for another name.
func Activate(name string, x float64) float64 {
	a, ok := activations[name]
	if !ok {
		panic("rnn: no activation " + name)
	}
	return a.f(x)
}

func logistic(x float64) float64 { return 1 / (1 + math.Exp(-x)) }

func normal(x float64) float64 { return 0.5 * math.Erfc(-x/math.Sqrt2) }

func step(x, below float64) float64 {
	if x > 0 {
		return 1
	}
	return below
}

func (h Head) validate() error {
	switch h.Norm {
	case "", LayerNorm, RMSNorm:
	default:
		return fmt.Errorf("%w: a head with the norm %q, want layer or rms", ErrConfig, h.Norm)
	}
	if h.Norm != "" && !(h.Eps >= 0 && h.Eps < 1) {
		return fmt.Errorf("%w: a norm with eps %v, want 0 or more and less than 1", ErrConfig, h.Eps)
	}
	if h.Hidden < 0 {
		return fmt.Errorf("%w: a head with %d hidden units", ErrConfig, h.Hidden)
	}
	if _, known := activations[h.Activation]; h.Hidden > 0 && !known {
		return fmt.Errorf("%w: a head with the activation %q, want one of %v", ErrConfig, h.Activation, Activations)
	}
	return nil
}

// parameters counts the weights of the head but the last layer.
func (h Head) parameters(hidden float64) float64 {
	n := 0.0
	if h.Norm != "" {
		n += 2 * hidden
	}
	return n + float64(h.Hidden)*(hidden+1)
}

// readoutWidth is what the linear readout reads: H, or K of a head with a hidden layer.
func (c Config) readoutWidth() int {
	if c.Head.Hidden > 0 {
		return c.Head.Hidden
	}
	return c.Hidden
}
