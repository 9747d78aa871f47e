package stat

import (
	"math"
	"slices"
)

// ExactAUROC is the probability that a value of on lies above one of off, ties
// counting half, without any binning. NaN when one side is empty. Values must be numbers.
func ExactAUROC(on, off []float64) float64 {
	if len(on) == 0 || len(off) == 0 {
		return math.NaN()
	}
	off = slices.Clone(off)
	slices.Sort(off)
	var twice int64 // pairs won, each counted as two
	for _, v := range on {
		below, tied := slices.BinarySearch(off, v)
		above := below
		if tied {
			above, _ = slices.BinarySearchFunc(off, v, func(x, v float64) int {
				if x > v {
					return 1
				}
				return -1
			})
		}
		twice += int64(below) + int64(above)
	}
	return float64(twice) / (2 * float64(len(on)) * float64(len(off)))
}

// SplitBy parts values by their labels.
func SplitBy(values []float64, on []bool) (positive, negative []float64) {
	for i, v := range values {
		if on[i] {
			positive = append(positive, v)
		} else {
			negative = append(negative, v)
		}
	}
	return positive, negative
}

// IndependentAUROC is ExactAUROC with the interval and variance for independent
// observations (DeLong, DeLong and Clarke-Pearson 1988); characters of a text are not
// independent, for them see Segments.AUROC. The variance is taken to be at least
// that of one observation in doubt.
func IndependentAUROC(on, off []float64) (Interval, float64) {
	above := make([]float64, len(on))
	below := make([]float64, len(off))
	for i, x := range on {
		for j, y := range off {
			p := 0.0
			switch {
			case x > y:
				p = 1
			case x == y:
				p = 0.5
			}
			above[i] += p / float64(len(off))
			below[j] += p / float64(len(on))
		}
	}
	v := Variance(above)/float64(len(on)) + Variance(below)/float64(len(off))
	return WithinUnit(Mean(above), v, int64(len(on)+len(off))), v
}

// WithinUnit is an estimate with the normal interval of its variance, within 0 and 1.
// The variance is taken to be at least that of one observation in doubt.
func WithinUnit(estimate, variance float64, n int64) Interval {
	d := Z95 * math.Sqrt(max(variance, 0.25/float64(n*n)))
	return Interval{Estimate: estimate, Lo: max(0, estimate-d), Hi: min(1, estimate+d), N: n}
}

// Variance of a sample (over n-1); 0 of one value.
func Variance(x []float64) float64 {
	m := Mean(x)
	var ss float64
	for _, v := range x {
		ss += (v - m) * (v - m)
	}
	return ss / float64(max(1, len(x)-1))
}
