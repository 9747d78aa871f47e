package main

import (
	"context"
	"errors"
	"fmt"
	"reflect"

	"github.com/rnnscope/rnnscope/cmd/rnnscope/table"
	"github.com/rnnscope/rnnscope/evolve"
	"github.com/rnnscope/rnnscope/run"
)

// heldOutBefore is what this version measured of the same items before, by the weights' SHA-256.
func heldOutBefore(r *run.Run, h *evolve.History) (map[string][]evolve.HeldOut, error) {
	var old evolve.History
	err := r.ViewOf(r.Whole(), evolve.ViewName, &old)
	if errors.Is(err, run.ErrNoView) || err == nil && (old.Version != h.Version || !reflect.DeepEqual(old.Measures, h.Measures)) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	known := map[string][]evolve.HeldOut{}
	for _, x := range old.Snapshots {
		if x.Weights != "" && len(x.HeldOut) == len(h.Measures) {
			known[x.Weights] = x.HeldOut
		}
	}
	return known, nil
}

// measureHeldOut lets the weights of a snapshot read the items. Where they are gone or damaged the
// snapshot has none, and a note says so.
func measureHeldOut(ctx context.Context, s *session, r *run.Run, items *evolve.Items, x *evolve.Snapshot, known map[string][]evolve.HeldOut, workers int) error {
	if len(items.Measures) == 0 {
		return ctx.Err()
	}
	ck, err := r.Checkpoint(x.Step)
	if err != nil {
		s.note.Printf("step %d has no held-out figures: %v", x.Step, err)
		return ctx.Err()
	}
	x.Weights = ck.WeightsSHA256()
	if have, ok := known[x.Weights]; ok {
		x.HeldOut = have
		return ctx.Err()
	}
	x.HeldOut, err = items.Measure(ctx, ck.Model, workers)
	return err
}

// heldOutTables have a row for every kind of held-out items and a column for every moment: the share of them
// that is right, and their log probability.
func heldOutTables(h *evolve.History, shown []evolve.Snapshot) string {
	if len(h.Measures) == 0 {
		return ""
	}
	right := [][]string{heldOutHead("held-out items right, by step", shown)}
	logp := [][]string{heldOutHead("their log probability, nats a symbol", shown)}
	for k, m := range h.Measures {
		one, other := []string{m.Titles["en"], fmt.Sprint(m.Items)}, []string{m.Titles["en"], fmt.Sprint(m.Items)}
		for _, x := range shown {
			share, nats := "–", "–"
			if k < len(x.HeldOut) {
				share, nats = fmt.Sprintf("%.0f %%", 100*x.HeldOut[k].Right.Estimate), fmt.Sprintf("%.2f", x.HeldOut[k].LogP.Estimate)
			}
			one, other = append(one, share), append(other, nats)
		}
		p := h.Pairings[k]
		how := came(p.Right)
		if p.Metric != "" {
			how += ", " + string(p.Metric)
		}
		right, logp = append(right, append(one, how)), append(logp, append(other, came(p.LogP)))
	}
	return "\n" + table.Aligned(right, 1) + "\n" + table.Aligned(logp, 1)
}

func heldOutHead(title string, shown []evolve.Snapshot) []string {
	head := []string{title, "items"}
	for _, x := range shown {
		head = append(head, table.Grouped(int(x.Step)))
	}
	return append(head, "came")
}
