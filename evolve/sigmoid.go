package evolve

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/stat/distuv"
)

// sigmoids are all sigmoids that are tried on one curve, and the best of them.
type sigmoids struct {
	*surface
	middles []float64   // ascending
	widths  []float64   // logarithms, ascending
	at      [][]float64 // [widths][middles] marginal
	logL    float64     // greatest likelihood
	x0, lw  float64     // where marginal is greatest
	shares  []float64   // of the nodes, there
	rss     []float64   // of the nodes, there
	chance  float64     // the sum of squares that white noise makes which is surely there, with phi 0
}

const (
	widest      = 16 // decades: more than any training spans
	widthStep   = .2 // of the logarithm
	fewMiddles  = 48 // over the whole curve, at least
	jump        = 4  // a sigmoid this many times narrower than two checkpoints lie apart is a jump to them
	narrowest   = 512
	inWidth     = 12 // middles are tried no closer than this part of a width
	confidence  = .95
	goldenTurns = 18
	halvings    = 14   // of a step between places
	improbable  = 1e-4 // a phi that the curve makes less probable than this is left out
)

// newSigmoids fits a curve: x ascends, and its ends differ. The bounds take no sum of
// squared residuals for less than chance makes it.
func newSigmoids(x, y []float64, chance float64) *sigmoids {
	s := &sigmoids{surface: newSurface(x, y), chance: chance}
	s.places()
	x0, lw, l := s.best(s.likelihood, nil)
	s.logL = l
	s.weigh(x0, math.Exp(lw))
	s.at = make([][]float64, len(s.widths))
	s.x0, s.lw, _ = s.best(s.marginal, s.at)
	s.shareOut()
	return s
}

// places are the middles and widths that are tried: every checkpoint, and evenly between each
// and the next; from far narrower than the two nearest checkpoints lie apart to the widest.
func (s *sigmoids) places() {
	coarse := (s.x[len(s.x)-1] - s.x[0]) / fewMiddles
	least := math.Inf(1)
	for i, v := range s.x {
		s.middles = append(s.middles, v)
		if i+1 == len(s.x) || s.x[i+1] == v {
			continue
		}
		gap := s.x[i+1] - v
		least = min(least, gap)
		parts := max(2, math.Ceil(gap/coarse))
		for k := 1.; k < parts; k++ {
			s.middles = append(s.middles, v+gap*k/parts)
		}
	}
	s.middles = slices.Compact(s.middles)
	for w := least / narrowest; w < least/jump; w *= 2 {
		s.widths = append(s.widths, math.Log(w))
	}
	lo, hi := math.Log(least/jump), math.Log(widest)
	steps := math.Ceil((hi - lo) / widthStep)
	for k := 0.; k <= steps; k++ {
		s.widths = append(s.widths, lo+(hi-lo)*k/steps)
	}
}

// best maximises f(middle, width): over all places, which at keeps if it is not nil, then in
// turns around the best of them.
func (s *sigmoids) best(f func(x0, w float64) float64, at [][]float64) (x0, lw, top float64) {
	top = math.Inf(-1)
	for i, v := range s.widths {
		row := s.row(f, v)
		if at != nil {
			at[i] = row
		}
		if j := argmax(row); row[j] > top {
			x0, lw, top = s.middles[j], v, row[j]
		}
	}
	x0, top = s.middleFrom(f, lw, x0)
	reach := 1.0
	for range 6 {
		lo, hi := s.widths[0], s.widths[len(s.widths)-1]
		if v, l := golden(max(lo, lw-reach), min(hi, lw+reach), func(v float64) float64 { return f(x0, math.Exp(v)) }); l > top {
			lw, top = v, l
		}
		w := math.Exp(lw)
		if v, l := golden(s.inside(x0-reach*w), s.inside(x0+reach*w), func(v float64) float64 { return f(v, w) }); l > top {
			x0, top = v, l
		}
		reach /= 2
	}
	return x0, lw, top
}

// inside is v, or the end of the curve that it lies beyond.
func (s *sigmoids) inside(v float64) float64 {
	return min(max(v, s.x[0]), s.x[len(s.x)-1])
}

