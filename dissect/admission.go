package dissect

import (
	"context"

	"github.com/rnnscope/rnnscope/concept"
	"github.com/rnnscope/rnnscope/specimen"
)

// admit surveys the text: concepts that are rules for it stay, a category becomes its
// frequent values; the others are told apart and get no verdict. cuts are the depths
// above which a depth concept is on, where that is not 0.
func (in *input) admit(ctx context.Context, of []concept.Concept, workers int) (admitted []concept.Concept, others []concept.Admission, cuts map[string]int32, err error) {
	found, err := in.Survey(ctx, of, in.parts(), workers)
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
		if len(a.Values) == 0 { // one kind only repeats being inside; none is told as not there
			a.Admitted, a.Reason = false, "it has fewer than two frequent values here"
			others = append(others, a)
		}
	}
	return admitted, others, cuts, nil
}

// nothing is the result where no concept is a rule for the text.
func (in *input) nothing(opt Options, others []concept.Admission) *Result {
	return &Result{
		Version: opt.Version, Text: in.Text.Name, Split: in.Split, Sites: []specimen.Site{}, Others: others,
		Concepts: []ConceptResult{}, Gallery: []GalleryUnit{}, Peaks: []UnitPeaks{}, BySite: []SiteSummary{},
		Null: NullInfo{Untrained: opt.Untrained},
	}
}
