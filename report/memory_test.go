package report

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/rnnscope/rnnscope/memory"
	"github.com/rnnscope/rnnscope/report/page"
	"github.com/rnnscope/rnnscope/stat"
)

// remembered is a made-up measurement that has every part.
func remembered() *memory.Result {
	i := func(e float64) stat.Interval { return interval3(e, e-.05, e+.04) }
	bin := func(lo, hi int, right float64) memory.RecallBin {
		return memory.RecallBin{Lo: lo, Hi: hi, Gap: stat.Number(lo+hi) / 2, Right: i(right), NgramRight: i(right - .3), Excess: i(2)}
	}
	suite := memory.SuiteBin{Lo: 8, Hi: 15, Gap: 11, Right: i(.8), NgramRight: i(.5), Apart: i(.9), NgramApart: i(.5)}
	drop := make([]stat.Number, len([]rune(hostile)))
	drop[7] = 2.5
	unit := memory.PassageUnit{Site: "l0.c", Unit: 4, Values: wave(len([]rune(hostile)), .1, 0)}
	return &memory.Result{
		Text: "mixed <b>", Split: "test of tail 80/10/10", Chosen: 120000, Reported: 120000, Order: 20, Baseline: "the training part", Keep: "-1/E[ln f]",
		Recall: []memory.Recall{
			{Kind: "paren", Bins: []memory.RecallBin{bin(8, 15, .97), bin(64, 127, .8)}, Far: &memory.RecallBin{Right: i(.8), NgramRight: i(.4)}, Horizon: memory.Horizon{Gap: i(90)}},
			{Kind: "block", Bins: []memory.RecallBin{bin(8, 15, .9)}, Horizon: memory.Horizon{Censored: true, Longest: 900}},
			{Kind: "tag", Horizon: memory.Horizon{None: true}},
		},
		Minimal: []memory.SuiteResult{
			{Name: "swap paren", All: suite, Bins: []memory.SuiteBin{suite}, Horizon: memory.Horizon{Gap: i(40)}},
			{Name: "gender", All: suite, Bins: []memory.SuiteBin{suite}, Horizon: memory.Horizon{None: true}},
			{Name: "own <i>.jsonl", All: suite, Bins: []memory.SuiteBin{suite}, Horizon: memory.Horizon{Censored: true, Longest: 70}},
		},
		Passage: &memory.Passage{Text: hostile, Pairs: []memory.Example{{Open: 3, Close: 30}}, Units: []memory.PassageUnit{unit}, Memory: &unit},
		Reach: []memory.ReachCurve{
			{Method: memory.Replacement, Sort: memory.SortTriggers, Points: []memory.ReachPoint{{Lo: 1, Hi: 1, Value: i(3)}, {Lo: 5, Hi: 8, Value: i(.1)}}, Tenth: 5},
			{Method: memory.Replacement, Sort: memory.SortOrdinary, Points: []memory.ReachPoint{{Lo: 1, Hi: 1, Value: i(2)}}, Tenth: stat.Undefined()},
		},
		Influence:  []memory.Influence{{At: 400, Text: hostile, Target: ")", Drop: drop, Why: "paren", Opener: 9}},
		Times:      []memory.Times{{Gate: 3, Autocorrelation: 9}, {Unit: 1, Gate: 30, Autocorrelation: 12}},
		Saturation: []memory.Saturation{{Gate: "i", Closed: .95, Open: .01}, {Gate: "f", Closed: .1, Open: .95}},
		Waiting: []memory.Waiting{{Kind: "paren", Trials: 50, Named: 1, Observed: 2, Searched: 256, Units: []memory.WaitUnit{
			{Site: "l0.c", Unit: 4, Verdict: memory.TriggerWait, Mode: memory.ModeCount, Retention: .97},
			{Site: "l0.h", Unit: 7, Verdict: memory.Partial, Failed: []string{
				memory.CriterionDormancy, memory.CriterionJump, memory.CriterionRetention, memory.CriterionRelease, memory.CriterionEffect, memory.CriterionTiming,
			}, Retention: stat.Undefined()},
		}}},
	}
}

func TestMemorySection(t *testing.T) {
	for _, lang := range page.Languages {
		d := fixture()
		d.Memory = remembered()
		p, figures, err := build(d, lang)
		if err != nil {
			t.Fatal(err)
		}
		drawn := map[string]bool{}
		for _, f := range figures {
			drawn[f.Name] = true
		}
		for _, name := range []string{"recall", "pairs", "map", "reach", "influence", "times", "saturation"} {
			if !drawn["memory-"+name] {
				t.Errorf("%s: no figure memory-%s", lang, name)
			}
		}
		if !hasSection(p, "memory") {
			t.Errorf("%s: no section", lang)
		}
		html := machine.ReplaceAllString(render(t, d, lang), "")
		for _, bad := range []string{"%!", "%[", "NaN", "<nil>", "%%", "<i>.jsonl", "mixed <b>"} {
			if i := strings.Index(html, bad); i >= 0 {
				t.Errorf("%s: %q in the page: %s", lang, bad, html[max(0, i-60):min(len(html), i+40)])
			}
		}
		// Nothing found must be a page too.
		d.Memory = &memory.Result{}
		if html := render(t, d, lang); !strings.Contains(html, loaded(t, lang).Say("memory.wait.none")) {
			t.Errorf("%s: an empty measurement is not said to be empty", lang)
		}
	}
	if p, _, err := build(fixture(), "en"); err != nil || hasSection(p, "memory") {
		t.Errorf("a run whose memory was not measured has the section (%v)", err)
	}
}

func hasSection(p page.Page, id string) bool {
	for _, s := range p.Sections {
		if s.ID == id {
			return true
		}
	}
	return false
}

func loaded(t *testing.T, lang string) page.Words {
	t.Helper()
	w, err := page.LoadWords(lang)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func TestMemoryWordsInBothLanguages(t *testing.T) {
	var tables [2]map[string]string
	for i, lang := range page.Languages {
		raw, err := page.Catalogues.ReadFile("lang/memory." + lang + ".json")
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(raw, &tables[i]); err != nil {
			t.Fatal(err)
		}
	}
	for key, form := range tables[0] {
		other, ok := tables[1][key]
		if !ok || other == "" {
			t.Errorf("zh lacks %s", key)
		}
		if strings.Count(form, "%[") != strings.Count(other, "%[") {
			t.Errorf("%s takes other arguments in Chinese", key)
		}
	}
	if len(tables[0]) != len(tables[1]) {
		t.Errorf("%d keys in English, %d in Chinese", len(tables[0]), len(tables[1]))
	}
}
