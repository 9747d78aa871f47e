package intervene

import (
	"context"
	"fmt"
	"slices"

	"github.com/rnnscope/rnnscope/specimen"
	"github.com/rnnscope/rnnscope/stat"
	"github.com/rnnscope/rnnscope/text"
)

// ChangeResult is what interventions do to the loss, on windows of test text.
type ChangeResult struct {
	Symbols text.Kind    `json:"symbols,omitempty"` // what a symbol is and is counted; of characters nothing is said
	Text    string       `json:"text"`
	Split   string       `json:"split"`
	Windows int          `json:"windows"`
	Window  int          `json:"window"` // characters
	Changes []LossChange `json:"changes"`
}

// LossChange is what one list of interventions, carried out together, does to the loss.
type LossChange struct {
	Interventions []Intervention `json:"interventions"`
	All           stat.Interval  `json:"all"`   // nats a character
	Kinds         []KindEffect   `json:"kinds"` // by the kind of the next character
}

// Change measures each list of interventions on windows of test text that the text alone decides. Errors are
// Intervention.Validate's and Run's. Resample is not for it: it asks about no concept.
func Change(ctx context.Context, sp *specimen.Specimen, lists [][]Intervention, opt Options, progress Progress) (*ChangeResult, error) {
	in, err := newInput(sp)
	if err != nil {
		return nil, err
	}
	for _, list := range lists {
		for _, v := range list {
			if err := v.Validate(in.Model); err != nil {
				return nil, err
			}
			if v.Mode == Resample {
				return nil, fmt.Errorf("%w: resample asks about a concept; use the verdict", ErrMode)
			}
			if !slices.Contains(opt.Sites, v.Site) {
				opt.Sites = append(opt.Sites, v.Site)
			}
		}
	}
	s, err := newStudy(ctx, in, nil, opt, progress)
	if err != nil {
		return nil, err
	}
	out := &ChangeResult{Symbols: in.Alphabet.Kind().ForResults(), Text: in.Name, Split: in.Split, Windows: len(s.bench.starts), Window: Window}
	s.read, s.total = 0, int64(2*len(lists)*len(s.bench.starts)*Window)
	for _, list := range lists {
		c, err := s.change(ctx, list)
		if err != nil {
			return nil, err
		}
		out.Changes = append(out.Changes, c)
	}
	return out, nil
}

// change reads every window with and without a list of interventions.
func (s *study) change(ctx context.Context, list []Intervention) (LossChange, error) {
	plan, err := Prepare(s.in.Model, list, s.ref, s.labels)
	if err != nil {
		return LossChange{}, err
	}
	var still Plan
	for _, a := range plan {
		still = append(still, touch(a.site)...)
	}
	base, err := s.bench.losses(ctx, still)
	if err != nil {
		return LossChange{}, err
	}
	changed, err := s.bench.losses(ctx, plan)
	if err != nil {
		return LossChange{}, err
	}
	x := &sums{}
	t := &trial{into: x, kinds: true}
	s.prepare(t)
	delta := make([]float64, Window)
	for w := range base {
		for i := range delta {
			delta[i] = float64(changed[w][i]) - float64(base[w][i])
		}
		s.add(t, w, delta)
	}
	u := s.unitResult(Unit{}, x.kinds)
	return LossChange{Interventions: list, All: u.All, Kinds: u.Kinds}, nil
}
