package figure

import (
	"math"
	"strconv"
)

// scale maps data to pixels.
type scale struct{ lo, hi, from, to float64 }

// scales are both axes of a plot.
type scales struct{ x, y scale }

func (s scale) at(v float64) float64 {
	if s.hi == s.lo {
		return (s.from + s.to) / 2
	}
	return s.from + (v-s.lo)/(s.hi-s.lo)*(s.to-s.from)
}

// tick is a labelled place on an axis.
type tick struct {
	value float64
	label string
}

// ticks returns at most about most round values within [lo,hi]: steps of 1, 2 or 5 times a power of ten.
func ticks(lo, hi float64, most int) []tick {
	if !(hi > lo) || math.IsInf(hi-lo, 0) {
		return []tick{{lo, compact(lo)}}
	}
	raw := (hi - lo) / float64(max(1, most))
	step := math.Pow(10, math.Floor(math.Log10(raw)))
	for _, m := range []float64{1, 2, 5, 10} {
		if step*m >= raw {
			step *= m
			break
		}
	}
	var out []tick
	for k := math.Ceil(lo/step - 1e-9); k*step <= hi+step*1e-9; k++ {
		out = append(out, tick{k * step, compact(k * step)})
	}
	return out
}

// stepTicks are 0, 1, 10, 100 ... on the axis log10(1 + step).
func stepTicks(highest float64) []tick {
	out := []tick{{0, "0"}}
	for v := 1.0; v <= highest; v *= 10 {
		out = append(out, tick{logStep(v), compact(v)})
	}
	return out
}

func logStep(step float64) float64 { return math.Log10(1 + math.Max(0, step)) }

// compact writes a number in few characters: 1.5, 0.25, 20k, 3M.
func compact(v float64) string {
	switch a := math.Abs(v); {
	case a >= 1e6:
		return strconv.FormatFloat(round3(v/1e6), 'f', -1, 64) + "M"
	case a >= 1e4, a == 1000:
		return strconv.FormatFloat(round3(v/1e3), 'f', -1, 64) + "k"
	}
	s := strconv.FormatFloat(round3(v), 'f', -1, 64)
	if s == "-0" {
		return "0"
	}
	return s
}

func round3(v float64) float64 { return math.Round(v*1000) / 1000 }

// span returns the finite range of all values, widened so that no curve lies on the frame.
func span(values ...[]float64) (lo, hi float64) {
	lo, hi = math.Inf(1), math.Inf(-1)
	for _, vs := range values {
		for _, v := range vs {
			if math.IsNaN(v) || math.IsInf(v, 0) {
				continue
			}
			lo, hi = math.Min(lo, v), math.Max(hi, v)
		}
	}
	if lo > hi {
		return 0, 1
	}
	if lo == hi {
		return lo - .5, hi + .5
	}
	pad := (hi - lo) * .05
	return lo - pad, hi + pad
}

// upTo rounds a range of panels outwards: from 0 where nothing is negative, to a round number.
func upTo(vs []float64) (lo, hi float64) {
	lo, hi = math.Inf(1), math.Inf(-1)
	for _, v := range vs {
		if !math.IsNaN(v) && !math.IsInf(v, 0) {
			lo, hi = math.Min(lo, v), math.Max(hi, v)
		}
	}
	if lo > hi {
		return 0, 1
	}
	return math.Min(0, -roundUp(-lo)), math.Max(roundUp(hi), 0)
}

// roundUp is the next of 1, 1.5, 2, 3, 4, 5, 6, 8 times a power of ten; 0 for what is not positive.
func roundUp(v float64) float64 {
	if v <= 0 {
		return 0
	}
	p := math.Pow(10, math.Floor(math.Log10(v)))
	for _, m := range []float64{1, 1.5, 2, 3, 4, 5, 6, 8} {
		if p*m >= v*(1-1e-9) {
			return p * m
		}
	}
	return p * 10
}

// thin keeps a polyline's shape with at most two points a pixel column: the lowest and the highest, in order.
func thin(pts []point) []point {
	if len(pts) < 4 {
		return pts
	}
	out := pts[:0:0]
	for i := 0; i < len(pts); {
		j, lo, hi := i, i, i
		for j < len(pts) && math.Floor(pts[j].x) == math.Floor(pts[i].x) {
			if pts[j].y < pts[lo].y {
				lo = j
			}
			if pts[j].y > pts[hi].y {
				hi = j
			}
			j++
		}
		a, b := min(lo, hi), max(lo, hi)
		out = append(out, pts[a])
		if b != a {
			out = append(out, pts[b])
		}
		i = j
	}
	return out
}

// runs cuts a curve where a value is not finite.
func runs(xs, ys []float64, sx, sy scale) [][]point {
	var out [][]point
	var cur []point
	for i := range xs {
		if i >= len(ys) || math.IsNaN(ys[i]) || math.IsInf(ys[i], 0) {
			if len(cur) > 0 {
				out = append(out, cur)
			}
			cur = nil
			continue
		}
		cur = append(cur, point{sx.at(xs[i]), sy.at(ys[i])})
	}
	if len(cur) > 0 {
		out = append(out, cur)
	}
	return out
}
