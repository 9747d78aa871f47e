package rnn

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// reference is the network in float64 with plain loops over PyTorch's own
// parameters: the slow twin of Pass.
type reference struct {
	cfg    Config
	params map[string][]float64
	count  []float64 // [B] with a counter
}

func newReference(m *Model) *reference {
	r := &reference{cfg: m.cfg, params: map[string][]float64{}}
	for _, p := range m.Params() {
		flat := make([]float32, p.Len())
		p.Export(flat)
		wide := make([]float64, len(flat))
		for i, x := range flat {
			wide[i] = float64(x)
		}
		r.params[p.Name] = wide
	}
	return r
}

// product is W x + b for W [out,in]; x nil with symbol >= 0 is the one-hot vector.
func product(w, b, x []float64, symbol, in int) []float64 {
	y := make([]float64, len(b))
	for o := range y {
		y[o] = b[o]
		if x == nil {
			y[o] += w[o*in+symbol]
			continue
		}
		for i := range x {
			y[o] += w[o*in+i] * x[i]
		}
	}
	return y
}

func sigmoid(x float64) float64 { return 1 / (1 + math.Exp(-x)) }

// run returns the logits of every position [T*B][V] and advances h and c
// [L][B][H]. Padded positions have nil logits.
func (r *reference) run(x []int32, b int, h, c [][][]float64) [][]float64 {
	cfg := r.cfg
	out := make([][]float64, len(x))
	for i, symbol := range x {
		if symbol < 0 {
			continue
		}
		s := i % b
		var in []float64
		width := cfg.Vocab
		if cfg.Embed > 0 {
			width = cfg.Embed
			in = r.params["embedding.weight"][int(symbol)*width : (int(symbol)+1)*width]
		}
		for l := range cfg.Layers {
			xp := product(r.params[fmt.Sprintf("rnn.weight_ih_l%d", l)], r.params[fmt.Sprintf("rnn.bias_ih_l%d", l)], in, int(symbol), width)
			hp := product(r.params[fmt.Sprintf("rnn.weight_hh_l%d", l)], r.params[fmt.Sprintf("rnn.bias_hh_l%d", l)], h[l][s], 0, cfg.Hidden)
			in, width = r.cell(xp, hp, h[l][s], c[l][s]), cfg.Hidden
			h[l][s] = in
		}
		out[i] = r.readout(s, in, func(*float64) {})
	}
	return out
}

// readout is the logits of row s from what the readout reads of the top layer; counted may
// change the count.
func (r *reference) readout(s int, in []float64, counted func(*float64)) []float64 {
	read := r.head(in)
	y := product(r.params["fc.weight"], r.params["fc.bias"], read, 0, len(read))
	if r.cfg.Counter {
		r.count[s] += sigmoid(product(r.params["counter.weight"], r.params["counter.bias"], in, 0, len(in))[0]) - .5
		counted(&r.count[s])
		for v, w := range r.params["fc_count.weight"] {
			y[v] += w * r.count[s]
		}
	}
	return y
}

// head is what the readout reads of the top layer.
func (r *reference) head(h []float64) []float64 {
	head, n := r.cfg.Head, r.cfg.Units(r.cfg.Layers-1)
	x := slices.Clone(h)
	if head.Norm != "" {
		var mean, square float64
		for _, v := range h[:n] {
			mean += v / float64(n)
		}
		if head.Norm == RMSNorm {
			mean = 0
		}
		for _, v := range h[:n] {
			square += (v - mean) * (v - mean) / float64(n)
		}
		for i := range x {
			x[i] = (h[i]-mean)/math.Sqrt(square+head.Eps)*r.params["head.norm.weight"][i] + r.params["head.norm.bias"][i]
			if i >= n {
				x[i] = 0
			}
		}
	}
	if head.Hidden == 0 {
		return x
	}
	y := product(r.params["head.weight"], r.params["head.bias"], x, 0, len(x))
	for i, v := range y {
		switch head.Activation {
		case "relu":
			y[i] = math.Max(v, 0)
		case "leaky_relu":
			y[i] = math.Max(v, v/100)
		case "elu":
			if v < 0 {
				y[i] = math.Exp(v) - 1
			}
		case "tanh":
			y[i] = math.Tanh(v)
		case "sigmoid":
			y[i] = sigmoid(v)
		case "silu":
			y[i] = v * sigmoid(v)
		case "gelu":
			y[i] = v * (1 + math.Erf(v/math.Sqrt(2))) / 2
		}
	}
	return y
}

