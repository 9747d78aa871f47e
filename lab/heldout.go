package lab

import (
	"context"
	"errors"
	"fmt"
	"reflect"

	"github.com/rnnscope/rnnscope/evolve"
	"github.com/rnnscope/rnnscope/run"
)

// heldOut is the same items read by the weights of every snapshot.
type heldOut struct {
	items   *evolve.Items
	known   map[string][]evolve.HeldOut // measured before, by the weights' SHA-256
	workers int
	note    func(string)
}

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

// measure lets the weights of a snapshot read the items. Where they are gone or damaged the
// snapshot has none, and a note says so.
func (h *heldOut) measure(ctx context.Context, r *run.Run, x *evolve.Snapshot) error {
	if len(h.items.Measures) == 0 {
		return ctx.Err()
	}
	ck, err := r.Checkpoint(x.Step)
	if err != nil {
		if h.note != nil {
			h.note(fmt.Sprintf("step %d has no held-out figures: %v", x.Step, err))
		}
		return ctx.Err()
	}
	x.Weights = ck.WeightsSHA256()
	if have, ok := h.known[x.Weights]; ok {
		x.HeldOut = have
		return ctx.Err()
	}
	x.HeldOut, err = h.items.Measure(ctx, ck.Model, h.workers)
	return err
}
