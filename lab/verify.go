package lab

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/rnnscope/rnnscope/checkpoint"
	"github.com/rnnscope/rnnscope/internal/f32"
	"github.com/rnnscope/rnnscope/run"
	"github.com/rnnscope/rnnscope/train"
)

// Verification is what became of what a run kept when its training was repeated.
type Verification struct {
	Run       string         `json:"run"`
	Kernels   string         `json:"kernels"`
	From      int64          `json:"from"`     // step at which the repetition began
	Verified  bool           `json:"verified"` // everything checked is the same to the bit
	Snapshots []VerifiedFile `json:"snapshots"`
	States    []VerifiedFile `json:"states,omitempty"` // whole states, kept beside snapshots
	Resume    *VerifiedFile  `json:"resume,omitempty"` // the state to resume from
}

// VerifiedFile is what became of one file.
type VerifiedFile struct {
	Step       int64           `json:"step"`
	Outcome    FileOutcome     `json:"outcome"`
	Difference float64         `json:"largest_difference,omitempty"` // of a weight
	Parts      []DifferentPart `json:"parts,omitempty"`              // what differs
	Error      string          `json:"error,omitempty"`
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

// VerifyOptions say how much of a training is repeated.
type VerifyOptions struct {
	From    int64 // begins at the whole state that was kept of this step, which is believed; 0: at the first step
	To      int64 // ends at the last snapshot up to here; -1: at the last thing that was kept
	Workers int   // no result depends on it
}

// Verify repeats a run's training in memory and compares, to the bit, the weights of every snapshot, the whole
// states kept beside them, and the state to resume from. The run is not changed. progress may be nil: it is told
// the updates that are done.
// Errors match ErrUnknownTraining, run.ErrNoCheckpoint or run.ErrNoText, say that other kernels are needed, or are ctx's.
func Verify(ctx context.Context, r *run.Run, opt VerifyOptions, progress func(done, total int64)) (*Verification, error) {
	v := &Verification{Run: r.Dir(), Kernels: f32.Path(), From: opt.From, Verified: true}
	t := &verifier{run: r, opt: opt, v: v, original: map[int64]*checkpoint.Checkpoint{}, losses: map[int64]float64{}}
	if err := t.readKept(); err != nil {
		return nil, err
	}
	if err := t.replay(ctx, progress); err != nil {
		return nil, err
	}
	byStep := func(a, b VerifiedFile) int { return int(a.Step - b.Step) }
	slices.SortFunc(v.Snapshots, byStep)
	slices.SortFunc(v.States, byStep)
	return v, nil
}

// verifier compares the files of a run with a training that is repeated.
type verifier struct {
	run      *run.Run
	opt      VerifyOptions
	start    *checkpoint.Resume               // nil: the first step
	original map[int64]*checkpoint.Checkpoint // weights of snapshots
	states   []int64                          // steps of whole states, read when they are compared
	resume   *checkpoint.Resume               // or nil
	look     []int64                          // steps at which something is compared, or a validation is asked for
	last     int64                            // of look
	losses   map[int64]float64                // of the validations of the repeated training
	v        *Verification
}

// readKept reads what is to be compared, and refuses what this machine cannot repeat.
func (t *verifier) readKept() error {
	switch info := t.run.Info(); {
	case info.States != "":
		return fmt.Errorf("%s holds states that were recorded elsewhere: there is no training to repeat", t.run.Dir())
	case info.Config == nil:
		return fmt.Errorf("%s was imported: %w", t.run.Dir(), ErrUnknownTraining)
	}
	for _, read := range []func() error{t.readStart, t.readSnapshots, t.readStates, t.readResume} {
		if err := read(); err != nil {
			return err
		}
	}
	if len(t.look) == 0 && len(t.v.Snapshots) == 0 && t.v.Resume == nil {
		return fmt.Errorf("%s: %w%s", t.run.Dir(), run.ErrNoCheckpoint, t.span())
	}
	return nil
}

// span is the steps that are asked for, in words.
func (t *verifier) span() string {
	words := ""
	if t.opt.From > 0 {
		words += fmt.Sprintf(" after step %d", t.opt.From)
	}
	if t.opt.To >= 0 {
		words += fmt.Sprintf(" up to step %d", t.opt.To)
	}
	return words
}

// asked reports that a step lies within what is repeated.
func (t *verifier) asked(step int64) bool {
	return step >= t.opt.From && (t.opt.To < 0 || step <= t.opt.To)
}

func (t *verifier) readStart() (err error) {
	if t.opt.From == 0 {
		return nil
	}
	if t.start, err = t.run.LoadState(t.opt.From); err != nil {
		return err
	}
	if t.start.BestStep >= 0 {
		t.losses[t.start.BestStep] = t.start.BestLoss
	}
	return t.repeatable(t.start.Meta)
}

func (t *verifier) readSnapshots() error {
	steps, err := t.run.Steps()
	if err != nil {
		return err
	}
	for _, step := range slices.DeleteFunc(steps, func(step int64) bool { return !t.asked(step) }) {
		c, err := t.run.Checkpoint(step)
		if err != nil {
			t.v.Snapshots = t.note(t.v.Snapshots, VerifiedFile{Step: step, Outcome: FileUnreadable, Error: err.Error()})
			continue
		}
		if err := t.repeatable(c.Meta); err != nil {
			return err
		}
		t.original[step] = c
		t.look = append(t.look, step)
	}
	return nil
}

func (t *verifier) readStates() error {
	steps, err := t.run.StateSteps()
	if err != nil {
		return err
	}
	for _, step := range slices.DeleteFunc(steps, func(step int64) bool { return !t.asked(step) || t.start != nil && step == t.start.Step }) {
		s, err := t.run.LoadState(step)
		if err != nil {
			t.v.States = t.note(t.v.States, VerifiedFile{Step: step, Outcome: FileUnreadable, Error: err.Error()})
			continue
		}
		if err := t.repeatable(s.Meta); err != nil {
			return err
		}
		t.states = append(t.states, step)
		t.lookAt(step, s.BestStep)
	}
	return nil
}

func (t *verifier) readResume() error {
	s, err := t.run.LoadResume()
	if errors.Is(err, run.ErrNoCheckpoint) {
		return nil // lost, or never made: nobody goes on from it
	}
	if err != nil {
		t.v.Resume = &VerifiedFile{Step: -1, Outcome: FileUnreadable, Error: err.Error()}
		t.v.Verified = false
		return nil
	}
	if !t.asked(s.Step) {
		return nil
	}
	if err := t.repeatable(s.Meta); err != nil {
		return err
	}
	reached, err := t.reached()
	if err != nil {
		return err
	}
	if s.Step > reached { // nobody trained so far: there is no end to what a changed file can ask for
		row := fileOf(s.Step, []DifferentPart{{Part: "step", Kept: fmt.Sprint(s.Step), Comes: fmt.Sprint(reached)}})
		t.v.Resume, t.v.Verified = &row, false
		return nil
	}
	t.resume = s
	t.lookAt(s.Step, s.BestStep)
	return nil
}

// reached is the last step of which the run has an update on record, or a snapshot.
func (t *verifier) reached() (last int64, err error) {
	losses, err := t.run.Metrics(run.MetricTrainLoss)
	if err != nil {
		return 0, err
	}
	for _, m := range losses {
		last = max(last, m.Step)
	}
	steps, err := t.run.Steps()
	return max(last, slices.Max(append(steps, 0))), err
}

// lookAt asks for a stop at the step of a state, and at the one of its best validation.
func (t *verifier) lookAt(step, best int64) {
	t.look = append(t.look, step)
	if best >= t.opt.From && best <= step {
		t.look = append(t.look, best)
	}
}

// repeatable fails where the kernels that trained are not the active ones: other kernels sum in another order.
func (t *verifier) repeatable(meta map[string]string) error {
	trained := meta[checkpoint.MetaKernels]
	if trained == "" || trained == f32.Path() {
		return nil
	}
	return fmt.Errorf("%s: it was trained with %s kernels and these are %s, which cannot repeat it to the bit; if this machine has them, set %s=%s",
		t.run.Dir(), trained, f32.Path(), f32.KernelsEnv, trained)
}

// errVerified ends a repeated training where nothing is left to compare.
var errVerified = errors.New("everything is compared")

func (t *verifier) replay(ctx context.Context, progress func(done, total int64)) error {
	if len(t.look) == 0 {
		return nil
	}
	t.last = slices.Max(t.look)
	trainer, err := t.trainer()
	if err != nil {
		return err
	}
	if t.start != nil { // the trainer comes to the steps behind it
		err := t.compare(&t.start.Checkpoint, func() (*checkpoint.Resume, error) { return t.start, nil })
		if err != nil || t.last == t.start.Step {
			return err
		}
	}
	err = trainer.Run(ctx, train.Listener{
		Step: func(e train.Step) error {
			if progress != nil {
				progress(e.Step, t.last)
			}
			return nil
		},
		Validated: func(e train.Validation) error {
			t.losses[e.Step] = e.Loss
			return nil
		},
		Snapshot: func(_ context.Context, e train.Snapshot) error {
			if err := t.compare(e.Checkpoint, e.State); err != nil {
				return err
			}
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

// trainer is the run's training from where it is repeated, with snapshots where there is something to compare.
func (t *verifier) trainer() (*train.Trainer, error) {
	corpus, err := t.run.Corpus()
	if err != nil {
		return nil, err
	}
	info := t.run.Info()
	data := train.Data{Alphabet: corpus.Alphabet, IDs: corpus.IDs, Split: info.Split}
	cfg := *info.Config
	cfg.Iterations = max(cfg.Iterations, t.last) // trained on beyond the plan: the schedule stays that of the plan
	cfg.Snapshots = slices.Clone(t.look)
	first, err := train.New(cfg, data, train.Options{Workers: t.opt.Workers})
	if err != nil || t.start == nil {
		return first, err
	}
	if t.start.Config, err = json.Marshal(first.Config()); err != nil { // the run's settings, whatever the file says
		return nil, err
	}
	return train.Resume(t.start, data, train.Extend{}, train.Options{Workers: t.opt.Workers})
}

// compare notes what became of the files of a step.
func (t *verifier) compare(c *checkpoint.Checkpoint, state func() (*checkpoint.Resume, error)) error {
	if original := t.original[c.Step]; original != nil {
		t.v.Snapshots = t.note(t.v.Snapshots, fileOf(c.Step, differentWeights(original, c)))
	}
	kept, here := slices.Contains(t.states, c.Step), t.resume != nil && t.resume.Step == c.Step
	if !kept && !here {
		return nil
	}
	repeated, err := state()
	if err != nil {
		return err
	}
	if kept {
		original, err := t.run.LoadState(c.Step)
		if err != nil {
			return err // it could be read a moment ago
		}
		t.v.States = t.note(t.v.States, fileOf(c.Step, t.differentState(original, repeated)))
	}
	if here {
		row := fileOf(c.Step, t.differentState(t.resume, repeated))
		t.v.Resume = &row
		t.v.Verified = t.v.Verified && row.Outcome == FileSame
	}
	return nil
}

func (t *verifier) note(rows []VerifiedFile, row VerifiedFile) []VerifiedFile {
	t.v.Verified = t.v.Verified && row.Outcome == FileSame
	return append(rows, row)
}
