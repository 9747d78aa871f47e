package run

import (
	"context"
	"errors"

	"github.com/rnnscope/rnnscope/checkpoint"
	"github.com/rnnscope/rnnscope/specimen"
)

// Specimen is a network of the run on the run's own text, which stays on its medium unless
// it is held already; close it.
// Errors are those of Source.
func (r *Run) Specimen(ctx context.Context, c *checkpoint.Checkpoint) (*specimen.Specimen, error) {
	if held := r.heldCorpus(); held != nil {
		return specimen.OwnText(specimen.NetworkOf(c), specimen.InMemory(held), r.info.Split), nil
	}
	f, err := r.Source(ctx)
	if err != nil {
		return nil, err
	}
	return specimen.OwnText(specimen.NetworkOf(c), specimen.OnFile(f), r.info.Split), nil
}

// SpecimenOn is a network of the run on another text.
func (r *Run) SpecimenOn(c *checkpoint.Checkpoint, t specimen.Text) *specimen.Specimen {
	s := specimen.OtherText(specimen.NetworkOf(c), t)
	if r.info.SHA256 != "" {
		s.LearnedFrom(func() ([]int32, error) {
			own, err := r.Corpus()
			if errors.Is(err, ErrNoText) {
				return nil, nil
			}
			if err != nil {
				return nil, err
			}
			train := r.info.Split.Train
			return own.IDs[train.Lo:train.Hi], nil
		})
	}
	return s
}
