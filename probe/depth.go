package probe

import (
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/rnnscope/rnnscope/internal/f32"
	"github.com/rnnscope/rnnscope/stat"
)

// DepthRegression is a ridge regression of min(depth, 8) on the states of one
// site: every depth weighs the same, and what the column tells is taken out of
// depth and states first.
type DepthRegression struct {
	Site     string        `json:"site"`
	Fitted   int           `json:"fitted"`
	Measured int           `json:"measured"`
	Deepest  int           `json:"deepest"` // depth measured
	R2       stat.Interval `json:"r2"`      // on the report; leave-one-block-out
	MAE      stat.Interval `json:"mae"`     // mean absolute error, in depths
	// Beyond is fitted where depth <= D0 alone and measured where it is greater.
	D0       int         `json:"d0"` // 0: too few depths to try
	BeyondR2 stat.Number `json:"beyond_r2"`
	BeyondR  stat.Number `json:"beyond_r"` // correlation there: does it still grow?
	BeyondN  int         `json:"beyond_n"`
}

const (
	depthEach   = 600 // most positions of each depth
	depthLeast  = 30  // of a depth, fitted and measured, for it to be tried
	beyondLeast = 2   // depths beyond D0
)

// ridges are the penalties tried, in shares of the mean variance of the states.
var ridges = []float64{1e-4, 1e-3, 1e-2, 1e-1, 1, 10}

// depthRegression reads a depth at its best unit's site; nil with fewer than two
// depths.
func (l *Readers) depthRegression(c int, fitted, measured *side) *DepthRegression {
	k := l.BestUnits[c]
	site := k.Site
	all, on := fitted.sample(c, true, depthEach), measured.sample(c, true, depthEach)
	levels := commonDepths(all.depth, on.depth)
	if len(levels) < 2 {
		return nil
	}
	within := func(s *sampled, keep func(d int) bool) *sampled {
		return s.where(func(i int) bool { return s.depth[i] < len(levels) && keep(s.depth[i]) })
	}
	any := func(int) bool { return true }
	all, on = within(all, any), within(on, any)
	units := l.bestUnits(c, site, k.Unit)
	r := fitDepth(all, site, units)
	if r == nil {
		return nil
	}
	out := &DepthRegression{
		Site: l.Sites[k.Site].Name, Fitted: len(all.places), Measured: len(on.places), Deepest: len(levels) - 1,
		BeyondR2: stat.Undefined(), BeyondR: stat.Undefined(),
	}
	out.R2, out.MAE = depthIntervals(on, r.residuals(on))
	top := len(levels) - 1
	if d0 := top / 2; d0 >= 1 && top-d0 >= beyondLeast {
		beyond := within(on, func(d int) bool { return d > d0 })
		if r := fitDepth(within(all, func(d int) bool { return d <= d0 }), site, units); r != nil {
			out.D0, out.BeyondN = d0, len(beyond.places)
			f := r.residuals(beyond)
			out.BeyondR2, out.BeyondR = stat.Number(f.rSquared(nil)), stat.Number(f.correlation())
		}
	}
	return out
}

// commonDepths are the depths 0, 1, ... up to the first that is too rare to fit or measure.
func commonDepths(fitted, measured []int) []int {
	var n, m [deepest + 1]int
	for _, d := range fitted {
		n[d]++
	}
	for _, d := range measured {
		m[d]++
	}
	var out []int
	for d := range n {
		if n[d] < depthLeast || m[d] < depthLeast {
			break
		}
		out = append(out, d)
	}
	return out
}

// depthReader is a fitted regression.
type depthReader struct {
	scale    *scaler
	nuisance *mat.Dense // [3,units+1] what the column tells of each state and, last, of the depth
	w        []float64
}

// columnTerms are what is taken out: 1, the column and its logarithm.
func columnTerms(column int) [3]float64 {
	return [3]float64{1, float64(min(column, 120)) / 120, math.Log1p(float64(column)) / 5}
}

// balance weighs every depth the same, with mean 1.
func balance(depth []int) []float64 {
	var n [deepest + 1]float64
	levels := 0.0
	for _, d := range depth {
		if n[d] == 0 {
			levels++
		}
		n[d]++
	}
	out := make([]float64, len(depth))
	for i, d := range depth {
		out[i] = float64(len(depth)) / (levels * n[d])
	}
	return out
}

// fitDepth chooses the ridge on the blocks held back and keeps the fit to the others;
// nil where a part is empty or nothing can be solved.
func fitDepth(s *sampled, site int, units []int) *depthReader {
	fit, held := s.split()
	if len(fit.places) <= 2*3 || len(held.places) == 0 {
		return nil
	}
	r := &depthReader{scale: newScaler(fit, site, units)}
	d, weight := r.scale.design(fit), balance(fit.depth)
	if r.nuisance = columnFit(d, fit, weight); r.nuisance == nil {
		return nil
	}
	y := r.takeOut(d, fit)
	gram, against, variance := normalEquations(d, y, weight)
	best, lowest := []float64(nil), math.Inf(1)
	for _, ridge := range ridges {
		w := solveRidge(gram, against, ridge*variance)
		if w == nil {
			continue
		}
		r.w = w
		if e := r.residuals(held).squares(); e < lowest {
			best, lowest = w, e
		}
	}
	if r.w = best; best == nil {
		return nil
	}
	return r
}

