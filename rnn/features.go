package rnn

import (
	"fmt"
	"math"

	"github.com/rnnscope/rnnscope/internal/f32"
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
func normal(x float64) float64   { return 0.5 * math.Erfc(-x/math.Sqrt2) }

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

// features computes what the readout reads from h where a network has a Head.
type features struct {
	c          Head
	n          int // units of the last layer, those that are not filled up
	normW      []float32
	normB      []float32
	w, b       []float32  // [K,H], [K]
	fwd        f32.Packed // [H,K]
	back       f32.Packed // [K,H], with Backward
	rows       int        // that one worker takes at once
	width      int        // H
	normed     []float32  // [workers,rows,H]
	sums, out  []float32  // [workers,rows,K]
	dOut, dSum []float32  // [workers,rows,K], [workers,rows,H], with Backward
}

// newFeatures makes room for what workers do at once; nil without a head.
func newFeatures(p *Pass) *features {
	c := p.m.cfg
	if c.Head == (Head{}) {
		return nil
	}
	f := &features{c: c.Head, n: c.Units(c.Layers - 1), width: c.Hidden, rows: max(p.most, p.o.B)}
	f.normW, f.normB, f.w, f.b = p.m.normW.w, p.m.normB.w, p.m.headW.w, p.m.headB.w
	rows, k := p.o.Workers*f.rows, c.readoutWidth()
	f.normed, f.out = f32.Make(rows*c.Hidden), f32.Make(rows*k)
	if c.Head.Hidden > 0 {
		f.sums = f32.Make(rows * k)
	}
	if p.o.Backward {
		f.dOut, f.dSum = f32.Make(rows*k), f32.Make(rows*c.Hidden)
	}
	return f
}

// plan packs the hidden layer.
func (f *features) plan(p *Pass) {
	if f.c.Hidden == 0 {
		return
	}
	p.planPack(&f.fwd, f.w, f.width, f.c.Hidden, f.width, true)
	if p.o.Backward {
		p.planPack(&f.back, f.w, f.c.Hidden, f.width, f.width, false)
	}
}

// piece is worker w's part of an array of rows of so many.
func (f *features) piece(of []float32, w, width int) []float32 {
	return of[w*f.rows*width : (w+1)*f.rows*width]
}

// forward computes rows of what the readout reads from h [rows,H], for worker w.
func (f *features) forward(w int, h []float32, rows int) []float32 {
	x := h
	if f.c.Norm != "" {
		x = f.piece(f.normed, w, f.width)
		for r := range rows {
			f.norm(slot(x, r, f.width), slot(h, r, f.width))
		}
	}
	if f.c.Hidden == 0 {
		return x
	}
	k := f.c.Hidden
	sums, out := f.piece(f.sums, w, k), f.piece(f.out, w, k)
	f32.Gemm(sums, k, rows, x, f.width, 1, &f.fwd, false)
	act := activations[f.c.Activation].f
	for r := range rows {
		row := slot(sums, r, k)
		f32.Add(row, f.b)
		for i, v := range row {
			out[r*k+i] = float32(act(float64(v)))
		}
	}
	return out
}

// moments are what a norm takes from a row: the mean it subtracts (0 of rms) and
// what it divides by.
func (f *features) moments(h []float32) (mean, deviation float64) {
	var sum, squares float64
	for _, v := range h[:f.n] {
		sum += float64(v)
	}
	if f.c.Norm == LayerNorm {
		mean = sum / float64(f.n)
	}
	for _, v := range h[:f.n] {
		squares += (float64(v) - mean) * (float64(v) - mean)
	}
	return mean, math.Sqrt(squares/float64(f.n) + f.c.Eps)
}

func (f *features) norm(dst, h []float32) {
	mean, deviation := f.moments(h)
	for i := range dst {
		dst[i] = float32((float64(h[i])-mean)/deviation)*f.normW[i] + f.normB[i]
	}
	clear(dst[f.n:])
}

// back turns the gradient by what the readout read, in dOut of worker w, into that by
// h [rows,H], rows of dst; h and the sums are those of the last forward.
func (f *features) backward(w int, dst, h []float32, rows int) {
	var d []float32
	if k := f.c.Hidden; k == 0 {
		d = f.piece(f.dOut, w, f.width)
	} else {
		dOut, sums := f.piece(f.dOut, w, k), f.piece(f.sums, w, k)
		derivative := activations[f.c.Activation].d
		for i := range rows * k {
			dOut[i] *= float32(derivative(float64(sums[i])))
		}
		d = f.piece(f.dSum, w, f.width)
		f32.Gemm(d, f.width, rows, dOut, k, 1, &f.back, false)
	}
	for r := range rows {
		to, from := slot(dst, r, f.width), slot(d, r, f.width)
		if f.c.Norm == "" {
			copy(to, from)
			continue
		}
		f.normBack(to, from, slot(h, r, f.width))
	}
}

// normBack is the gradient through the norm: with y = (h - mean) / s and g = d *
// weight, (g - mean(g) - y mean(g y)) / s; rms has no mean(g).
func (f *features) normBack(dst, d, h []float32) {
	mean, s := f.moments(h)
	var sum, dot float64
	for i := range f.n {
		g := float64(d[i]) * float64(f.normW[i])
		sum += g
		dot += g * (float64(h[i]) - mean) / s
	}
	sum, dot = sum/float64(f.n), dot/float64(f.n)
	if f.c.Norm == RMSNorm {
		sum = 0
	}
	for i := range f.n {
		g := float64(d[i]) * float64(f.normW[i])
		dst[i] = float32((g - sum - (float64(h[i])-mean)/s*dot) / s)
	}
	clear(dst[f.n:])
}
