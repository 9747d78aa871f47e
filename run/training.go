package run

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/rnnscope/rnnscope/checkpoint"
	"github.com/rnnscope/rnnscope/internal/f32"
	"github.com/rnnscope/rnnscope/train"
)

// Trainer prepares the training this run was made for: from the resume file, or from
// the first step when none has been made yet. opt.Meta is filled in, and opt.Store
// unless the caller has its own around r.
//
// What a killed training recorded after the state it goes on from stays until the same
// step is reached again and replaces it; nothing is removed before.
//
// notes, one sentence each, tell what may keep the bits from being those of an
// undisturbed run: another kernel path, another version. They are recorded with
// the session.
//
// Errors match ErrNoText, ErrNoResume, ErrCorrupt, those of train.New and train.Resume.
func (r *Run) Trainer(ext train.Extend, opt train.Options) (t *train.Trainer, notes []string, err error) {
	data, opt, err := r.prepare(opt)
	if err != nil {
		return nil, nil, err
	}
	state, err := r.LoadResume()
	if errors.Is(err, ErrNoCheckpoint) {
		if err := r.checkUntouched(); err != nil {
			return nil, nil, err
		}
		if t, err = train.New(r.first(ext), data, opt); err != nil {
			return nil, nil, err
		}
		return t, nil, r.note(0, nil)
	}
	if err != nil {
		return nil, nil, r.orSnapshot(err)
	}
	if got := state.Meta[checkpoint.MetaText]; got != r.info.SHA256 {
		return nil, nil, fmt.Errorf("%s: %w: the resume file belongs to another text", r.dir, ErrCorrupt)
	}
	notes = differences(state)
	if t, err = train.Resume(state, data, ext, opt); err != nil {
		return nil, nil, err
	}
	return t, notes, r.note(state.Step, notes)
}

// TrainerFrom prepares the training to go on from a snapshot, for a run whose resume file
// is lost: exactly, where the whole state was kept of it; else from its weights, and the
// optimiser's moments and the carried states start anew,
// so that the steps to come are not those of an undisturbed run. notes says so. Only the
// newest snapshot that can be read is taken, and only where there is no resume file to
// go on from exactly. Errors are those of Trainer, and ErrNoCheckpoint.
func (r *Run) TrainerFrom(step int64, ext train.Extend, opt train.Options) (t *train.Trainer, notes []string, err error) {
	data, opt, err := r.prepare(opt)
	if err != nil {
		return nil, nil, err
	}
	if s, err := r.LoadResume(); err == nil {
		return nil, nil, fmt.Errorf("%s goes on exactly from step %d; %w", r.dir, s.Step, ErrExact)
	}
	c, err := r.Checkpoint(step)
	if err != nil {
		return nil, nil, err
	}
	steps, err := r.Steps()
	if err != nil {
		return nil, nil, err
	}
	if newest, _ := r.newestWhole(steps); newest != step {
		return nil, nil, fmt.Errorf("%s: there is a newer snapshot than that of step %d: --step %d", r.dir, step, newest)
	}
	if state, err := r.LoadState(step); err == nil && state.Meta[checkpoint.MetaText] == r.info.SHA256 {
		notes = differences(state)
		if t, err = train.Resume(state, data, ext, opt); err != nil {
			return nil, nil, err
		}
		return t, notes, r.note(step, notes)
	}
	if t, err = train.Restart(c, *r.info.Config, data, ext, opt); err != nil {
		return nil, nil, err
	}
	notes = []string{fmt.Sprintf("Training goes on from the weights of step %d alone: the optimiser's moments and the carried states, which were lost, start anew.", step)}
	return t, notes, r.note(step, notes)
}

// prepare reads the text and fills in opt.
func (r *Run) prepare(opt train.Options) (train.Data, train.Options, error) {
	if r.lock == nil {
		return train.Data{}, opt, fmt.Errorf("%s: %w", r.dir, ErrReadOnly)
	}
	data, err := r.data()
	opt.Meta = r.meta()
	if opt.Store == nil {
		opt.Store = r
	}
	return data, opt, err
}

// checkUntouched fails where the resume file is missing though training has made steps: it
// must not start over in their place. The file of step 0 is the first thing a training
// saves after what belongs to that step.
func (r *Run) checkUntouched() error {
	steps, err := r.Steps()
	if err != nil {
		return err
	}
	var last int64
	if len(steps) > 0 {
		last = steps[len(steps)-1]
	}
	err = r.query(func(rows *sql.Rows) error {
		var recorded sql.NullInt64
		err := rows.Scan(&recorded)
		last = max(last, recorded.Int64)
		return err
	}, "SELECT max(step) FROM metrics UNION ALL SELECT max(step) FROM samples")
	if err != nil || last == 0 {
		return err
	}
	return r.orSnapshot(fmt.Errorf("%s is missing, and training has come to step %d: %w", r.resumePath(), last, ErrNoResume))
}

// orSnapshot adds to an error about the resume file how training can go on all the same.
func (r *Run) orSnapshot(err error) error {
	steps, e := r.Steps()
	if e != nil {
		return err
	}
	step, ok := r.newestWhole(steps)
	if !ok {
		return fmt.Errorf("%w; put it back from a copy of the run (there is no snapshot that can be read)", err)
	}
	how := "with moments that start anew"
	if _, e := r.LoadState(step); e == nil {
		how = "exactly, since its whole state was kept"
	}
	return fmt.Errorf("%w; put it back from a copy of the run, or go on from the newest snapshot that can be read, %s: --step %d", err, how, step)
}

// data is the text as the trainer wants it.
func (r *Run) data() (train.Data, error) {
	switch {
	case r.info.States != "":
		return train.Data{}, fmt.Errorf("%s holds states that were recorded elsewhere: there is no training to go on with", r.dir)
	case r.info.Config == nil:
		return train.Data{}, fmt.Errorf("%s: the network was imported, there is no training to go on with: %w", r.dir, ErrNoText)
	}
	corpus, err := r.Corpus()
	if err != nil {
		return train.Data{}, err
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
		if err := r.keep(s); err != nil || l.Snapshot == nil {
			return err
		}
		return l.Snapshot(ctx, s)
	}
	return out
}

// keep writes what a snapshot leaves: its weights, and before them its whole state where the settings ask for it.
func (r *Run) keep(s train.Snapshot) error {
	if r.info.Config != nil && r.info.Config.KeepStates {
		state, err := s.State()
		if err == nil {
			err = r.SaveState(state)
		}
		if err != nil {
			return err
		}
	}
	return r.SaveWeights(s.Checkpoint)
}
