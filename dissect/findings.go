package dissect

import (
	"fmt"
	"math"

	"github.com/rnnscope/rnnscope/finding"
	"github.com/rnnscope/rnnscope/stat"
)

// Findings flattens the result into the one schema of measured figures.
func (r *Result) Findings() []finding.Finding {
	var out []finding.Finding
	for _, c := range r.Concepts {
		out = append(out, r.verdictFinding(c))
		for _, s := range c.Sites {
			out = append(out, r.scoreFindings(c, s)...)
		}
		out = append(out, r.closerFindings(c)...)
	}
	out = append(out, r.urlFindings()...)
	out = append(out, r.jumpFindings()...)
	return append(out, r.pairFindings()...)
}

func (r *Result) finding(concept, site string, unit int, metric, method string, i stat.Interval) finding.Finding {
	return finding.Finding{Concept: concept, Site: site, Unit: unit, Metric: metric, Method: method, Version: r.Version}.WithInterval(i)
}

// verdicts are this room's verdicts as the record has them.
var verdicts = map[Verdict]finding.Verdict{
	NotInText: finding.NotInText, TooLittleText: finding.TooLittleText, NotFound: finding.NotFound, Associated: finding.Associated, Learned: finding.Learned,
}

// basis is what the verdicts of a result rest on.
func (r *Result) basis() *finding.Basis {
	n := r.Null
	b := &finding.Basis{
		Rules: Rules,
		Budget: map[string]int{
			"chosen_characters": int(r.Chosen), "reported_characters": int(r.Reported), "draws": n.Draws, "groups": n.Groups,
			"segment_characters": n.SegmentLength, "tests": n.Family, "untrained_networks": n.Untrained, "untrained_characters": n.Positions,
		},
		Controls: []finding.Control{finding.LocalSwap},
	}
	if n.Untrained > 0 {
		b.Controls = append(b.Controls, finding.Untrained)
	}
	return b
}

// verdictFinding is the verdict on a concept.
func (r *Result) verdictFinding(c ConceptResult) finding.Finding {
	f := r.finding(c.Concept, "", finding.NoUnit, "verdict", "", stat.Point(math.NaN(), c.N))
	if c.Best != nil {
		f.Site, f.Unit = c.Best.Site, c.Best.Unit
	}
	f.Verdict, f.Basis = verdicts[c.Verdict], r.basis()
	return f
}

// figure is one figure of a score.
type figure struct {
	metric, method string
	value          stat.Interval
	gap            int // characters since the label last changed, 0 where it does not matter
}

func (r *Result) scoreFindings(c ConceptResult, s Score) []finding.Finding {
	null := fmt.Sprintf("local-4 swap, %d groups of 4 segments of %d characters, %d draws", r.Null.Groups, r.Null.SegmentLength, r.Null.Draws)
	signed := fmt.Sprintf("unit, sign %+d and threshold chosen on validation", s.Sign)
	all := []figure{
		{"auroc", signed + "; delete-one-segment jackknife; binning error " + fmt.Sprintf("%.2g", s.Binning), s.AUROC, 0},
		{"r", signed, stat.Point(float64(s.R), c.N), 0},
		{"r_within", signed + "; inside each current character", stat.Point(float64(s.RWithin), c.N), 0},
		{"f1_skill", signed + "; over the always-on detector", stat.Point(float64(s.F1Skill), c.N), 0},
		{"iou_skill", signed + "; over the always-on detector", stat.Point(float64(s.IoUSkill), c.N), 0},
		{"information_bits", signed + "; less the mean under the null; " + null, stat.Point(float64(s.Information), c.N), 0},
		{"p", "of this unit alone, two-sided; " + null, stat.Point(float64(s.P), c.N), 0},
		{"p_adjusted", fmt.Sprintf("times %d tests; %s", s.Tests, null), stat.Point(float64(s.AdjustedP), c.N), 0},
		{"untrained_max", fmt.Sprintf("best AUROC of any unit of %d untrained networks on %d characters", r.Null.Untrained, r.Null.Positions), stat.Point(float64(s.UntrainedMax), c.N), 0},
		{"mean_on", "delete-one-segment jackknife", s.MeanOn, 0},
		{"mean_off", "delete-one-segment jackknife", s.MeanOff, 0},
	}
	for _, h := range s.Held {
		all = append(all, figure{"auroc_held", signed + "; where the label was held that long", h.AUROC, h.Gap})
	}
	var out []finding.Finding
	for _, f := range all {
		if !stat.Number(f.value.Estimate).Defined() {
			continue
		}
		unit := s.Unit
		if f.metric == "p" || f.metric == "p_adjusted" || f.metric == "untrained_max" {
			unit = finding.NoUnit
		}
		one := r.finding(c.Concept, s.Site, unit, f.metric, f.method, f.value).At(float64(f.gap))
		if f.metric == "auroc" {
			one.Verdict, one.Basis = verdicts[s.Verdict], r.basis()
		}
		out = append(out, one)
	}
	return out
}

// recorded are the kinds of characters of a URL as the record has them, with how far after the end.
var recorded = map[string]struct {
	kind     string
	from, to float64
}{
	kindOrdinary: {kind: "ordinary"}, kindSlashes: {kind: "scheme"}, kindLetter: {kind: "letter"}, kindDigit: {kind: "digit"}, kindSlash: {kind: "slash"},
	kindDot: {kind: "dot"}, kindHash: {kind: "hash"}, kindOther: {kind: "other"}, kindAfter: {"after", 1, 1}, kindLater: {"after", 2, urlTail},
}

func (r *Result) urlFindings() []finding.Finding {
	u := r.URL
	if u == nil || u.Verdict == NotInText {
		return nil
	}
	const method = "unit chosen on validation by mean |activation|; delete-one-segment jackknife"
	out := []finding.Finding{
		r.finding("url", u.Site, u.Unit, "url_on", method, u.On),
		r.finding("url", u.Site, u.Unit, "url_off", method, u.Off),
		r.finding("url", u.Site, u.Unit, "url_difference", method, u.Difference),
	}
	for _, k := range u.Kinds {
		f := r.finding("url", u.Site, u.Unit, "url_mean", "delete-one-URL jackknife", k.Mean)
		at := recorded[k.Kind]
		f.Kind, f.From, f.To = at.kind, at.from, at.to
		out = append(out, f)
	}
	return out
}

func (r *Result) jumpFindings() []finding.Finding {
	j := r.Jump
	if j == nil || j.Tested == 0 {
		return nil
	}
	method := fmt.Sprintf("%d events, exchanged with matched positions inside blocks, %d draws, max |z| over %d units", j.Events, j.Draws, j.Tested)
	out := []finding.Finding{r.finding("latex-environment", "", finding.NoUnit, "jump_units", method, stat.Point(float64(len(j.Units)), int64(j.Tested)))}
	for _, u := range j.Units {
		out = append(out, r.finding("latex-environment", u.Site, u.Unit, "jump", method, u.Jump))
	}
	return out
}

func (r *Result) pairFindings() []finding.Finding {
	if r.Pairs == nil {
		return nil
	}
	var out []finding.Finding
	for _, k := range r.Pairs.Kinds {
		add := func(metric, method string, i stat.Interval) {
			f := r.finding("", r.Pairs.Site, finding.NoUnit, "pair_"+metric, method, i)
			f.Kind = k.Kind
			out = append(out, f)
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
