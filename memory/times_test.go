package memory

import (
	"math"
	"testing"

	"github.com/rnnscope/rnnscope/stat"
)

func TestAutocovarianceIsTheSum(t *testing.T) {
	rng := testRand(3)
	for _, n := range []int{1, 2, 7, 64, 100} {
		x := make([]float64, n)
		for i := range x {
			x[i] = rng.NormFloat64()
		}
		for k, got := range autocovariance(x) {
			want := 0.0
			for i := range n - k {
				want += x[i] * x[i+k]
			}
			if math.Abs(got-want) > 1e-9 {
				t.Errorf("n %d lag %d: %v, want %v", n, k, got, want)
			}
		}
	}
}

// An AR(1) process has tau_int = (1+phi)/(1-phi).
func TestTauIntOfAR1(t *testing.T) {
	rng := testRand(4)
	for _, phi := range []float64{0, 0.5, 0.9, 0.98} {
		var series [][]float64
		for range 8 {
			x := make([]float64, 16_000)
			a := 0.0
			for i := range x {
				a = phi*a + math.Sqrt(1-phi*phi)*rng.NormFloat64()
				x[i] = a
			}
			series = append(series, x)
		}
		want := (1 + phi) / (1 - phi)
		if got := TauInt(series); math.Abs(got-want) > 0.15*want {
			t.Errorf("phi %v: tau %v, want %v", phi, got, want)
		}
		if one := stat.TauInt(series[0]); math.Abs(one-want) > 0.4*want {
			t.Errorf("phi %v: stat.TauInt %v, want %v", phi, one, want)
		}
	}
	if got := TauInt([][]float64{make([]float64, 50)}); !math.IsNaN(got) {
		t.Errorf("a constant: %v, want NaN", got)
	}
}

func TestClassesOfReplacement(t *testing.T) {
	_, a := NewLatch(0.1, 0, testRand(5))
	ids, err := a.Encode([]byte("AabABcdefgh?\nB"), 0)
	if err != nil {
		t.Fatal(err)
	}
	r := newReplacer(a, ids)
	rng := testRand(6)
	for range 200 {
		for id := range int32(a.Size()) {
			other, ok := r.draw(id, rng)
			if !ok || other == id {
				t.Fatalf("symbol %q replaced by itself", a.Symbol(id))
			}
			from, to := classOf(a.Rune(id)), classOf(a.Rune(other))
			if (from == classLower || from == classUpper) && from != to {
				t.Fatalf("%q replaced by %q", a.Symbol(id), a.Symbol(other))
			}
		}
	}
}

func TestReachBins(t *testing.T) {
	last := -1
	for k := 1; k <= reachSteps; k++ {
		b := reachBin(k)
		if b != last && b != last+1 {
			t.Fatalf("bin %d after %d at k = %d", b, last, k)
		}
		last = b
	}
	if reachBin(4) != 3 || reachBin(8) != 5 || reachBin(512) != 17 {
		t.Errorf("bins %d %d %d", reachBin(4), reachBin(8), reachBin(512))
	}
}
