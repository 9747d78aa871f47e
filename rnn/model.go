package rnn

import (
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/rnnscope/rnnscope/internal/f32"
)

// Model is a network: its shape, one slab of weights and one of gradients.
type Model struct {
	cfg    Config
	slab   []float32
	grads  []float32
	params []Param
	embed  weight // [V,E], empty without embedding
	layers []layer
	fcW    weight // [V,H]
	fcB    weight // [V]

	countW, countB, countOut weight // [1,H], [1], [V,1]: the explicit counter, if there is one

	startH, startC weight // [L,H]: the state before the first symbol, with Config.Start
	normW, normB   weight // [H]: of Config.Head
	headW, headB   weight // [K,H], [K]: likewise
}

// weight is one parameter and its gradient, views into the two slabs.
type weight struct{ w, g []float32 }

// layer is the parameters of one layer, GH = G*H.
type layer struct {
	ih  weight // [GH,in]; of layer 0 with one-hot input [V,GH], so that an input symbol is one row
	hh  weight // [GH,H]
	bih weight // [GH]
	bhh weight // [GH]
}

// Param is one named parameter. Shape is PyTorch's; Data and Grad are views into
// the slabs. Where Transposed is set Data holds the transpose of Shape.
type Param struct {
	Name       string
	Shape      []int
	Data       []float32
	Grad       []float32
	Transposed bool
}

// New allocates a network of the shape cfg with all weights zero.
func New(cfg Config) (*Model, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	n := cfg.Parameters()
	if err := fits(8 * float64(n)); err != nil {
		return nil, err
	}
	m := &Model{cfg: cfg, slab: f32.Make(n), grads: f32.Make(n)}
	m.carve()
	return m, nil
}

// carve lays the parameters out over the slabs.
func (m *Model) carve() {
	c := m.cfg
	h, v, gh := c.Hidden, c.Vocab, c.Gates()*c.Hidden
	off := 0
	take := func(name string, transposed bool, shape ...int) weight {
		n := 1
		for _, d := range shape {
			n *= d
		}
		w := weight{m.slab[off : off+n : off+n], m.grads[off : off+n : off+n]}
		off += n
		m.params = append(m.params, Param{Name: name, Shape: shape, Data: w.w, Grad: w.g, Transposed: transposed})
		return w
	}
	in := v
	if c.Embed > 0 {
		m.embed = take("embedding.weight", false, v, c.Embed)
		in = c.Embed
	}
	for l := range c.Layers {
		m.layers = append(m.layers, layer{
			ih:  take(fmt.Sprintf("rnn.weight_ih_l%d", l), l == 0 && c.Embed == 0, gh, in),
			hh:  take(fmt.Sprintf("rnn.weight_hh_l%d", l), false, gh, h),
			bih: take(fmt.Sprintf("rnn.bias_ih_l%d", l), false, gh),
			bhh: take(fmt.Sprintf("rnn.bias_hh_l%d", l), false, gh),
		})
		in = h
	}
	if c.Start {
		m.startH = take("start.h", false, c.Layers, h)
		if c.Cell == LSTM {
			m.startC = take("start.c", false, c.Layers, h)
		}
	}
	if c.Head.Norm != "" {
		m.normW, m.normB = take("head.norm.weight", false, h), take("head.norm.bias", false, h)
	}
	if k := c.Head.Hidden; k > 0 {
		m.headW, m.headB = take("head.weight", false, k, h), take("head.bias", false, k)
	}
	m.fcW = take("fc.weight", false, v, c.readoutWidth())
	m.fcB = take("fc.bias", false, v)
	if c.Counter {
		m.countW = take("counter.weight", false, 1, h)
		m.countB = take("counter.bias", false, 1)
		m.countOut = take("fc_count.weight", false, v, 1)
	}
}

// Config is the shape the model was made with.
func (m *Model) Config() Config { return m.cfg }

// Init draws every weight as PyTorch does: uniform in +-1/sqrt(H), the embedding
// from the standard normal distribution.
func (m *Model) Init(rng *rand.Rand) {
	bound := 1 / math.Sqrt(float64(m.cfg.Hidden))
	for _, p := range m.params {
		normal := p.Name == "embedding.weight"
		for i := range p.Data {
			if normal {
				p.Data[i] = float32(rng.NormFloat64())
				continue
			}
			p.Data[i] = float32((2*rng.Float64() - 1) * bound)
		}
	}
	m.settle()
}

