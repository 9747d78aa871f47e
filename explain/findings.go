package explain

import (
	"fmt"

	"github.com/rnnscope/rnnscope/finding"
	"github.com/rnnscope/rnnscope/stat"
)

// Findings flattens the result into the one schema of measured figures.
func (r *Result) Findings() []finding.Finding {
	var out []finding.Finding
	for _, s := range r.Sites {
		out = append(out, r.siteFindings(s)...)
		for _, u := range s.Units {
			out = append(out, r.unitFindings(s, u)...)
		}
	}
	return append(out, r.wordFindings()...)
}

func (r *Result) finding(site string, unit int, metric, method string, i stat.Interval) finding.Finding {
	return finding.Finding{Site: site, Unit: unit, Metric: metric, Method: method, Version: r.Version}.WithInterval(i)
}

func (r *Result) tree(leaves int) string {
	return fmt.Sprintf("regression tree of at most %d leaves, grown on %d characters, pruned on %d, scored on %d; delete-one-segment jackknife, %d segments",
		leaves, r.Grown, r.Held, r.Reported, r.Segments)
}

func (r *Result) unitFindings(s Site, u Unit) []finding.Finding {
	var out []finding.Finding
	add := func(metric string, at int, method string, i stat.Interval) {
		if i.Estimate == i.Estimate {
			out = append(out, r.finding(s.Name, u.Unit, metric, method, i).At(float64(at)))
		}
	}
	for i, k := range Leaves {
		add("explained", k, r.tree(k), u.R2[i])
	}
	last := Sizes - 1
	add("explained_short", Leaves[last], "by the last five characters alone; "+r.tree(Leaves[last]), u.Short[last])
	add("explained_beyond", Leaves[last], "R2 by all words less R2 by the last five characters; "+r.tree(Leaves[last]), u.Beyond[last])
	add("explained_beyond_p", Leaves[last], fmt.Sprintf("local-4 swap of all words beyond the last five characters, segments of %d characters, %d draws", r.Swap, s.Draws), stat.Point(float64(u.P), u.Beyond[last].N))
	if r.Memory != nil {
		how := "state exchanged so many characters before; delete-one-block jackknife"
		if r.Memory.Method == SameContext {
			how = "places after the same characters compared; delete-one-group jackknife"
		}
		for i, k := range r.Memory.Ks {
			if i < len(u.Memory) && (k == 5 || k == 16) {
				add("fixed_by_last", k, how, u.Memory[i])
			}
		}
	}
	if u.Fidelity != nil {
		for i, k := range Leaves {
			add("fidelity", k, "loss regained over the unit at its mean, at the readout; "+r.tree(k), u.Fidelity[i])
		}
	}
	return out
}

func (r *Result) siteFindings(s Site) []finding.Finding {
	var out []finding.Finding
	for i, k := range Leaves {
		out = append(out, r.finding(s.Name, finding.NoUnit, "explained_half", "share of units with R2 of .5 and more; Wilson; "+r.tree(k), s.Half[i]).At(float64(k)))
	}
	if s.Remember.Estimate == s.Remember.Estimate {
		out = append(out, r.finding(s.Name, finding.NoUnit, "explained_remember",
			fmt.Sprintf("share of units whose beyond-score lies above every unit of %d untrained networks, with p corrected over the site; Wilson", r.Untrained), s.Remember))
	}
	return out
}

func (r *Result) wordFindings() []finding.Finding {
	if r.Words == nil {
		return nil
	}
	var out []finding.Finding
	add := func(metric string, at int, method string, i stat.Interval) {
		out = append(out, r.finding("", finding.NoUnit, metric, method, i).At(float64(at)))
	}
	for _, x := range r.Words.Described {
		add("in_words", x.Leaves, "all units of the top h replaced at the readout; "+r.tree(x.Leaves), x.K)
		add("in_words_cooled", x.Leaves, "the same with one temperature fitted on held-back text", *x.CooledK)
	}
	for _, x := range r.Words.Means {
		add("in_means", x.Last, "means given the last characters in the place of all units of the top h", x.K)
	}
	for _, x := range r.Words.Recurrent {
		add("in_words_recurrent", x.Leaves, "h replaced at the recurrence of every layer; "+r.tree(x.Leaves), x.K)
	}
	return out
}
