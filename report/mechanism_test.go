package report

import (
	"bytes"
	"context"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rnnscope/rnnscope/mechanism"
	"github.com/rnnscope/rnnscope/report/page"
	"github.com/rnnscope/rnnscope/stat"
)

// counted is a made-up result that has every part.
func counted(verdict string) *mechanism.Result {
	i := func(e float64) stat.Interval { return interval3(e, e-.05, e+.04) }
	text := []rune("<b>“a“b”c”")
	return &mechanism.Result{
		Language: "novel <i>", Pairs: 1200, Depth: 2, Verdict: verdict, Left: []mechanism.Mechanism{mechanism.Stack},
		Inside: mechanism.Inside{AUROC: i(.9), Nats: i(2)}, Axis: &mechanism.Axis{Site: "l0.c", Unit: 7, R: i(.8), R2: i(.9)},
		Tests: []mechanism.Test{
			{Name: mechanism.TestToggle, Why: "the marks are not straight"},
			{Name: mechanism.TestGrid, Applicable: true, Figures: []mechanism.Figure{{Name: "known beyond D", Interval: i(.6)}},
				Excludes: []mechanism.Exclusion{{Mechanism: mechanism.Flag, Because: "depth 2 is known"}}},
			{Name: mechanism.TestGeometry, Applicable: true},
		},
		Toggle:   &mechanism.Toggle{N: []int{1, 2}, Parity: []stat.Interval{i(1), i(0)}},
		Grid:     []mechanism.Cell{{Depth: 1, Gap: -1, Known: i(1), Kind: i(.9)}, {Depth: 2, Gap: -1, Known: i(.9), Kind: i(.8)}, {Depth: 3, Gap: -1, Known: i(.4), Kind: i(.7), Beyond: true}},
		Geometry: &mechanism.Geometry{Depth: []int{0, 1, 2}, Place: [][2]float64{{0, 0}, {1, 0}, {1, 1}}},
		Trace: &mechanism.Trace{Text: text, Depth: []int{0, 0, 0, 1, 1, 2, 2, 1, 1, 0}, Marks: []int{3, 5, 7, 9},
			Axis: make([]float64, len(text)), Unit: make([]float64, len(text)), Count: []float64{0, 0, 0, 1, 1, 2, 2, 1, 1, 0}},
	}
}

func TestMechanismSection(t *testing.T) {
	for _, lang := range page.Languages {
		d := fixture()
		none := stat.Point(math.NaN(), 0)
		d.Mechanism = &mechanism.View{Result: counted("stack"), Split: "test of tail 80/10/10", Growth: []mechanism.Moment{
			{Step: 0, Inside: stat.Point(0.5, 9), Nested: none, Verdict: "none"}, {Step: 1234, Inside: stat.Point(0.9, 9), Nested: none, Verdict: "flag"},
		}}
		p, _, err := build(d, lang)
		if err != nil {
			t.Fatal(err)
		}
		var b bytes.Buffer
		if err := p.Write(&b); err != nil {
			t.Fatal(err)
		}
		html := b.String()
		for _, want := range []string{p.T("mech.title"), p.T("lab.verdict.stack"), "l0.c[7]", "novel &lt;i&gt;", p.T("lab.because.depth 2 is known"), p.T("lab.figure.known beyond D"), p.T("lab.why.the marks are not straight"), p.T("lab.growth.title"), page.Integer(1234)} {
			if !strings.Contains(html, want) {
				t.Errorf("%s: the page lacks %q", lang, want)
			}
		}
		if strings.Contains(html, "novel <i>") {
			t.Errorf("%s: markup from the text", lang)
		}
	}
}

func TestLaboratoryPage(t *testing.T) {
	var entries []mechanism.Entry
	for seed := range uint64(5) {
		for _, cell := range []string{"elman", "elman + counter"} {
			for _, language := range []string{"straight", "one kind"} {
				e := mechanism.Entry{Language: language, Cell: cell, Depth: 2, Seed: seed, Loss: 2 - float64(len(cell))/100, Result: counted("stack")}
				e.Growth = []mechanism.Moment{{Step: 0, Verdict: "none"}, {Step: 100, Verdict: "stack"}}
				entries = append(entries, e)
			}
		}
	}
	x := &mechanism.Experiment{Command: "rnnscope quotes --experiment", Entries: entries, Groups: mechanism.Summarize(entries),
		Compared: mechanism.Compare(entries, "elman + counter", "elman"),
		Reference: []mechanism.Reference{{Language: "a^n b^n", Cell: "lstm", CountsTo: 33, Most: 120},
			{Language: "Dyck-1", Cell: "gru", Lines: []mechanism.LineScore{{Marks: 40, Right: stat.Wilson(9, 10), Each: stat.Wilson(99, 100)}}}}}
	for _, lang := range page.Languages {
		dir := t.TempDir()
		if err := WriteLaboratory(context.Background(), dir, x, lang); err != nil {
			t.Fatal(err)
		}
		html, err := os.ReadFile(filepath.Join(dir, "report.html"))
		if err != nil {
			t.Fatal(err)
		}
		w, err := page.LoadWords(lang)
		if err != nil {
			t.Fatal(err)
		}
		for _, want := range []string{w.Say("lab.page"), w.Say("lab.helped.yes"), w.Say("lab.verdict.stack") + "\u00a0×5", "33", w.Say("lab.because.depth 2 is known")} {
			if !strings.Contains(string(html), want) {
				t.Errorf("%s: the page lacks %q", lang, want)
			}
		}
		for _, name := range []string{"toggles", "grid-known", "places", "growth-known-onekind", "count-elmancounter-onekind"} {
			if _, err := os.Stat(filepath.Join(dir, "figures", name+".png")); err != nil {
				t.Errorf("%s: %v", lang, err)
			}
		}
	}
	if err := WriteLaboratory(context.Background(), t.TempDir(), x, "xx"); err == nil {
		t.Error("a page in an unknown language")
	}
}
