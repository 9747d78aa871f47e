package explain

import (
	"context"
	"math"
	"slices"
	"testing"

	"github.com/rnnscope/rnnscope/concept"
	"github.com/rnnscope/rnnscope/rnn"
)

// TestDirections: the units as a basis are what explain says of them; every full basis gives the network its own loss back; no
// number of cores changes a bit.
func TestDirections(t *testing.T) {
	sp := random(t, "novel", 60_000, 6, rnn.LSTM, 4)
	opt := Options{Untrained: 1, Workers: 1, Concepts: []concept.Concept{mustFind("in-quote")}}
	of := DirectionOptions{Seeds: 1, Times: []int{2}, Used: 3}
	r, err := ExplainDirections(context.Background(), sp, opt, of, nil)
	if err != nil {
		t.Fatal(err)
	}
	opt.Sites = []string{"l0.h"}
	units, err := Run(context.Background(), sp, opt, nil)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, b := range r.Bases {
		names = append(names, b.Name)
		if b.Name != "dictionary" && math.Abs(b.Own.Loss.Estimate-r.Network.Estimate) > 1e-4 {
			t.Errorf("%s gives the network %.5f nats, its own %.5f", b.Name, b.Own.Loss.Estimate, r.Network.Estimate)
		}
		if len(b.Described) != Sizes || b.Grown[0] > b.Grown[2] {
			t.Errorf("%s: %d sizes, leaves %v", b.Name, len(b.Described), b.Grown)
		}
	}
	if !slices.Equal(names, []string{"units", "components", "rotation", "dictionary"}) {
		t.Errorf("bases are %v", names)
	}
	// The basis of units passes values through a product, which may round one to the next of 65,536 steps.
	for i, m := range units.Sites[0].Median {
		if got := float64(r.Bases[0].Median[i]); math.Abs(got-float64(m)) > 1e-3 {
			t.Errorf("median R2 of units at %d leaves is %.4f as directions, %.4f as units", Leaves[i], got, float64(m))
		}
	}
	opt.Sites, opt.Workers = nil, 3
	again, err := ExplainDirections(context.Background(), sp, opt, of, nil)
	if err != nil {
		t.Fatal(err)
	}
	if toJSON(t, r) != toJSON(t, again) {
		t.Error("three workers say something else than one")
	}
}
