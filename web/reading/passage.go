package reading

import (
	"context"
	"fmt"

	"github.com/rnnscope/rnnscope/checkpoint"
	"github.com/rnnscope/rnnscope/text"
	"github.com/rnnscope/rnnscope/web/guard"
	"github.com/rnnscope/rnnscope/web/shelf"
)

// Request is what a page wants read.
type Request struct {
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

// AtStep is the step asked for, -1 for the newest. (A number would not do: 0 is taken for "not given".)
func (q *Request) AtStep() int64 { return OrElse(q.Step, -1) }

// Place is the place in the text asked for, -1 for none.
func (q *Request) Place() int { return OrElse(q.At, -1) }

// OrElse is what p points to, or something else where it points nowhere.
func OrElse[T any](p *T, otherwise T) T {
	if p == nil {
		return otherwise
	}
	return *p
}

// Passage is a passage in symbols.
type Passage struct {
	IDs     []int32
	Warm    int // leading symbols that are read, and not shown
	Foreign []Foreign
	Part    string // of the text: train, validation, test, none; or "given"
}

// Foreign is a character that the alphabet lacks.
type Foreign struct {
	Symbol string `json:"symbol"`
	Count  int    `json:"count"`
}

// Get gets the symbols of what was asked for.
func Get(ctx context.Context, s *shelf.Shelf, id string, r *shelf.Run, ck *checkpoint.Checkpoint, q *Request) (*Passage, error) {
	p := &Passage{Part: "given"}
	if q.Place() >= 0 {
		if err := fromText(ctx, s, id, r, q, p); err != nil {
			return nil, err
		}
	}
	switch {
	case len(q.IDs) > 0:
		p.IDs = append(p.IDs[:p.Warm:p.Warm], q.IDs...)
		p.Part = "given"
	case q.Text != nil:
		raw := []byte(*q.Text)
		for _, f := range ck.Alphabet.Foreign(raw) {
			symbol := text.Visible(f.Rune)
			if f.Word != "" {
				symbol = text.VisibleString(f.Word)
			}
			p.Foreign = append(p.Foreign, Foreign{symbol, f.Count})
		}
		ids, err := ck.Alphabet.Encode(raw, text.UnknownSkip)
		if err != nil {
			return nil, fmt.Errorf("%w: %w", guard.ErrRequest, err)
		}
		p.IDs = append(p.IDs[:p.Warm:p.Warm], ids...)
		p.Part = "given"
	case q.Place() < 0:
		raw, err := r.Head(headBytes)
		if err != nil {
			return nil, err
		}
		ids, err := ck.Alphabet.Encode(raw, text.UnknownSkip)
		if err != nil {
			return nil, err
		}
		p.IDs, p.Part = ids[:min(len(ids), q.N)], "train"
	}
	if n := len(p.IDs) - p.Warm; n == 0 {
		return nil, fmt.Errorf("%w: the passage is empty, or the network's alphabet has none of its characters", guard.ErrRequest)
	} else if most := Limit(ck); n > most {
		return nil, fmt.Errorf("%w: the passage has %d symbols; this network is shown at most %d at a time", guard.ErrRequest, n, most)
	}
	return p, nil
}

// Limit is how many symbols one reading of a network may have.
func Limit(ck *checkpoint.Checkpoint) int {
	cfg := ck.Model.Config()
	per := 4 * 2 * cfg.Layers * cfg.Hidden
	return min(passageMost, passageBytes/per)
}

// fromText takes a stretch of the run's text, with what the network reads before it.
func fromText(ctx context.Context, s *shelf.Shelf, id string, r *shelf.Run, q *Request, p *Passage) error {
	f, done, err := s.Source(ctx, id, r)
	if err != nil {
		return err
	}
	defer done()
	if q.Place() >= f.Len() {
		return fmt.Errorf("%w: the text has %d symbols", guard.ErrRequest, f.Len())
	}
	p.Warm = min(q.Place(), text.WarmUp)
	p.IDs = make([]int32, p.Warm+min(q.N, f.Len()-q.Place()))
	p.Part = partOf(r.Info().Split, q.Place())
	return f.Read(p.IDs, q.Place()-p.Warm)
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
