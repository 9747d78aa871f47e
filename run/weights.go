package run

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/rnnscope/rnnscope/checkpoint"
	"github.com/rnnscope/rnnscope/internal/durable"
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
	withMeta := *c
	withMeta.Meta = r.meta()
	return checkpoint.Save(r.stepPath(c.Step), &withMeta)
}

// SaveResume makes the rows so far durable and then replaces the resume file: rows
// that belong to a saved step are never missing.
func (r *Run) SaveResume(s *checkpoint.Resume) error {
	if r.lock == nil {
		return fmt.Errorf("%s: %w", r.dir, ErrReadOnly)
	}
	if err := r.Flush(); err != nil {
		return err
	}
	return checkpoint.SaveResume(r.resumePath(), s)
}

// LoadResume reads the resume file; ErrNoCheckpoint when there is none.
func (r *Run) LoadResume() (*checkpoint.Resume, error) {
	s, err := checkpoint.LoadResume(r.resumePath())
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s: %w: nothing to resume from", r.dir, ErrNoCheckpoint)
	}
	return s, err
}

// Steps lists the steps whose weights are kept, ascending.
func (r *Run) Steps() ([]int64, error) {
	entries, err := os.ReadDir(filepath.Join(r.dir, stepsName))
	if err != nil {
		return nil, err
	}
	var steps []int64
	for _, e := range entries {
		var step int64
		if _, err := fmt.Sscanf(e.Name(), "step-%d.safetensors", &step); err != nil || filepath.Base(r.stepPath(step)) != e.Name() {
			continue
		}
		steps = append(steps, step)
	}
	slices.Sort(steps)
	return steps, nil
}

// Checkpoint reads the weights of step; ErrNoCheckpoint names the steps there are.
func (r *Run) Checkpoint(step int64) (*checkpoint.Checkpoint, error) {
	c, err := checkpoint.Load(r.stepPath(step))
	if errors.Is(err, fs.ErrNotExist) {
		steps, _ := r.Steps()
		return nil, fmt.Errorf("%s: %w: step %d; there are %v", r.dir, ErrNoCheckpoint, step, steps)
	}
	return c, err
}

// Latest reads the newest weights: of the last snapshot, or of the resume file
// when training was interrupted after it.
func (r *Run) Latest() (*checkpoint.Checkpoint, error) {
	steps, err := r.Steps()
	if err != nil {
		return nil, err
	}
	s, err := r.LoadResume()
	if err != nil && !errors.Is(err, ErrNoCheckpoint) {
		return nil, err
	}
	if len(steps) == 0 {
		if err != nil {
			return nil, fmt.Errorf("%s: %w: training has saved nothing yet; try resume", r.dir, ErrNoCheckpoint)
		}
		return &s.Checkpoint, nil
	}
	last := steps[len(steps)-1]
	if err == nil && s.Step > last {
		return &s.Checkpoint, nil
	}
	return r.Checkpoint(last)
}

// Truncate removes the metrics, samples and weights of steps after step: what a
// killed run wrote after the state it goes on from. -1 removes all of them.
func (r *Run) Truncate(step int64) error {
	err := r.put(
		row{"DELETE FROM metrics WHERE step > ?", []any{step}},
		row{"DELETE FROM samples WHERE step > ?", []any{step}},
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
	for _, s := range steps {
		if s <= step {
			continue
		}
		if err := os.Remove(r.stepPath(s)); err != nil {
			return err
		}
	}
	return durable.SyncFolder(filepath.Join(r.dir, stepsName))
}
