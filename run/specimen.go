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

// SpecimenOn is a network of the run on another text. Of what the network learned from, the run's own text, no
// more is held than is asked for; ctx is for reading that.
func (r *Run) SpecimenOn(ctx context.Context, c *checkpoint.Checkpoint, t specimen.Text) *specimen.Specimen {
	s := specimen.OtherText(specimen.NetworkOf(c), t)
	if r.info.SHA256 != "" {
		s.LearnedFrom(func(limit int) ([]int32, int, error) { return r.trainingTail(ctx, limit) })
	}
	return s
}

// trainingTail is the last limit symbols of the training part, and how many it has; nil where the run has no text.
func (r *Run) trainingTail(ctx context.Context, limit int) (ids []int32, total int, err error) {
	train := r.info.Split.Train
	if held := r.heldCorpus(); held != nil {
		return held.IDs[max(train.Lo, train.Hi-limit):train.Hi], train.Len(), nil
	}
	f, err := r.Source(ctx)
	if errors.Is(err, ErrNoText) {
		return nil, 0, nil
	}
	if err != nil {
		return nil, 0, err
	}
	ids = make([]int32, min(limit, train.Len()))
	err = f.Read(ids, train.Hi-len(ids))
	return ids, train.Len(), errors.Join(err, f.Close())
}
