package rnn

import (
	"bytes"
	"unsafe"

	"github.com/rnnscope/rnnscope/internal/f32"
)

// walk is the order in which a step of one stream reads the weights. Reading them is what
// such a step costs, so they are read to and fro: what one product read last, and the cache
// still holds, the next one reads first. A recurrent product needs nothing but a
// state, so it need not wait for the step that it belongs to; in every other step all are made
// as soon as the state is known, which brings the two readings of every
// matrix together. Of two layers, with U the recurrent matrices, W the one between and R the
// readout, two steps read
//
//	W1 U1 U1 U0 R   U0 W1 R
//
// and the next two begin with W1 again. Sums are the same in any order.
type walk struct {
	layers []layerWalk
	goesOn bool // the last step was of one stream, and its state is in the layers' h
	far    bool // this step works ahead for all layers
	near   bool // this step works ahead for the first layer
}

// layerWalk is the state of a layer's matrices.
type layerWalk struct {
	ready   bool // gates hold the recurrent product of the step to come
	in, rec bool // the next reading of W, of U goes down
}

// plan decides what the step to come computes ahead: nothing before the stream has gone
// on for a step, since whoever sets the state each time has no use for it.
func (k *walk) plan(s *Stepper) {
	k.goesOn = k.goesOn && s.continues()
	if !k.goesOn {
		for l := range k.layers {
			k.layers[l].ready = false
		}
	}
	k.far = k.goesOn && !k.far
	k.near = k.goesOn && !k.far
}

// finish notes what the step has done.
func (k *walk) finish() {
	for l := range k.layers {
		y := &k.layers[l]
		ahead := k.ahead(l)
		y.in = !y.in
		if y.ready == ahead { // read once; else not at all or to and fro
			y.rec = !y.rec
		}
		y.ready = ahead
	}
	k.goesOn = true
}

// ahead reports whether this step makes the recurrent product of layer l for the next.
func (k *walk) ahead(l int) bool { return k.far || k.near && l == 0 }

// continues reports whether the state is what the last step left, to the bit.
func (s *Stepper) continues() bool {
	n := s.p.width()
	for l := range s.p.layers {
		if !sameBits(s.state.H[l][:n], s.p.layers[l].h[n:2*n]) {
			return false
		}
	}
	return true
}

func sameBits(a, b []float32) bool {
	return bytes.Equal(asBytes(a), asBytes(b))
}

func asBytes(x []float32) []byte {
	return unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(x))), 4*len(x))
}

// alone reports whether this is a step of one plain stream, whose units can be shared out.
func (s *Stepper) alone() bool {
	p := s.p
	return p.o.B == 1 && p.counter == nil && p.head.before == nil && p.plain(0) && p.width()%f32.PanelWidth() == 0
}

// one is the program of worker w for one step of one stream: a worker computes all gates
// of its units, so that nobody waits between products and gates, once a layer.
func (s *Stepper) one(w int) {
	p, k := s.p, &s.walk
	n, v := p.width(), p.m.cfg.Vocab
	lo, hi := s.share(w, n)
	for l := range p.layers {
		y, z := &p.layers[l], &k.layers[l]
		if l > 0 {
			s.units(p.xin, p.layers[l-1].h[n:], &y.ihT, lo, hi, z.in)
		}
		if !z.ready {
			s.units(y.gates, p.st.H[l], &y.hhT, lo, hi, z.rec)
		}
		p.cell.units(p, l, lo, hi)
		s.crew.Barrier()
		copy(p.st.H[l][lo:hi], y.h[n+lo:n+hi]) // all have read what was there
		if k.far && l > 0 || k.near && l == 0 {
			s.workAhead(l, lo, hi)
		}
	}
	if k.far {
		s.workAhead(0, lo, hi)
	}
	if s.mute {
		return
	}
	s.columns(w, s.logits, v, p.layers[len(p.layers)-1].h[n:], n, &p.head.fwd)
	s.bias(w, v)
}

// workAhead makes the recurrent product of the next step in layer l.
func (s *Stepper) workAhead(l, lo, hi int) {
	y, z, n := &s.p.layers[l], &s.walk.layers[l], s.p.width()
	s.units(y.gates, y.h[n:], &y.hhT, lo, hi, z.rec == z.ready) // the other way if U was just read
}

// units computes the columns of units [lo,hi) in every block of gates of y[GH] = x[n] b,
// beginning at the end with down.
func (s *Stepper) units(y, x []float32, b *f32.Packed, lo, hi int, down bool) {
	f32.GemvGates(y, x[:s.p.width()], b, s.p.m.cfg.Gates(), lo, hi, down)
}
