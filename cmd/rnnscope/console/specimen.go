package console

import (
	"context"
	"fmt"

	"github.com/rnnscope/rnnscope/checkpoint"
	"github.com/rnnscope/rnnscope/run"
	"github.com/rnnscope/rnnscope/specimen"
)

// Specimen is a network of the run on the text that the inputs name or, without any, on the
// run's own. verb is the command that asks. Close it.
func (f InputFlags) Specimen(ctx context.Context, s *Session, r *run.Run, ck *checkpoint.Checkpoint, verb string, inputs []string, u UnknownFlag) (*specimen.Specimen, error) {
	if len(inputs) == 0 {
		own, err := r.Specimen(ctx, ck)
		if err != nil {
			return nil, fmt.Errorf("%w; name a text: rnnscope %s %s FILE", err, verb, ShellWord(r.Dir()))
		}
		return own, nil
	}
	other, err := f.openWith(ctx, s, inputs, ck.Alphabet, u.Policy())
	if err != nil {
		return nil, err
	}
	tellLearned(ctx, s, r, other, other.SHA256)
	return r.SpecimenOn(ck, specimen.OnFile(other)), nil
}
