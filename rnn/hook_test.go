package rnn

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
)

// hookFunc is a hook made of a function.
type hookFunc struct {
	sites []string
	at    func(site string, t, row int, v []float32) bool
}

func (h hookFunc) Sites() []string { return h.sites }

func (h hookFunc) At(i, t, row int, v []float32) bool { return h.at(h.sites[i], t, row, v) }

func siteNames(m *Model) []string {
	var names []string
	for _, s := range m.Sites() {
		names = append(names, s.Name)
	}
	return names
}

// TestUnusedHook demands that a hook at every site that never writes changes no bit
// of logits, losses, state and gradients.
func TestUnusedHook(t *testing.T) {
	for i, cfg := range slices.Repeat(shapes(), 2) {
		e := newExample(t, cfg, 6, 5, i < len(shapes()))
		p, q := e.pass(t, PassOptions{Backward: true}), e.pass(t, PassOptions{Backward: true})
		sp, sq := e.state(), e.state()
		p.Forward(e.x, sp, nil)
		visits := make([]int, e.b)
		q.Forward(e.x, sq, hookFunc{siteNames(e.m), func(site string, t, row int, v []float32) bool {
			visits[row]++
			return false
		}})
		for row, n := range visits {
			steps := 0
			for k := row; k < len(e.x); k += e.b {
				if e.x[k] >= 0 {
					steps++
				}
			}
			if n != steps*len(e.m.Sites()) {
				t.Errorf("%s: %d visits to row %d, want %d", cfg.label(), n, row, steps*len(e.m.Sites()))
			}
		}
		if !slices.Equal(p.Logits(), q.Logits()) {
			t.Errorf("%s: logits differ", cfg.label())
		}
		for l := range sp.H {
			if !slices.Equal(sp.H[l], sq.H[l]) || (sp.C != nil && !slices.Equal(sp.C[l], sq.C[l])) {
				t.Errorf("%s: state of layer %d differs", cfg.label(), l)
			}
		}
		lp := p.Backward(e.y, 1)
		want := slices.Clone(e.m.grads)
		if lq := q.Backward(e.y, 1); lp != lq || !slices.Equal(want, e.m.grads) {
			t.Errorf("%s: loss or gradients differ", cfg.label())
		}
	}
}

// TestRewriting demands that writing back the very value leaves the result where
// it was, to rounding: what follows from a change is computed by the same equations.
func TestRewriting(t *testing.T) {
	for _, cfg := range shapes() {
		e := newExample(t, cfg, 6, 5, true)
		p := e.pass(t, PassOptions{})
		p.Forward(e.x, e.state(), nil)
		want := slices.Clone(p.Logits())
		for _, site := range siteNames(e.m) {
			p.Forward(e.x, e.state(), hookFunc{[]string{site}, func(string, int, int, []float32) bool { return true }})
			for i, got := range p.Logits() {
				if e.x[i/cfg.Vocab] >= 0 && !near(float64(got), float64(want[i]), 1e-5, 1e-5) {
					t.Fatalf("%s: rewriting %s moves a logit from %v to %v", cfg.label(), site, want[i], got)
				}
			}
		}
	}
}

// forwardWith runs the reference with values of one site replaced: the oracle of every
// writable site. set changes the value of unit 0 of the row and step it is given.
func (r *reference) forwardWith(x []int32, b int, h, c [][][]float64, part string, layer int, set func(t, row int, v *float64)) [][]float64 {
	cfg, n := r.cfg, r.cfg.Hidden
	out := make([][]float64, len(x))
	for i, symbol := range x {
		if symbol < 0 {
			continue
		}
		t, s := i/b, i%b
		hit := func(l int, name string, v *float64) {
			if l == layer && name == part {
				set(t, s, v)
			}
		}
		var in []float64
		width := cfg.Vocab
		if cfg.Embed > 0 {
			width = cfg.Embed
			in = r.params["embedding.weight"][int(symbol)*width : (int(symbol)+1)*width]
		}
		for l := range cfg.Layers {
			xp := product(r.params[fmt.Sprintf("rnn.weight_ih_l%d", l)], r.params[fmt.Sprintf("rnn.bias_ih_l%d", l)], in, int(symbol), width)
			hp := product(r.params[fmt.Sprintf("rnn.weight_hh_l%d", l)], r.params[fmt.Sprintf("rnn.bias_hh_l%d", l)], h[l][s], 0, n)
			next, carried := make([]float64, n), make([]float64, n)
			for u := range n {
				at := func(name string, v float64) float64 {
					if u == 0 {
						hit(l, name, &v)
					}
					return v
				}
				switch cfg.Cell {
				case LSTM:
					ig, fg := at("i", sigmoid(xp[u]+hp[u])), at("f", sigmoid(xp[n+u]+hp[n+u]))
					gg, og := at("g", math.Tanh(xp[2*n+u]+hp[2*n+u])), at("o", sigmoid(xp[3*n+u]+hp[3*n+u]))
					cell := at("c", fg*c[l][s][u]+ig*gg)
					next[u] = at("h", og*math.Tanh(cell))
					c[l][s][u] = at("c.rec", cell)
				case GRU:
					rg, zg := at("r", sigmoid(xp[u]+hp[u])), at("z", sigmoid(xp[n+u]+hp[n+u]))
					ng := at("n", math.Tanh(xp[2*n+u]+rg*hp[2*n+u]))
					next[u] = at("h", (1-zg)*ng+zg*h[l][s][u])
				default:
					a := at("a", xp[u]+hp[u])
					if cfg.Nonlinearity == ReLU {
						next[u] = at("h", max(0, a))
					} else {
						next[u] = at("h", math.Tanh(a))
					}
				}
				carried[u] = at("h.rec", next[u])
			}
			read := slices.Clone(next)
			if l < cfg.Layers-1 {
				hit(l, "h.up", &read[0])
			} else {
				hit(l, "h.out", &read[0])
			}
			h[l][s], in, width = carried, read, n
		}
		out[i] = r.readout(s, in, func(v *float64) { hit(cfg.Layers-1, countPart, v) })
	}
	return out
}