// settle gives a norm its neutral weights, the start its zeros, and units that only
// fill up their layer weights of 0.
func (m *Model) settle() {
	for i := range m.normW.w {
		m.normW.w[i], m.normB.w[i] = 1, 0
	}
	clear(m.startH.w)
	clear(m.startC.w)
	if m.cfg.Sizes == "" {
		return
	}
	h := m.cfg.Hidden
	for _, p := range m.params {
		var layer int
		if _, err := fmt.Sscanf(p.Name, "rnn.weight_hh_l%d", &layer); err == nil {
			m.surplus(p, m.cfg.Units(layer), m.cfg.Units(layer))
		} else if _, err := fmt.Sscanf(p.Name, "rnn.bias_ih_l%d", &layer); err == nil {
			m.surplus(p, m.cfg.Units(layer), 1)
		} else if _, err := fmt.Sscanf(p.Name, "rnn.bias_hh_l%d", &layer); err == nil {
			m.surplus(p, m.cfg.Units(layer), 1)
		} else if _, err := fmt.Sscanf(p.Name, "rnn.weight_ih_l%d", &layer); err == nil {
			in := p.Shape[1]
			if layer > 0 {
				in = m.cfg.Units(layer - 1)
			}
			m.surplus(p, m.cfg.Units(layer), in)
		} else if n := len(p.Shape); p.Shape[n-1] == h && (p.Name == "fc.weight" || p.Name == "head.weight" || p.Name == "head.norm.weight") {
			for i := range p.Data {
				if i%h >= m.cfg.Units(m.cfg.Layers-1) {
					p.Data[i] = 0
				}
			}
		}
	}
}

// surplus sets to 0 the rows of units from units on, in every block of gates, and
// the columns from in on.
func (m *Model) surplus(p Param, units, in int) {
	cols := p.Len() / p.Shape[0]
	torch := make([]float32, p.Len())
	p.Export(torch)
	for i := range torch {
		if i/cols%m.cfg.Hidden >= units || i%cols >= in {
			torch[i] = 0
		}
	}
	p.Import(torch)
}

// InitUniform draws every weight uniformly in [-bound, bound].
func (m *Model) InitUniform(rng *rand.Rand, bound float64) {
	for i := range m.slab {
		m.slab[i] = float32((2*rng.Float64() - 1) * bound)
	}
	m.settle()
}

// Params lists the parameters in slab order; the views stay valid.
func (m *Model) Params() []Param { return m.params }

// Slab is all weights, [Parameters()].
func (m *Model) Slab() []float32 { return m.slab }

// Grads is all gradients, laid out as Slab; Backward overwrites it.
func (m *Model) Grads() []float32 { return m.grads }

// Clone copies the weights into a new model.
func (m *Model) Clone() *Model {
	n := &Model{cfg: m.cfg, slab: f32.Make(len(m.slab)), grads: f32.Make(len(m.grads))}
	copy(n.slab, m.slab)
	n.carve()
	return n
}

// Len is the number of weights of the parameter.
func (p Param) Len() int { return len(p.Data) }

// Export writes the weights to dst in PyTorch's order, row-major over Shape.
// It panics unless len(dst) == p.Len().
func (p Param) Export(dst []float32) { p.move(dst, p.Data, true) }

// ExportGrad is Export of the gradient.
func (p Param) ExportGrad(dst []float32) { p.move(dst, p.Grad, true) }

// Import reads weights in PyTorch's order, row-major over Shape.
// It panics unless len(src) == p.Len().
func (p Param) Import(src []float32) { p.move(src, p.Data, false) }

// move copies between PyTorch's order and the slab's, either way.
func (p Param) move(torch, slab []float32, out bool) {
	if len(torch) != len(slab) {
		panic(fmt.Sprintf("rnn: %s has %d weights, got %d", p.Name, len(slab), len(torch)))
	}
	if !p.Transposed {
		if out {
			copy(torch, slab)
		} else {
			copy(slab, torch)
		}
		return
	}
	rows, cols := p.Shape[0], p.Shape[1]
	for r := range rows {
		for c := range cols {
			if out {
				torch[r*cols+c] = slab[c*rows+r]
			} else {
				slab[c*rows+r] = torch[r*cols+c]
			}
		}
	}
}
