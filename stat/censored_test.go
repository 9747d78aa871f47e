package stat

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// TestQuantileCensored: what lies above the last step counts as later than all others; a median among it is a bound.
func TestQuantileCensored(t *testing.T) {
	never := Censored{2500, true}
	at := func(v ...float64) (out []Censored) {
		for _, x := range v {
			out = append(out, Censored{Value: x})
		}
		return out
	}
	for _, c := range []struct {
		all  []Censored
		q    float64
		want Censored
	}{
		{append(at(145, 313, 675), never, never), .5, Censored{Value: 675}},
		{append(at(145, 313, 675), never, never), 0, Censored{Value: 145}},
		{append(at(145, 313, 675), never, never), 1, never},
		{append(at(9), never, never), .5, never},
		{append(at(1, 2, 3), never), .5, Censored{Value: 2.5}},
		{append(at(1, 7), never, never), .5, Censored{7, true}}, // between 7 and a step after 2500
		{[]Censored{never, never}, 0, never},
		{append(at(3000, 4000), never), .5, Censored{3000, true}}, // a bound below what is known elsewhere
		{append(at(3000, 2000), never), 0, Censored{Value: 2000}},
		{at(4, 2), .5, Censored{Value: 3}},
	} {
		if got := QuantileCensored(c.all, c.q); got != c.want {
			t.Errorf("quantile %v of %v: %v, want %v", c.q, c.all, got, c.want)
		}
	}
	if !math.IsNaN(QuantileCensored(nil, .5).Value) {
		t.Error("a quantile of nothing")
	}
}

// TestQuantileCensoredHoldsTheTruth: where it is known it is the quantile of the true figures, otherwise that lies at its bound or above.
func TestQuantileCensoredHoldsTheTruth(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	known := 0
	for range 2000 {
		var all []Censored
		var truth []float64
		for range 1 + rng.IntN(7) {
			x, limit := float64(rng.IntN(20)), float64(rng.IntN(20))
			truth = append(truth, x)
			all = append(all, Censored{Value: min(x, limit), Above: x > limit})
		}
		slices.Sort(truth)
		q := float64(rng.IntN(5)) / 4
		got, want := QuantileCensored(all, q), Quantile(truth, q)
		if !got.Above {
			known++
		}
		if got.Above && want < got.Value || !got.Above && math.Abs(got.Value-want) > 1e-12 {
			t.Fatalf("quantile %v of %v: %v; it is %v", q, all, got, want)
		}
	}
	if known == 0 || known == 2000 {
		t.Errorf("%d of 2000 are known", known)
	}
}
