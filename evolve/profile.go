package evolve

import (
	"math"

	"github.com/rnnscope/rnnscope/stat"
)

// fitter maximises the likelihoods of the models on one curve.
type fitter struct {
	x, y   []float64
	ones   []float64
	a, b   []float64 // scratch columns
	c      []float64
	lo, hi float64
	r      *regression
}

func newFitter(x, y []float64) *fitter {
	f := &fitter{x: x, y: y, lo: x[0], hi: x[len(x)-1], r: newRegression(y, 4)}
	f.ones, f.a, f.b, f.c = make([]float64, len(x)), make([]float64, len(x)), make([]float64, len(x)), make([]float64, len(x))
	for i := range f.ones {
		f.ones[i] = 1
	}
	return f
}

func (f *fitter) constant() float64 { return f.r.best([][]float64{f.ones}).logL }
func (f *fitter) linear() float64   { return f.r.best([][]float64{f.ones, f.x}).logL }

// knotGrid is how many places a knot is tried at.
const knotGrid = 24

// pieceLeast is how many points each piece of the broken line has at least:
// with fewer it would chase single points, and BIC does not price the search.
const pieceLeast = 5

// twoKnot searches the knots of the broken line on a grid.
func (f *fitter) twoKnot() float64 {
	top := math.Inf(-1)
	at := func(i int) float64 { return f.lo + (f.hi-f.lo)*float64(i)/knotGrid }
	for i := 1; i < knotGrid; i++ {
		hinge(f.a, f.x, at(i))
		for j := i + 1; j < knotGrid; j++ {
			if f.between(f.lo, at(i)) < pieceLeast || f.between(at(i), at(j)) < pieceLeast || f.between(at(j), f.hi) < pieceLeast {
				continue
			}
			hinge(f.b, f.x, at(j))
			top = max(top, f.r.best([][]float64{f.ones, f.x, f.a, f.b}).logL)
		}
	}
	return top
}

// between counts the points from lo to hi.
func (f *fitter) between(lo, hi float64) (n int) {
	for _, v := range f.x {
		if v >= lo && v <= hi {
			n++
		}
	}
	return n
}

// hinge is max(0, x - knot).
func hinge(dst, x []float64, knot float64) {
	for i, v := range x {
		dst[i] = max(0, v-knot)
	}
}

// sigmoidFit is a fitted sigmoid.
type sigmoidFit struct {
	fitted
	x0, w float64
}

// The widths that are searched, in decades: from a jump between neighbouring
// steps to more than any training spans.
const (
	narrowest = 0.004
	widest    = 16
	widths    = 44
	middles   = 48
)

// at is the best fit with middle and width given.
func (f *fitter) at(x0, w float64) sigmoidFit {
	for i, v := range f.x {
		f.c[i] = 1 / (1 + math.Exp(-width*(v-x0)/w))
	}
	return sigmoidFit{f.r.best([][]float64{f.ones, f.c}), x0, w}
}

// middle is the best fit with the width given.
func (f *fitter) middle(w float64) sigmoidFit {
	return search(f.lo, f.hi, middles, func(x0 float64) sigmoidFit { return f.at(x0, w) })
}

// width is the best fit with the middle given.
func (f *fitter) width(x0 float64) sigmoidFit {
	return search(math.Log(narrowest), math.Log(widest), widths, func(lw float64) sigmoidFit { return f.at(x0, math.Exp(lw)) })
}

// search maximises on a grid of n places from lo to hi, then on three finer
// ones around the best place.
func search(lo, hi float64, n int, fit func(at float64) sigmoidFit) sigmoidFit {
	top, best := sigmoidFit{fitted: fitted{logL: math.Inf(-1)}}, lo
	try := func(v float64) {
		if r := fit(v); r.logL > top.logL {
			top, best = r, v
		}
	}
	step := (hi - lo) / float64(n-1)
	for i := range n {
		try(lo + step*float64(i))
	}
	for range 3 {
		step /= 4
		centre := best
		for _, k := range []float64{-3, -2, -1, 1, 2, 3} {
			if v := centre + k*step; v >= lo && v <= hi {
				try(v)
			}
		}
	}
	return top
}

// sigmoid is the maximum over middle and width.
func (f *fitter) sigmoid() sigmoidFit {
	return search(math.Log(narrowest), math.Log(widest), widths, func(lw float64) sigmoidFit { return f.middle(math.Exp(lw)) })
}

// intervals are the 95 % profile-likelihood bounds of middle and width: where
// the profile falls by n/2 ln(1 + F/(n-k)), F the 95 % point of F(1, n-k), which
// is exact for a linear parameter and tends to 1.92. A bound beyond what is
// searched is NaN.
func (f *fitter) intervals(s sigmoidFit) (x0lo, x0hi, wlo, whi float64) {
	n, k := float64(len(f.x)), parameters[Sigmoid]
	t := stat.TQuantile(max(1, len(f.x)-int(k)))
	floor := s.logL - n/2*math.Log1p(t*t/max(1, n-k))
	inWidth := func(lw float64) bool { return f.middle(math.Exp(lw)).logL >= floor }
	inMiddle := func(x0 float64) bool { return f.width(x0).logL >= floor }
	wlo = math.Exp(bound(math.Log(s.w), math.Log(narrowest), math.Log(widest/narrowest)/widths, inWidth))
	whi = math.Exp(bound(math.Log(s.w), math.Log(widest), math.Log(widest/narrowest)/widths, inWidth))
	x0lo = bound(s.x0, f.lo, (f.hi-f.lo)/middles, inMiddle)
	x0hi = bound(s.x0, f.hi, (f.hi-f.lo)/middles, inMiddle)
	if math.IsNaN(wlo) {
		wlo = 0 // a width has no lower end but 0
	}
	return x0lo, x0hi, wlo, whi
}

// bound walks from inside towards end in steps until in fails, then bisects;
// NaN when it never fails.
func bound(inside, end, step float64, in func(float64) bool) float64 {
	if end < inside {
		step = -step
	}
	good := inside
	for {
		next := good + step
		if (next-end)*step >= 0 {
			next = end
		}
		if !in(next) {
			return bisect(good, next, in)
		}
		if next == end {
			return math.NaN()
		}
		good = next
	}
}

func bisect(good, bad float64, in func(float64) bool) float64 {
	for range 6 {
		mid := (good + bad) / 2
		if in(mid) {
			good = mid
			continue
		}
		bad = mid
	}
	return good
}
