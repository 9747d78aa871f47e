package rnn

import (
	"fmt"
	"math"
	"slices"
)

// This file is the forward pass to be read: one stream, one symbol at a time, float64, loops and
// nothing else, on the weights as PyTorch names and orders them. Pass computes the same in blocks,
// with fused kernels and many rows at once; a test holds the two together.

// PlainLayer is the weights of one layer. The rows of a gate stand together, gates in PyTorch's
// order: i f g o of the LSTM, r z n of the GRU.
type PlainLayer struct {
	WIH, WHH [][]float64 // [G*H,in], [G*H,H]
	BIH, BHH []float64   // [G*H]
}

// Elman is one step of torch.nn.RNN's cell (Elman 1990): h' = act(W_ih x + b_ih + W_hh h + b_hh).
func (w *PlainLayer) Elman(x, h []float64, act func(float64) float64) []float64 {
	fromX, fromH := affine(w.WIH, x, w.BIH), affine(w.WHH, h, w.BHH)
	next := make([]float64, len(h))
	for u := range h {
		next[u] = act(fromX[u] + fromH[u])
	}
	return next
}

// LSTM is one step of torch.nn.LSTM's cell (Hochreiter and Schmidhuber 1997, with the forget gate of
// Gers 2000): what to let in, what to keep, what is new, what to show.
func (w *PlainLayer) LSTM(x, h, c []float64) (nextH, nextC []float64) {
	n, fromX, fromH := len(h), affine(w.WIH, x, w.BIH), affine(w.WHH, h, w.BHH)
	nextH, nextC = make([]float64, n), make([]float64, n)
	for u := range n {
		i := logistic(fromX[u] + fromH[u])          // input gate
		f := logistic(fromX[n+u] + fromH[n+u])      // forget gate
		g := math.Tanh(fromX[2*n+u] + fromH[2*n+u]) // candidate
		o := logistic(fromX[3*n+u] + fromH[3*n+u])  // output gate
		nextC[u] = f*c[u] + i*g
		nextH[u] = o * math.Tanh(nextC[u])
	}
	return nextH, nextC
}

// GRU is one step of torch.nn.GRU's cell (Cho et al. 2014, the reset gate behind the product).
func (w *PlainLayer) GRU(x, h []float64) []float64 {
	n, fromX, fromH := len(h), affine(w.WIH, x, w.BIH), affine(w.WHH, h, w.BHH)
	next := make([]float64, n)
	for u := range n {
		r := logistic(fromX[u] + fromH[u])            // reset gate
		z := logistic(fromX[n+u] + fromH[n+u])        // update gate: the share of h that is kept
		c := math.Tanh(fromX[2*n+u] + r*fromH[2*n+u]) // candidate, PyTorch's n
		next[u] = (1-z)*c + z*h[u]
	}
	return next
}

// affine is W x + b.
func affine(w [][]float64, x, b []float64) []float64 {
	y := slices.Clone(b)
	for o, row := range w {
		for i, v := range row {
			y[o] += v * x[i]
		}
	}
	return y
}

// Plain is a whole network of one stream: an embedding or one-hot input, layers, a linear readout.
type Plain struct {
	cfg    Config
	Embed  [][]float64 // [V,E]; nil: a symbol is one-hot
	Layers []*PlainLayer
	W      [][]float64 // [V,H] the readout
	B      []float64   // [V]
	H, C   [][]float64 // [L,H] the state; C is the LSTM's
}

// Step reads one symbol and gives the logits [V] of the next.
func (p *Plain) Step(symbol int32) []float64 {
	x := make([]float64, p.cfg.Vocab)
	if x[symbol] = 1; p.Embed != nil {
		x = p.Embed[symbol]
	}
	for l, w := range p.Layers {
		switch p.cfg.Cell {
		case LSTM:
			p.H[l], p.C[l] = w.LSTM(x, p.H[l], p.C[l])
		case GRU:
			p.H[l] = w.GRU(x, p.H[l])
		default:
			p.H[l] = w.Elman(x, p.H[l], p.cfg.activation())
		}
		x = p.H[l]
	}
	return affine(p.W, x, p.B)
}

// activation is the Elman cell's.
func (c Config) activation() func(float64) float64 {
	if c.Nonlinearity == ReLU {
		return func(x float64) float64 { return max(x, 0) }
	}
	return math.Tanh
}

// NewPlain copies the weights of a network, whose state is zero before the first symbol. The error
// matches ErrConfig: the plain network has no head, counter or start of its own.
func NewPlain(m *Model) (*Plain, error) {
	c := m.cfg
	if c.Head != (Head{}) || c.Counter || c.Start {
		return nil, fmt.Errorf("%w: the plain network has no head, no counter and no start of its own", ErrConfig)
	}
	weights := map[string][][]float64{}
	for _, p := range m.Params() {
		weights[p.Name] = rowsOf(p)
	}
	vector := func(name string) []float64 { return slices.Concat(weights[name]...) }
	n := &Plain{cfg: c, Embed: weights["embedding.weight"], W: weights["fc.weight"], B: vector("fc.bias")}
	for l := range c.Layers {
		n.Layers = append(n.Layers, &PlainLayer{
			WIH: weights[fmt.Sprintf("rnn.weight_ih_l%d", l)], BIH: vector(fmt.Sprintf("rnn.bias_ih_l%d", l)),
			WHH: weights[fmt.Sprintf("rnn.weight_hh_l%d", l)], BHH: vector(fmt.Sprintf("rnn.bias_hh_l%d", l)),
		})
		n.H, n.C = append(n.H, make([]float64, c.Hidden)), append(n.C, make([]float64, c.Hidden))
	}
	return n, nil
}

// rowsOf is a parameter in PyTorch's order and shape; a vector is one number a row.
func rowsOf(p Param) [][]float64 {
	flat := make([]float32, p.Len())
	p.Export(flat)
	rows := make([][]float64, p.Shape[0])
	for i, v := range flat {
		r := i / (p.Len() / p.Shape[0])
		rows[r] = append(rows[r], float64(v))
	}
	return rows
}
