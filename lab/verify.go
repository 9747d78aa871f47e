package lab

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/rnnscope/rnnscope/checkpoint"
	"github.com/rnnscope/rnnscope/internal/f32"
	"github.com/rnnscope/rnnscope/run"
	"github.com/rnnscope/rnnscope/train"
)

// Verification is what became of the kept weights of a run when its training was repeated.
type Verification struct {
	Run       string            `json:"run"`
	Kernels   string            `json:"kernels"`
	Verified  bool              `json:"verified"` // everything checked is the same to the bit
	Snapshots []VerifiedWeights `json:"snapshots"`
	Resume    *VerifiedWeights  `json:"resume,omitempty"` // the state to resume from
}

// VerifiedWeights is what became of one file.
type VerifiedWeights struct {
	Step       int64       `json:"step"`
	Outcome    FileOutcome `json:"outcome"`
	Difference float64     `json:"largest_difference,omitempty"` // of a weight
	Error      string      `json:"error,omitempty"`
}

// FileOutcome says what became of a file.
type FileOutcome string

const (
	FileSame       FileOutcome = "same"
	FileDifferent  FileOutcome = "different"
	FileUnreadable FileOutcome = "unreadable"
)

// ErrUnknownTraining marks a run whose training cannot be repeated, since it is not known.
var ErrUnknownTraining = errors.New("its training is not known, so it cannot be repeated")

// Verify repeats a run's training in memory and compares every snapshot up to step to (-1: all), and the state
// to resume from, to the bit. The run is not changed. progress may be nil: it is told the updates that are done.
// Errors match ErrUnknownTraining, run.ErrNoCheckpoint or run.ErrNoText, say that other kernels are needed, or are ctx's.
func Verify(ctx context.Context, r *run.Run, to int64, workers int, progress func(done, total int64)) (*Verification, error) {
	steps, err := stepsToVerify(r, to)
	if err != nil {
		return nil, err
	}
	t := &verifier{run: r, v: &Verification{Run: r.Dir(), Kernels: f32.Path(), Verified: true}}
	if err := t.readKept(steps); err != nil {
		return nil, err
	}
	if err := t.replay(ctx, workers, progress); err != nil {
		return nil, err
	}
	slices.SortFunc(t.v.Snapshots, func(a, b VerifiedWeights) int { return int(a.Step - b.Step) })
	return t.v, nil
}

// stepsToVerify are those of the snapshots to check.
func stepsToVerify(r *run.Run, to int64) ([]int64, error) {
	switch info := r.Info(); {
	case info.States != "":
		return nil, fmt.Errorf("%s holds states that were recorded elsewhere: there is no training to repeat", r.Dir())
	case info.Config == nil:
		return nil, fmt.Errorf("%s was imported: %w", r.Dir(), ErrUnknownTraining)
	}
	steps, err := r.Steps()
	if err != nil {
		return nil, err
	}
	if to >= 0 {
		steps = slices.DeleteFunc(steps, func(step int64) bool { return step > to })
	}
	if len(steps) == 0 {
		return nil, fmt.Errorf("%s: %w up to step %d", r.Dir(), run.ErrNoCheckpoint, to)
	}
	return steps, nil
}

// verifier compares the files of a run with a training that is repeated.
type verifier struct {
	run      *run.Run
	original map[int64]*checkpoint.Checkpoint
	resume   *checkpoint.Resume // or nil
	last     int64              // step at which the repeated training ends
	v        *Verification
}

// readKept reads what is to be compared, and refuses what this machine cannot repeat.
func (t *verifier) readKept(steps []int64) error {
	t.original, t.last = map[int64]*checkpoint.Checkpoint{}, slices.Max(steps)
	for _, step := range steps {
		c, err := t.run.Checkpoint(step)
		if err != nil {
			t.note(VerifiedWeights{Step: step, Outcome: FileUnreadable, Error: err.Error()})
			continue
		}
		if err := sameKernels(c.Meta[checkpoint.MetaKernels]); err != nil {
			return fmt.Errorf("%s: %w", t.run.Dir(), err)
		}
		t.original[step] = c
	}
	state, err := t.run.LoadResume()
	if err == nil && state.Step <= t.last {
		t.resume = state
	}
	return nil
}

// sameKernels fails where the kernels that trained are not the active ones: other kernels sum in another order.
func sameKernels(trained string) error {
	if trained == "" || trained == f32.Path() {
		return nil
	}
	return fmt.Errorf("it was trained with %s kernels and these are %s, which cannot repeat it to the bit; if this machine has them, set %s=%s",
		trained, f32.Path(), f32.KernelsEnv, trained)
}

// errVerified ends a repeated training at the last snapshot to compare.
var errVerified = errors.New("everything is compared")

func (t *verifier) replay(ctx context.Context, workers int, progress func(done, total int64)) error {
	trainer, err := t.trainer(workers)
	if err != nil {
		return err
	}
	err = trainer.Run(ctx, train.Listener{
		Step: func(e train.Step) error {
			if progress != nil {
				progress(e.Step, t.last)
			}
			return nil
		},
		Snapshot: func(_ context.Context, e train.Snapshot) error {
			t.compare(e.Checkpoint)
			if e.Step >= t.last {
				return errVerified
			}
			return nil
		},
	})
	if errors.Is(err, errVerified) {
		return nil
	}
	return err
}

// trainer is the run's training from its first step, with snapshots where there are files to compare.
func (t *verifier) trainer(workers int) (*train.Trainer, error) {
	corpus, err := t.run.Corpus()
	if err != nil {
		return nil, err
	}
	info := t.run.Info()
	cfg := *info.Config
	cfg.Iterations = max(cfg.Iterations, t.last) // trained on beyond the plan: the schedule stays that of the plan
	cfg.Snapshots = nil
	for step := range t.original {
		cfg.Snapshots = append(cfg.Snapshots, step)
	}
	cfg.Snapshots = append(cfg.Snapshots, t.last)
	if t.resume != nil {
		cfg.Snapshots = append(cfg.Snapshots, t.resume.Step)
	}
	slices.Sort(cfg.Snapshots)
	cfg.Snapshots = slices.Compact(cfg.Snapshots)
	return train.New(cfg, train.Data{Alphabet: corpus.Alphabet, IDs: corpus.IDs, Split: info.Split}, train.Options{Workers: workers})
}

// compare notes what became of the files of a step.
func (t *verifier) compare(c *checkpoint.Checkpoint) {
	if original := t.original[c.Step]; original != nil {
		t.note(compareWeights(original, c))
	}
	if t.resume != nil && t.resume.Step == c.Step {
		row := compareWeights(&t.resume.Checkpoint, c)
		t.v.Resume = &row
		t.v.Verified = t.v.Verified && row.Outcome == FileSame
	}
}

func (t *verifier) note(row VerifiedWeights) {
	t.v.Snapshots = append(t.v.Snapshots, row)
	t.v.Verified = t.v.Verified && row.Outcome == FileSame
}

// compareWeights compares the bits of two networks of the same step.
func compareWeights(original, repeated *checkpoint.Checkpoint) VerifiedWeights {
	row := VerifiedWeights{Step: original.Step, Outcome: FileSame}
	a, b := original.Model.Slab(), repeated.Model.Slab()
	if original.Model.Config() != repeated.Model.Config() || len(a) != len(b) || original.Step != repeated.Step {
		row.Outcome = FileDifferent
		return row
	}
	for i, x := range a {
		if math.Float32bits(x) != math.Float32bits(b[i]) {
			row.Outcome = FileDifferent
			row.Difference = max(row.Difference, math.Abs(float64(x)-float64(b[i])))
		}
	}
	return row
}
