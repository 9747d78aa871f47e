package run

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/rnnscope/rnnscope/checkpoint"
	"github.com/rnnscope/rnnscope/internal/durable"
	"github.com/rnnscope/rnnscope/specimen"
)

// Run stores what a Trainer must not lose: see train.Store.

func (r *Run) stepPath(step int64) string {
	return filepath.Join(r.dir, stepsName, fmt.Sprintf("step-%08d.safetensors", step))
}

func (r *Run) resumePath() string { return filepath.Join(r.dir, stepsName, resumeName) }

// SaveWeights keeps the network of c.Step, in place of an older file of that step.
func (r *Run) SaveWeights(c *checkpoint.Checkpoint) error {
	if r.lock == nil {
		return fmt.Errorf("%s: %w", r.dir, ErrReadOnly)
	}
	return r.saveWeights(c)
}

func (r *Run) saveWeights(c *checkpoint.Checkpoint) error {
	withMeta := *c
	withMeta.Meta = r.meta()
	return checkpoint.Save(r.stepPath(c.Step), &withMeta)
}

// SaveResume makes the rows so far durable and then replaces the resume file: rows
// that belong to a saved step are never missing. After the last step it removes what
// lies behind it.
func (r *Run) SaveResume(s *checkpoint.Resume) error {
	if r.lock == nil {
		return fmt.Errorf("%s: %w", r.dir, ErrReadOnly)
	}
	if err := r.flushPatiently(); err != nil {
		return err
	}
	if err := checkpoint.SaveResume(r.resumePath(), s); err != nil || s.Pending || s.Step < s.LastStep {
		return err
	}
	return r.trim(s.LastStep)
}

// LoadResume reads the resume file; ErrNoCheckpoint when there is none.
func (r *Run) LoadResume() (*checkpoint.Resume, error) {
	s, err := checkpoint.LoadResume(r.resumePath())
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s: %w: nothing to resume from", r.dir, ErrNoCheckpoint)
	}
	return s, err
}

func (r *Run) statePath(step int64) string {
	return filepath.Join(r.dir, stepsName, fmt.Sprintf("state-%08d.safetensors", step))
}

// SaveState keeps the whole state of s.Step beside the weights of the snapshot.
func (r *Run) SaveState(s *checkpoint.Resume) error {
	if r.lock == nil {
		return fmt.Errorf("%s: %w", r.dir, ErrReadOnly)
	}
	withMeta := *s
	withMeta.Meta = r.meta()
	return checkpoint.SaveResume(r.statePath(s.Step), &withMeta)
}

// LoadState reads the whole state of a snapshot. ErrNoCheckpoint says where states are kept.
func (r *Run) LoadState(step int64) (*checkpoint.Resume, error) {
	s, err := checkpoint.LoadResume(r.statePath(step))
	if !errors.Is(err, fs.ErrNotExist) {
		return s, err
	}
	steps, _ := r.StateSteps()
	if len(steps) == 0 {
		return nil, fmt.Errorf("%s: %w with its whole state: this run keeps the weights of snapshots alone (train --keep-states keeps both)", r.dir, ErrNoCheckpoint)
	}
	return nil, fmt.Errorf("%s: %w with its whole state: step %d; there are %s", r.dir, ErrNoCheckpoint, step, strings.Trim(fmt.Sprint(steps), "[]"))
}

// StateSteps lists the steps whose whole state is kept, ascending.
func (r *Run) StateSteps() ([]int64, error) { return r.stepsOf("state-%d.safetensors", r.statePath) }

// Steps lists the steps whose weights are kept, ascending.
func (r *Run) Steps() ([]int64, error) { return r.stepsOf("step-%d.safetensors", r.stepPath) }

// stepsOf lists the steps of the files that are named so.
func (r *Run) stepsOf(format string, path func(step int64) string) ([]int64, error) {
	entries, err := os.ReadDir(filepath.Join(r.dir, stepsName))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil // an empty folder, lost in a copy
	}
	if err != nil {
		return nil, err
	}
	var steps []int64
	for _, e := range entries {
		var step int64
		if _, err := fmt.Sscanf(e.Name(), format, &step); err != nil || filepath.Base(path(step)) != e.Name() {
			continue
		}
		steps = append(steps, step)
	}
	slices.Sort(steps)
	return steps, nil
}

