package dissect

import (
	"math"

	"github.com/rnnscope/rnnscope/dissect/look"
	"github.com/rnnscope/rnnscope/specimen"
	"github.com/rnnscope/rnnscope/stat"
)

// against fills what the null says of one unit.
func (s *Score) against(t *tested, unit int) {
	s.Z, s.Spread, s.SiteP = stat.Number(t.swap.Z[unit]), stat.Number(t.swap.Spread), stat.Number(t.swap.P)
	s.P, s.Tests = stat.Number(t.swap.OwnSwap(t.cross, unit, t.draws, t.rng(unit))), t.family
	s.AdjustedP = stat.Number(min(1, float64(s.P)*float64(t.family)))
	if least := t.swap.CouldShow(unit, t.on, t.all, Alpha/float64(t.family)); least <= 1 {
		s.CouldShow = stat.Number(least)
	}
}

// leastSpread is in how many segments a label must be on to be judged at all: a
// concept seen in fewer places says nothing about the next one.
const leastSpread = 4

// spread is the number of segments in which the label is on.
func (p *pairTally) spread() int {
	on, _ := p.counts()
	n := 0
	for _, k := range on {
		if k > 0 {
			n++
		}
	}
	return n
}

func (j *job) score(c, s int, pair *pairTally, table *stat.Table) Score {
	ch, edges := pair.choice, j.walk.Edges.Of[s][pair.choice.unit]
	ci, binning := pair.bins.AUROC()
	if ch.sign < 0 {
		ci.Estimate, ci.Lo, ci.Hi = 1-ci.Estimate, 1-ci.Hi, 1-ci.Lo
	}
	on, off := pair.bins.Totals()
	f1, iou := ch.detector.Skills(on, off)
	onN, offN := pair.counts()
	out := Score{
		Site: j.walk.States.Sites()[s].Name, Unit: ch.unit, Sign: ch.sign,
		Threshold:  float64(edges.Values[min(max(ch.detector.Bin, 1), stat.Bins-1)-1]),
		Validation: ch.validation, AUROC: ci, Binning: binning,
		R:       stat.Number(table.Moments(c, ch.unit).R()),
		RWithin: stat.Number(table.RWithin(c, ch.unit)),
		F1Skill: stat.Number(f1), IoUSkill: stat.Number(iou),
		Information: stat.Undefined(), Z: stat.Undefined(), Spread: stat.Undefined(), P: stat.Undefined(),
		AdjustedP: stat.Undefined(), SiteP: stat.Undefined(), FalseDiscovery: stat.Undefined(), CouldShow: stat.Undefined(), UntrainedMax: stat.Undefined(),
		MeanOn:  stat.SegmentMean(activations(pair.onSum), onN),
		MeanOff: stat.SegmentMean(activations(pair.offSum), offN),
	}
	out.Held = heldScores(pair)
	out.OnBins, out.OffBins, out.BinEdges = coarse(on, edges), coarse(off, edges), coarseEdges(edges)
	return out
}

// heldScores are the scores on S_g; only that of g = 20 has an interval.
func heldScores(p *pairTally) []HeldScore {
	out := []HeldScore{}
	if p.held == nil {
		return out
	}
	for i, g := range specimen.HeldGaps {
		on, off := p.held.at(i + 1)
		auc, _ := stat.AUROC(on, off)
		var n int64
		for b := range on {
			n += on[b] + off[b]
		}
		ci := stat.Point(auc, n)
		if i+1 == farLevel {
			ci, _ = p.held.far.AUROC()
		}
		if p.choice.sign < 0 {
			ci.Estimate, ci.Lo, ci.Hi = 1-ci.Estimate, 1-ci.Hi, 1-ci.Lo
		}
		out = append(out, HeldScore{Gap: int(g), AUROC: ci})
	}
	return out
}

func (p *pairTally) counts() (on, off []float64) {
	for s := range p.onSum {
		var n1, n0 int64
		for b := range stat.Bins {
			n1 += p.bins.On[s*stat.Bins+b]
			n0 += p.bins.Off[s*stat.Bins+b]
		}
		on, off = append(on, float64(n1)), append(off, float64(n0))
	}
	return on, off
}

// activations turns fixed-point sums into sums of activations.
func activations(fixed []int64) []float64 {
	out := make([]float64, len(fixed))
	for i, q := range fixed {
		out[i] = float64(q) / stat.FixedOne
	}
	return out
}

// coarseBins is how many bins a reported distribution has.
const coarseBins = 16

// coarseEdges are the borders of bins of equal width over all but the outermost
// of the unit's fine bins.
func coarseEdges(e *stat.Edges) []float64 {
	lo, hi := float64(e.Values[0]), float64(e.Values[stat.Bins-2])
	out := make([]float64, coarseBins-1)
	for i := range out {
		out[i] = lo + (hi-lo)*float64(i+1)/coarseBins
	}
	return out
}

// coarse is the share of counts in each bin of equal width; a fine bin that
// reaches over several is spread over them evenly.
func coarse(h []int64, e *stat.Edges) []float64 {
	lo, hi := float64(e.Values[0]), float64(e.Values[stat.Bins-2])
	width := math.Max(1e-12, (hi-lo)/coarseBins)
	out := make([]float64, coarseBins)
	var total float64
	for b, n := range h {
		from := (float64(e.Values[max(b-1, 0)]) - lo) / width
		to := (float64(e.Values[min(b, stat.Bins-2)]) - lo) / width
		spread(out, from, to, float64(n))
		total += float64(n)
	}
	for i := range out {
		out[i] = look.Round(out[i]/math.Max(1, total), 1e-6)
	}
	return out
}

// spread adds n to the bins between from and to, in bin widths.
func spread(out []float64, from, to, n float64) {
	if to-from < 1e-9 {
		out[min(max(int(from), 0), len(out)-1)] += n
		return
	}
	for i := range out {
		overlap := math.Min(to, float64(i+1)) - math.Max(from, float64(i))
		if overlap > 0 {
			out[i] += n * overlap / (to - from)
		}
	}
}
