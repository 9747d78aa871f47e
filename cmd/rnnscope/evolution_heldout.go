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

// before recalls what this version measured of the same items before.
func (o *heldOut) before(r *run.Run, h *evolve.History) error {
	var old evolve.History
	err := r.ViewOf(r.Whole(), evolve.ViewName, &old)
	if errors.Is(err, run.ErrNoView) || err == nil && (old.Version != h.Version || !reflect.DeepEqual(old.Measures, h.Measures)) {
		return nil
	}
	if err != nil {
		return err
	}
	o.known = map[string][]evolve.HeldOut{}
	for _, x := range old.Snapshots {
		if x.Weights != "" && len(x.HeldOut) == len(h.Measures) {
			o.known[x.Weights] = x.HeldOut
		}
	}
	return nil
}

// measure lets the weights of a snapshot read the items. Where they are gone or damaged the
// snapshot has none, and a note says so.
func (o *heldOut) measure(ctx context.Context, s *session, r *run.Run, x *evolve.Snapshot) error {
	if len(o.items.Measures) == 0 {
		return ctx.Err()
	}
	ck, err := r.Checkpoint(x.Step)
	if err != nil {
		s.note.Printf("step %d has no held-out figures: %v", x.Step, err)
		return ctx.Err()
	}
	x.Weights = ck.WeightsSHA256()
	if have, ok := o.known[x.Weights]; ok {
		x.HeldOut = have
		return ctx.Err()
	}
	x.HeldOut, err = o.items.Measure(ctx, ck.Model, o.workers)
	return err
}

// tables have a row for every kind of held-out items and a column for every moment: the share of them
// that is right, and their log probability.
func (heldOut) tables(h *evolve.History, shown []evolve.Snapshot) string {
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
