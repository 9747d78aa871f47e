package run

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/rnnscope/rnnscope/checkpoint"
	"github.com/rnnscope/rnnscope/internal/f32"
	"github.com/rnnscope/rnnscope/text"
	"github.com/rnnscope/rnnscope/train"
)

// Trainer prepares the training this run was made for: from the resume file, after
// removing what is newer, or from the first step when there is none yet. opt.Meta
// is filled in, and opt.Store unless the caller has its own around r.
//
// notes, one sentence each, tell what may keep the bits from being those of an
// undisturbed run: another kernel path, another version. They are recorded with
// the session.
//
// Errors match ErrNoText, ErrCorrupt, those of train.New and train.Resume.
func (r *Run) Trainer(ext train.Extend, opt train.Options) (t *train.Trainer, notes []string, err error) {
	if r.lock == nil {
		return nil, nil, fmt.Errorf("%s: %w", r.dir, ErrReadOnly)
	}
	data, err := r.data()
	if err != nil {
		return nil, nil, err
	}
	opt.Meta = r.meta()
	if opt.Store == nil {
		opt.Store = r
	}

	state, err := r.LoadResume()
	if errors.Is(err, ErrNoCheckpoint) {
		if t, err = train.New(r.first(ext), data, opt); err != nil {
			return nil, nil, err
		}
		return t, nil, errors.Join(r.Truncate(-1), r.note(0, nil))
	}
	if err != nil {
		return nil, nil, err
	}
	if got := state.Meta[checkpoint.MetaText]; got != r.info.SHA256 {
		return nil, nil, fmt.Errorf("%s: %w: the resume file belongs to another text", r.dir, ErrCorrupt)
	}
	notes = differences(state)
	if t, err = train.Resume(state, data, ext, opt); err != nil {
		return nil, nil, err
	}
	return t, notes, errors.Join(r.Truncate(state.Step), r.note(state.Step, notes))
}

// data is the text as the trainer wants it.
func (r *Run) data() (train.Data, error) {
	if r.info.Config == nil {
		return train.Data{}, fmt.Errorf("%s: the network was imported, there is no training to go on with: %w", r.dir, ErrNoText)
	}
	corpus, err := r.Corpus()
	if err != nil {
		return train.Data{}, err
	}
	within := func(s text.Span) bool { return 0 <= s.Lo && s.Lo <= s.Hi && s.Hi <= len(corpus.IDs) }
	if s := r.info.Split; !within(s.Train) || !within(s.Val) {
		return train.Data{}, fmt.Errorf("%s: %w: the split does not fit the text", r.dir, ErrCorrupt)
	}
	return train.Data{Alphabet: corpus.Alphabet, IDs: corpus.IDs, Split: r.info.Split}, nil
}

// first is the settings of a run that has saved nothing yet.
func (r *Run) first(ext train.Extend) train.Config {
	cfg := *r.info.Config
	if ext.Iterations > 0 {
		cfg.Iterations = ext.Iterations
	}
	cfg.Snapshots = append(slices.Clone(cfg.Snapshots), ext.Snapshots...)
	return cfg
}

// differences names what may change the bits of the steps to come.
func differences(s *checkpoint.Resume) []string {
	var notes []string
	if was := s.Meta[checkpoint.MetaKernels]; was != f32.Path() {
		notes = append(notes, fmt.Sprintf("Steps to %d were computed on the %s kernels, the next on %s: the bits can differ from those of a run on one path.", s.Step, was, f32.Path()))
	}
	if was := s.Meta[checkpoint.MetaVersion]; was != Version() {
		notes = append(notes, fmt.Sprintf("Steps to %d were computed by version %s, the next by %s.", s.Step, was, Version()))
	}
	return notes
}

// note records where this session's training starts.
func (r *Run) note(step int64, notes []string) error {
	err := r.put(row{"UPDATE sessions SET step = ?, note = ? WHERE id = ?", []any{step, strings.Join(notes, " "), r.session}})
	if err != nil {
		return err
	}
	return r.Flush()
}

// Listener records metrics and the weights of snapshots in the run, and passes
// every event on to l. l.Snapshot is called when the weights are on disk.
func (r *Run) Listener(l train.Listener) train.Listener {
	out := l
	out.Step = func(e train.Step) error {
		err := errors.Join(
			r.AddMetric(e.Step, MetricTrainLoss, e.Loss),
			r.AddMetric(e.Step, MetricGradNorm, e.GradNorm),
			r.AddMetric(e.Step, MetricLR, e.LR),
		)
		if err != nil || l.Step == nil {
			return err
		}
		return l.Step(e)
	}
	out.Validated = func(e train.Validation) error {
		if err := r.AddMetric(e.Step, MetricValLoss, e.Loss); err != nil || l.Validated == nil {
			return err
		}
		return l.Validated(e)
	}
	out.Snapshot = func(ctx context.Context, s train.Snapshot) error {
		if err := r.SaveWeights(s.Checkpoint); err != nil || l.Snapshot == nil {
			return err
		}
		return l.Snapshot(ctx, s)
	}
	return out
}
