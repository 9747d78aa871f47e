package dissect

import (
	"fmt"

	"github.com/rnnscope/rnnscope/stat"
)

// Findings flattens the result into the one schema of measured figures.
func (r *Result) Findings() []stat.Finding {
	var out []stat.Finding
	for _, c := range r.Concepts {
		for _, s := range c.Sites {
			out = append(out, r.scoreFindings(c, s)...)
		}
		out = append(out, r.closerFindings(c)...)
	}
	out = append(out, r.urlFindings()...)
	out = append(out, r.jumpFindings()...)
	return append(out, r.pairFindings()...)
}

func (r *Result) finding(concept, site string, unit int, metric, method string, i stat.Interval) stat.Finding {
	return stat.Finding{
		Concept: concept, Site: site, Unit: unit, Metric: metric,
		Split: r.Split, Method: method, Version: r.Version,
	}.WithInterval(i)
}

// figure is one figure of a score.
type figure struct {
	metric, method string
	value          stat.Interval
}

func (r *Result) scoreFindings(c ConceptResult, s Score) []stat.Finding {
	null := fmt.Sprintf("local-4 swap, %d groups of 4 segments of %d characters, %d draws", r.Null.Groups, r.Null.SegmentLength, r.Null.Draws)
	signed := fmt.Sprintf("unit, sign %+d and threshold chosen on validation", s.Sign)
	all := []figure{
		{"auroc", signed + "; delete-one-segment jackknife; binning error " + fmt.Sprintf("%.2g", s.Binning), s.AUROC},
		{"r", signed, stat.Point(float64(s.R), c.N)},
		{"r_within", signed + "; inside each current character", stat.Point(float64(s.RWithin), c.N)},
		{"f1_skill", signed + "; over the always-on detector", stat.Point(float64(s.F1Skill), c.N)},
		{"iou_skill", signed + "; over the always-on detector", stat.Point(float64(s.IoUSkill), c.N)},
		{"information_bits", signed + "; less the mean under the null; " + null, stat.Point(float64(s.Information), c.N)},
		{"p", "Westfall-Young, max over units; " + null, stat.Point(float64(s.P), c.N)},
		{"p_adjusted", fmt.Sprintf("Benjamini-Hochberg over %d tests; %s", r.Null.Family, null), stat.Point(float64(s.AdjustedP), c.N)},
		{"untrained_max", fmt.Sprintf("best AUROC of any unit of %d untrained networks on %d characters", r.Null.Untrained, r.Null.Positions), stat.Point(float64(s.UntrainedMax), c.N)},
		{"mean_on", "delete-one-segment jackknife", s.MeanOn},
		{"mean_off", "delete-one-segment jackknife", s.MeanOff},
	}
	for _, h := range s.Held {
		all = append(all, figure{fmt.Sprintf("auroc_held_%d", h.Gap), signed + "; where the label was held that long", h.AUROC})
	}
	var out []stat.Finding
	for _, f := range all {
		if !stat.Number(f.value.Estimate).Defined() {
			continue
		}
		unit := s.Unit
		if f.metric == "p" || f.metric == "p_adjusted" || f.metric == "untrained_max" {
			unit = stat.NoUnit
		}
		out = append(out, r.finding(c.Concept, s.Site, unit, f.metric, f.method, f.value))
	}
	return out
}

func (r *Result) urlFindings() []stat.Finding {
	u := r.URL
	if u == nil || u.Verdict == NotInText {
		return nil
	}
	const method = "unit chosen on validation by mean |activation|; delete-one-segment jackknife"
	out := []stat.Finding{
		r.finding("url", u.Site, u.Unit, "mean_abs_on", method, u.On),
		r.finding("url", u.Site, u.Unit, "mean_abs_off", method, u.Off),
		r.finding("url", u.Site, u.Unit, "mean_abs_difference", method, u.Difference),
	}
	for _, k := range u.Kinds {
		out = append(out, r.finding("url", u.Site, u.Unit, "mean_after "+k.Kind, "delete-one-URL jackknife", k.Mean))
	}
	return out
}

func (r *Result) jumpFindings() []stat.Finding {
	j := r.Jump
	if j == nil || j.Tested == 0 {
		return nil
	}
	method := fmt.Sprintf("%d events, exchanged with matched positions inside blocks, %d draws, max |z| over %d units", j.Events, j.Draws, j.Tested)
	out := []stat.Finding{r.finding("latex-environment", "", stat.NoUnit, "jump_group_size", method, stat.Point(float64(len(j.Units)), int64(j.Tested)))}
	for _, u := range j.Units {
		out = append(out, r.finding("latex-environment", u.Site, u.Unit, "jump", method, u.Jump))
	}
	return out
}

func (r *Result) pairFindings() []stat.Finding {
	if r.Pairs == nil {
		return nil
	}
	var out []stat.Finding
	for _, k := range r.Pairs.Kinds {
		add := func(metric, method string, i stat.Interval) {
			out = append(out, r.finding("pair:"+k.Kind, r.Pairs.Site, stat.NoUnit, metric, method, i))
		}
		add("cosine", "states after opener and closer; delete-one-block jackknife", k.Cosine)
		add("cosine_random", "random positions as far apart in the same block", k.Random)
		add("cosine_difference", "delete-one-block jackknife", k.Difference)
		add("cosine_strangers", "opener and the closer of the next pair of the kind", k.Strangers)
		add("cosine_matching", "cosine less that of strangers; delete-one-block jackknife", k.Matching)
		add("gap_median", "characters strictly between", stat.Point(k.MedianGap, k.Count))
	}
	return out
}
