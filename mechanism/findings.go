package mechanism

import (
	"math"
	"slices"

	"github.com/rnnscope/rnnscope/finding"
	"github.com/rnnscope/rnnscope/stat"
)

// Rules numbers the rules of the verdict: raised when the same figures can get another.
const Rules = 5

// recordedVerdict is the verdict as the record has it.
func (r *Result) recordedVerdict() finding.Verdict {
	switch {
	case r.Verdict == None:
		return finding.NoNesting
	case len(r.Left) == 0:
		return finding.Mixed
	case len(r.Left) > 1:
		return finding.Several
	}
	return finding.Verdict(r.Left[0])
}

func (r *Result) basis() *finding.Basis {
	return &finding.Basis{
		Rules: Rules, Budget: map[string]int{"pairs": r.Pairs, "depth": r.Depth, "tests": len(r.Tests) - len(r.Inapplicable())},
		Controls: []finding.Control{finding.WiredNetworks},
	}
}

// Findings is the result in the schema of all findings.
func (r *Result) Findings(version string) []finding.Finding {
	concept := finding.Marks(r.Language)
	add := func(list []finding.Finding, metric, kind string, v stat.Interval) []finding.Finding {
		f := finding.Finding{Concept: concept, Unit: finding.NoUnit, Metric: metric, Kind: kind, Method: "probes of the text's own " + r.Probes, Version: version}
		return append(list, f.WithInterval(v))
	}
	out := add(nil, "mechanism", "", stat.Point(math.NaN(), int64(r.Pairs)))
	out[0].Verdict, out[0].Basis = r.recordedVerdict(), r.basis()
	out = add(out, "inside_auroc", "", r.Inside.AUROC)
	out = add(out, "inside_nats", "", r.Inside.Nats)
	if r.Inside.Unmarked.Defined() {
		out = add(out, "inside_auroc", "unmarked", r.Inside.Unmarked)
		out = add(out, "inside_nats", "unmarked", r.Inside.UnmarkedNats)
	}
	if n := r.Natural; n != nil {
		out = add(out, "inside_auroc", "text", n.AUROC)
		out = add(out, "inside_nats", "text", n.Nats)
		out = add(out, "probe_loss", "probes", n.ProbeLoss)
		out = add(out, "probe_loss", "text", n.TextLoss)
	}
	if r.Axis != nil {
		out = add(out, "axis_r2", "", r.Axis.R2)
		best := finding.Finding{Concept: concept, Site: r.Axis.Site, Unit: r.Axis.Unit, Metric: "axis_unit_r", Method: "best unit, chosen on other sequences", Version: version}
		out = append(out, best.WithInterval(r.Axis.R))
	}
	for _, t := range r.Tests {
		for _, f := range t.Figures {
			at := finding.Tests[t.Name+": "+f.Name]
			out = add(out, at[0], at[1], f.Interval)
		}
	}
	for _, m := range []Mechanism{Flag, Counter, Stack} {
		left := 0.0
		if slices.Contains(r.Left, m) {
			left = 1
		}
		out = add(out, "mechanism_left", string(m), stat.Point(left, 1))
	}
	return out
}
