package speed

import (
	"context"
	"runtime"
	"testing"
)

// TestMeasureOnOneCore: a machine of one core has no "one core beside all", and its figures all the same.
func TestMeasureOnOneCore(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	for _, name := range []string{"elman-1x128", "sample-lstm-2x128"} {
		r, err := Measure(context.Background(), Options{Only: []string{name}, Seconds: .001, Rounds: 1}, nil)
		if err != nil {
			t.Fatal(err)
		}
		if c := r.Cases[0]; r.Cores != 1 || c.Rate <= 0 || c.RateOne != 0 {
			t.Errorf("%s: %d cores, %g characters a second, %g on one", name, r.Cores, c.Rate, c.RateOne)
		}
	}
}
