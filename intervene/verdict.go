package intervene

import (
	"fmt"
	"math"
	"slices"

	"github.com/rnnscope/rnnscope/rnn"
	"github.com/rnnscope/rnnscope/stat"
)

const (
	flips       = 9999 // draws at least
	leastEffect = 50   // effective positions on either side
	fewSegments = 10   // windows with both sides, for what is not corrected
)

// leastSegments is how many windows must have both sides: with fewer the flip of all signs
// that is the observed one is too large a share of all flips to survive the correction.
func leastSegments(family int) int {
	return max(fewSegments, int(math.Ceil(math.Log2(float64(family)/Alpha))))
}

// weights is how much of P_c and M_c each window of a concept has.
func (s *study) weights(c int) (np, nm []float64) {
	n := len(s.windows[c])
	np, nm = make([]float64, n), make([]float64, n)
	for k := range n {
		np[k], nm[k] = s.contrast[c].p.total(k), s.contrast[c].m.total(k)
	}
	return np, nm
}

// effectOf is E and D of a concept from what was summed in all of its windows.
func (s *study) effectOf(c int, x *sums) Effect {
	np, nm := s.weights(c)
	e := Effect{P: stat.SegmentMean(x.p[c], np), M: stat.SegmentMean(x.m[c], nm)}
	e.D = stat.SegmentContrast(x.p[c], np, x.m[c], nm)
	e.D.N, e.M.N = e.P.N, int64(math.Round(s.contrast[c].effective))
	return e
}

// bySegment is what each window adds to D: what sign flips turn. Both sides are counted
// from the mean that they share if D is 0, so that a window with more of one side than
// its share has no sign of its own then; the sum is D whatever that mean is.
func (s *study) bySegment(c int, x *sums) []float64 {
	np, nm := s.weights(c)
	return contributions(x.p[c], np, x.m[c], nm)
}

// contributions splits sum(p)/sum(np) - sum(m)/sum(nm) over windows.
func contributions(p, np, m, nm []float64) []float64 {
	var sp, sm, allP, allM float64
	for w := range p {
		sp, sm, allP, allM = sp+p[w], sm+m[w], allP+np[w], allM+nm[w]
	}
	common := (sp + sm) / (allP + allM)
	var d []float64
	for w := range p {
		if np[w] > 0 || nm[w] > 0 {
			d = append(d, (p[w]-common*np[w])/allP-(m[w]-common*nm[w])/allM)
		}
	}
	return d
}

// pooledContrast is D over the first windows alone, for the gate.
func (s *study) pooledContrast(c int, x *sums, windows int) float64 {
	var p, m, np, nm float64
	for w := range min(windows, len(s.windows[c])) {
		p += x.p[c][w]
		m += x.m[c][w]
		np += s.contrast[c].p.total(w)
		nm += s.contrast[c].m.total(w)
	}
	return p/np - m/nm
}

// testable says why a concept cannot have a verdict here, "" if it can.
func (s *study) testable(c int) string {
	return s.comparable(c, leastSegments(s.family(Options{}.withDefaults(s.in.Model).Sites[0])))
}

// comparable says why P_c and M_c of a concept cannot be compared, "" if they can: they need
// so many windows with both.
func (s *study) comparable(c, least int) string {
	k := s.contrast[c]
	segments := 0
	for w := range s.windows[c] {
		if k.p.total(w) > 0 && k.m.total(w) > 0 {
			segments++
		}
	}
	switch {
	case k.positions == 0:
		return "there is no place where it matters for the next character"
	case k.partnered < leastEffect:
		return "it matters in too few places that have a like one where it does not"
	case k.effective < leastEffect:
		return "too few like places where it does not matter"
	case segments < least:
		return "it matters in too few windows of the text"
	}
	return ""
}

// gateOf holds a unit's D against all other units of its site, once the spread of each
// unit's values and the weights that read it are accounted for. d is by unit.
func gateOf(u int, d, logVar, logOut []float64) Gate {
	var rows [][3]float64
	var y []float64
	for k := range d {
		if k != u && !math.IsNaN(d[k]) {
			rows = append(rows, [3]float64{1, logVar[k], logOut[k]})
			y = append(y, d[k])
		}
	}
	if len(y) < 4 || math.IsNaN(d[u]) {
		return Gate{Residual: stat.Undefined(), Limit: stat.Undefined()}
	}
	beta := leastSquares(rows, y)
	residuals := make([]float64, len(y))
	for i, r := range rows {
		residuals[i] = y[i] - dot(beta, r)
	}
	slices.Sort(residuals)
	limit := stat.Quantile(residuals, 0.95)
	own := d[u] - dot(beta, [3]float64{1, logVar[u], logOut[u]})
	return Gate{Residual: stat.Number(own), Limit: stat.Number(limit), Passed: own > limit}
}

func dot(a, b [3]float64) float64 { return a[0]*b[0] + a[1]*b[1] + a[2]*b[2] }

// leastSquares fits y by three columns; the slightest ridge keeps columns that do not
// vary from mattering.
func leastSquares(x [][3]float64, y []float64) [3]float64 {
	var a [3][4]float64
	for i, r := range x {
		for j := range 3 {
			for k := range 3 {
				a[j][k] += r[j] * r[k]
			}
			a[j][3] += r[j] * y[i]
		}
	}
	for j := range 3 {
		a[j][j] += 1e-9 * (1 + a[j][j])
	}
	for j := range 3 {
		for k := j + 1; k < 3; k++ {
			f := a[k][j] / a[j][j]
			for l := j; l < 4; l++ {
				a[k][l] -= f * a[j][l]
			}
		}
	}
	var b [3]float64
	for j := 2; j >= 0; j-- {
		b[j] = a[j][3]
		for k := j + 1; k < 3; k++ {
			b[j] -= a[j][k] * b[k]
		}
		b[j] /= a[j][j]
	}
	return b
}

// outgoing is, for every unit of a layer, the sum of |w| over all weights that read its h.
func outgoing(m *rnn.Model, layer int) []float64 {
	cfg := m.Config()
	out := make([]float64, cfg.Hidden)
	for _, p := range m.Params() {
		if !readsLayer(cfg, p.Name, layer) {
			continue
		}
		w := make([]float32, p.Len())
		p.Export(w)
		for i, v := range w { // [rows,H]
			out[i%cfg.Hidden] += math.Abs(float64(v))
		}
	}
	return out
}

// logFloor is the logarithm of each value, held above a thousandth of the largest, so that
// a unit that never moves or that nothing reads does not bend the line of all others.
func logFloor(x []float64) []float64 {
	most := slices.Max(x)
	out := make([]float64, len(x))
	for i, v := range x {
		out[i] = math.Log(max(v, most/1000, 1e-30))
	}
	return out
}

// readsLayer tells whether a parameter multiplies the h of a layer.
func readsLayer(c rnn.Config, name string, layer int) bool {
	readout := "fc.weight"
	if c.Head.Hidden > 0 {
		readout = "head.weight"
	}
	return name == fmt.Sprintf("rnn.weight_hh_l%d", layer) ||
		name == fmt.Sprintf("rnn.weight_ih_l%d", layer+1) ||
		layer == c.Layers-1 && name == readout
}
