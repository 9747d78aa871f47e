package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/rnnscope/rnnscope/checkpoint"
	"github.com/rnnscope/rnnscope/cmd/rnnscope/table"
	"github.com/rnnscope/rnnscope/internal/f32"
	"github.com/rnnscope/rnnscope/run"
	"github.com/rnnscope/rnnscope/train"
)

type verifyCmd struct {
	Dir     string `arg:"" name:"run" help:"Directory of the run."`
	To      int64  `placeholder:"STEP" default:"-1" help:"Check the snapshots up to this step only (default: all)."`
	Workers cores  `placeholder:"N" help:"Cores to use (default: all); no result depends on it."`
}

func (verifyCmd) Help() string {
	return `Repeats the training from its first step, in memory, and compares every snapshot, and the state to resume from, with what
it comes to: are these the weights of that training, at those steps? The answer is to the bit. It needs the kernels that the run was
trained with; where this machine cannot have them it says so and checks nothing. A snapshot holds weights and no moments of the
optimiser, so a training can be repeated from its first step only. The run is not changed. The status is 1 when a snapshot differs.

Examples:

  rnnscope verify my-run
  rnnscope verify my-run --to 500`
}

// verification is the answer of verify --json.
type verification struct {
	Run       string            `json:"run"`
	Kernels   string            `json:"kernels"`
	Verified  bool              `json:"verified"` // everything checked is the same to the bit
	Snapshots []verifiedWeights `json:"snapshots"`
	Resume    *verifiedWeights  `json:"resume,omitempty"` // the state to resume from
}

// verifiedWeights is what became of one file.
type verifiedWeights struct {
	Step       int64       `json:"step"`
	Outcome    fileOutcome `json:"outcome"`
	Difference float64     `json:"largest_difference,omitempty"` // of a weight
	Error      string      `json:"error,omitempty"`
}

// fileOutcome says what became of a file.
type fileOutcome string

const (
	fileSame       fileOutcome = "same"
	fileDifferent  fileOutcome = "different"
	fileUnreadable fileOutcome = "unreadable"
)

func (c *verifyCmd) Run(ctx context.Context, s *session) error {
	if c.To < -1 {
		return misused("--to %d: want a step of the training", c.To)
	}
	r, err := run.Open(c.Dir)
	if err != nil {
		return err
	}
	defer r.Close()
	v, err := c.verify(ctx, s, r)
	if err != nil {
		return err
	}
	if s.json {
		err = s.printJSON(v)
	} else {
		err = v.print(s)
	}
	if err == nil && !v.Verified {
		return fmt.Errorf("%s: what is kept is not what the training comes to", c.Dir)
	}
	return err
}

func (c *verifyCmd) verify(ctx context.Context, s *session, r *run.Run) (*verification, error) {
	steps, err := c.steps(r)
	if err != nil {
		return nil, err
	}
	t := &verifier{run: r, v: &verification{Run: r.Dir(), Kernels: f32.Path(), Verified: true}}
	if err := t.readKept(steps); err != nil {
		return nil, err
	}
	if err := t.replay(ctx, s, int(c.Workers)); err != nil {
		return nil, err
	}
	slices.SortFunc(t.v.Snapshots, func(a, b verifiedWeights) int { return int(a.Step - b.Step) })
	return t.v, nil
}

// steps are those of the snapshots to check.
func (c *verifyCmd) steps(r *run.Run) ([]int64, error) {
	switch info := r.Info(); {
	case info.States != "":
		return nil, fmt.Errorf("%s holds states that were recorded elsewhere: there is no training to repeat", r.Dir())
	case info.Config == nil:
		return nil, fmt.Errorf("%s was imported: its training is not known, so it cannot be repeated", r.Dir())
	}
	steps, err := r.Steps()
	if err != nil {
		return nil, err
	}
	if last := slices.Max(append([]int64{0}, steps...)); c.To > last {
		return nil, misused("--to %d: the last snapshot is of step %d", c.To, last)
	}
	if c.To >= 0 {
		steps = slices.DeleteFunc(steps, func(step int64) bool { return step > c.To })
	}
	if len(steps) == 0 {
		return nil, fmt.Errorf("%s: %w up to step %d", r.Dir(), run.ErrNoCheckpoint, c.To)
	}
	return steps, nil
}

