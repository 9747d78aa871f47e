package main

import (
	"math"
	"testing"

	"github.com/rnnscope/rnnscope/cmd/rnnscope/inspect"
)

// A dose is a number that an activation can have, or an error.
func FuzzDose(f *testing.F) {
	for _, s := range []string{"q05", "q99", "0.5", "-1e3", "nan", "inf", "1e39", "0x1p-2", "q1", "q+1", "", "1_0"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		v, err := inspect.Dose(s, func(q float64) float64 {
			if !(q >= 0 && q < 1) {
				t.Errorf("%q asks for the quantile %v", s, q)
			}
			return q
		})
		if err == nil && (math.IsNaN(v) || math.IsInf(float64(float32(v)), 0)) {
			t.Errorf("%q is %v", s, v)
		}
	})
}
