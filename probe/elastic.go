package probe

import (
	"math"

	"github.com/rnnscope/rnnscope/internal/f32"
	"github.com/rnnscope/rnnscope/stat"
)

// design is what a linear reader is fitted on: standardised activations and, as
// the last column, 1 for the bias.
type design struct {
	n, p int
	x    []float32 // [n,p]
}

// task is one label of the rows of a design. Each side weighs as much as the
// other; the weights have mean 1.
type task struct {
	on     []bool
	weight [2]float64 // of a row that is off, on
}

// newTask weighs the sides; ok is false when one of them is empty.
func newTask(on []bool) (t task, ok bool) {
	var n [2]float64
	for _, y := range on {
		n[stat.Indicator(y)]++
	}
	if n[0] == 0 || n[1] == 0 {
		return t, false
	}
	half := float64(len(on)) / 2
	return task{on, [2]float64{half / n[0], half / n[1]}}, true
}

// penalty is l1 |w| + l2 |w|^2 over all weights but the bias.
type penalty struct{ l1, l2 float64 }

// elastic is the share of a path's lambda that is l1; half of the rest is l2
// (Zou and Hastie 2005).
const elastic = 0.9

func penaltyAt(lambda float64) penalty {
	return penalty{elastic * lambda, (1 - elastic) / 2 * lambda}
}

func (p penalty) of(w []float64) float64 {
	var s float64
	for _, v := range w[:len(w)-1] {
		s += p.l1*math.Abs(v) + p.l2*v*v
	}
	return s
}

// Limits of the solver.
const (
	leastCurvature = 1e-4 // of a row's loss, so that rows classified with certainty still count
	sweepsAtMost   = 60
	sweepTolerance = 1e-4
	stepTolerance  = 1e-3
	halvings       = 6
)

// solver minimises mean weighted logistic loss + penalty by proximal Newton steps
// (Lee, Sun and Saunders 2014): the loss is replaced by its quadratic, that is
// minimised coordinate by coordinate, and the step is halved until the objective
// falls. It keeps its scratch memory and serves one goroutine.
type solver struct {
	scaled, h []float32 // [n,p], [p,p]
	z, next   []float64 // [n]
	gradient  []float64 // [p]
	residual  []float64 // [n] what a row pulls at the weights
	root      []float32 // [n] of its curvature
}

// fit improves w [p], the bias last, by at most steps steps.
func (s *solver) fit(d *design, t task, pen penalty, w []float64, steps int) {
	s.reserve(d)
	d.times(w, s.z)
	objective := t.loss(s.z) + pen.of(w)
	for range steps {
		s.quadratic(d, t)
		target := append([]float64(nil), w...)
		s.descend(d.p, pen, target)
		moved, ok := s.step(d, t, pen, w, target, &objective)
		if !ok || moved < stepTolerance {
			return
		}
	}
}

func (s *solver) reserve(d *design) {
	if cap(s.scaled) < d.n*d.p {
		s.scaled = make([]float32, d.n*d.p)
	}
	if cap(s.h) < d.p*d.p {
		s.h = make([]float32, d.p*d.p)
	}
	if cap(s.z) < d.n {
		s.z, s.next = make([]float64, d.n), make([]float64, d.n)
		s.residual, s.root = make([]float64, d.n), make([]float32, d.n)
	}
	s.scaled, s.h = s.scaled[:d.n*d.p], s.h[:d.p*d.p]
	s.z, s.next, s.residual, s.root = s.z[:d.n], s.next[:d.n], s.residual[:d.n], s.root[:d.n]
	s.gradient = make([]float64, d.p)
}

// times is z = x w, four rows at a time: each sum waits for itself alone.
func (d *design) times(w, z []float64) {
	row := func(i int) []float32 { return d.x[i*d.p:][:len(w)] }
	i := 0
	for ; i+4 <= len(z); i += 4 {
		r0, r1, r2, r3 := row(i), row(i+1), row(i+2), row(i+3)
		var s0, s1, s2, s3 float64
		for j, v := range w {
			s0 += v * float64(r0[j])
			s1 += v * float64(r1[j])
			s2 += v * float64(r2[j])
			s3 += v * float64(r3[j])
		}
		z[i], z[i+1], z[i+2], z[i+3] = s0, s1, s2, s3
	}
	for ; i < len(z); i++ {
		var sum float64
		for j, x := range row(i) {
			sum += w[j] * float64(x)
		}
		z[i] = sum
	}
}

// loss is the mean weighted logistic loss in nats.
func (t task) loss(z []float64) float64 {
	var sum float64
	for i, v := range z {
		if t.on[i] {
			sum += t.weight[1] * softplus(-v)
		} else {
			sum += t.weight[0] * softplus(v)
		}
	}
	return sum / float64(len(z))
}