// cell is one step; c is changed in place.
func (r *reference) cell(xp, hp, h, c []float64) []float64 {
	n := r.cfg.Hidden
	next := make([]float64, n)
	for u := range n {
		switch r.cfg.Cell {
		case LSTM:
			i, f := sigmoid(xp[u]+hp[u]), sigmoid(xp[n+u]+hp[n+u])
			g, o := math.Tanh(xp[2*n+u]+hp[2*n+u]), sigmoid(xp[3*n+u]+hp[3*n+u])
			c[u] = f*c[u] + i*g
			next[u] = o * math.Tanh(c[u])
		case GRU:
			rr, z := sigmoid(xp[u]+hp[u]), sigmoid(xp[n+u]+hp[n+u])
			nn := math.Tanh(xp[2*n+u] + rr*hp[2*n+u])
			next[u] = (1-z)*nn + z*h[u]
		default:
			next[u] = math.Tanh(xp[u] + hp[u])
			if r.cfg.Nonlinearity == ReLU {
				next[u] = max(0, xp[u]+hp[u])
			}
		}
	}
	return next
}

// loss is the summed cross-entropy in nats.
func (r *reference) loss(x, y []int32, b int, st *State) float64 {
	h, c := r.wide(st)
	var sum float64
	for i, logits := range r.run(x, b, h, c) {
		if y[i] < 0 || logits == nil {
			continue
		}
		var z float64
		for _, v := range logits {
			z += math.Exp(v)
		}
		sum += math.Log(z) - logits[y[i]]
	}
	return sum
}

// wide copies a state to float64, [L][B][H].
func (r *reference) wide(st *State) (h, c [][][]float64) {
	widen := func(from [][]float32, l, b int) []float64 {
		row := make([]float64, r.cfg.Hidden)
		if from != nil {
			for u := range row {
				row[u] = float64(from[l][b*r.cfg.Hidden+u])
			}
		}
		return row
	}
	r.count = make([]float64, len(st.Count))
	for b, v := range st.Count {
		r.count[b] = float64(v)
	}
	for l := range r.cfg.Layers {
		h, c = append(h, nil), append(c, nil)
		for b := range st.B {
			h[l] = append(h[l], widen(st.H, l, b))
			c[l] = append(c[l], widen(st.C, l, b))
		}
	}
	return h, c
}

// shapes are the networks every test of the engine goes through.
func shapes() []Config {
	var all []Config
	for _, cell := range []Config{{Cell: Elman}, {Cell: Elman, Nonlinearity: ReLU}, {Cell: LSTM}, {Cell: GRU}} {
		for _, s := range []struct{ h, l, e int }{{1, 1, 0}, {3, 1, 0}, {3, 2, 0}, {5, 2, 4}, {17, 1, 0}, {17, 2, 3}, {4, 3, 0}} {
			cell.Vocab, cell.Hidden, cell.Layers, cell.Embed = 7, s.h, s.l, s.e
			all = append(all, cell)
			if s.l > 1 && s.h < 17 || s.e == 3 {
				cell.Counter = true
				all = append(all, cell)
				cell.Counter = false
			}
		}
	}
	return all
}

func (c Config) label() string {
	label := fmt.Sprintf("%s%s/H=%d/L=%d/E=%d", c.Cell, c.Nonlinearity, c.Hidden, c.Layers, c.Embed)
	if c.Counter {
		label += "/counter"
	}
	return label
}

func newRand(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, 1)) }

// example is a network with random weights, a random state and random text with
// padding and unscored positions in it.
type example struct {
	m    *Model
	x, y []int32
	st   *State
	t, b int
}

func newExample(t testing.TB, cfg Config, steps, b int, padded bool) *example {
	t.Helper()
	m, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	rng := newRand(uint64(cfg.Hidden*100 + cfg.Layers*10 + steps + b))
	m.InitUniform(rng, 1/math.Sqrt(float64(cfg.Hidden)))
	e := &example{m: m, st: m.NewState(b), t: steps, b: b}
	for i := range steps * b {
		e.x = append(e.x, int32(rng.IntN(cfg.Vocab)))
		e.y = append(e.y, int32(rng.IntN(cfg.Vocab)))
		if padded && i/b >= steps-1-i%b {
			e.x[i], e.y[i] = -1, -1
		}
	}
	if padded {
		e.y[0] = -1
	}
	for i := range e.st.Count {
		e.st.Count[i] = float32(rng.Float64()*4 - 2)
	}
	for l := range e.st.H {
		for i := range e.st.H[l] {
			e.st.H[l][i] = float32(rng.Float64() - .5)
			if e.st.C != nil {
				e.st.C[l][i] = float32(rng.Float64()*2 - 1)
			}
		}
	}
	return e
}

