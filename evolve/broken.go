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

// line is a curve of straight pieces: its likelihood, and by how much it rises from its first point to its
// last. 0: it comes back by more than half of the way it went.
type line struct{ logL, rise float64 }

func newFitter(x, y []float64) *fitter {
	f := &fitter{x: x, y: y, lo: x[0], hi: x[len(x)-1], r: newRegression(y, 4)}
	f.ones, f.a, f.b = make([]float64, len(x)), make([]float64, len(x)), make([]float64, len(x))
	for i := range f.ones {
		f.ones[i] = 1
	}
	return f
}

func (f *fitter) constant() float64 { return f.r.best([][]float64{f.ones}).logL }

func (f *fitter) linear() line {
	best := f.r.best([][]float64{f.ones, f.x})
	if best.b == nil { // the points lie too close together for a slope
		return line{logL: best.logL}
	}
	return line{best.logL, best.b[1] * (f.hi - f.lo)}
}

// knotGrid is how many places a knot is tried at.
const knotGrid = 24

// pieceLeast is how many points each piece of the broken line has at least:
// with fewer it would chase single points, and BIC does not price the search.
const pieceLeast = 5

// twoKnot searches the knots of the broken line on a grid.
func (f *fitter) twoKnot() line {
	top := line{logL: math.Inf(-1)}
	at := func(i int) float64 { return f.lo + (f.hi-f.lo)*float64(i)/knotGrid }
	for i := 1; i < knotGrid; i++ {
		hinge(f.a, f.x, at(i))
		for j := i + 1; j < knotGrid; j++ {
			if f.between(f.lo, at(i)) < pieceLeast || f.between(at(i), at(j)) < pieceLeast || f.between(at(j), f.hi) < pieceLeast {
				continue
			}
			hinge(f.b, f.x, at(j))
			if best := f.r.best([][]float64{f.ones, f.x, f.a, f.b}); best.logL > top.logL {
				top = line{best.logL, f.net(best.b, at(i), at(j))}
			}
		}
	}
	return top
}

// net is the rise of the broken line with coefficients b and knots p and q; see line.
func (f *fitter) net(b []float64, p, q float64) float64 {
	first := b[1] * (p - f.lo)
	second := first + (b[1]+b[2])*(q-p)
	last := second + (b[1]+b[2]+b[3])*(f.hi-q)
	if math.Abs(last) < (max(0, first, second, last)-min(0, first, second, last))/2 {
		return 0
	}
	return last
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