// middleFrom is the best middle of a width around a place. A sigmoid much narrower than the
// checkpoints lie apart is a jump, the same wherever between them, except within its own width
// of a checkpoint; so both neighbours are looked at as closely as that.
func (s *sigmoids) middleFrom(f func(x0, w float64) float64, lw, place float64) (x0, top float64) {
	w := math.Exp(lw)
	of := func(v float64) float64 { return f(v, w) }
	x0, top = place, of(place)
	k, _ := slices.BinarySearch(s.x, place)
	for _, c := range []float64{place, s.x[max(0, k-1)], s.x[k], s.x[min(k+1, len(s.x)-1)]} {
		if v, l := golden(s.inside(c-w), s.inside(c+w), of); l > top {
			x0, top = v, l
		}
	}
	return x0, top
}

// row is f at all middles; those closer to the one before than the width's inWidth-th part are
// passed over, being the same.
func (s *sigmoids) row(f func(x0, w float64) float64, lw float64) []float64 {
	w, last := math.Exp(lw), math.Inf(-1)
	row := make([]float64, len(s.middles))
	for j, x0 := range s.middles {
		row[j] = math.Inf(-1)
		if x0-last >= w/inWidth {
			row[j], last = f(x0, w), x0
		}
	}
	return row
}

// shareOut finds how probable each phi is, given the best sigmoid, and keeps those that may be.
func (s *sigmoids) shareOut() {
	p := s.products(s.x0, math.Exp(s.lw))
	s.shares, s.rss = make([]float64, len(s.nodes)), make([]float64, len(s.nodes))
	top, sum := math.Inf(-1), 0.0
	for i := range s.nodes {
		r, ok := s.surface.rss(&s.nodes[i], &p)
		r = s.believed(r, s.nodes[i].phi)
		s.rss[i], s.shares[i] = r, math.Inf(-1)
		if ok {
			s.shares[i] = s.nodes[i].weight - s.residual/2*math.Log(r)
		}
		top = max(top, s.shares[i])
	}
	for i := range s.shares {
		s.shares[i] = math.Exp(s.shares[i] - top)
		sum += s.shares[i]
	}
	kept := 0
	for i := range s.shares {
		if share := s.shares[i] / sum; share > improbable {
			s.nodes[kept], s.shares[kept], s.rss[kept] = s.nodes[i], share, s.rss[i]
			kept++
		}
	}
	s.nodes, s.shares, s.rss = s.nodes[:kept], s.shares[:kept], s.rss[:kept]
}

// believed is a sum of squared residuals, or what noise that is drawn anew at every point makes: larger by
// 1 + phi^2 when whitened.
func (s *sigmoids) believed(rss, phi float64) float64 { return max(rss, s.chance*(1+phi*phi)) }

// level is the mean of phi, and the curve's levels before and after the rise at that phi.
func (s *sigmoids) level(mean float64) (phi, from, to float64) {
	for i, share := range s.shares {
		phi += share * s.nodes[i].phi
	}
	k, p := s.node(phi, 0), s.products(s.x0, math.Exp(s.lw))
	oc, cc, cy := p.at(phi)
	rise := (cy - oc*k.oy/k.ones) / (cc - oc*oc/k.ones)
	from = mean + (k.oy-rise*oc)/k.ones
	return phi, from, from + rise
}

// p is the p-value of a middle and width. With phi known, n-4 times the residual sum of squares
// over that of the best fit, less one, is F of 1 and n-4 degrees of freedom in the middle or
// the width, the other one fitted (Bates and Watts 1988, chapter 6); that is averaged over phi,
// as probable as the curve makes it.
func (s *sigmoids) p(x0, lw float64) float64 {
	t := distuv.StudentsT{Sigma: 1, Nu: s.residual}
	products, sum := s.products(x0, math.Exp(lw)), 0.0
	for i, share := range s.shares {
		if r, ok := s.surface.rss(&s.nodes[i], &products); ok {
			sum += share * 2 * t.CDF(-math.Sqrt(s.residual*max(0, s.believed(r, s.nodes[i].phi)/s.rss[i]-1)))
		}
	}
	return sum
}