func (e *example) pass(t testing.TB, o PassOptions) *Pass {
	t.Helper()
	o.T, o.B = e.t, e.b
	p, err := e.m.NewPass(o)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func (e *example) state() *State {
	st := e.m.NewState(e.b)
	st.CopyFrom(e.st)
	return st
}

func near(a, b, rel, abs float64) bool {
	return math.Abs(a-b) <= abs+rel*max(math.Abs(a), math.Abs(b))
}

// TestForwardAgainstReference compares logits, losses and the state left behind.
func TestForwardAgainstReference(t *testing.T) {
	for _, cfg := range shapes() {
		for _, b := range []int{1, 5} {
			for _, padded := range []bool{false, true} {
				t.Run(fmt.Sprintf("%s/B=%d/padded=%v", cfg.label(), b, padded), func(t *testing.T) {
					e := newExample(t, cfg, 6, b, padded)
					r := newReference(e.m)
					h, c := r.wide(e.st)
					want := r.run(e.x, b, h, c)
					counted := slices.Clone(r.count)
					for _, backward := range []bool{false, true} {
						p, st := e.pass(t, PassOptions{Backward: backward, Workers: 2, block: 2}), e.state()
						p.Forward(e.x, st, nil)
						if got, wantLoss := p.Score(e.y, nil), r.loss(e.x, e.y, b, e.st); !near(got, wantLoss, 1e-5, 1e-5) {
							t.Errorf("loss %v, want %v", got, wantLoss)
						}
						logits := p.Logits()
						for i := range want {
							for v := range want[i] {
								if !near(float64(logits[i*cfg.Vocab+v]), want[i][v], 1e-5, 1e-5) {
									t.Fatalf("logit %d of position %d: %v, want %v", v, i, logits[i*cfg.Vocab+v], want[i][v])
								}
							}
						}
						for s, v := range st.Count {
							if !near(float64(v), counted[s], 1e-5, 1e-5) {
								t.Fatalf("count of row %d: %v, want %v", s, v, counted[s])
							}
						}
						for l := range h {
							for i := range st.H[l] {
								s, u := i/cfg.Hidden, i%cfg.Hidden
								if !near(float64(st.H[l][i]), h[l][s][u], 1e-5, 1e-5) {
									t.Fatalf("h of layer %d: %v, want %v", l, st.H[l][i], h[l][s][u])
								}
								if st.C != nil && !near(float64(st.C[l][i]), c[l][s][u], 1e-5, 1e-5) {
									t.Fatalf("c of layer %d: %v, want %v", l, st.C[l][i], c[l][s][u])
								}
							}
						}
					}
				})
			}
		}
	}
}

// TestGradients checks the float32 gradient of every parameter against central
// differences of the float64 reference; of wide networks every seventh weight.
func TestGradients(t *testing.T) {
	const scale, step = .25, 1e-5
	for _, cfg := range shapes() {
		for block, b := range []int{1, 5, 1, 5} { // one block of 5 steps, or of 1, 2, 3 and the rest
			t.Run(fmt.Sprintf("%s/B=%d/block=%d", cfg.label(), b, block), func(t *testing.T) {
				t.Parallel()
				e := newExample(t, cfg, 5, b, b > 1)
				p := e.pass(t, PassOptions{Backward: true, Workers: 2, block: block, own: b / 2})
				for i := range e.m.Grads() {
					e.m.Grads()[i] = float32(math.NaN()) // every gradient is overwritten
				}
				p.Forward(e.x, e.state(), nil)
				p.Backward(e.y, scale)
				r := newReference(e.m)
				for _, par := range e.m.Params() {
					got := make([]float32, par.Len())
					par.ExportGrad(got)
					w := r.params[par.Name]
					stride := 1
					if cfg.Hidden > 10 {
						stride = 7
					}
					for i := 0; i < len(w); i += stride {
						was := w[i]
						w[i] = was + step
						up := r.loss(e.x, e.y, b, e.st)
						w[i] = was - step
						down := r.loss(e.x, e.y, b, e.st)
						w[i] = was
						if want := scale * (up - down) / (2 * step); !near(float64(got[i]), want, 1e-4, 2e-6) {
							t.Fatalf("%s[%d]: gradient %v, want %v", par.Name, i, got[i], want)
						}
					}
				}
			})
		}
	}
}
