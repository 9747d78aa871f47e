package web

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"sync"

	"github.com/rnnscope/rnnscope/checkpoint"
	"github.com/rnnscope/rnnscope/text"
	"github.com/rnnscope/rnnscope/trace"

	"github.com/rnnscope/rnnscope/web/guard"
)

// Bounds of passages that are read live.
const (
	readingBytes = 256 << 20 // of all readings together
	passageBytes = 64 << 20  // of one
	passageMost  = 20_000    // symbols
	likeliest    = 5
	headBytes    = 64 << 10 // of a text, for what is shown first
	pieceFirst   = 96       // symbols of the first piece: soon there
	pieceNext    = 256
)

// reading is a passage that a page shows: the network's states over it, kept while somebody
// edits so that only what follows the edit is read again.
type reading struct {
	mu      sync.Mutex // one request at a time
	id      string
	run     string
	created int64 // of the run
	step    int64
	ck      *checkpoint.Checkpoint
	live    *trace.Live
	warm    int // leading symbols that the network reads before what is shown
}

func (r *reading) bytes() int64 { return r.live.Bytes() + 1<<16 }

// shown is how many symbols the page shows.
func (r *reading) shown() int { return r.live.Len() - r.warm }

// passageAsked is what a page wants read.
type passageAsked struct {
	Reading string  `json:"reading,omitempty" doc:"The reading that is edited; it is read on from the first change." maxLength:"64"`
	Have    int     `json:"have,omitempty" minimum:"0" doc:"How many symbols of that reading the client has: the others are sent again."`
	Step    *int64  `json:"step,omitempty" doc:"Training step of the weights; the newest without it, or for -1."`
	Text    *string `json:"text,omitempty" doc:"What to read. Without it, the run's own text at At." maxLength:"200000"`
	IDs     []int32 `json:"ids,omitempty" doc:"What to read, in symbols of the run; instead of text." maxItems:"20000"`
	At      *int    `json:"at,omitempty" doc:"Symbol of the run's text at which the passage begins; the network reads 500 before it. Without it, or for -1: the beginning of the text, or of what is given."`
	N       int     `json:"n" required:"false" default:"600" minimum:"1" maximum:"20000" doc:"Symbols of the run's text."`
	Site    string  `json:"site,omitempty" maxLength:"32"`
	Unit    int     `json:"unit,omitempty" minimum:"0"`
}

// step is the step asked for, -1 for the newest. (A number would not do: 0 is taken for "not given".)
func (q *passageAsked) step() int64 { return orElse(q.Step, -1) }

// at is the place in the text asked for, -1 for none.
func (q *passageAsked) at() int { return orElse(q.At, -1) }

func orElse[T any](p *T, otherwise T) T {
	if p == nil {
		return otherwise
	}
	return *p
}

// passage is a passage in symbols.
type passage struct {
	ids     []int32
	warm    int
	foreign []foreignSymbol
	part    string
}

type foreignSymbol struct {
	Symbol string `json:"symbol"`
	Count  int    `json:"count"`
}

// passage gets the symbols of what was asked for.
func (s *Server) passage(ctx context.Context, id string, r *openRun, ck *checkpoint.Checkpoint, q *passageAsked) (*passage, error) {
	p := &passage{part: "given"}
	if q.at() >= 0 {
		if err := s.fromText(ctx, id, r, q, p); err != nil {
			return nil, err
		}
	}
	switch {
	case len(q.IDs) > 0:
		p.ids = append(p.ids[:p.warm:p.warm], q.IDs...)
		p.part = "given"
	case q.Text != nil:
		raw := []byte(*q.Text)
		for _, f := range ck.Alphabet.Foreign(raw) {
			p.foreign = append(p.foreign, foreignSymbol{text.Visible(f.Rune), f.Count})
		}
		ids, err := ck.Alphabet.Encode(raw, text.UnknownSkip)
		if err != nil {
			return nil, fmt.Errorf("%w: %w", errAsked, err)
		}
		p.ids = append(p.ids[:p.warm:p.warm], ids...)
		p.part = "given"
	case q.at() < 0:
		raw, err := r.Head(headBytes)
		if err != nil {
			return nil, err
		}
		ids, err := ck.Alphabet.Encode(raw, text.UnknownSkip)
		if err != nil {
			return nil, err
		}
		p.ids, p.part = ids[:min(len(ids), q.N)], "train"
	}
	if n := len(p.ids) - p.warm; n == 0 {
		return nil, fmt.Errorf("%w: the passage is empty, or the network's alphabet has none of its characters", errAsked)
	} else if most := passageLimit(ck); n > most {
		return nil, fmt.Errorf("%w: the passage has %d symbols; this network is shown at most %d at a time", errAsked, n, most)
	}
	return p, nil
}

