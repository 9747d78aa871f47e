package evolve

import "math"

// surface is how well sigmoids fit one curve, by middle and width. Level, rise and variance
// are eliminated exactly; the residuals are an autoregression of order one, as in regression,
// and every sum of squares is a polynomial of the second degree in its coefficient phi, so
// that one pass over a sigmoid serves all of them.
type surface struct {
	x, y     []float64 // y less its mean
	beside   []float64 // the value before plus the value after
	c        []float64 // scratch: the sigmoid
	grid     []node    // phis, on which the likelihood is maximised
	nodes    []node    // those that are integrated over
	residual float64   // degrees of freedom: points less middle, width, level and rise
	least    float64   // exactFit
}

// node is one phi, with the whitened products that do not depend on the sigmoid.
type node struct {
	phi          float64
	ones, oy, yy float64 // of the column of ones and of y
	weight       float64 // logarithm
}

// The coefficients that are integrated over lie evenly in Fisher's z, from -.91 to .95, the largest
// of phis: what lasts for more than twenty checkpoints is the curve itself, and taking it for noise
// would leave a small step of a smooth curve as all that rises.
const (
	zLeast = -1.5
	zMost  = 1.83
	zStep  = .185
)

func newSurface(x, y []float64) *surface {
	n := len(x)
	s := &surface{x: x, y: make([]float64, n), beside: make([]float64, n), c: make([]float64, n), residual: float64(max(1, n-4))}
	mean := 0.0
	for _, v := range y {
		mean += v / float64(n)
	}
	for i, v := range y {
		s.y[i] = v - mean
	}
	for i := range y {
		if i > 0 {
			s.beside[i] += s.y[i-1]
		}
		if i < n-1 {
			s.beside[i] += s.y[i+1]
		}
	}
	s.least = exactFit(y)
	for _, phi := range phis {
		s.grid = append(s.grid, s.node(phi, math.Log1p(-phi*phi)/2))
	}
	for z := zLeast; z < zMost+zStep/2; z += zStep {
		phi := math.Tanh(z)
		s.nodes = append(s.nodes, s.node(phi, 1.5*math.Log1p(-phi*phi)))
	}
	return s
}

func (s *surface) node(phi, weight float64) node {
	n := len(s.y)
	inner := float64(n - 2)
	sum, ends := 0.0, s.y[0]+s.y[n-1]
	for _, v := range s.y {
		sum += v
	}
	square := dot(s.y, s.y)
	return node{
		phi: phi, weight: weight,
		ones: float64(n) - 2*phi*float64(n-1) + phi*phi*inner,
		oy:   sum - phi*(2*sum-ends) + phi*phi*(sum-ends),
		yy:   square - phi*dot(s.y, s.beside) + phi*phi*(square-s.y[0]*s.y[0]-s.y[n-1]*s.y[n-1]),
	}
}

// products are those of a sigmoid with the columns: each of order 0, 1 and 2 in phi.
type products struct{ oc, cc, cy [3]float64 }

// at are the whitened products at one phi.
func (p *products) at(phi float64) (oc, cc, cy float64) {
	q := phi * phi
	return p.oc[0] - phi*p.oc[1] + q*p.oc[2], p.cc[0] - phi*p.cc[1] + q*p.cc[2], p.cy[0] - phi*p.cy[1] + q*p.cy[2]
}

func (s *surface) products(x0, w float64) (p products) {
	n := len(s.x)
	var sum, square, y, lag, beside, before float64
	for i, v := range s.x {
		c := 1 / (1 + math.Exp(-width*(v-x0)/w))
		sum += c
		square += c * c
		y += c * s.y[i]
		lag += c * before
		beside += c * s.beside[i]
		before = c
		s.c[i] = c
	}
	a, z := s.c[0], s.c[n-1]
	p.oc = [3]float64{sum, 2*sum - a - z, sum - a - z}
	p.cc = [3]float64{square, 2 * lag, square - a*a - z*z}
	p.cy = [3]float64{y, beside, y - a*s.y[0] - z*s.y[n-1]}
	return p
}