// intervals are the 95 % bounds of middle and width: the ends of all that p does not
// exclude. A bound that the curve does not set is NaN; the least width is then 0.
func (s *sigmoids) intervals() (x0lo, x0hi, wlo, whi float64) {
	within := func(x0, lw float64) bool { return s.p(x0, lw) >= 1-confidence }
	wlo, whi = hull(s.widths, s.lw, func(i int) bool { return within(s.middles[argmax(s.at[i])], s.widths[i]) }, func(lw float64) bool {
		return within(s.middleAt(lw), lw)
	})
	x0lo, x0hi = hull(s.middles, s.x0, func(j int) bool { return within(s.middles[j], s.widths[s.bestWidth(j)]) }, func(x0 float64) bool {
		return within(x0, s.widthAt(x0))
	})
	if wlo, whi = math.Exp(wlo), math.Exp(whi); math.IsNaN(wlo) {
		wlo = 0
	}
	return x0lo, x0hi, wlo, whi
}

// bestWidth is the index of the best width tried with a middle.
func (s *sigmoids) bestWidth(j int) int {
	best := 0
	for i := range s.at {
		if s.at[i][j] > s.at[best][j] {
			best = i
		}
	}
	return best
}

// middleAt is the best middle with the width given.
func (s *sigmoids) middleAt(lw float64) float64 {
	x0, _ := s.middleFrom(s.marginal, lw, s.middles[argmax(s.row(s.marginal, lw))])
	return x0
}

// widthAt is the best width, its logarithm, with the middle given.
func (s *sigmoids) widthAt(x0 float64) float64 {
	f := func(lw float64) float64 { return s.marginal(x0, math.Exp(lw)) }
	values := make([]float64, len(s.widths))
	for i, lw := range s.widths {
		values[i] = f(lw)
	}
	i := argmax(values)
	if lw, top := golden(s.widths[max(0, i-1)], s.widths[min(i+1, len(values)-1)], f); top > values[i] {
		return lw
	}
	return s.widths[i]
}

// golden finds a maximum of f in lo..hi (golden-section search).
func golden(lo, hi float64, f func(float64) float64) (at, top float64) {
	const g = 1 / math.Phi
	a, b := hi-g*(hi-lo), lo+g*(hi-lo)
	fa, fb := f(a), f(b)
	for range goldenTurns {
		if fa >= fb {
			hi, b, fb = b, a, fa
			a = hi - g*(hi-lo)
			fa = f(a)
			continue
		}
		lo, a, fa = a, b, fb
		b = lo + g*(hi-lo)
		fb = f(b)
	}
	if fa >= fb {
		return a, fa
	}
	return b, fb
}

// hull is the interval from the least to the greatest value within: first of the places, by
// coarse, then outwards from there. An end beyond all places is NaN.
func hull(places []float64, estimate float64, coarse func(i int) bool, within func(v float64) bool) (lo, hi float64) {
	lo, hi = estimate, estimate
	for i, v := range places {
		if (v < lo || v > hi) && coarse(i) {
			lo, hi = min(lo, v), max(hi, v)
		}
	}
	first, _ := slices.BinarySearch(places, lo)
	last, found := slices.BinarySearch(places, hi)
	if found {
		last++
	}
	below := slices.Clone(places[:first])
	slices.Reverse(below)
	return bound(lo, below, within), bound(hi, places[last:], within)
}

// bound goes outwards over places until one is not within, and then halves; NaN when all are.
func bound(good float64, places []float64, within func(float64) bool) float64 {
	for _, bad := range places {
		if !within(bad) {
			for range halvings {
				if mid := (good + bad) / 2; within(mid) {
					good = mid
				} else {
					bad = mid
				}
			}
			return bad
		}
		good = bad
	}
	return math.NaN()
}

func argmax(v []float64) int {
	best := 0
	for i := range v {
		if v[i] > v[best] {
			best = i
		}
	}
	return best
}
