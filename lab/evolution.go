package lab

import (
	"context"
	"errors"
	"fmt"
	"unicode/utf8"

	"github.com/rnnscope/rnnscope/evolve"
	"github.com/rnnscope/rnnscope/run"
	"github.com/rnnscope/rnnscope/specimen"
)

// ErrImported marks a run of which nobody knows how it learned.
var ErrImported = errors.New("was imported: how it learned is not known")

// EvolutionOptions say how a history is measured. Progress and Note may be nil.
type EvolutionOptions struct {
	Workers  int                     // 0: all cores; no result depends on it
	Progress func(done, total int64) // snapshots
	Note     func(string)            // what could not be measured
}

// Evolution measures the skills in every snapshot's samples and what its weights make of held-out items, and asks
// of each how it came. Whoever keeps it puts it into the run under evolve.ViewName. Errors match ErrImported, or are the run's or ctx's.
func Evolution(ctx context.Context, r *run.Run, opt EvolutionOptions) (*evolve.History, error) {
	info := r.Info()
	switch {
	case info.States != "":
		return nil, fmt.Errorf("%s holds states that were recorded elsewhere: how the network learned is not known", r.Dir())
	case info.Config == nil:
		return nil, fmt.Errorf("%s %w", r.Dir(), ErrImported)
	}
	corpus, err := r.Corpus()
	if err != nil {
		return nil, err
	}
	observer, err := evolve.NewObserver(corpus, info.Split)
	if err != nil {
		return nil, err
	}
	snapshots, err := snapshotsOf(r)
	if err != nil {
		return nil, err
	}
	h := &evolve.History{Version: run.Version(), Rules: evolve.Rules, Text: info.Name, Split: "validation of " + info.Split.Name,
		Definitions: observer.Definitions(), Snapshots: snapshots}
	h.Prompt, h.Temperature, h.Seed = info.Config.Samples.Prompt, info.Config.Samples.Temperature, info.Config.Seed
	unseen := &heldOut{items: observer.NewItems(corpus, info.Split), workers: opt.Workers, note: opt.Note}
	h.Measures = unseen.items.Measures
	if unseen.known, err = heldOutBefore(r, h); err != nil {
		return nil, err
	}
	for i := range h.Snapshots {
		x := &h.Snapshots[i]
		x.Skills = observer.Skills(x.Samples)
		if err := unseen.measure(ctx, r, x); err != nil {
			return nil, err
		}
		if opt.Progress != nil {
			opt.Progress(int64(i+1), int64(len(snapshots)))
		}
	}
	h.Reference = observer.Reference(sampleLength(h.Snapshots))
	h.Emergence = evolve.Emergences(h.Definitions, h.Snapshots)
	h.Pairings, err = evolve.Pairings(ctx, h.Measures, h.Snapshots, specimen.WorkersOr(opt.Workers))
	return h, err
}

// sampleLength is how long the samples of a run are, in characters.
func sampleLength(all []evolve.Snapshot) int {
	return max(1, utf8.RuneCountInString(all[0].Samples[0]))
}

// snapshotsOf collects the samples and validation losses of a run by step.
func snapshotsOf(r *run.Run) ([]evolve.Snapshot, error) {
	samples, err := r.Samples()
	if err != nil {
		return nil, err
	}
	if len(samples) == 0 {
		return nil, fmt.Errorf("%s has no samples: it was not trained here", r.Dir())
	}
	losses, err := r.Metrics(run.MetricValLoss)
	if err != nil {
		return nil, err
	}
	lossAt := map[int64]float64{}
	for _, m := range losses {
		lossAt[m.Step] = m.Value
	}
	var all []evolve.Snapshot
	for _, x := range samples {
		if n := len(all); n == 0 || all[n-1].Step != x.Step {
			all = append(all, evolve.Snapshot{Step: x.Step, ValLoss: lossAt[x.Step]})
		}
		last := &all[len(all)-1]
		last.Samples = append(last.Samples, x.Text)
	}
	return all, nil
}