// rss is the residual sum of squares at one phi; false where the sigmoid cannot be told from
// a constant.
func (s *surface) rss(k *node, p *products) (float64, bool) {
	oc, cc, cy := p.at(k.phi)
	left := cc - oc*oc/k.ones
	if left <= 1e-12*cc || left == 0 {
		return 0, false
	}
	along := cy - oc*k.oy/k.ones
	return max(s.least, k.yy-k.oy*k.oy/k.ones-along*along/left), true
}

// marginal is the logarithm of the likelihood of middle and width with phi integrated out
// (see weigh).
func (s *surface) marginal(x0, w float64) float64 {
	p := s.products(x0, w)
	top, sum := math.Inf(-1), 0.0
	for i := range s.nodes {
		r, ok := s.rss(&s.nodes[i], &p)
		if !ok {
			continue
		}
		l := s.nodes[i].weight - s.residual/2*math.Log(r)
		if l > top {
			sum *= math.Exp(top - l)
			top = l
		}
		sum += math.Exp(l - top)
	}
	return top + math.Log(sum)
}

// likelihood is the logarithm of the likelihood, at the best of phis.
func (s *surface) likelihood(x0, w float64) float64 {
	p := s.products(x0, w)
	n, top := float64(len(s.y)), math.Inf(-1)
	for i := range s.grid {
		if r, ok := s.rss(&s.grid[i], &p); ok {
			top = max(top, -n/2*(math.Log(2*math.Pi*r/n)+1)+s.grid[i].weight)
		}
	}
	return top
}

// weigh sets the weights of phi: all are as probable before the curve is seen, times the
// determinant of the restricted likelihood (Patterson and Thompson 1971) of the columns
// along which a fit can move, those of the sigmoid given: level, rise, and the slopes in middle
// and width. Without the determinant the noise passes for less autocorrelated than it is, and
// intervals of broad rises come out too short.
func (s *surface) weigh(x0, w float64) {
	s.products(x0, w)
	ones, middle, wide := make([]float64, len(s.x)), make([]float64, len(s.x)), make([]float64, len(s.x))
	for i, c := range s.c {
		ones[i], middle[i] = 1, c*(1-c)
		wide[i] = middle[i] * (s.x[i] - x0)
	}
	free := orthonormal([][]float64{ones, s.c, middle, wide})
	for i := range s.nodes {
		phi := s.nodes[i].phi
		// half of a logarithm is the likelihood's, and dphi = (1 - phi^2) dz
		s.nodes[i].weight = 1.5*math.Log1p(-phi*phi) - logDeterminant(free, phi)/2
	}
}

// logDeterminant is that of the Gram matrix of whitened columns.
func logDeterminant(columns [][]float64, phi float64) float64 {
	white := make([][]float64, len(columns))
	for i, c := range columns {
		white[i] = make([]float64, len(c))
		whiten(white[i], c, phi)
	}
	sum := 0.0
	for i, c := range white {
		for _, e := range white[:i] {
			project(c, e)
		}
		size := dot(c, c)
		sum += math.Log(size)
		scale(c, 1/math.Sqrt(size))
	}
	return sum
}

// dependent is the share of a column that must be left when earlier ones are taken out of it.
const dependent = 1e-6

// orthonormal is a basis of the columns (Gram and Schmidt, twice); what depends on earlier ones
// is left out.
func orthonormal(columns [][]float64) (out [][]float64) {
	for _, c := range columns {
		d := append([]float64{}, c...)
		size := math.Sqrt(dot(d, d))
		if size < 1e-100 {
			continue
		}
		scale(d, 1/size)
		for range 2 {
			for _, e := range out {
				project(d, e)
			}
		}
		if size = math.Sqrt(dot(d, d)); size > dependent {
			scale(d, 1/size)
			out = append(out, d)
		}
	}
	return out
}

// project takes the unit vector e out of d.
func project(d, e []float64) {
	f := dot(d, e)
	for i := range d {
		d[i] -= f * e[i]
	}
}

func scale(d []float64, by float64) {
	for i := range d {
		d[i] *= by
	}
}