// Checkpoint reads the weights of step: those of a snapshot, or of the resume file when
// training was interrupted there. ErrNoCheckpoint names the steps there are.
func (r *Run) Checkpoint(step int64) (*checkpoint.Checkpoint, error) {
	if r.info.States != "" {
		return r.Latest()
	}
	c, err := checkpoint.Load(r.stepPath(step))
	if !errors.Is(err, fs.ErrNotExist) {
		return c, err
	}
	steps, _ := r.Steps()
	if s, err := r.LoadResume(); err == nil {
		if s.Step == step {
			return &s.Checkpoint, nil
		}
		if i, ok := slices.BinarySearch(steps, s.Step); !ok {
			steps = slices.Insert(steps, i, s.Step)
		}
	}
	return nil, fmt.Errorf("%s: %w: step %d; there are %s", r.dir, ErrNoCheckpoint, step, strings.Trim(fmt.Sprint(steps), "[]"))
}

// Latest reads the newest weights: of the last snapshot, or of the resume file
// when training was interrupted after it. Where one of the two is damaged or missing
// the other is taken and Notes says so. Otherwise the error matches those of
// checkpoint.Load, or ErrNoCheckpoint.
func (r *Run) Latest() (*checkpoint.Checkpoint, error) {
	if r.info.States != "" {
		return nil, fmt.Errorf("this %w: %s holds states that were recorded elsewhere; dissect and explain look at such with --states FILE --symbols FILE", specimen.ErrNoWeights, r.dir)
	}
	steps, err := r.Steps()
	if err != nil {
		return nil, err
	}
	s, resumeErr := r.LoadResume()
	if len(steps) == 0 {
		if errors.Is(resumeErr, ErrNoCheckpoint) {
			return nil, fmt.Errorf("%s: %w: training has saved nothing yet; try resume", r.dir, ErrNoCheckpoint)
		}
		if resumeErr != nil {
			return nil, resumeErr
		}
		return &s.Checkpoint, nil
	}
	last := steps[len(steps)-1]
	if resumeErr == nil && s.Step > last {
		return &s.Checkpoint, nil
	}
	c, err := r.Checkpoint(last)
	switch {
	case err != nil && resumeErr == nil && s.Step == last: // the same weights
		r.tell("the snapshot of step %d cannot be read; its weights are those of %s", last, resumeName)
		return &s.Checkpoint, nil
	case err != nil:
		return nil, r.orEarlier(err, steps)
	case resumeErr != nil && !errors.Is(resumeErr, ErrNoCheckpoint):
		r.tell("%v; the newest snapshot, of step %d, is used", resumeErr, last)
	}
	return c, nil
}

// orEarlier adds to an error about the newest snapshot which earlier one is whole.
func (r *Run) orEarlier(err error, steps []int64) error {
	if step, ok := r.newestWhole(steps[:len(steps)-1]); ok {
		return fmt.Errorf("%w; the newest snapshot that can be read is that of step %d", err, step)
	}
	return err
}

// newestWhole is the last of steps whose weights can be read.
func (r *Run) newestWhole(steps []int64) (step int64, ok bool) {
	for _, step := range slices.Backward(steps) {
		if _, err := r.Checkpoint(step); err == nil {
			return step, true
		}
	}
	return 0, false
}

// tell keeps a sentence for whoever reads what comes of this run.
func (r *Run) tell(format string, args ...any) {
	said := fmt.Sprintf(format, args...)
	r.mu.Lock()
	defer r.mu.Unlock()
	if !slices.Contains(r.notes, said) {
		r.notes = append(r.notes, said)
	}
}

// Notes says, one sentence each, what is wrong with the run that did not keep anybody
// from reading it.
func (r *Run) Notes() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.notes)
}

// trim removes the metrics, samples and weights of steps after the last one of a
// finished training: what a killed run left that was never replaced, because the
// training was cut short since.
func (r *Run) trim(last int64) error {
	err := r.put(
		row{"DELETE FROM metrics WHERE step > ?", []any{last}},
		row{"DELETE FROM samples WHERE step > ?", []any{last}},
	)
	if err != nil {
		return err
	}
	if err := r.Flush(); err != nil {
		return err
	}
	steps, err := r.Steps()
	if err != nil {
		return err
	}
	states, err := r.StateSteps()
	if err != nil {
		return err
	}
	if err := errors.Join(removeAfter(last, steps, r.stepPath), removeAfter(last, states, r.statePath)); err != nil {
		return err
	}
	return durable.SyncFolder(filepath.Join(r.dir, stepsName))
}

func removeAfter(last int64, steps []int64, path func(step int64) string) error {
	for _, s := range steps {
		if s <= last {
			continue
		}
		if err := os.Remove(path(s)); err != nil {
			return err
		}
	}
	return nil
}