func softplus(v float64) float64 { return max(v, 0) + math.Log1p(math.Exp(-math.Abs(v))) }

func logistic(v float64) float64 { return 1 / (1 + math.Exp(-v)) }

// quadratic takes gradient and Hessian of the loss at z.
func (s *solver) quadratic(d *design, t task) {
	for i, v := range s.z {
		side := stat.Indicator(t.on[i])
		p, weight := logistic(v), t.weight[side]/float64(d.n)
		s.residual[i] = weight * (p - float64(side))
		s.root[i] = float32(math.Sqrt(weight * max(leastCurvature, p*(1-p))))
	}
	f32.WeighRows(s.gradient, s.scaled, d.x[:d.n*d.p], s.residual, s.root)
	f32.SymmetricTN(s.h, s.scaled, d.p, d.n)
}

// descend minimises the quadratic and the penalty over w by coordinate descent
// (Friedman, Hastie and Tibshirani 2010), full sweeps and sweeps over what moved in turn.
func (s *solver) descend(p int, pen penalty, w []float64) {
	q := append([]float64(nil), s.gradient...) // of the quadratic at w
	active := make([]bool, p)
	for sweep := range sweepsAtMost {
		full := sweep%5 == 0
		var moved float64
		for j := range p {
			if !full && !active[j] {
				continue
			}
			row := s.h[j*p : (j+1)*p]
			delta := coordinate(float64(row[j]), q[j], w[j], pen, j == p-1) - w[j]
			active[j] = delta != 0 || w[j] != 0
			if delta == 0 {
				continue
			}
			w[j] += delta
			moved = max(moved, math.Abs(delta))
			f32.AddWide(q, row, delta)
		}
		if moved < sweepTolerance && full {
			return
		}
	}
}

// coordinate is the best value of one weight, the others held.
func coordinate(h, q, w float64, pen penalty, bias bool) float64 {
	target := h*w - q
	if bias {
		return target / max(h, 1e-12)
	}
	switch {
	case target > pen.l1:
		target -= pen.l1
	case target < -pen.l1:
		target += pen.l1
	default:
		return 0
	}
	return target / (h + 2*pen.l2)
}

// step goes from w towards target as far as the objective falls.
func (s *solver) step(d *design, t task, pen penalty, w, target []float64, objective *float64) (moved float64, ok bool) {
	d.times(target, s.next)
	at, z := make([]float64, len(w)), make([]float64, d.n)
	for share, k := 1.0, 0; k < halvings; share, k = share/2, k+1 {
		for i := range z {
			z[i] = s.z[i] + share*(s.next[i]-s.z[i])
		}
		for j := range at {
			at[j] = w[j] + share*(target[j]-w[j])
		}
		if o := t.loss(z) + pen.of(at); o < *objective {
			for j := range w {
				moved = max(moved, math.Abs(at[j]-w[j]))
			}
			copy(w, at)
			copy(s.z, z)
			*objective = o
			return moved, true
		}
	}
	return 0, false
}

// Sizes of a path.
const (
	pathSteps = 8
	pathRatio = 0.4 // of one lambda to the one before
	pathFits  = 6   // Newton steps at each
)

// largestLambda is the least one at which every weight but the bias is 0.
func (s *solver) largestLambda(d *design, t task) float64 {
	s.reserve(d)
	clear(s.z) // the sides weigh the same: the best bias alone is 0
	s.quadratic(d, t)
	var most float64
	for _, g := range s.gradient[:d.p-1] {
		most = max(most, math.Abs(g))
	}
	return most / elastic
}

// fitted is a point of a path.
type fitted struct {
	lambda float64
	w      []float64
}

// path fits along falling lambdas, each from the one before, and takes the one
// with the lowest loss on rows held back. order lists the columns by when they
// first took part, those of larger weight first.
func (s *solver) path(d *design, t task, held *design, heldTask task) (best fitted, order []int) {
	w, z := make([]float64, d.p), make([]float64, held.n)
	lambda := s.largestLambda(d, t)
	lowest, worse := math.Inf(1), 0
	seen := make([]bool, d.p-1)
	for range pathSteps {
		lambda *= pathRatio
		s.fit(d, t, penaltyAt(lambda), w, pathFits)
		order = append(order, newColumns(w, seen)...)
		held.times(w, z)
		if l := heldTask.loss(z); l < lowest {
			lowest, worse = l, 0
			best = fitted{lambda, append([]float64(nil), w...)}
		} else if worse++; worse == 2 {
			break
		}
	}
	return best, order
}

// newColumns are the columns that take part for the first time, largest weight first.
func newColumns(w []float64, seen []bool) []int {
	var out []int
	for j := range seen {
		if w[j] != 0 && !seen[j] {
			seen[j] = true
			out = append(out, j)
		}
	}
	byWeight(out, w)
	return out
}
