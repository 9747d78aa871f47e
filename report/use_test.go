package report

import (
	"strings"
	"testing"

	"github.com/rnnscope/rnnscope/intervene"
	"github.com/rnnscope/rnnscope/report/page"
	"github.com/rnnscope/rnnscope/rnn"
	"github.com/rnnscope/rnnscope/stat"
)

// judged is a made-up result with every verdict and a curve.
func judged() *intervene.Result {
	i := func(e float64) stat.Interval { return interval3(e, e-.005, e+.004) }
	pair := func(u int, v intervene.Verdict) intervene.Pair {
		e := intervene.Effect{P: i(.04), M: i(.01), D: i(.03)}
		return intervene.Pair{Unit: rnn.Unit{Site: "l0.c", Unit: u}, AUROC: .97, Mean: e, Resample: e, Zero: e, Verdict: v}
	}
	idle := pair(8, intervene.Encoded)
	idle.Equivalent, idle.Mean.D, idle.Reasons = true, interval3(.0002, -.001, .0014), []string{"the interval of D reaches 0"}
	curve := &intervene.Curve{Concept: "in-quote", Unit: rnn.Unit{Site: "l0.c", Unit: 4}, Predicts: []string{"\"", "\n", "<"}, Slope: .3, Others: .1, Spearman: 1, Steers: true}
	for k := range 7 {
		curve.Doses = append(curve.Doses, intervene.Dose{Quantile: .05 + .15*float64(k), Logit: i(float64(k)), Share: .1})
	}
	return &intervene.Result{
		Text: "mixed <b>", Split: "test of tail 80/10/10", Windows: 60, Window: 500, Tests: 2,
		Concepts: []intervene.ConceptResult{
			{Concept: "in-quote", Pairs: []intervene.Pair{pair(4, intervene.Used), pair(7, intervene.Encoded)}, Steering: curve},
			{Concept: "capital", Pairs: []intervene.Pair{pair(9, intervene.Untestable)}},
			{Concept: "url", Pairs: []intervene.Pair{idle}},
		},
		Units: []intervene.UnitResult{{Unit: rnn.Unit{Site: "l0.c", Unit: 4}, All: i(.02), Kinds: []intervene.KindEffect{{Kind: "lower case", Change: i(.01)}, {Kind: "line end", Change: i(.2)}}}},
	}
}

func TestUseSection(t *testing.T) {
	for _, lang := range page.Languages {
		d := fixture()
		d.Use = judged()
		d.Steered = []intervene.SteeredUnit{{Curve: judged().Concepts[0].Steering, Prompt: "He ", Samples: []intervene.SteeredText{{Text: "said <i>"}, {Dose: "l0.c[4] = 0.9", Text: "\"no"}}}}
		html := machine.ReplaceAllString(render(t, d, lang), "")
		w := loaded(t, lang)
		for _, want := range []string{w.Say("use.used"), w.Say("use.encoded"), w.Say("use.untestable"), w.Say("use.kind.line-end"), w.Say("use.untouched"), "l0.c[7]", page.NoBreak("30.0 [25.0, 34.0]"),
			w.Say("causal.short.equivalent"), w.Say("use.equivalent"), page.NoBreak(page.MilliInterval(interval3(.0002, -.001, .0014))), page.NoBreak("l0.c[4] = 0.9")} {
			if !strings.Contains(html, want) {
				t.Errorf("%s: no %q in the page", lang, want)
			}
		}
		for _, bad := range []string{"%!", "%[", "NaN", "<nil>", "%%", "mixed <b>", "said <i>"} {
			if i := strings.Index(html, bad); i >= 0 {
				t.Errorf("%s: %q in the page: %s", lang, bad, html[max(0, i-60):min(len(html), i+40)])
			}
		}
		d.Use, d.Steered = &intervene.Result{}, nil
		if html := render(t, d, lang); strings.Contains(html, "%!") {
			t.Errorf("%s: an empty result", lang)
		}
	}
	if p, _, err := build(fixture(), "en"); err != nil || hasSection(p, "use") {
		t.Errorf("a run that was not intervened on has the section (%v)", err)
	}
}
