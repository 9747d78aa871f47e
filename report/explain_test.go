package report

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/rnnscope/rnnscope/explain"
	"github.com/rnnscope/rnnscope/report/page"
	"github.com/rnnscope/rnnscope/stat"
)

// explained is a made-up result that has every part.
func explained() *explain.Result {
	i := func(e float64) stat.Interval { return interval3(e, e-.05, e+.04) }
	three := func(a, b, c float64) [explain.Sizes]stat.Interval {
		return [explain.Sizes]stat.Interval{i(a), i(b), i(c)}
	}
	unit := func(u int, r2 float64, words string) explain.Unit {
		return explain.Unit{
			Unit: u, Family: u, R2: three(r2/3, r2, r2+.1), Beyond: three(0, .1, .2),
			Rules: []explain.Rule{{Share: .2, Z: 1.5, Text: map[string]string{"en": words + " <b>", "zh": "当" + words}}},
		}
	}
	replaced := explain.ReplacementResult{Leaves: 16, Last: 2, Loss: i(2.2), K: i(.4), Temperature: 1.3, CooledLoss: &stat.Interval{Estimate: 2.1}, CooledK: &stat.Interval{Estimate: .45}}
	return &explain.Result{
		Text: "mixed <b>", Split: "test of tail 80/10/10", Leaves: explain.Leaves, Grown: 50000, Held: 25000, Reported: 100000,
		Sites: []explain.Site{{
			Name: "l0.h", Units: []explain.Unit{unit(0, .8, "when it rains"), unit(1, .2, "when it pours")}, Median: explain.Curve{.2, .5, .7},
			Half: three(.1, .5, .9), Remember: i(.25), Draws: 80,
			Fresh: &explain.UntrainedUnits{Networks: 19, Median: explain.Curve{.2, .6, .8}, Half: three(.1, .6, .95), Highest: explain.Curve{0, .1, .123}},
		}},
		Memory: &explain.Memory{Ks: []int{1, 5, 64}, Places: 4000, Median: []explain.Fixed{{Site: "l0.h", S: []stat.Number{.3, .8, 1}}}},
		Words: &explain.DescribedNetwork{
			Positions: 100000, Network: i(1.5), Unigram: i(3), NGram: &explain.NGram{Order: 6, Loss: i(1.9), K: i(.7)},
			Described: []explain.ReplacementResult{replaced}, Means: []explain.ReplacementResult{{Loss: i(3.5), K: i(-.3)}, replaced}, Recurrent: []explain.ReplacementResult{replaced},
		},
	}
}

func TestExplainSection(t *testing.T) {
	for _, lang := range page.Languages {
		d := fixture()
		d.Explain = explained()
		p, figures, err := build(d, lang)
		if err != nil {
			t.Fatal(err)
		}
		drawn := map[string]bool{}
		for _, f := range figures {
			drawn[f.Name] = true
		}
		if !drawn["explain-leaves"] || !drawn["explain-reach"] {
			t.Errorf("%s: figures %v", lang, drawn)
		}
		found := false
		for _, s := range p.Sections {
			if s.ID != "explain" {
				continue
			}
			b, err := json.Marshal(s.Blocks)
			if err != nil {
				t.Fatal(err)
			}
			for _, want := range []string{"0.123", "l0.h[0]", "l0.h[1]", "0.80 [0.75", "2.100", "−0.30", map[string]string{"en": "when it rains", "zh": "当when it pours"}[lang]} {
				if !strings.Contains(string(b), want) {
					t.Errorf("%s: no %q in the section", lang, want)
				}
			}
			found = true
		}
		if !found {
			t.Errorf("%s: no section", lang)
		}
	}
}

// A run that was never explained has no section.
func TestNoExplainSection(t *testing.T) {
	p, _, err := build(fixture(), "en")
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range p.Sections {
		if s.ID == "explain" {
			t.Error("a section of nothing")
		}
	}
}
