package lab

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/rnnscope/rnnscope/evolve"
	"github.com/rnnscope/rnnscope/run"
	"github.com/rnnscope/rnnscope/train"
)

// refineRounds bounds how often a training is repeated: each round halves what lies between
// two snapshots, and 2^12 is more than they lie apart.
const refineRounds = 12

// RefineView is the view of a run with the steps of the round under way.
const RefineView = "refine"

// Refinement says how a run's history is looked at more closely.
type Refinement struct {
	Workers int
	Repeats func(steps []int64)                     // hears of every repetition before it begins, and where it looks; may be nil
	Beyond  func(steps []int64, planned int64)      // hears of steps that cannot be looked at, once: only what was planned at first can be repeated; may be nil
	Watch   func(train.Config) Watcher              // what follows a repetition; nil: its samples are drawn, and nobody looks on
	Measure func(*run.Run) (*evolve.History, error) // measures the skills anew
}

// Refine repeats a training, up to its last rise with too few snapshots inside, and looks more
// often there, until five lie inside every rise or every step was looked at (docs/methods.md, section 7).
//
// The steps of a round stay written in the run until it is over. A refinement that was stopped
// takes them up again: which steps the next round asks for must not depend on where it stopped.
func Refine(ctx context.Context, r *run.Run, h *evolve.History, how Refinement) (*evolve.History, error) {
	var steps []int64
	if err := r.ViewOf(r.Whole(), RefineView, &steps); err != nil && !errors.Is(err, run.ErrNoView) {
		return nil, err
	}
	planned, err := plannedUpdates(r)
	if err != nil {
		return nil, err
	}
	told := false
	repeatable := func(steps []int64) []int64 {
		here, beyond := within(steps, planned)
		if len(beyond) > 0 && !told && how.Beyond != nil {
			how.Beyond(beyond, planned)
			told = true
		}
		return here
	}
	steps = repeatable(steps)
	for range refineRounds {
		if len(steps) == 0 {
			steps = repeatable(StepsToRefine(h))
		}
		if len(steps) == 0 {
			return h, nil
		}
		if how.Repeats != nil {
			how.Repeats(steps)
		}
		if err = errors.Join(r.PutView(r.Whole(), RefineView, steps), r.Flush()); err != nil {
			return nil, err
		}
		if err = Repeat(ctx, r, steps, how.Workers, how.Watch); err != nil {
			return nil, err
		}
		steps = nil
		if err = r.PutView(r.Whole(), RefineView, steps); err != nil {
			return nil, err
		}
		if h, err = how.Measure(r); err != nil {
			return nil, err
		}
	}
	return h, nil
}

// plannedUpdates is how many updates a run's training had before any extension.
func plannedUpdates(r *run.Run) (int64, error) {
	if c := r.Info().Config; c != nil && c.Iterations > 0 {
		return c.Iterations, nil
	}
	t, err := repeatTraining(r, []int64{0}, 1) // planned in epochs
	if err != nil {
		return 0, err
	}
	return t.Config().Iterations, nil
}

// within parts ascending steps into those that were planned at first and those by which the training was extended.
func within(steps []int64, planned int64) (here, beyond []int64) {
	i, found := slices.BinarySearch(steps, planned)
	if found {
		i++
	}
	return steps[:i], steps[i:]
}

// StepsToRefine are the steps at which the skills' rises ask for another look, ascending.
func StepsToRefine(h *evolve.History) []int64 {
	var have, steps []int64
	for _, x := range h.Snapshots {
		have = append(have, x.Step)
	}
	last := slices.Max(have)
	rises := slices.Clone(h.Emergence)
	for _, p := range h.Pairings {
		rises = append(rises, p.Right, p.LogP)
	}
	for _, e := range rises {
		if e.Name == evolve.LossName {
			continue // the yardstick, not a skill
		}
		for _, step := range e.Refine(have) {
			if step < last {
				steps = append(steps, step)
			}
		}
	}
	slices.Sort(steps)
	return slices.Compact(steps)
}

// errRepeated ends a repeated training at the last step asked for.
var errRepeated = errors.New("repeated far enough")

// Repeat trains a run anew in memory up to the last of steps and adds a snapshot of each to the run. It stops
// at the first update whose loss is not, to the bit, the one recorded: such a training is another one.
func Repeat(ctx context.Context, r *run.Run, steps []int64, workers int, watch func(train.Config) Watcher) error {
	t, err := repeatTraining(r, steps, workers)
	if err != nil {
		return err
	}
	losses, err := r.Metrics(run.MetricTrainLoss)
	if err != nil {
		return err
	}
	recorded := map[int64]float64{}
	for _, m := range losses {
		recorded[m.Step] = m.Value
	}
	cfg := t.Config()
	cfg.Iterations = slices.Max(steps) // what the progress bar counts to
	w := Watcher{Samples: &Sampler{Run: r, Config: cfg}}
	if watch != nil {
		w = watch(cfg)
	}
	if w.Done != nil {
		defer w.Done()
	}
	err = t.Run(ctx, train.Listener{
		Step: func(e train.Step) error {
			if was, ok := recorded[e.Step]; !ok || was != e.Loss {
				return fmt.Errorf("the training does not repeat: update %d lost %v nats, and %v when it was recorded, by other kernels or another version; train the run anew to refine it", e.Step, e.Loss, was)
			}
			return w.step(e)
		},
		Snapshot: func(ctx context.Context, e train.Snapshot) error {
			if slices.Contains(steps, e.Step) {
				err := errors.Join(r.SaveWeights(e.Checkpoint), r.AddMetric(e.Step, run.MetricValLoss, e.Loss), w.snapshot(ctx, e))
				if err != nil {
					return err
				}
			}
			if e.Step >= cfg.Iterations {
				return errRepeated
			}
			return nil
		},
	})
	if errors.Is(err, errRepeated) {
		return r.Flush()
	}
	return err
}

// repeatTraining is the run's training from its first step, with snapshots at steps.
func repeatTraining(r *run.Run, steps []int64, workers int) (*train.Trainer, error) {
	info := r.Info()
	corpus, err := r.Corpus()
	if err != nil {
		return nil, err
	}
	cfg := *info.Config
	cfg.Snapshots = slices.Clone(steps)
	t, err := train.New(cfg, train.Data{Alphabet: corpus.Alphabet, IDs: corpus.IDs, Split: info.Split}, train.Options{Workers: workers})
	if err != nil {
		return nil, err
	}
	if last := slices.Max(steps); last > t.Config().Iterations {
		return nil, fmt.Errorf("step %d lies in the part by which the training was extended beyond %d updates; only what was planned at first can be repeated", last, t.Config().Iterations)
	}
	return t, nil
}
