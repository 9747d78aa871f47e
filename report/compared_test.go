package report

import (
	"context"
	"errors"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rnnscope/rnnscope/compare"
	"github.com/rnnscope/rnnscope/evolve"
	"github.com/rnnscope/rnnscope/report/page"
	"github.com/rnnscope/rnnscope/stat"
	"github.com/rnnscope/rnnscope/sweep"
)

// TestComparedPage: the page is in the language that is asked for, in every section, and its colours follow the theme.
func TestComparedPage(t *testing.T) {
	share := stat.Wilson(3, 4)
	none := stat.Undefined()
	spread := compare.Spread{N: 2, Of: 3, Median: 26, Lo: 8, Hi: 1500, MedianAbove: none, LoAbove: none, HiAbove: none}
	never := compare.Spread{N: 1, Beyond: 2, Of: 3, Median: none, Lo: 675, Hi: none, MedianAbove: 2500, LoAbove: none, HiAbove: 2500}
	r := &compare.Result{
		Version: "v", Text: "novel <b>", Characters: 5000, Untrained: 19,
		Runs: []compare.Run{{Name: "a<1>", Cell: "lstm", Layers: 1, Hidden: 8, Seed: 1, Step: 1200, Loss: 2.5}, {Name: "b", Cell: "gru", Layers: 1, Hidden: 8, Loss: stat.Undefined()}},
		Pairs: []compare.Pair{{A: "a<1>", B: "b", Sites: []compare.SiteMatch{{Site: "l0.h", Replicated: share, OneToOne: share, Median: .5}},
			Units: []compare.UnitMatch{{Site: "l0.h", Unit: 3, InSite: "l0.c", Partner: 1, R: stat.Point(.8, 9), Untrained: .3, Misplaced: .2, Replicated: true}}}},
		Verdicts: []compare.VerdictCount{{Name: "in-quote", Verdict: "learned", Share: share, Runs: 3}}, Mechanisms: []compare.VerdictCount{{Name: "quotation marks", Verdict: "flag", Share: share, Runs: 3}},
		Horizons: []compare.SpreadOf{{Name: "quote, closing mark", Kind: "quote", Asked: "closing mark", Spread: spread}},
		Births: []compare.BirthSpread{{Concept: "in-quote", Best: spread, Survivor: compare.Spread{Of: 3}, Skill: "held-out-quotes", Lag: stat.Point(-.5, 2),
			LagSpread: compare.Spread{N: 2, Of: 3, Median: -.6, Lo: -.8, Hi: -.4, MedianAbove: none, LoAbove: none, HiAbove: none}},
			{Concept: "column", Best: never, Survivor: never, LagSpread: never, Lag: stat.Point(math.NaN(), 0)}},
		Mixed: []string{compare.MixedText, compare.MixedCell, compare.MixedLayers, compare.MixedHidden, compare.MixedStep, compare.MixedTraining},
		Emergences: []compare.EmergeSpread{{Name: "held-out-quotes, right", Figure: "held-out-quotes", Of: compare.OfRight, Middle: spread,
			Verdicts: map[evolve.Verdict]int{evolve.PerhapsAbrupt: 2, evolve.Unresolved: 1}, Metric: map[evolve.Verdict]int{evolve.MetricInduced: 1, evolve.CannotTell: 1}}, {Name: "loss", Figure: "loss", Verdicts: map[evolve.Verdict]int{evolve.Gradual: 3}}},
		Missing: []compare.MissingAnswer{{Run: "b", Command: "dissect"}},
		Titles:  map[string]map[string]string{"held-out-quotes": {"en": "Closing quotation marks", "zh": "后引号"}},
	}
	for lang, want := range map[string][]string{
		"en": {"2 runs compared", "Units found again", "Inside a quotation", "3 of 4", "flag", "Closing quotation marks", "share right", "perhaps abrupt\u00a02, unresolved\u00a01 (of the jumps: cannot tell\u00a01, metric-induced\u00a01)",
			"closing mark", "26\u00a0[8,\u00a01\u202f500]", "−0.50", "−0.60\u00a0[−0.80,\u00a0−0.40]", "rnnscope dissect …", "&gt;2\u202f500\u00a0[675,\u00a0&gt;2\u202f500]", "text, cell, layers, units, step, training settings"},
		"zh": {"2 次运行的比较", "再次找到的单元", "学会", "3/4", "标志", "后引号（答对比例）", "也许是突变\u00a02、说不清\u00a01（其中突变者：无法判断\u00a01、指标造成的跳变\u00a01）", "闭合符号", "直引号", "尚未分析", "验证损失", "&gt;2\u202f500\u00a0[675,\u00a0&gt;2\u202f500]", "文本、单元类型、层数、单元数、步数、训练设置"},
	} {
		html := written(t, lang, func(dir string) error { return WriteCompared(context.Background(), dir, r, lang) })
		for _, w := range append(want, "a&lt;1&gt;", "novel &lt;b&gt;", "var(--fig-blue)") {
			if !strings.Contains(html, w) {
				t.Errorf("%s: the page lacks %q", lang, w)
			}
		}
		for _, not := range []string{"a<1>", "background:#fff"} {
			if strings.Contains(html, not) {
				t.Errorf("%s: the page has %q", lang, not)
			}
		}
	}
}

