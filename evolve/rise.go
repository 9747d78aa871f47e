package evolve

import (
	"math"
	"slices"

	"github.com/rnnscope/rnnscope/stat"
)

// Shown is the verdict as it is told and counted: weakened where too few snapshots lie inside or beside the rise.
func (e Emergence) Shown() Verdict {
	if e.Verdict == Abrupt && !e.Trusted {
		return PerhapsAbrupt
	}
	return e.Verdict
}

// Middle is the step of the middle of a rise. The fit looks for it up to the last snapshot: found there, the rise was
// not half over.
func (e Emergence) Middle(last int64) stat.Censored {
	step := math.Pow(10, e.X0.Estimate) - 1
	if math.Round(step) >= float64(last) {
		return stat.Censored{Value: float64(last), Above: true}
	}
	return stat.Censored{Value: step}
}

// Rises tells whether a sigmoid describes a figure best and goes towards better, so that its middle is that of a rise;
// lower: the figure is better where it is lower.
func (e Emergence) Rises(lower bool) bool {
	worse := e.To < e.From && !lower || e.To > e.From && lower
	return e.Best == Sigmoid && e.Verdict != Declined && !worse && !math.IsNaN(e.X0.Estimate)
}

// Lower tells whether a figure is better where it is lower.
func (h *History) Lower(figure string) bool {
	return figure == LossName || slices.ContainsFunc(h.Definitions, func(d Definition) bool { return d.Name == figure && d.Lower })
}

// LastStep is that of the last snapshot, and beyond all steps where there is none.
func (h *History) LastStep() int64 {
	if len(h.Snapshots) == 0 {
		return math.MaxInt64
	}
	return h.Snapshots[len(h.Snapshots)-1].Step
}
