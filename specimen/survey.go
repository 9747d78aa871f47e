package specimen

import (
	"context"
	"slices"

	"github.com/rnnscope/rnnscope/concept"
	"github.com/rnnscope/rnnscope/internal/crew"
	"github.com/rnnscope/rnnscope/text"
)

// Sizes of a survey, in symbols.
const (
	surveyPiece  = 1 << 14
	surveyBefore = 20_000 // read in front of the part: longer than any state but an element's
)

// Survey says which concepts are rules for the text, by the part on which units are
// chosen (concept.SurveyLength characters of it at most), in the order given.
func (s *Specimen) Survey(ctx context.Context, of []concept.Concept, parts Parts, workers int) ([]concept.Admission, error) {
	out := make([]concept.Admission, len(of))
	n := max(1, min(WorkersOr(workers), len(of)))
	// Neighbouring concepts cost alike.
	err := crew.TryEach(ctx, n, n, func(_, i int) error {
		var mine []concept.Concept
		for c := i; c < len(of); c += n {
			mine = append(mine, of[c])
		}
		found, err := s.survey(ctx, mine, parts)
		for k, a := range found {
			out[i+k*n] = a
		}
		return err
	})
	return out, err
}

// Admit surveys the text: concepts that are rules for it stay, a category becomes its
// frequent values; the others are told apart and get no verdict. cuts are the depths
// above which a depth concept is on, where that is not 0.
func (s *Specimen) Admit(ctx context.Context, of []concept.Concept, parts Parts, workers int) (admitted []concept.Concept, others []concept.Admission, cuts map[string]int32, err error) {
	found, err := s.Survey(ctx, of, parts, workers)
	if err != nil {
		return nil, nil, nil, err
	}
	cuts = map[string]int32{}
	for i, a := range found {
		if !a.Admitted {
			others = append(others, a)
			continue
		}
		if a.Above > 0 {
			cuts[a.Concept] = a.Above
		}
		if of[i].Kind != concept.Category {
			admitted = append(admitted, of[i])
			continue
		}
		for _, name := range a.Values {
			v, err := of[i].Value(name)
			if err != nil {
				return nil, nil, nil, err
			}
			admitted = append(admitted, v)
		}
		if len(a.Values) == 0 { // one kind only repeats being inside; none is reported as not there
			a.Admitted, a.Reason = false, "it has fewer than two frequent values here"
			others = append(others, a)
		}
	}
	return admitted, others, cuts, nil
}

func (s *Specimen) survey(ctx context.Context, of []concept.Concept, parts Parts) ([]concept.Admission, error) {
	sv := concept.NewSurvey(of)
	if parts.Choose.Len() == 0 {
		return sv.Admissions(), nil
	}
	r := &reader{s: s, spell: s.Alphabet.Spell()}
	lo := max(0, parts.Choose.At(0).Lo-surveyBefore)
	if err := r.to(ctx, lo, sv.Skip); err != nil {
		return nil, err
	}
	for i := 0; i < parts.Choose.Len() && !sv.Full(); i++ {
		b := parts.Choose.At(i)
		if err := r.to(ctx, b.Lo, func(rs []rune) { sv.Write(rs, false) }); err != nil {
			return nil, err
		}
		if err := r.to(ctx, b.Hi, func(rs []rune) { sv.Write(rs, true) }); err != nil {
			return nil, err
		}
	}
	return sv.Admissions(), nil
}

// reader reads the characters of a text in order.
type reader struct {
	s     *Specimen
	at    int
	ids   []int32
	runes []rune
	ends  []int
	spell *text.Spelling
}

// to reads up to symbol hi.
func (r *reader) to(ctx context.Context, hi int, do func([]rune)) error {
	for r.at < hi {
		if err := ctx.Err(); err != nil {
			return err
		}
		n := min(surveyPiece, hi-r.at)
		r.ids = slices.Grow(r.ids[:0], n)[:n]
		if err := r.s.Text.Source.Read(r.ids, r.at); err != nil {
			return err
		}
		r.at += n
		r.runes, r.ends = r.spell.Write(r.runes[:0], r.ends[:0], r.ids)
		do(r.runes)
	}
	return nil
}