// TestSweptPage: a sweep's page says what is finished and what failed, in both languages, and two writings are the same bytes.
func TestSweptPage(t *testing.T) {
	dir := t.TempDir()
	s, err := sweep.Open(dir, []byte("text: a.txt\ntrain:\n  cell: [elman, lstm]\n  seed: [1, 2]\nmeasures: [\"memory --kinds quote,tag\", births, evolution]\n"), "plain")
	if err != nil {
		t.Fatal(err)
	}
	var outcomes []sweep.Outcome
	for i, c := range s.Cells()[:3] {
		o := sweep.Outcome{Cell: c.Name, Step: 100, Validation: 2.123456, Test: 2, Figures: map[string]float64{"memory.kinds": 7, "memory.recall_excess.quote": float64(i) + .25, "evolution.middle.held-out-quotes.right": 1234.5}}
		if i != 1 {
			o.Figures["births.birth.in-quote"] = float64(100 + i)
		}
		outcomes = append(outcomes, o)
	}
	for lang, want := range map[string][]string{
		"en": {"3 of 4", "plain kernels", "Loss by setting", "What memory says", "memory --kinds quote,tag", "kinds", "2.1235", "lstm failed: no luck", "n = 2",
			"memory.kinds", "nats: straight quotes", "0.750\u00a0[0.250,\u00a01.250]", "born at step: Inside a quotation", "100,\u00a01\u00a0of\u00a02", "held-out-quotes (share right)", "1\u202f235"},
		"zh": {"3/4", "plain 内核", "各种设置的损失", "2.1235", "lstm failed: no luck", "共 2 种设置", "memory 的结果", "memory --kinds quote,tag", "出现的步数：", "100，2\u00a0次中的\u00a01\u00a0次", "（答对比例）"},
	} {
		write := func(string) error {
			return WriteSwept(context.Background(), s, outcomes, []string{"lstm failed: no luck"}, lang)
		}
		html := written(t, lang, func(into string) error { return write(into) }, dir)
		for _, w := range want {
			if !strings.Contains(html, w) {
				t.Errorf("%s: the page lacks %q", lang, w)
			}
		}
		if again := written(t, lang, func(into string) error { return write(into) }, dir); again != html {
			t.Errorf("%s: two writings differ", lang)
		}
	}
}

// written is the page that write makes in a folder.
func written(t *testing.T, lang string, write func(dir string) error, dirs ...string) string {
	t.Helper()
	dir := append(dirs, t.TempDir())[0]
	if err := write(dir); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(filepath.Join(dir, "index.html"))
	if err != nil {
		t.Fatal(err)
	}
	if code := map[string]string{"en": `<html lang="en">`, "zh": `<html lang="zh-CN">`}[lang]; !strings.Contains(string(b), code) {
		t.Errorf("%s: the page does not say its language", lang)
	}
	return string(b)
}

// TestUnknownLanguageOfComparison is refused.
func TestUnknownLanguageOfComparison(t *testing.T) {
	if err := WriteCompared(context.Background(), t.TempDir(), &compare.Result{}, "xx"); !errors.Is(err, page.ErrLanguage) {
		t.Error(err)
	}
}
