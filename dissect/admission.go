package dissect

import (
	"context"

	"github.com/rnnscope/rnnscope/concept"
	"github.com/rnnscope/rnnscope/specimen"
)

// admit asks the specimen which concepts are rules for its text.
func (in *input) admit(ctx context.Context, of []concept.Concept, workers int) (admitted []concept.Concept, others []concept.Admission, cuts map[string]int32, err error) {
	return in.Admit(ctx, of, in.parts(), workers)
}

// nothing is the result where no concept is a rule for the text.
func (in *input) nothing(opt Options, others []concept.Admission) *Result {
	return &Result{
		Version: opt.Version, Symbols: in.Alphabet.Kind().ForResults(), Text: in.Text.Name, Split: in.Split, Sites: []specimen.Site{}, Others: others,
		Concepts: []ConceptResult{}, Gallery: []GalleryUnit{}, Peaks: []UnitPeaks{}, BySite: []SiteSummary{},
		Null: NullInfo{Untrained: opt.Untrained},
	}
}
