package content

import (
	"testing"

	"github.com/rnnscope/rnnscope/evolve"
	"github.com/rnnscope/rnnscope/stat"
)

// TestHeldOutOfHistory: figures of weights that are gone are left out, the first that are there count.
func TestHeldOutOfHistory(t *testing.T) {
	m := evolve.Measure{Definition: evolve.Definition{Name: "m"}}
	at := func(v float64) []evolve.HeldOut {
		return []evolve.HeldOut{{Name: "m", LogP: stat.Point(v, 9), Right: stat.Point(-v, 9)}}
	}
	h := evolve.History{Measures: []evolve.Measure{m}, Pairings: []evolve.Pairing{{Name: "m"}},
		Snapshots: []evolve.Snapshot{{Step: 0}, {Step: 1, HeldOut: at(-2)}, {Step: 2, HeldOut: at(-1)}, {Step: 3}}}
	got := heldOutOf(h)
	if len(got) != 1 || got[0].First.LogP.Estimate != -2 || got[0].Last.LogP.Estimate != -1 {
		t.Errorf("%+v", got)
	}
	h.Snapshots = h.Snapshots[:1]
	if got := heldOutOf(h); len(got) != 0 {
		t.Errorf("nothing was measured: %+v", got)
	}
}
