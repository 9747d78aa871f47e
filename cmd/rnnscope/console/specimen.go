package console

import (
	"context"
	"fmt"

	"github.com/rnnscope/rnnscope/checkpoint"
	"github.com/rnnscope/rnnscope/run"
	"github.com/rnnscope/rnnscope/specimen"
)

// TextRequest is the text that a command was asked to work on.
type TextRequest struct {
	Verb    string   // the command, for advice
	Inputs  []string // none: the run's own text
	Unknown UnknownFlag
}

// Specimen is a network of the run on the text that was asked for, or else on the run's own. Close it.
func (f InputFlags) Specimen(ctx context.Context, s *Session, r *run.Run, ck *checkpoint.Checkpoint, text TextRequest) (*specimen.Specimen, error) {
	if len(text.Inputs) == 0 {
		own, err := r.Specimen(ctx, ck)
		if err != nil {
			return nil, fmt.Errorf("%w; name a text: rnnscope %s %s FILE", err, text.Verb, ShellWord(r.Dir()))
		}
		return own, nil
	}
	other, err := f.openWith(ctx, s, text.Inputs, ck.Alphabet, text.Unknown.Policy())
	if err != nil {
		return nil, err
	}
	tellLearned(ctx, s, r, other, other.SHA256)
	return r.SpecimenOn(ctx, ck, specimen.OnFile(other)), nil
}
