package evolve

import "math"

// fitter maximises the likelihoods of the models without a sigmoid on one curve.
type fitter struct {
	x, y   []float64
	ones   []float64
	a, b   []float64 // scratch columns
	lo, hi float64
	r      *regression
}

func newFitter(x, y []float64) *fitter {
	f := &fitter{x: x, y: y, lo: x[0], hi: x[len(x)-1], r: newRegression(y, 4)}
	f.ones, f.a, f.b = make([]float64, len(x)), make([]float64, len(x)), make([]float64, len(x))
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