// TestIntervention changes every writable site, some rows at one step and one row
// throughout, and compares logits and state with the reference.
func TestIntervention(t *testing.T) {
	for _, cfg := range shapes() {
		e := newExample(t, cfg, 6, 5, true)
		r := newReference(e.m)
		p := e.pass(t, PassOptions{Workers: 3, block: 4})
		s := e.m.NewStepper(e.b)
		wanted := func(t, row int) bool { return row == 2 || row == t }
		for _, site := range e.m.Sites() {
			h, c := r.wide(e.st)
			want := r.forwardWith(e.x, e.b, h, c, site.Part, site.Layer, func(t, row int, v *float64) {
				if wanted(t, row) {
					*v = *v*.5 + .25
				}
			})
			hook := hookFunc{[]string{site.Name}, func(_ string, t, row int, v []float32) bool {
				if !wanted(t, row) {
					return false
				}
				v[0] = v[0]*.5 + .25
				return true
			}}
			st := e.state()
			p.Forward(e.x, st, hook)
			logits := p.Logits()
			s.State().CopyFrom(e.st)
			for i := range want {
				if i%e.b == 0 {
					step := s.StepHook(e.x[i:i+e.b], i/e.b, hook)
					for j, got := range step {
						if at := i*cfg.Vocab + j; e.x[i+j/cfg.Vocab] >= 0 && got != logits[at] {
							t.Fatalf("%s %s: stepper's logit %v, pass's %v", cfg.label(), site.Name, got, logits[at])
						}
					}
				}
				for v := range want[i] {
					if got := float64(logits[i*cfg.Vocab+v]); !near(got, want[i][v], 2e-5, 2e-5) {
						t.Fatalf("%s %s: logit %d of position %d is %v, want %v", cfg.label(), site.Name, v, i, got, want[i][v])
					}
				}
			}
			for i, got := range st.Count {
				if !near(float64(got), r.count[i], 2e-5, 2e-5) {
					t.Fatalf("%s %s: the count left behind differs", cfg.label(), site.Name)
				}
			}
			for l := range h {
				for i, got := range st.H[l] {
					if !near(float64(got), h[l][i/cfg.Hidden][i%cfg.Hidden], 2e-5, 2e-5) {
						t.Fatalf("%s %s: the state left behind differs", cfg.label(), site.Name)
					}
					if st.C != nil && !near(float64(st.C[l][i]), c[l][i/cfg.Hidden][i%cfg.Hidden], 2e-5, 2e-5) {
						t.Fatalf("%s %s: the cell left behind differs", cfg.label(), site.Name)
					}
				}
			}
		}
	}
}

// TestRead demands that a kept site reads what a hook sees there.
func TestRead(t *testing.T) {
	for _, cfg := range shapes() {
		e := newExample(t, cfg, 6, 5, true)
		for _, backward := range []bool{false, true} {
			var sites []string
			for _, s := range e.m.Sites() {
				if s.copyOf() == "" {
					sites = append(sites, s.Name)
				}
			}
			seen := map[string][]float32{}
			var keys []string
			for _, s := range sites {
				for i := range e.x {
					keys = append(keys, fmt.Sprint(s, i))
					at, err := e.m.Site(s)
					if err != nil {
						t.Fatal(err)
					}
					seen[keys[len(keys)-1]] = make([]float32, at.Units)
				}
			}
			p := e.pass(t, PassOptions{Backward: backward})
			p.Forward(e.x, e.state(), hookFunc{sites, func(site string, t, row int, v []float32) bool {
				copy(seen[fmt.Sprint(site, t*e.b+row)], v)
				return false
			}})
			q := e.pass(t, PassOptions{Backward: backward, Sites: sites, block: 4})
			q.Forward(e.x, e.state(), nil)
			for _, site := range sites {
				for step := range e.t {
					v := q.Read(site, step)
					for row := range e.b {
						i := step*e.b + row
						if e.x[i] < 0 {
							continue
						}
						want := seen[fmt.Sprint(site, i)]
						if got := v[row*len(want) : (row+1)*len(want)]; !slices.Equal(got, want) {
							t.Fatalf("%s: %s of row %d at step %d reads %v, the hook saw %v", cfg.label(), site, row, step, got, want)
						}
					}
				}
			}
		}
	}
}

func TestUnknownSite(t *testing.T) {
	m, err := New(Config{Cell: GRU, Vocab: 3, Hidden: 2, Layers: 2})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := m.Site("l0.c"); !errors.Is(err, ErrSite) || !strings.Contains(err.Error(), "l1.h.out") {
		t.Errorf("error %v", err)
	}
	if s, err := m.Site("l1.z"); err != nil || s.Layer != 1 || s.Part != "z" || m.Sites()[s.Index] != s {
		t.Errorf("l1.z is %+v, %v", s, err)
	}
}

// TestAlteredBackward demands that gradients are refused after a change.
func TestAlteredBackward(t *testing.T) {
	e := newExample(t, Config{Cell: LSTM, Vocab: 5, Hidden: 4, Layers: 1}, 3, 2, false)
	p := e.pass(t, PassOptions{Backward: true})
	p.Forward(e.x, e.state(), hookFunc{[]string{"l0.c"}, func(string, int, int, []float32) bool { return true }})
	defer func() {
		if recover() == nil {
			t.Error("Backward went through a changed value")
		}
	}()
	p.Backward(e.y, 1)
}
