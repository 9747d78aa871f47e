package rnn

import (
	"runtime"

	"github.com/rnnscope/rnnscope/internal/crew"
	"github.com/rnnscope/rnnscope/internal/f32"
)

// oneCoreWeights is below how many weights, times streams, a step is over before a second core
// could help. For one stream it may from twoCoreWeights on.
const oneCoreWeights = 4 << 20

// Stepper runs a model one step at a time, for sampling: b streams together, the
// columns of every product shared out over cores where that pays. It computes what a
// Pass does, to the bit. It is for one goroutine at a time.
type Stepper struct {
	p      *Pass // of one step
	state  *State
	logits []float32  // [B,V]
	crew   *crew.Crew // of the step under way
	pace   *pace      // of one stream
	walk   walk       // likewise
	run    func(worker int)
	runOne func(worker int)
	mute   bool      // this step needs no logits
	read   []float32 // [B,K] what the readout reads, where that is not h
}

// NewStepper packs the weights for b streams, b > 0, from the zero state.
func (m *Model) NewStepper(b int) *Stepper {
	workers := runtime.GOMAXPROCS(0)
	all := workers
	if len(m.slab)*b < oneCoreWeights {
		workers = 1
	}
	s := m.newStepper(b, workers)
	s.pace = newPace(len(m.slab), all)
	return s
}

func (m *Model) newStepper(b, workers int) *Stepper {
	p, err := m.NewPass(PassOptions{T: 1, B: b, Workers: workers})
	if err != nil {
		panic(err.Error())
	}
	s := &Stepper{p: p, state: m.NewState(b), logits: make([]float32, b*m.cfg.Vocab), pace: fixedPace(p.crew)}
	s.run, s.runOne = s.step, s.one
	s.walk.layers = make([]layerWalk, len(p.layers))
	return s
}

// Repack must be called after the weights changed.
func (s *Stepper) Repack() {
	s.p.Repack()
	s.walk.goesOn = false
}

// State is the stepper's own state: set it with CopyFrom, CopyRow or ZeroRow.
func (s *Stepper) State() *State { return s.state }

// Step reads one symbol a stream, x [B] (negative: the row is left as it is), and
// returns the logits [B,V], valid until the next Step.
func (s *Stepper) Step(x []int32) []float32 { return s.StepHook(x, 0, nil) }

// Advance is Step without the logits: over a large alphabet these cost more than the
// state.
func (s *Stepper) Advance(x []int32) {
	s.mute = true
	s.StepHook(x, 0, nil)
	s.mute = false
}

// StepHook is Step through a hook, which is told that this is step t.
func (s *Stepper) StepHook(x []int32, t int, hook Hook) []float32 {
	p := s.p
	p.padded = p.checkSymbols(x)
	p.x, p.st, p.hook = x, s.state, p.resolveHook(hook)
	if p.hook != nil {
		p.hook.first = t
	}
	if s.alone() {
		s.crew = s.pace.crew()
		s.walk.plan(s)
		s.pace.do(s.runOne)
		s.walk.finish()
	} else {
		s.crew = p.crew
		s.crew.Do(s.run)
		s.walk.goesOn = false
	}
	p.st = nil
	return s.logits
}

// step is the program of worker w for one step.
func (s *Stepper) step(w int) {
	p := s.p
	lo, hi := p.shard(w)
	n, stride, v := p.width(), p.gateStride(), p.m.cfg.Vocab
	for l := range p.layers {
		p.enter(l, lo, hi)
	}
	p.crew.Barrier()
	for l := range p.layers {
		y := &p.layers[l]
		prev := y.h
		if p.hook.wants(l, partHRec) {
			prev = y.hrec
		}
		if l > 0 {
			s.columns(w, p.xin, stride, p.above(l-1), n, &y.ihT)
		}
		s.columns(w, y.gates, stride, prev, n, &y.hhT)
		p.crew.Barrier()
		if lo < hi {
			p.cell.forward(p, l, 0, lo, hi)
			p.leave(l, lo, hi)
		}
		p.crew.Barrier()
	}
	if p.counter != nil {
		p.counter.run(p, lo, hi)
		p.crew.Barrier()
	}
	if s.mute {
		return
	}
	h := p.above(len(p.layers) - 1)
	if f := p.head.before; f != nil {
		if w == 0 {
			s.read = f.forward(0, h, p.o.B)
		}
		p.crew.Barrier()
		h = s.read
	}
	s.columns(w, s.logits, v, h, p.head.width, &p.head.fwd)
	s.bias(w, v)
}

// share is worker w's part of n columns, cut at panels.
func (s *Stepper) share(w, n int) (lo, hi int) {
	return unitsOf(w, s.crew.Workers(), n)
}

// columns computes worker w's columns of c[B,N] = a[B,n] b.
func (s *Stepper) columns(w int, c []float32, ldc int, a []float32, n int, b *f32.Packed) {
	lo, hi := s.share(w, b.N)
	f32.GemmCols(c, ldc, s.p.o.B, a, n, 1, b, lo, hi, false)
}

// bias adds b to worker w's columns of the logits.
func (s *Stepper) bias(w, v int) {
	lo, hi := s.share(w, v)
	for r := range s.p.o.B {
		f32.Add(s.logits[r*v+lo:r*v+hi], s.p.head.b.w[lo:hi])
	}
	if s.p.counter != nil {
		s.p.counter.add(s.logits, v, 0, s.p.o.B, lo, hi)
	}
}
