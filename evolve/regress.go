package evolve

import (
	"math"

	"github.com/rnnscope/rnnscope/stat"
)

// regression fits y = X b + e, where e is an autoregression of order one along
// the points: e_t = phi e_{t-1} + noise, started from its stationary
// distribution. For a given phi the Prais-Winsten transform makes the noise
// white (Prais and Winsten 1954), so that b is least squares and the profile
// likelihood is exact.
type regression struct {
	y     []float64
	least float64     // exactFit
	z     [][]float64 // [columns][n] transformed
	w     []float64   // [n] transformed y
	gram  []float64   // [columns,columns]
	b     []float64
}

// phis is the grid on which the autocorrelation of residuals is profiled.
var phis = []float64{-0.4, -0.2, 0, 0.15, 0.3, 0.45, 0.6, 0.7, 0.8, 0.9, 0.95}

// fitted is one maximum of the likelihood.
type fitted struct {
	logL float64
	b    []float64
}

func newRegression(y []float64, columns int) *regression {
	r := &regression{y: y, least: exactFit(y), w: make([]float64, len(y)), gram: make([]float64, columns*columns), b: make([]float64, columns)}
	for range columns {
		r.z = append(r.z, make([]float64, len(y)))
	}
	return r
}

// exactFit is the residual sum of squares below which a fit passes for exact: one that is exact
// has no finite likelihood.
func exactFit(y []float64) float64 {
	mean, spread := stat.Mean(y), 0.0
	for _, v := range y {
		spread += (v - mean) * (v - mean)
	}
	return max(1e-14*dot(y, y), 1e-12*spread, 1e-300)
}

// best maximises the likelihood over phi for design columns x [columns][n].
func (r *regression) best(x [][]float64) fitted {
	top := fitted{logL: math.Inf(-1)}
	for _, phi := range phis {
		if l, ok := r.at(x, phi); ok && l > top.logL {
			top = fitted{logL: l, b: append(top.b[:0], r.b...)}
		}
	}
	return top
}

// at is the profile log likelihood for one phi, and leaves the coefficients in
// r.b; false when the columns are dependent.
func (r *regression) at(x [][]float64, phi float64) (float64, bool) {
	whiten(r.w, r.y, phi)
	for i, column := range x {
		whiten(r.z[i], column, phi)
	}
	if !r.solve(len(x)) {
		return 0, false
	}
	rss := 0.0
	for t, v := range r.w {
		for i := range x {
			v -= r.b[i] * r.z[i][t]
		}
		rss += v * v
	}
	n := float64(len(r.y))
	rss = max(rss, r.least)
	return -n/2*(math.Log(2*math.Pi*rss/n)+1) + math.Log1p(-phi*phi)/2, true
}

// whiten writes the Prais-Winsten transform of src.
func whiten(dst, src []float64, phi float64) {
	dst[0] = math.Sqrt(1-phi*phi) * src[0]
	for t := 1; t < len(src); t++ {
		dst[t] = src[t] - phi*src[t-1]
	}
}

// solve finds the least-squares coefficients of the first k columns by Cholesky.
func (r *regression) solve(k int) bool {
	l := r.gram[:k*k]
	for i := range k {
		for j := range i + 1 {
			s := dot(r.z[i], r.z[j])
			for m := range j {
				s -= l[i*k+m] * l[j*k+m]
			}
			if i != j {
				l[i*k+j] = s / l[j*k+j]
				continue
			}
			if s <= 1e-12*dot(r.z[i], r.z[i]) || s == 0 {
				return false
			}
			l[i*k+i] = math.Sqrt(s)
		}
	}
	for i := range k {
		s := dot(r.z[i], r.w)
		for m := range i {
			s -= l[i*k+m] * r.b[m]
		}
		r.b[i] = s / l[i*k+i]
	}
	for i := k - 1; i >= 0; i-- {
		for m := i + 1; m < k; m++ {
			r.b[i] -= l[m*k+i] * r.b[m]
		}
		r.b[i] /= l[i*k+i]
	}
	return true
}

func dot(a, b []float64) float64 {
	s := 0.0
	for i, v := range a {
		s += v * b[i]
	}
	return s
}