// passageLimit is how many symbols one reading of a network may have.
func passageLimit(ck *checkpoint.Checkpoint) int {
	cfg := ck.Model.Config()
	per := 4 * 2 * cfg.Layers * cfg.Hidden
	return min(passageMost, passageBytes/per)
}

// fromText takes a stretch of the run's text, with what the network reads before it.
func (s *Server) fromText(ctx context.Context, id string, r *openRun, q *passageAsked, p *passage) error {
	f, done, err := s.shelf.source(ctx, id, r)
	if err != nil {
		return err
	}
	defer done()
	if q.at() >= f.Len() {
		return fmt.Errorf("%w: the text has %d symbols", errAsked, f.Len())
	}
	p.warm = min(q.at(), text.WarmUp)
	p.ids = make([]int32, p.warm+min(q.N, f.Len()-q.at()))
	p.part = partOf(r.Info().Split, q.at())
	return f.Read(p.ids, q.at()-p.warm)
}

// partOf names the part of a split that a position lies in.
func partOf(s text.Split, at int) string {
	for name, span := range map[string]text.Span{"train": s.Train, "validation": s.Val, "test": s.Test} {
		if at >= span.Lo && at < span.Hi {
			return name
		}
	}
	return "none"
}

// begin makes the reading of a passage, or takes the one that is edited, and says how many of
// the shown symbols stay as they are. It comes locked.
func (s *Server) begin(run string, created int64, ck *checkpoint.Checkpoint, asked string, p *passage) (r *reading, same int, done func(), err error) {
	r, done, ok := s.readings.Get(asked)
	if ok && (r.run != run || r.created != created || r.ck != ck) {
		done()
		ok = false
	}
	if !ok {
		live, err := trace.NewLive(ck.Model, nil, likeliest)
		if err != nil {
			return nil, 0, nil, err
		}
		r = &reading{id: guard.Secret()[:16], run: run, created: created, step: ck.Step, ck: ck, live: live}
		r.mu.Lock()
		if _, err := live.Set(p.ids); err != nil {
			return nil, 0, nil, err
		}
		r.warm = p.warm
		r, done = s.readings.Put(r.id, r)
		return r, 0, done, nil
	}
	r.mu.Lock()
	was := r.warm
	kept, err := r.live.Set(p.ids)
	if err != nil {
		r.mu.Unlock()
		done()
		return nil, 0, nil, err
	}
	r.warm = p.warm
	s.readings.Resize(r.id)
	if was != p.warm {
		return r, 0, done, nil // other symbols are shown
	}
	return r, max(0, kept-p.warm), done, nil
}

// find gives a reading that a page has, locked; unlock ends its use.
func (s *Server) find(id string) (r *reading, unlock func(), err error) {
	r, done, ok := s.readings.Get(id)
	if !ok {
		return nil, nil, errGone
	}
	r.mu.Lock()
	return r, func() { r.mu.Unlock(); done() }, nil
}

var errUnit = errors.New("no such unit")

// column is a unit's values over the shown symbols that were read.
func (r *reading) column(site string, unit, lo, hi int) ([]float32, error) {
	rows := r.live.Values(site)
	if rows == nil {
		return nil, fmt.Errorf("%w: the reading has no site %q", errAsked, site)
	}
	h := r.ck.Model.Config().Hidden
	if unit < 0 || unit >= h {
		return nil, fmt.Errorf("%w: %w: %s has units 0 to %d", errAsked, errUnit, site, h-1)
	}
	out := make([]float32, 0, hi-lo)
	for t := lo + r.warm; t < hi+r.warm; t++ {
		out = append(out, rows[t*h+unit])
	}
	return out, nil
}

// scaleOf is the activation of full colour: the 99 % quantile of what is shown of a unit.
func scaleOf(values []float32) float64 {
	abs := make([]float32, 0, len(values))
	for _, v := range values {
		if !math.IsNaN(float64(v)) {
			abs = append(abs, float32(math.Abs(float64(v))))
		}
	}
	if len(abs) == 0 {
		return 1
	}
	slices.Sort(abs)
	if v := float64(abs[len(abs)*99/100]); v > 0 {
		return v
	}
	return 1
}
