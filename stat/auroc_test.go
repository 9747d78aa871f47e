package stat

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

// TestExactAUROCEqualsAllPairs: against the definition, every pair once.
func TestExactAUROCEqualsAllPairs(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		values := rapid.SliceOfN(rapid.Map(rapid.IntRange(-3, 3), func(i int) float64 { return float64(i) / 2 }), 1, 30)
		on, off := values.Draw(t, "on"), values.Draw(t, "off")
		won := 0.0
		for _, a := range on {
			for _, b := range off {
				switch {
				case a > b:
					won++
				case a == b:
					won += 0.5
				}
			}
		}
		want := won / float64(len(on)*len(off))
		if got := ExactAUROC(on, off); got != want {
			t.Errorf("%v against %v: %v, want %v", on, off, got, want)
		}
		if got, _ := IndependentAUROC(on, off); math.Abs(got.Estimate-want) > 1e-12 {
			t.Errorf("with an interval: %v, want %v", got.Estimate, want)
		}
	})
	if !math.IsNaN(ExactAUROC(nil, []float64{1})) || !math.IsNaN(ExactAUROC([]float64{1}, nil)) {
		t.Error("one side alone has an AUROC")
	}
}

func TestSplitBy(t *testing.T) {
	on, off := SplitBy([]float64{1, 2, 3}, []bool{true, false, true})
	if len(on) != 2 || on[1] != 3 || len(off) != 1 || off[0] != 2 {
		t.Errorf("%v and %v", on, off)
	}
}

func TestMonotoneFit(t *testing.T) {
	rising := []Level{{0, 0, 2}, {1, 1, 2}, {2, 2, 2}, {3, 3, 2}}
	total := 2 * (1.5*1.5 + .5*.5 + .5*.5 + 1.5*1.5)
	if got, moves := MonotoneFit(rising, total); math.Abs(got-1) > 1e-12 || moves != 3 {
		t.Errorf("a rising unit is explained by %g and moves %g", got, moves)
	}
	if got := len(Isotonic(rising, false)); got != 1 {
		t.Errorf("a falling function of a rising unit has %d levels", got)
	}
	// 0, 2, 1, 3 pools the middle at 1.5: 2 (1.5^2 + 0 + 0 + 1.5^2) of 10.
	if got, _ := MonotoneFit([]Level{{0, 0, 2}, {1, 2, 2}, {2, 1, 2}, {3, 3, 2}}, total); math.Abs(got-0.9) > 1e-12 {
		t.Errorf("pooling explains %g, want .9", got)
	}
	if got, moves := MonotoneFit([]Level{{0, 4, 2}, {1, 4, 2}}, 0); got != 0 || moves != 0 {
		t.Errorf("a constant is explained by %g", got)
	}
}

// TestIsotonicEqualsSearch: no monotone function on a grid lies nearer.
func TestIsotonicEqualsSearch(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 4).Draw(t, "levels")
		levels := make([]Level, n)
		for i := range levels {
			levels[i] = Level{float64(i), float64(rapid.IntRange(0, 4).Draw(t, "y")), float64(rapid.IntRange(1, 3).Draw(t, "n"))}
		}
		distance := func(f []float64) (d float64) {
			for i, l := range levels {
				d += l.N * (l.Y - f[i]) * (l.Y - f[i])
			}
			return d
		}
		var fit []float64 // by original level
		left := 0.0
		for _, l := range Isotonic(levels, true) {
			for left = l.N; left > 0; left -= levels[len(fit)-1].N {
				fit = append(fit, l.Y)
			}
		}
		best := math.Inf(1)
		var search func(f []float64)
		search = func(f []float64) {
			if len(f) == n {
				best = min(best, distance(f))
				return
			}
			for y := 0.0; y <= 4; y += 0.25 {
				if len(f) == 0 || y >= f[len(f)-1] {
					search(append(f, y))
				}
			}
		}
		search(nil)
		if d := distance(fit); d > best+1e-9 {
			t.Errorf("%v: the fit %v lies %g away, a grid point %g", levels, fit, d, best)
		}
	})
}
