package memory

import (
	"cmp"
	"encoding/json"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/rnnscope/rnnscope/stat"
)

// observation is how much better than the n-gram line something was recalled
// after a gap.
type observation struct {
	gap     int
	excess  float64
	segment int
}

// Horizon is the gap, in characters, at which the excess over the n-gram line has
// fallen to half of its peak (docs/methods.md, section 6).
type Horizon struct {
	Gap      stat.Interval `json:"gap"`      // Hi is undefined where Open
	Censored bool          `json:"censored"` // it never halves: the horizon lies beyond Longest
	Open     bool          `json:"open"`     // the upper bound lies beyond Longest
	None     bool          `json:"none"`     // no excess anywhere: there is nothing to halve
	Peak     stat.Number   `json:"peak"`     // nats, of the best log2 bin
	PeakGap  stat.Number   `json:"peak_gap"` // its mean gap
	Longest  float64       `json:"longest"`  // mean gap of the last cell measured
}

const (
	cellsPerOctave = 4    // finer than the bins shown, so that binning moves the horizon little
	cellLeast      = 30   // observations of a cell; smaller ones are joined with the next
	horizonDraws   = 1000 // of the bootstrap over segments
	leastPeak      = 0.1  // nats; a smaller excess is nothing to halve
)

// horizonOf measures the horizon; its interval is a bootstrap over segments.
func horizonOf(obs []observation, rng *rand.Rand) Horizon {
	h := Horizon{Gap: stat.Point(math.NaN(), int64(len(obs))), Peak: stat.Undefined(), PeakGap: stat.Undefined()}
	if len(obs) == 0 {
		h.None = true
		return h
	}
	cells := newCells(obs)
	weights := make([]float64, cells.segments)
	for i := range weights {
		weights[i] = 1
	}
	c := cells.half(weights)
	h.Longest = c.longest
	if !(c.peak >= leastPeak) {
		h.None = true
		return h
	}
	h.Peak, h.PeakGap = stat.Number(c.peak), stat.Number(c.at)
	h.Censored = math.IsInf(c.gap, 1)
	h.Gap.Estimate = c.gap
	if h.Censored {
		h.Gap.Estimate = math.NaN()
	}
	cells.interval(&h, c.bin, rng)
	return h
}

// interval fills in the 95 % percentile interval; draws that never halve lie
// beyond the longest gap.
// Where more than 2.5 % of the draws have no excess at the peak, there is no peak.
func (c *cells) interval(h *Horizon, bin int, rng *rand.Rand) {
	if c.segments < 2 {
		return
	}
	var draws []float64
	without := 0
	weights := make([]float64, c.segments)
	for range horizonDraws {
		clear(weights)
		for range c.segments {
			weights[rng.IntN(c.segments)]++
		}
		if !(c.mean(bin, weights) > 0) {
			without++
		}
		if d := c.half(weights); d.peak > 0 {
			draws = append(draws, d.gap)
		}
	}
	if float64(without) > 0.025*horizonDraws || len(draws) == 0 {
		*h = Horizon{Gap: stat.Point(math.NaN(), h.Gap.N), None: true, Peak: stat.Undefined(), PeakGap: stat.Undefined(), Longest: h.Longest}
		return
	}
	slices.Sort(draws)
	h.Gap.Lo, h.Gap.Hi = order(draws, 0.025), order(draws, 0.975)
	if math.IsInf(h.Gap.Hi, 1) {
		h.Open, h.Gap.Hi = true, math.NaN()
	}
	if math.IsInf(h.Gap.Lo, 1) {
		h.Gap.Lo = h.Longest
	}
}

// order is a quantile that does not interpolate: draws may be infinite.
func order(sorted []float64, q float64) float64 {
	return sorted[min(len(sorted)-1, int(q*float64(len(sorted))))]
}

// cells are the observations by gap: fine cells of a quarter octave that carry the
// crossing, and which log2 bin each belongs to.
type cells struct {
	segments int
	bin      []int    // by cell
	parts    [][]part // by cell, one a segment that has observations in it
}

// part is what one segment adds to a cell: count, sum of gaps, sum of excess.
type part struct {
	segment int
	n, x, y float64
}

// sum adds a cell up, segments counting as often as their weight.
func (c *cells) sum(cell int, weights []float64) (n, x, y float64) {
	for _, p := range c.parts[cell] {
		w := weights[p.segment]
		n, x, y = n+w*p.n, x+w*p.x, y+w*p.y
	}
	return n, x, y
}