// verifier compares the files of a run with a training that is repeated.
type verifier struct {
	run    *run.Run
	kept   map[int64]*checkpoint.Checkpoint
	resume *checkpoint.Resume // or nil
	last   int64              // step at which the repeated training ends
	v      *verification
}

// readKept reads what is to be compared, and refuses what this machine cannot repeat.
func (t *verifier) readKept(steps []int64) error {
	t.kept, t.last = map[int64]*checkpoint.Checkpoint{}, slices.Max(steps)
	for _, step := range steps {
		c, err := t.run.Checkpoint(step)
		if err != nil {
			t.note(verifiedWeights{Step: step, Outcome: fileUnreadable, Error: err.Error()})
			continue
		}
		if err := sameKernels(c.Meta[checkpoint.MetaKernels]); err != nil {
			return fmt.Errorf("%s: %w", t.run.Dir(), err)
		}
		t.kept[step] = c
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

func (t *verifier) replay(ctx context.Context, s *session, workers int) error {
	trainer, err := t.trainer(workers)
	if err != nil {
		return err
	}
	bar := s.note.Progress("repeating the training", "step", t.last)
	defer bar.Done()
	err = trainer.Run(ctx, train.Listener{
		Step: func(e train.Step) error {
			bar.of(e.Step, t.last)
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
	for step := range t.kept {
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
	if kept := t.kept[c.Step]; kept != nil {
		t.note(compareWeights(kept, c))
	}
	if t.resume != nil && t.resume.Step == c.Step {
		row := compareWeights(&t.resume.Checkpoint, c)
		t.v.Resume = &row
		t.v.Verified = t.v.Verified && row.Outcome == fileSame
	}
}

func (t *verifier) note(row verifiedWeights) {
	t.v.Snapshots = append(t.v.Snapshots, row)
	t.v.Verified = t.v.Verified && row.Outcome == fileSame
}

// compareWeights compares the bits of two networks of the same step.
func compareWeights(kept, repeated *checkpoint.Checkpoint) verifiedWeights {
	row := verifiedWeights{Step: kept.Step, Outcome: fileSame}
	a, b := kept.Model.Slab(), repeated.Model.Slab()
	if kept.Model.Config() != repeated.Model.Config() || len(a) != len(b) || kept.Step != repeated.Step {
		row.Outcome = fileDifferent
		return row
	}
	for i, x := range a {
		if math.Float32bits(x) != math.Float32bits(b[i]) {
			row.Outcome = fileDifferent
			row.Difference = max(row.Difference, math.Abs(float64(x)-float64(b[i])))
		}
	}
	return row
}

func (v *verification) print(s *session) error {
	var b bytes.Buffer
	good := 0
	for _, row := range v.Snapshots {
		if row.Outcome == fileSame {
			good++
			continue
		}
		fmt.Fprintf(&b, "step %10s  %s%s\n", table.Grouped(int(row.Step)), row.Outcome, row.why())
	}
	if v.Resume != nil && v.Resume.Outcome != fileSame {
		fmt.Fprintf(&b, "the weights to resume from, of step %s: %s%s\n", table.Grouped(int(v.Resume.Step)), v.Resume.Outcome, v.Resume.why())
	}
	fmt.Fprintf(&b, "%s of %s are, to the bit, what the training comes to (%s kernels)\n", table.Grouped(good), table.Several(len(v.Snapshots), "snapshot"), v.Kernels)
	_, err := s.main.Stdout.Write(b.Bytes())
	return err
}

func (row verifiedWeights) why() string {
	switch row.Outcome {
	case fileUnreadable:
		return ": " + oneLine(row.Error)
	case fileDifferent:
		return fmt.Sprintf(": a weight differs by %.3g", row.Difference)
	}
	return ""
}
