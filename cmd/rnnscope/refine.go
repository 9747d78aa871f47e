package main

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/rnnscope/rnnscope/cmd/rnnscope/table"
	"github.com/rnnscope/rnnscope/evolve"
	"github.com/rnnscope/rnnscope/run"
	"github.com/rnnscope/rnnscope/train"
)

// refineRounds bounds how often a training is repeated: each round halves what lies between
// two snapshots, and 2^12 is more than they lie apart.
const refineRounds = 12

// refineView holds the steps of the round under way.
const refineView = "refine"

// refine repeats a training, up to its last rise with too few snapshots inside, and looks more
// often there, until five lie inside every rise or every step was looked at (docs/methods.md, section 7).
//
// The steps of a round stay written in the run until it is over. A refinement that was stopped
// takes them up again: which steps the next round asks for must not depend on where it stopped.
func refine(ctx context.Context, s *session, r *run.Run, h *evolve.History, workers int) (*evolve.History, error) {
	var steps []int64
	if err := r.ViewOf(r.Whole(), refineView, &steps); err != nil && !errors.Is(err, run.ErrNoView) {
		return nil, err
	}
	for range refineRounds {
		if len(steps) == 0 {
			steps = stepsToRefine(h)
		}
		if len(steps) == 0 {
			return h, nil
		}
		s.note.Printf("the training is repeated to step %s, to look at %s more closely", table.Grouped(int(steps[len(steps)-1])), table.Several(len(steps), "step"))
		if err := errors.Join(r.PutView(r.Whole(), refineView, steps), r.Flush()); err != nil {
			return nil, err
		}
		if err := repeat(ctx, s, r, steps, workers); err != nil {
			return nil, err
		}
		steps = nil
		if err := r.PutView(r.Whole(), refineView, steps); err != nil {
			return nil, err
		}
		var err error
		if h, err = makeEvolution(ctx, s, r, workers); err != nil {
			return nil, err
		}
	}
	return h, nil
}

// stepsToRefine are the steps at which the skills' rises ask for another look, ascending.
func stepsToRefine(h *evolve.History) []int64 {
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

// repeat trains a run anew in memory up to the last of steps and adds a snapshot of each to the run. It stops
// at the first update whose loss is not, to the bit, the one recorded: such a training is another one.
func repeat(ctx context.Context, s *session, r *run.Run, steps []int64, workers int) error {
	t, err := repeated(r, steps, workers)
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
	watch := newWatch(s, r, cfg)
	defer watch.bar.Done()
	err = t.Run(ctx, train.Listener{
		Step: func(e train.Step) error {
			if was, ok := recorded[e.Step]; !ok || was != e.Loss {
				return fmt.Errorf("the training does not repeat: update %s lost %v nats, and %v when it was recorded, by other kernels or another version; train the run anew to refine it", table.Grouped(int(e.Step)), e.Loss, was)
			}
			return watch.step(e)
		},
		Snapshot: func(ctx context.Context, e train.Snapshot) error {
			if slices.Contains(steps, e.Step) {
				err := errors.Join(r.SaveWeights(e.Checkpoint), r.AddMetric(e.Step, run.MetricValLoss, e.Loss), watch.snapshot(ctx, e))
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
	var stop *train.InterruptedError
	switch {
	case errors.Is(err, errRepeated):
		return r.Flush()
	case errors.As(err, &stop):
		return plainly{fmt.Sprintf("stopped at step %s of the repeated training; the same command takes it up again", table.Grouped(int(stop.Step))), err}
	}
	return err
}

// repeated is the run's training from its first step, with snapshots at steps.
func repeated(r *run.Run, steps []int64, workers int) (*train.Trainer, error) {
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
		return nil, fmt.Errorf("step %s lies in the part by which the training was extended beyond %s updates; only what was planned at first can be repeated", table.Grouped(int(last)), table.Grouped(int(t.Config().Iterations)))
	}
	return t, nil
}
