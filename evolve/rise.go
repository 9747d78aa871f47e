package evolve

import (
	"math"
	"slices"
)

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

// LastStep is that of the last snapshot, and beyond all steps where there is none. The fit looks for a middle up to it: found
// there, the rise was not half over.
func (h *History) LastStep() int64 {
	if len(h.Snapshots) == 0 {
		return math.MaxInt64
	}
	return h.Snapshots[len(h.Snapshots)-1].Step
}
