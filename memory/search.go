package memory

import (
	"cmp"
	"context"
	"slices"
)

// search judges the units of every kind: chosen by the states of one part, measured
// on the other.
func (w *waiter) search(ctx context.Context, chosen, reported *snapshot) ([]Waiting, error) {
	out := []Waiting{}
	if len(w.kinds) == 0 {
		return out, nil
	}
	spA, spB := spreadsOf(chosen, w.sampleA), spreadsOf(reported, w.sampleB)
	for _, kind := range w.kinds {
		seen, err := w.kind(ctx, kind, chosen, reported, spA, spB)
		if err != nil {
			return nil, err
		}
		out = append(out, seen)
	}
	return out, nil
}

func (w *waiter) kind(ctx context.Context, kind string, chosen, reported *snapshot, spA, spB *spreads) (Waiting, error) {
	picked := candidates(observeAll(chosen, spA, w.chosen[kind], w.workers))
	all := observeAll(reported, spB, w.real[kind], w.workers)
	res := Waiting{
		Kind: kind, Trials: len(w.real[kind]), Units: []WaitUnit{}, Searched: len(all), Observed: passing(all),
	}
	if len(w.sham[kind]) >= waitLeast {
		res.Sham = passing(observeAll(reported, spB, w.sham[kind], w.workers))
	}
	e, err := w.effectsOf(ctx, reported, kind)
	if err != nil {
		return res, err
	}
	for _, i := range picked {
		res.Units = append(res.Units, all[i].unit(reported, i, e))
	}
	slices.SortStableFunc(res.Units, func(a, b WaitUnit) int { return cmp.Compare(len(a.Failed), len(b.Failed)) })
	for _, u := range res.Units {
		if u.Verdict == TriggerWait {
			res.Named++
		}
	}
	return res, ctx.Err()
}
