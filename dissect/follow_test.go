package dissect

import (
	"context"
	"math"
	"testing"

	"github.com/rnnscope/rnnscope/concept"
	"github.com/rnnscope/rnnscope/rnn"
)

// TestFollowAgreesWithRun: on the same blocks the best unit and its AUROC are those of a
// dissection, to the binning; a named unit is measured as well.
func TestFollowAgreesWithRun(t *testing.T) {
	b := newBench(t, "novel", 80_000, rnn.Elman, 6)
	k := concepts(t, "in-quote")
	labels := concept.LabelAll(k[0], b.runes)
	units := map[int]func(int) float32{2: flag(labels, 1.5, 3), 4: flag(labels, .7, 4)}
	want := b.run(t, Options{Concepts: k, Untrained: 2}, units).concept("in-quote").Best
	b.in.Plant(units)
	defer b.in.Plant(nil)
	f, err := Follow(context.Background(), b.in, k, 1_000_000, 2, 2)
	if err != nil {
		t.Fatal(err)
	}
	best, given, err := f.Look(context.Background(), b.in, []rnn.Unit{{Site: "l0.h", Unit: 4}})
	if err != nil {
		t.Fatal(err)
	}
	if best[0].Unit.Unit != want.Unit || math.Abs(best[0].AUROC.Estimate-want.AUROC.Estimate) > .003 {
		t.Errorf("unit %v %v, a dissection has unit %d %v", best[0].Unit, best[0].AUROC, want.Unit, want.AUROC)
	}
	if given[0].Unit.Unit != 4 || given[0].AUROC.Estimate >= best[0].AUROC.Lo || given[0].AUROC.Estimate < .6 {
		t.Errorf("the named unit has %v", given[0])
	}
	if u := f.Untrained[0]; !(u > .5 && u < best[0].AUROC.Lo) {
		t.Errorf("untrained networks reach %v", u)
	}
}