func newCells(obs []observation) *cells {
	obs = slices.Clone(obs)
	slices.SortStableFunc(obs, func(a, b observation) int { return cmp.Compare(a.gap, b.gap) })
	index := map[int]int{}
	for _, o := range obs {
		if _, ok := index[o.segment]; !ok {
			index[o.segment] = len(index)
		}
	}
	c := &cells{segments: len(index)}
	last, count := -1, 0
	for i, o := range obs {
		fine := int(math.Floor(cellsPerOctave * math.Log2(float64(o.gap)+1)))
		// A cell is left for the next where the gap passes into another quarter octave
		// and both sides are large enough.
		if last < 0 || fine != last && count >= cellLeast && len(obs)-i >= cellLeast {
			c.bin, c.parts = append(c.bin, log2Bin(o.gap)), append(c.parts, nil)
			count = 0
		}
		last = fine
		c.add(len(c.parts)-1, index[o.segment], o)
		count++
	}
	return c
}

func (c *cells) add(cell, segment int, o observation) {
	i := slices.IndexFunc(c.parts[cell], func(p part) bool { return p.segment == segment })
	if i < 0 {
		i = len(c.parts[cell])
		c.parts[cell] = append(c.parts[cell], part{segment: segment})
	}
	p := &c.parts[cell][i]
	p.n++
	p.x += float64(o.gap)
	p.y += o.excess
}

// curve is where an excess peaks and where it has halved.
type curve struct {
	gap, peak, at, longest float64 // at: mean gap of the peak
	bin                    int     // log2 bin of the peak
}

// mean is the excess in a log2 bin.
func (c *cells) mean(bin int, weights []float64) float64 {
	var n, y float64
	for k := range c.parts {
		if c.bin[k] == bin {
			cn, _, cy := c.sum(k, weights)
			n, y = n+cn, y+cy
		}
	}
	return y / n
}

// half finds the gap at which the excess first falls to half its peak after the
// peak, segments counting as often as their weight; +Inf if it never does. The
// peak is that of the log2 bins with cellLeast observations: a single fine cell is
// the larger the noisier.
func (c *cells) half(weights []float64) curve {
	var xs, ys, ns []float64
	var bins []int
	for k := range c.parts {
		if n, x, y := c.sum(k, weights); n > 0 {
			xs, ys, ns, bins = append(xs, x/n), append(ys, y/n), append(ns, n), append(bins, c.bin[k])
		}
	}
	out, from := curve{peak: math.Inf(-1), gap: math.Inf(1), longest: xs[len(xs)-1]}, 0
	for lo := 0; lo < len(bins); {
		hi := lo
		var n, x, y float64
		for ; hi < len(bins) && bins[hi] == bins[lo]; hi++ {
			n, x, y = n+ns[hi], x+ns[hi]*xs[hi], y+ns[hi]*ys[hi]
		}
		if y/n > out.peak && (n >= cellLeast || len(bins) == 1) {
			out.peak, out.at, out.bin, from = y/n, x/n, bins[lo], lo
		}
		lo = hi
	}
	// Recall does not come back with a longer gap, so a cell that does is noise.
	var levels []stat.Level
	for k := from; k < len(xs); k++ {
		levels = append(levels, stat.Level{X: xs[k], Y: ys[k], N: ns[k]})
	}
	fit := stat.Isotonic(levels, false)
	for k, l := range fit {
		if l.Y > out.peak/2 {
			continue
		}
		out.gap = l.X
		if k > 0 {
			out.gap = crossing(fit[k-1].X, fit[k-1].Y, l.X, l.Y, out.peak/2)
		}
		break
	}
	return out
}

// crossing interpolates where a curve passes level between two points: as an
// exponential where both are positive (what leaks decays so), else straight.
func crossing(x0, y0, x1, y1, level float64) float64 {
	if y0 <= level {
		return x0
	}
	if y1 > 0 && level > 0 {
		y0, y1, level = math.Log(y0), math.Log(y1), math.Log(level)
	}
	return x0 + (x1-x0)*(y0-level)/(y0-y1)
}

// String says the horizon in a few words.
func (h Horizon) String() string {
	round := func(x float64) string { b, _ := json.Marshal(math.Round(x)); return string(b) }
	switch {
	case h.None:
		return "none"
	case h.Censored && math.IsNaN(h.Gap.Lo):
		return "censored at " + round(h.Longest)
	case h.Censored:
		return "censored at " + round(h.Longest) + ", at least " + round(h.Gap.Lo)
	case math.IsNaN(h.Gap.Lo):
		return round(h.Gap.Estimate)
	case h.Open:
		return round(h.Gap.Estimate) + " [" + round(h.Gap.Lo) + ", beyond " + round(h.Longest) + "]"
	}
	return round(h.Gap.Estimate) + " [" + round(h.Gap.Lo) + ", " + round(h.Gap.Hi) + "]"
}
