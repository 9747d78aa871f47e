package births

import (
	"context"
	"math"
	"testing"

	"github.com/rnnscope/rnnscope/concept"
	"github.com/rnnscope/rnnscope/dissect"
)

// TestFollowAgreesWithDissect: where both read the same blocks, the best unit and its AUROC are
// those of a dissection, to the binning.
func TestFollowAgreesWithDissect(t *testing.T) {
	s, k := plantedQuote(t, 80_000, map[int]float32{3: .4, 1: .8})
	r, err := dissect.Run(context.Background(), s, dissect.Options{Concepts: []concept.Concept{k}, Sites: []string{"l0.h"}, Untrained: 1}, nil)
	if err != nil {
		t.Fatal(err)
	}
	want := r.Concepts[0].Best
	f, err := follow(context.Background(), s, Options{Concepts: []concept.Concept{k}, Characters: 1_000_000, Untrained: 2, Workers: 2}, func() {})
	if err != nil {
		t.Fatal(err)
	}
	best, _, err := f.look(context.Background(), s, nil)
	if err != nil {
		t.Fatal(err)
	}
	if best[0].unit.Unit != want.Unit || math.Abs(best[0].auroc.Estimate-want.AUROC.Estimate) > .003 {
		t.Errorf("%v %v, a dissection has unit %d %v", best[0].unit, best[0].auroc, want.Unit, want.AUROC)
	}
	if u := f.untrained[0]; !(u > .5 && u < best[0].auroc.Lo) {
		t.Errorf("untrained networks reach %v", u)
	}
}
