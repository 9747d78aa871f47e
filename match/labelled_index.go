package match

import (
	"context"
	"fmt"
	"sync"

	"github.com/rnnscope/rnnscope/specimen"
)

// LabelledIndex is an index whose symbols are labelled once, for the first query that needs it, and kept for those that follow: looking for
// the right selection takes many. It may be used by several goroutines, and does not close the index.
type LabelledIndex struct {
	x  *Index
	mu sync.Mutex
	t  *tracks // nil: not yet
}

// Prepare takes an index of a specimen. Errors match ErrIndex.
func Prepare(s *specimen.Specimen, x *Index) (*LabelledIndex, error) {
	if x.Subject != s.Subject() {
		return nil, fmt.Errorf("%w: it is of %s", ErrIndex, x.Subject)
	}
	return &LabelledIndex{x: x}, nil
}

// Bytes is about how much memory it holds once its symbols are labelled.
func (p *LabelledIndex) Bytes() int64 { return int64(p.x.Rows) * (4 + 16) }

// Symbols is how many symbols the index holds.
func (p *LabelledIndex) Symbols() int { return p.x.Rows }

// Units is how many units the index holds.
func (p *LabelledIndex) Units() int { return p.x.units }

// Close closes the index.
func (p *LabelledIndex) Close() error { return p.x.Close() }

// tracks labels the rows, once.
func (p *LabelledIndex) tracks(ctx context.Context, s *specimen.Specimen, opt Options) (*tracks, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.t == nil {
		t, err := newTracks(ctx, s, p.x, opt.Concepts, opt.Workers, opt.Labels)
		if err != nil {
			return nil, err
		}
		p.t = t
	}
	return p.t, nil
}

// Choose are the units of a selection, before anything is searched, and the levels of the passage. Errors match ErrInput or ErrIndex.
func (p *LabelledIndex) Choose(q Query) ([]Chosen, Passage, error) {
	if err := q.fill(); err != nil {
		return nil, Passage{}, err
	}
	if err := q.level(p.x); err != nil {
		return nil, Passage{}, err
	}
	chosen, err := q.choose(p.x, q.Passage)
	return chosen, q.Passage, err
}

// Track is the levels of a chosen unit over symbols [lo, hi) of the passage, as F.
func (p Passage) Track(c Chosen, lo, hi int) []float64 {
	out := make([]float64, 0, hi-lo)
	for t := lo; t < hi; t++ {
		out = append(out, (float64(p.Levels[t][c.column])+.5)/Levels)
	}
	return out
}

// level bins the states of the passage.
func (q *Query) level(x *Index) error {
	for _, row := range q.States {
		if len(row) != x.units {
			return fmt.Errorf("%w: a passage of %d units where the index has %d", ErrInput, len(row), x.units)
		}
		q.Passage.Levels = append(q.Passage.Levels, x.Levels(nil, row))
	}
	return nil
}
