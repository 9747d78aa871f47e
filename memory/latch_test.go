package memory

import (
	"context"
	"math"
	"math/rand/v2"
	"testing"
)

func testRand(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, 7)) }

// docs/methods.md, section 6: a latch that leaks lambda a character has the horizon ln 2 / lambda.
func TestLatchHorizons(t *testing.T) {
	rng := testRand(1)
	var lambdas []float64
	for h := 3.0; h <= 310; h *= math.Sqrt(10) {
		lambdas = append(lambdas, math.Ln2/h)
	}
	if lambdas[0]/lambdas[len(lambdas)-1] < 99 {
		t.Fatalf("lambda from %v to %v is less than two decades", lambdas[0], lambdas[len(lambdas)-1])
	}
	res, err := Latches(context.Background(), lambdas, 2000, 2, rng)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range res {
		t.Logf("lambda %.4f: expected %.1f, measured %v", r.Lambda, r.Expected, r.Measured.Horizon)
		if !r.Covers() {
			t.Errorf("lambda %.4f: horizon %v does not cover ln2/lambda = %.1f", r.Lambda, r.Measured.Horizon, r.Expected)
		}
		// An interval that covers everything would show nothing.
		if g := r.Measured.Horizon.Gap; g.Hi-g.Lo > r.Expected {
			t.Errorf("lambda %.4f: interval %v is wider than the horizon itself", r.Lambda, g)
		}
	}
}

func TestHorizonSaysWhatItCannotKnow(t *testing.T) {
	rng := testRand(2)
	curve := func(f func(g int) float64) []observation {
		var obs []observation
		for i := range 3000 {
			g := 1 + rng.IntN(1000)
			obs = append(obs, observation{g, f(g) + rng.NormFloat64(), i % 50})
		}
		return obs
	}
	if h := horizonOf(curve(func(int) float64 { return 4 }), rng); !h.Censored || h.None {
		t.Errorf("a flat excess: %v, want censored", h)
	}
	if h := horizonOf(curve(func(int) float64 { return -2 }), rng); !h.None {
		t.Errorf("below the n-gram line: %v, want none", h)
	}
	if h := horizonOf(nil, rng); !h.None {
		t.Errorf("no observations: %v, want none", h)
	}
	// The n-gram line sees short gaps too: the excess rises first, and the horizon lies behind the peak.
	h := horizonOf(curve(func(g int) float64 {
		if g < 20 {
			return 0
		}
		return 5 * math.Exp(-float64(g-20)/200)
	}), rng)
	want := 20 + 200*math.Ln2
	if h.Censored || h.None || math.Abs(h.Gap.Estimate-want) > 0.3*want {
		t.Errorf("horizon %v, want about %.0f", h, want)
	}
}
