package probe

import (
	"math"
	"slices"

	"github.com/rnnscope/rnnscope/stat"
)

// hits is what a probe gets right and how much there is of either side, by block.
type hits struct{ right, n [2][]float64 } // [off, on][blocks]

// hits counts the scores z of the measured positions against labels.
func (p *prober) hits(z []float64, on []bool) hits {
	var t hits
	for side := range 2 {
		t.right[side], t.n[side] = make([]float64, len(p.measured.side.labels)), make([]float64, len(p.measured.side.labels))
	}
	for i, v := range z {
		side, b := stat.Indicator(on[i]), p.measured.places[i].block
		t.right[side][b] += float64(stat.Indicator((v > 0) == on[i]))
		t.n[side][b]++
	}
	return t
}

// without is the balanced accuracy of all blocks but b, or of all for b < 0; NaN where
// that leaves nothing out or nothing of a side.
func (t hits) without(b int) float64 {
	var sum float64
	for side := range 2 {
		var right, n float64
		for i := range t.n[side] {
			if i != b {
				right, n = right+t.right[side][i], n+t.n[side][i]
			}
		}
		sum += right / n // 0/0 is NaN
	}
	if b >= 0 && t.n[0][b]+t.n[1][b] == 0 {
		return math.NaN()
	}
	return sum / 2
}

// selectivity is the accuracy less the mean accuracy on control tasks. Its interval is
// made of two that are independent: all of it with one block left out at a time, and
// the mean over tasks, of which others could have been drawn. A control task without
// both sides counts as one half.
func selectivity(t hits, controls []hits) stat.Interval {
	mean := func(b int) (m float64, each []float64) {
		for range ControlTasks - len(controls) {
			each = append(each, 0.5)
		}
		for _, c := range controls {
			each = append(each, c.without(b))
		}
		return stat.Mean(each), each
	}
	all, tasks := mean(-1)
	var leave []float64
	for b := range t.n[0] {
		control, _ := mean(b)
		if d := t.without(b) - control; !math.IsNaN(d) {
			leave = append(leave, d)
		}
	}
	ci := stat.Jackknife(t.without(-1)-all, leave)
	drawn := stat.SegmentMean(tasks, slices.Repeat([]float64{1}, len(tasks)))
	half := math.Hypot(ci.Hi-ci.Estimate, drawn.Hi-drawn.Estimate)
	ci.Lo, ci.Hi = ci.Estimate-half, ci.Estimate+half
	return ci
}
