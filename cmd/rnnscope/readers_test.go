package main

import (
	"strings"
	"testing"

	"github.com/rnnscope/rnnscope/cmd/rnnscope/table"
	"github.com/rnnscope/rnnscope/dissect"
	"github.com/rnnscope/rnnscope/probe"
	"github.com/rnnscope/rnnscope/specimen"
	"github.com/rnnscope/rnnscope/stat"
)

// twoLayers is a dissection of two layers with everything a line can tell.
func twoLayers() *dissect.Result {
	ci := func(x float64) stat.Interval { return stat.Interval{Estimate: x, Lo: x - 0.02, Hi: x + 0.02, N: 900} }
	score := func(site string, unit int, auc float64) dissect.Score {
		return dissect.Score{Site: site, Unit: unit, Sign: 1, AUROC: ci(auc), Validation: auc, Verdict: dissect.Learned, UntrainedMax: .6}
	}
	first, second := score("l0.h", 3, .81), score("l1.h", 7, .93)
	return &dissect.Result{
		Sites:  []specimen.Site{{Name: "l0.h", Units: 8}, {Name: "l1.h", Units: 8}},
		BySite: []dissect.SiteSummary{{Site: "l0.h", Units: 8, Distinct: 1, Learned: []string{"in-quote"}}, {Site: "l1.h", Layer: 1, Units: 8, Distinct: 1, Learned: []string{"in-quote"}, Best: []string{"in-quote"}}},
		Concepts: []dissect.ConceptResult{{
			Concept: "paren-depth", Verdict: dissect.Learned, Best: &second, Sites: []dissect.Score{first, second},
			Probe: &probe.Probe{
				Site: "l1.h", Accuracy: ci(.9), K90: 2, Selectivity: .31, SelectivityInterval: ci(.31), Telegraph: stat.Undefined(),
				Curve: []probe.SparsePoint{{K: 1, Skill: .5, Random95: .1}, {K: 2, Skill: .77, Random95: .22}},
			},
			Depth:   &probe.DepthRegression{Site: "l1.h", Deepest: 4, R2: ci(.66), MAE: ci(.4), D0: 2, BeyondR2: -.4, BeyondR: .55},
			Rotated: &probe.Rotated{Unit: .94, Highest: .87},
			State: &dissect.StateUnit{
				Score: score("l0.h", 5, .7), Verdict: dissect.Learned, Holds: true, Closer: &dissect.CloserLook{Within: ci(.74)},
			},
		}},
	}
}

func TestReaderTables(t *testing.T) {
	apart(t)
	r := twoLayers()
	lines := strings.Split(table.Readers(r)+table.Layers(r), "\n")
	for _, want := range [][]string{
		{"Depth of round brackets", "l1.h", "0.900", "[0.880, 0.920]", "2", "0.77", "0.22", "0.310", "[0.290, 0.330]", "–", "0.940", "0.870"},
		{"Depth of round brackets", "l1.h", "0–4", "0.66", "[0.64, 0.68]", "0.40", "2", "-0.40", "0.55"},
		{"Depth of round brackets", "l0.h[3]", "0.810", "[0.790, 0.830]", "l1.h[7]", "0.930", "[0.910, 0.950]"},
		{"l1.h", "8", "1", "1", "1"},
	} {
		row := strings.Join(want, " ")
		ok := false
		for _, line := range lines {
			ok = ok || strings.Join(strings.Fields(line), " ") == row
		}
		if !ok {
			t.Errorf("no row %q in\n%s", row, strings.Join(lines, "\n"))
		}
	}
	if s := table.StateSentence(&r.Concepts[0]); !strings.Contains(s, "l0.h[5]") || !strings.Contains(s, "0.740") || !strings.Contains(s, "holds") {
		t.Errorf("%q", s)
	}
	r.BySite[1].Layer = 0
	r.Concepts[0].Probe.K90, r.Concepts[0].Rotated = 0, nil
	if table.Layers(r) != "" || strings.Contains(table.Readers(r), "NaN") {
		t.Errorf("%s", table.Readers(r))
	}
	r.Concepts[0].Verdict = dissect.NotFound
	if out := table.Readers(r); out != "" {
		t.Errorf("tables of what was not found:\n%s", out)
	}
}
