package dissect

import (
	"fmt"
	"math"

	"github.com/rnnscope/rnnscope/finding"
	"github.com/rnnscope/rnnscope/probe"
	"github.com/rnnscope/rnnscope/specimen"
	"github.com/rnnscope/rnnscope/stat"
)

// keepDefined keeps the figures that are.
func keepDefined(all []finding.Finding) []finding.Finding {
	out := all[:0]
	for _, f := range all {
		if !math.IsNaN(f.Estimate) {
			out = append(out, f)
		}
	}
	return out
}

const sampledBlocks = "sample of blocks by hash; delete-one-block jackknife"

// closerFindings flattens what the second visit tells of a concept.
func (r *Result) closerFindings(c ConceptResult) []finding.Finding {
	var out []finding.Finding
	if c.Closer != nil && c.Best != nil {
		out = r.lookFindings(c.Concept, c.Best, c.Closer)
	}
	out = append(out, r.stateFindings(c)...)
	out = append(out, r.probeFindings(c)...)
	return keepDefined(out)
}

// lookFindings are those of one unit.
func (r *Result) lookFindings(concept string, at *Score, k *CloserLook) []finding.Finding {
	var out []finding.Finding
	add := func(metric, method string, i stat.Interval) {
		out = append(out, r.finding(concept, at.Site, at.Unit, metric, method, i))
	}
	add("auroc_within", "among equal current characters; "+sampledBlocks, k.Within)
	out = append(out, r.finding(concept, at.Site, at.Unit, "auroc_held_within", "among equal current characters; "+sampledBlocks, k.HeldWithin).At(float64(specimen.HeldGaps[farLevel-1])))
	for _, g := range k.Grams {
		method := fmt.Sprintf("unit less P(on | last %d characters), counted before the report", g.K)
		out = append(out, r.finding(concept, at.Site, at.Unit, "excess_over_gram", method, stat.Point(float64(g.Excess), k.N)).At(float64(g.K)))
	}
	for _, f := range k.Fits {
		add("r_scaled", "correlation with the label, "+f.Scale, stat.Point(float64(f.R), k.N))
		out[len(out)-1].Kind = f.Scale
		add("monotone", "share of variance a monotone function of the label explains", stat.Point(float64(f.Monotone), k.N))
		out[len(out)-1].Kind = f.Scale
	}
	return out
}

// stateFindings are those of the unit chosen by r_within.
func (r *Result) stateFindings(c ConceptResult) []finding.Finding {
	u := c.State
	if u == nil {
		return nil
	}
	const method = "unit with the largest |r_within| on validation; "
	out := []finding.Finding{
		r.finding(c.Concept, u.Score.Site, u.Score.Unit, "state_r_within", method+sampledBlocks, u.RWithin),
		r.finding(c.Concept, u.Score.Site, u.Score.Unit, "state_p_adjusted", method+"Westfall-Young over the units of its site, as if in the family of all tests", stat.Point(float64(u.Score.AdjustedP), c.N)),
		r.finding(c.Concept, u.Score.Site, finding.NoUnit, "untrained_r_within", fmt.Sprintf("largest |r_within| of any unit of %d untrained networks", r.Null.Untrained), stat.Point(float64(u.Untrained), int64(r.Null.Positions))),
	}
	if u.Same || u.Closer == nil {
		return out
	}
	out = append(out, r.finding(c.Concept, u.Score.Site, u.Score.Unit, "state_auroc", method+"delete-one-segment jackknife", u.Score.AUROC))
	return append(out, r.lookFindings(c.Concept, &u.Score, u.Closer)...)
}

// probeFindings are those of linear readers and rotations.
func (r *Result) probeFindings(c ConceptResult) []finding.Finding {
	var out []finding.Finding
	if p := c.Probe; p != nil {
		add := func(metric, method string, i stat.Interval) {
			out = append(out, r.finding(c.Concept, p.Site, finding.NoUnit, metric, method, i))
		}
		n := int64(p.Measured)
		add("probe_accuracy", fmt.Sprintf("balanced; logistic probe of %d units, l1 and l2, penalty chosen on blocks held back; delete-one-block jackknife", p.Units), p.Accuracy)
		add("probe_auroc", "of the full probe", stat.Point(float64(p.AUROC), n))
		if p.K90 > 0 {
			add("probe_k90", "units of the smallest probe with 90 % of the full probe's skill", stat.Point(float64(p.K90), n))
		}
		add("probe_selectivity", fmt.Sprintf("accuracy less the mean of %d control tasks: a hash of the last 3 characters; delete-one-block jackknife and the spread of the tasks", probe.ControlTasks), p.SelectivityInterval)
		add("probe_telegraph", fmt.Sprintf("mean accuracy on %d random labels with the concept's dwell times, on alternate positions", probe.ControlTasks), stat.Point(float64(p.Telegraph), n))
	}
	if d := c.Depth; d != nil {
		add := func(metric string, i stat.Interval) {
			out = append(out, r.finding(c.Concept, d.Site, finding.NoUnit, metric, "ridge on min(depth, 8), balanced over depths, column taken out; delete-one-block jackknife", i))
		}
		add("depth_r2", d.R2)
		add("depth_mae", d.MAE)
		if d.D0 > 0 {
			method := fmt.Sprintf("fitted on depths <= %d, measured beyond", d.D0)
			out = append(out, r.finding(c.Concept, d.Site, finding.NoUnit, "depth_beyond_r2", method, stat.Point(float64(d.BeyondR2), int64(d.BeyondN))),
				r.finding(c.Concept, d.Site, finding.NoUnit, "depth_beyond_r", method, stat.Point(float64(d.BeyondR), int64(d.BeyondN))))
		}
	}
	if x := c.Rotated; x != nil {
		method := fmt.Sprintf("%d positions, %d random rotations of the site's states", x.Positions, x.Draws)
		out = append(out, r.finding(c.Concept, x.Site, finding.NoUnit, "unit_max", "best AUROC over units; "+method, stat.Point(x.Unit, int64(x.Positions))),
			r.finding(c.Concept, x.Site, finding.NoUnit, "rotated_max", "best AUROC over rotated axes, mean over rotations; "+method, stat.Point(x.Mean, int64(x.Positions))))
	}
	return out
}