// columnFit regresses every state and the depth on the column's terms, weighted.
func columnFit(d *design, s *sampled, weight []float64) *mat.Dense {
	var zz mat.SymDense
	zz.ReuseAsSym(3)
	zx := mat.NewDense(3, d.p, nil)
	for i, p := range s.places {
		z, row := columnTerms(p.column), d.x[i*d.p:(i+1)*d.p]
		for a := range z {
			for b := a; b < len(z); b++ {
				zz.SetSym(a, b, zz.At(a, b)+weight[i]*z[a]*z[b])
			}
			out := zx.RawRowView(a)
			for j := range d.p - 1 {
				out[j] += weight[i] * z[a] * float64(row[j])
			}
			out[d.p-1] += weight[i] * z[a] * float64(s.depth[i])
		}
	}
	for a := range 3 {
		zz.SetSym(a, a, zz.At(a, a)*(1+1e-9)+1e-9) // where a text has one column only
	}
	var chol mat.Cholesky
	if !chol.Factorize(&zz) {
		return nil
	}
	var out mat.Dense
	if chol.SolveTo(&out, zx) != nil {
		return nil
	}
	return &out
}

// takeOut removes what the column tells from the design and gives the depths freed
// of it; the bias column becomes 0.
func (r *depthReader) takeOut(d *design, s *sampled) []float64 {
	y := make([]float64, d.n)
	for i, p := range s.places {
		z, row := columnTerms(p.column), d.x[i*d.p:(i+1)*d.p]
		y[i] = float64(s.depth[i])
		for a, v := range z {
			weights := r.nuisance.RawRowView(a)
			for j := range d.p - 1 {
				row[j] -= float32(v * weights[j])
			}
			y[i] -= v * weights[d.p-1]
		}
		row[d.p-1] = 0
	}
	return y
}

// normalEquations are X'WX, X'Wy and the mean of X'WX's diagonal.
func normalEquations(d *design, y, weight []float64) (gram []float32, against []float64, variance float64) {
	scaled, p := make([]float32, len(d.x)), d.p
	against = make([]float64, p)
	for i := range d.n {
		root := float32(math.Sqrt(weight[i]))
		for j, x := range d.x[i*p : (i+1)*p] {
			scaled[i*p+j] = root * x
			against[j] += weight[i] * float64(x) * y[i]
		}
	}
	gram = make([]float32, p*p)
	f32.GemmTN(gram, p, scaled, p, scaled, p, p, p, d.n, false)
	for j := range p {
		variance += float64(gram[j*p+j]) / float64(p)
	}
	return gram, against, variance
}

// solveRidge is (X'WX + ridge I)^-1 X'Wy; nil where that is singular.
func solveRidge(gram []float32, against []float64, ridge float64) []float64 {
	p := len(against)
	a := mat.NewSymDense(p, nil)
	for i := range p {
		for j := i; j < p; j++ {
			a.SetSym(i, j, float64(gram[i*p+j]))
		}
		a.SetSym(i, i, a.At(i, i)+ridge+1e-9)
	}
	var chol mat.Cholesky
	if !chol.Factorize(a) {
		return nil
	}
	var w mat.VecDense
	if chol.SolveVecTo(&w, mat.NewVecDense(p, against)) != nil {
		return nil
	}
	return w.RawVector().Data
}

// depthError is how a fit does at some places: depths freed of the column, what was
// read of them, and the weights that balance depths.
type depthError struct {
	s               *sampled
	y, read, weight []float64
}

func (r *depthReader) residuals(s *sampled) depthError {
	d := r.scale.design(s)
	e := depthError{s: s, y: r.takeOut(d, s), read: make([]float64, d.n), weight: balance(s.depth)}
	d.times(r.w, e.read)
	return e
}

// squares is the weighted sum of squared errors.
func (e depthError) squares() float64 {
	var sum float64
	for i, y := range e.y {
		sum += e.weight[i] * (y - e.read[i]) * (y - e.read[i])
	}
	return sum
}

// rSquared is R^2 about the mean of the depths measured, a block left out.
func (e depthError) rSquared(without *int) float64 {
	var n, y, yy, ee float64
	for i, v := range e.y {
		if without != nil && e.s.places[i].block == *without {
			continue
		}
		w := e.weight[i]
		n, y, yy = n+w, y+w*v, yy+w*v*v
		ee += w * (v - e.read[i]) * (v - e.read[i])
	}
	total := yy - y*y/n
	if !(total > 1e-9) {
		return math.NaN()
	}
	return 1 - ee/total
}

// correlation of depth and what was read, weighted; NaN where one of them is constant.
func (e depthError) correlation() float64 {
	var s stat.CrossSums
	for i, y := range e.y {
		w, a := e.weight[i], e.read[i]
		s = s.Plus(stat.CrossSums{N: w, A: w * a, Y: w * y, AA: w * a * a, YY: w * y * y, AY: w * a * y})
	}
	aa, yy, ay := s.Scatter()
	if !(aa > 1e-6) || !(yy > 1e-9) {
		return math.NaN()
	}
	return ay / math.Sqrt(aa*yy)
}

// depthIntervals are R^2 and the mean absolute error, leaving out one block at a time.
func depthIntervals(s *sampled, e depthError) (r2, mae stat.Interval) {
	blocks := len(s.side.labels)
	num, den := make([]float64, blocks), make([]float64, blocks)
	for i, y := range e.y {
		b := s.places[i].block
		num[b] += e.weight[i] * math.Abs(y-e.read[i])
		den[b] += e.weight[i]
	}
	var leave []float64
	for b := range blocks {
		if r := e.rSquared(&b); den[b] > 0 && !math.IsNaN(r) {
			leave = append(leave, r)
		}
	}
	r2 = stat.Jackknife(e.rSquared(nil), leave)
	mae = stat.SegmentMean(num, den)
	r2.N, mae.N = int64(len(e.y)), int64(len(e.y))
	return r2, mae
}
