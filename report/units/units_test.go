package units

import (
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/rnnscope/rnnscope/dissect"
	"github.com/rnnscope/rnnscope/figure"
	"github.com/rnnscope/rnnscope/report/page"
	"github.com/rnnscope/rnnscope/stat"
)

// TestCausalWordsAreComplete: every verdict and every reason has words in both languages.
func TestCausalWordsAreComplete(t *testing.T) {
	source := ""
	for _, name := range []string{"run.go", "verdict.go"} {
		b, err := os.ReadFile(filepath.Join("..", "..", "intervene", name))
		if err != nil {
			t.Fatal(err)
		}
		source += string(b)
	}
	for _, lang := range page.Languages {
		w, err := page.LoadWords(lang)
		if err != nil {
			t.Fatal(err)
		}
		for reason, key := range reasonKeys {
			w.Say("reason." + key)
			if !strings.Contains(source, strconv.Quote(reason)) {
				t.Errorf("no verdict says %q", reason)
			}
		}
		for v, class := range causalClasses {
			w.Say("causal.short." + class)
			w.Say(useVerdicts[v])
		}
	}
}

func TestShortMilli(t *testing.T) {
	for i, want := range map[stat.Interval]string{
		{Estimate: -0.2619, Lo: -0.4291, Hi: -0.0947, N: 9}: "−262 [−429,\u00a0−95]",
		{Estimate: 0.0016, Lo: -0.0007, Hi: 0.0039, N: 9}:   "1.6 [−0.7,\u00a03.9]",
	} {
		if got := shortMilli(i); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func TestSitesByLayer(t *testing.T) {
	sites := []string{"l10.c", "l2.h", "count", "l1.h", "l10.h", "l2.c"}
	slices.SortFunc(sites, compareSites)
	if got := strings.Join(sites, " "); got != "count l1.h l2.c l2.h l10.c l10.h" {
		t.Error(got)
	}
}

func TestSpreadNeedsMatchingBins(t *testing.T) {
	s := &dissect.Score{OnBins: []float64{0, .1, .2, .7}, OffBins: []float64{.6, .2, .1, .1}, BinEdges: []float64{-.5, 0, .5}}
	if out := string(spreadPlot(s)); strings.Count(out, "Z") != len(s.OnBins) || !strings.Contains(out, "−0.5") {
		t.Errorf("one bar a bin and the outer edges: %s", out)
	}
	s.BinEdges = s.BinEdges[1:]
	if spreadPlot(s) != "" {
		t.Error("bins without their edges mean nothing")
	}
}

func TestMatchPairsLastOpenedFirst(t *testing.T) {
	got := matchPairs([]int{0, 2, 9}, []int{1, 4, 5})
	want := []figure.Pair{{Open: 0, Close: 1}, {Open: 2, Close: 4}}
	if len(got) != 2 || got[0] != want[0] || got[1] != want[1] {
		t.Errorf("%v", got)
	}
}
