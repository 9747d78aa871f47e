package mechanism

import (
	"context"
	"math"
	"math/rand/v2"

	"github.com/rnnscope/rnnscope/rnn"
	"github.com/rnnscope/rnnscope/stat"
	"github.com/rnnscope/rnnscope/synth"
)

const bootstraps = 200

// Options say how much is measured.
type Options struct {
	// Sequences behind every mean; 0: 48.
	Sequences int
	// Quick leaves out the long and the widely spaced part of the depth grid: for
	// looking at many moments of a training.
	Quick bool
	Seed  uint64
	// Marks to look at; none: the quotation marks that the text has most of.
	Marks []synth.Mark
	// Language is Marks as they were read before; nil: read them.
	Language *Language
	// Probes is the kind of probes, Filler or Pieces; "": the network's loss says which.
	Probes string
	// Passage is the length in characters of the passage that is followed; 0: none.
	Passage int
}

// suite is the tests of one network on one language.
type suite struct {
	ctx    context.Context
	l      *Language
	m      *rnn.Model
	reader *reader
	rng    *rand.Rand
	n      int // sequences behind a mean
	quick  bool

	toggled []sequence // those the toggle test read last: natural, bare, natural again
	res     *Result
}

// measure makes the six tests. The same seed gives the same result. The only error
// is ctx.Err(); it panics if the network has another alphabet than the language.
func measure(ctx context.Context, m *rnn.Model, l *Language, opt Options) (*Result, error) {
	if m.Config().Vocab != l.alphabet.Size() {
		panic("mechanism: network and language have different alphabets")
	}
	if opt.Sequences == 0 {
		opt.Sequences = 48
	}
	c := m.Config()
	s := &suite{
		ctx: ctx, l: l, m: m, reader: newReader(m), n: opt.Sequences, quick: opt.Quick,
		rng: rand.New(rand.NewPCG(opt.Seed, 0x6d65)),
		res: &Result{
			Language: l.Name, Depth: l.Depth, Free: l.Free, GapLow: l.GapLow, GapHigh: l.GapHigh, Pairs: l.Pairs,
			Cell: string(c.Cell), Hidden: c.Hidden, Layers: c.Layers, HasCounter: c.Counter, Tests: []Test{}, Candidates: l.candidates(),
		},
	}
	var err error
	if s.l, err = s.choose(opt.Probes, opt.Seed); err != nil {
		return nil, err
	}
	s.res.Probes, s.res.GapLow, s.res.GapHigh = Filler, s.l.GapLow, s.l.GapHigh
	if s.l.pieces != nil {
		s.res.Probes = Pieces
	}
	if c.Nonlinearity == rnn.ReLU {
		s.res.Cell = "relu elman"
	}
	for _, k := range l.Marks {
		s.res.Marks = append(s.res.Marks, string(k.Open)+string(k.Close))
	}
	for _, part := range []func() error{s.axis, s.toggle, s.increments, s.grid, s.order, s.geometry, s.fixedPoints} {
		if err := part(); err != nil {
			return nil, err
		}
	}
	if err := s.natural(opt.Seed); err != nil {
		return nil, err
	}
	s.res.decide()
	return s.res, nil
}

// candidates are the mechanisms that can be told apart: with nothing ever nested a
// stack is a flag.
func (l *Language) candidates() []Mechanism {
	if l.Depth < 2 && !l.straight() {
		return []Mechanism{Flag, Counter}
	}
	return []Mechanism{Flag, Counter, Stack}
}

// newTest is a test that applies unless told why not.
func newTest(name, why string) Test {
	return Test{Name: name, Applicable: why == "", Why: why, Figures: []Figure{}, Excludes: []Exclusion{}}
}

func (s *suite) done(t Test) { s.res.Tests = append(s.res.Tests, t) }

// mean is the mean of independent values with its interval.
func mean(x []float64) stat.Interval {
	one := make([]float64, len(x))
	for i := range one {
		one[i] = 1
	}
	return stat.SegmentMean(x, one)
}

// logZ is ln sum exp of logits.
func logZ(logits []float32) float64 {
	top := math.Inf(-1)
	for _, v := range logits {
		top = max(top, float64(v))
	}
	var sum float64
	for _, v := range logits {
		sum += math.Exp(float64(v) - top)
	}
	return top + math.Log(sum)
}

// insideScore is the log odds of what can only stand inside: the closer against the
// line end, whichever of them the language has; where probes are of the text's own
// pieces, which end alike inside and outside, log P(closer).
func (l *Language) insideScore(kind int, logits []float32) float64 {
	k := l.Kinds[kind]
	switch {
	case l.End < 0 || l.pieces != nil:
		return float64(logits[k.Close]) - logZ(logits)
	case k.straight():
		return logZ(logits) - float64(logits[l.End])
	}
	return float64(logits[k.Close] - logits[l.End])
}
