package mistakes

import (
	"context"
	"errors"
	"fmt"
	"math"

	"github.com/rnnscope/rnnscope/ngram"
	"github.com/rnnscope/rnnscope/specimen"
	"github.com/rnnscope/rnnscope/text"
	"github.com/rnnscope/rnnscope/trace"
)

// ErrInput marks a text or network whose mistakes cannot be sorted.
var ErrInput = errors.New("too little text")

const (
	right       = .5    // probability from which on a symbol is no error
	near        = .4    // and from which on it is a near miss
	orders      = 9     // n-gram models of order 1 to this
	segment     = 2_000 // characters, the unit of intervals
	leastParts  = 10    // segments
	baselineMax = 6_000_000
)

// Options size the measurement.
type Options struct {
	Examples int // errors shown a cause, 0: none
	Workers  int // 0: all; no result depends on it
	Version  string
}

// Run sorts what the network gets wrong on the reported part of a specimen. Errors match ErrInput, or
// are the context's, trace's or those of the text's medium.
func Run(ctx context.Context, s *specimen.Specimen, opt Options, progress func(done, total int64)) (*Result, error) {
	m, err := s.Weights("sorting mistakes")
	if err != nil {
		return nil, err
	}
	ids, err := s.IDs()
	if err != nil {
		return nil, err
	}
	train, words, err := s.Training(0)
	if err != nil {
		return nil, err
	}
	learned, _ := spelled(s.Alphabet, train)
	counted := countWords(learned)
	if len(train) > baselineMax { // as the n-gram line of memory: a model takes 30 to 100 bytes a character
		train, words = train[len(train)-baselineMax:], words+", its last 6,000,000 characters"
	}
	model, err := ngram.Train(train, s.Alphabet.Size(), orders)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrInput, err)
	}
	parts := s.Parts(0)
	t := newTally(s, lookAround(s.Alphabet, ids, counted), model, opt)
	t.res.Baseline, t.res.Symbols = words, s.Alphabet.Kind().ForResults()
	t.best = bestOrder(model, ids, blocksOf(parts.Choose))
	report := blocksOf(parts.Report)
	err = trace.Blocks(ctx, m, ids, report, trace.Options{Predictions: true, Workers: opt.Workers, Progress: progress}, func(_ int, tr *trace.Trace) error {
		t.read(ids, tr)
		return nil
	})
	if err != nil {
		return nil, err
	}
	if len(t.segments()) < leastParts {
		return nil, fmt.Errorf(s.Alphabet.Kind().Say("%w: %d characters to report on, %d are needed for an interval"), ErrInput, t.characters, leastParts*segment)
	}
	return t.result(), nil
}

func blocksOf(b text.Blocks) []text.Block {
	out := make([]text.Block, b.Len())
	for i := range out {
		out[i] = b.At(i)
	}
	return out
}

// bestOrder is the order with the lowest loss on the blocks that are chosen on.
func bestOrder(m *ngram.Model, ids []int32, blocks []text.Block) int {
	loss := make([]float64, orders)
	for _, b := range blocks {
		m.Score(ids[b.Warm:b.Hi], func(i int, logp []float64) {
			if b.Warm+i < b.Lo {
				return
			}
			for k := range loss {
				loss[k] -= logp[k]
			}
		})
	}
	best := 0
	for k, x := range loss {
		if x < loss[best] {
			best = k
		}
	}
	return best + 1
}

// read adds the scored rows of a block: row t predicts symbol t+1 of the text.
func (t *tally) read(ids []int32, tr *trace.Trace) {
	b := tr.Block
	v := t.s.Alphabet.Size()
	end := min(b.Hi+1, len(ids))
	logp := make([][orders]float64, end-b.Warm)
	t.model.Score(ids[b.Warm:end], func(i int, p []float64) { copy(logp[i][:], p) })
	for n := range tr.Len() {
		next := b.Lo + n + 1
		if next >= len(ids) {
			break
		}
		t.add(next, int(ids[next]), tr.LogProb[n*v:(n+1)*v], logp[next-b.Warm])
	}
}

// probability of a logarithm.
func probability(logp float64) float64 { return math.Exp(logp) }
