package trace

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/rnnscope/rnnscope/rnn"
	"github.com/rnnscope/rnnscope/text"
)

// ErrInput marks a text or a choice of sites that cannot be traced.
var ErrInput = errors.New("trace: nothing to record")

// Options say what is recorded and how.
type Options struct {
	// Sites are recorded in this order: states and gates of rnn.Model.Sites.
	Sites []string
	// Loss also records how badly each next symbol was predicted.
	Loss bool
	// Predictions also records the whole distribution of the next symbol.
	Predictions bool
	// Workers is the number of goroutines, 0: one a core. No bit depends on it.
	Workers int
	// Memory bounds the bytes of the traces in the making, 0: 128 MB. Blocks
	// run beside each other as far as it goes, but always at least one.
	Memory int64
	// Visitors is how many calls of visit may run at once. 0 and 1: one at a
	// time, in the order of the blocks; more: in any order.
	Visitors int
	// Progress, if set, is told how many symbols of how many were read, warm-up
	// included, from the goroutine that called Blocks.
	Progress func(done, total int64)
}

// Trace is what was recorded over the scored rows of one block, or of a passage.
type Trace struct {
	Block text.Block // of a passage: Warm 0, Lo 0, Hi its length
	Sites []string
	Units int         // H
	IDs   []int32     // [N] the symbols read
	Value [][]float32 // by site, [N,H]
	// Loss [N], with Options.Loss: -ln P of the symbol after row t, in nats.
	// NaN in the text's last row, which has no next symbol.
	Loss []float32
	// Count [N], of a network with an explicit counter: the count after row t.
	Count []float32
	// LogProb [N,V], with Options.Predictions: ln P of each symbol being next.
	LogProb []float32
}

// Len returns N.
func (t *Trace) Len() int { return t.Block.Len() }

// Site returns the values [N,H] at a site; nil if it was not recorded.
func (t *Trace) Site(name string) []float32 {
	i := slices.Index(t.Sites, name)
	if i < 0 {
		return nil
	}
	return t.Value[i]
}

// Row returns the values [H] of the i-th recorded site at row n.
func (t *Trace) Row(i, n int) []float32 { return t.Value[i][n*t.Units : (n+1)*t.Units] }

// Passage records a short text from its first character on, starting from the
// zero state. Such a trace is to be looked at, not to be scored: the network
// is still finding its place. Of the options Memory and Visitors do not apply.
func Passage(ctx context.Context, m *rnn.Model, ids []int32, opt Options) (*Trace, error) {
	if len(ids) == 0 {
		return nil, fmt.Errorf("%w: the passage is empty", ErrInput)
	}
	opt.Memory, opt.Visitors = math.MaxInt64, 1
	var out *Trace
	err := Blocks(ctx, m, ids, []text.Block{{Hi: len(ids)}}, opt, func(_ int, t *Trace) error {
		out = t
		return nil
	})
	return out, err
}

// Blocks enters each block of ids at Warm from the zero state, records its rows
// [Lo,Hi) and calls visit with them. worker is below max(1, opt.Visitors) and
// never the same in two calls at once, so visit may keep something for each.
// The trace and all it holds is reused after visit returns.
//
// It stops at the first error of visit (of the block that comes first) or when
// ctx is done, and returns that error. Other errors match ErrInput,
// rnn.ErrSite or rnn.ErrTooLarge. It panics if a block is not inside ids.
func Blocks(ctx context.Context, m *rnn.Model, ids []int32, blocks []text.Block, opt Options, visit func(worker int, t *Trace) error) error {
	return NewReader(m, opt).Blocks(ctx, ids, blocks, visit)
}

// Reader records one network again and again with the same options, in the same
// memory. It serves one goroutine, and the weights must not change meanwhile.
type Reader struct {
	model   *rnn.Model
	opt     Options
	r       *recorder // nil before the first call
	longest int       // symbols that its traces hold
	p       *parter   // of Parts, nil before the first call
}

// NewReader makes a reader; Blocks reports what is wrong with the options.
func NewReader(m *rnn.Model, opt Options) *Reader { return &Reader{model: m, opt: opt} }

// Blocks is the function of that name for the reader's network and options.
func (r *Reader) Blocks(ctx context.Context, ids []int32, blocks []text.Block, visit func(worker int, t *Trace) error) error {
	if err := check(r.model, ids, blocks, r.opt); err != nil || len(blocks) == 0 {
		return err
	}
	if err := r.prepare(ids, blocks); err != nil {
		return err
	}
	for lo := 0; lo < len(blocks); lo += r.r.rows {
		batch := blocks[lo:min(lo+r.r.rows, len(blocks))]
		if err := r.r.record(ctx, batch); err != nil {
			return err
		}
		if err := r.r.visitAll(ctx, len(batch), visit); err != nil {
			return err
		}
	}
	return nil
}

// prepare makes a recorder, or takes the one at hand when it is large enough.
func (r *Reader) prepare(ids []int32, blocks []text.Block) error {
	longest, entered, total := 0, 0, int64(0)
	for _, b := range blocks {
		longest, entered, total = max(longest, b.Len()), max(entered, b.Hi-b.Warm), total+int64(b.Hi-b.Warm)
	}
	rows := min(len(blocks), rowsWithin(r.opt, int64(longest)*rowBytes(r.model, r.opt)))
	if r.r == nil || r.longest < longest || r.r.rows < rows || r.r.steps < min(steps, entered) {
		made, err := newRecorder(r.model, r.opt, rows, longest, min(steps, entered))
		if err != nil {
			return err
		}
		r.r, r.longest = made, longest
	}
	r.r.ids, r.r.done, r.r.total = ids, 0, total
	return nil
}

func check(m *rnn.Model, ids []int32, blocks []text.Block, opt Options) error {
	if len(opt.Sites) == 0 && !opt.Loss && !opt.Predictions {
		return fmt.Errorf("%w: no site, loss or prediction was asked for", ErrInput)
	}
	for i, site := range opt.Sites {
		if slices.Contains(opt.Sites[:i], site) {
			return fmt.Errorf("%w: site %s is listed twice", ErrInput, site)
		}
		if at, err := m.Site(site); err == nil && at.Units != m.Config().Hidden {
			return fmt.Errorf("%w: %s is one number, which every trace of this network has as its count", ErrInput, site)
		}
	}
	v := int32(m.Config().Vocab)
	for i, id := range ids {
		if id < 0 || id >= v {
			return fmt.Errorf("%w: symbol %d at %d is outside the network's alphabet of %d", ErrInput, id, i, v)
		}
	}
	for _, b := range blocks {
		if b.Warm < 0 || b.Lo < b.Warm || b.Hi <= b.Lo || b.Hi > len(ids) {
			panic(fmt.Sprintf("trace: block %+v of a text of %d", b, len(ids)))
		}
	}
	return nil
}
