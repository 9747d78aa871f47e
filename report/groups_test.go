package report

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/rnnscope/rnnscope/dissect"
	"github.com/rnnscope/rnnscope/evolve"
	"github.com/rnnscope/rnnscope/report/page"
	"github.com/rnnscope/rnnscope/stat"
)

// TestAsideIsFoldedAndNotCounted: a concept with another's labels or for another kind of text is told apart.
func TestAsideIsFoldedAndNotCounted(t *testing.T) {
	d := fixture()
	d.Marks = map[string]int{"wiki": 0, "latex": 900}
	same := d.Dissect.Concepts[0]
	same.Concept = "quote-straight"
	d.Dissect.Concepts = append(d.Dissect.Concepts, same)
	b := newBuilder(d, mustWords(t, "en"))
	s := b.Concepts()
	var folded, shown, says []string
	for _, bl := range s.Blocks {
		for _, row := range bl.Concepts {
			if bl.Fold != "" {
				folded, says = append(folded, row.Title), append(says, row.Sentence)
				continue
			}
			shown = append(shown, row.Title)
		}
	}
	if strings.Join(folded, ", ") != "Inside straight quotes, Inside a heading" || len(shown) != 5 {
		t.Errorf("folded %v, shown %v", folded, shown)
	}
	if !slices.Contains(shown, "Inside a quotation") || !slices.Contains(shown, "Inside a URL") {
		t.Errorf("the first of its kind has a twin: shown %v", shown)
	}
	if !slices.ContainsFunc(s.Intro, func(said string) bool { return strings.HasPrefix(said, "5 different concepts") }) {
		t.Error(s.Intro)
	}
	if !strings.Contains(says[0], "“Inside a quotation”") {
		t.Error(says[0])
	}
}

func mustWords(t *testing.T, lang string) page.Words {
	t.Helper()
	w, err := page.LoadWords(lang)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// sentenceOf is the sentence of the one concept in a section.
func sentenceOf(t *testing.T, s *page.Section) string {
	t.Helper()
	for _, bl := range s.Blocks {
		for _, row := range bl.Concepts {
			return row.Sentence
		}
	}
	t.Fatal("no concept in the section")
	return ""
}

func TestConceptSentences(t *testing.T) {
	b := newBuilder(fixture(), mustWords(t, "en"))
	c := b.D.Dissect.Concepts[0]
	at := func(change func(*dissect.ConceptResult, *dissect.Score)) string {
		k, s := c, *c.Best
		k.Best = &s
		change(&k, &s)
		b.D.Dissect.Concepts = []dissect.ConceptResult{k}
		return sentenceOf(t, b.Concepts())
	}
	for name, x := range map[string]struct {
		says   string
		change func(*dissect.ConceptResult, *dissect.Score)
	}{
		"held":    {"[81, 94] of pairs in the right order: it holds the state", func(*dissect.ConceptResult, *dissect.Score) {}},
		"unheld":  {"not shown to hold", func(_ *dissect.ConceptResult, s *dissect.Score) { s.Held[1].AUROC = interval3(.52, .45, .6) }},
		"surface": {"needs no memory for it", func(k *dissect.ConceptResult, _ *dissect.Score) { k.Class = "surface" }},
		"depth":   {"at least one open", func(k *dissect.ConceptResult, _ *dissect.Score) { k.Kind = "depth" }},
		"numeric": {"Counted as on: above 31.", func(k *dissect.ConceptResult, _ *dissect.Score) { k.Kind, k.Rule = "numeric", "value > 31" }},
		"null":    {"no more than with shuffled labels (p = 0.200)", func(k *dissect.ConceptResult, s *dissect.Score) { k.Verdict, s.AdjustedP = dissect.NotFound, .2 }},
		"power": {"of pairs in the right order would have been found in four such texts", func(k *dissect.ConceptResult, s *dissect.Score) {
			k.Verdict, s.AdjustedP, s.CouldShow = dissect.NotFound, .2, .7
		}},
		"no power": {"could have shown no unit, however good", func(k *dissect.ConceptResult, s *dissect.Score) {
			k.Verdict, s.AdjustedP, s.CouldShow = dissect.NotFound, .2, stat.Undefined()
		}},
		"wide": {"its interval reaches chance", func(k *dissect.ConceptResult, s *dissect.Score) { k.Verdict, s.AdjustedP = dissect.NotFound, .01 }},
		"wide and power": {"reaches chance. A unit that puts", func(k *dissect.ConceptResult, s *dissect.Score) {
			k.Verdict, s.AdjustedP, s.CouldShow = dissect.NotFound, .01, .7
		}},
		"deeper": {"Counted as on: more than 2 open.", func(k *dissect.ConceptResult, _ *dissect.Score) { k.Kind, k.Rule = "depth", "depth > 2" }},
	} {
		b.D.Dissect.Concepts[0].Best.Held[1].AUROC = interval3(.88, .81, .94)
		held := append([]dissect.HeldScore(nil), c.Best.Held...)
		if got := at(func(k *dissect.ConceptResult, s *dissect.Score) { s.Held = held; x.change(k, s) }); !strings.Contains(got, x.says) {
			t.Errorf("%s: %s", name, got)
		}
	}
}

// TestAbruptNeedsSnapshotsInside: a rise between two snapshots has no known width.
func TestAbruptNeedsSnapshotsInside(t *testing.T) {
	b := newBuilder(fixture(), mustWords(t, "en"))
	e := evolve.Emergence{Name: "words", Verdict: evolve.Abrupt, Inside: 5, Trusted: true, X0: stat.Point(2, 40), W: stat.Interval{Estimate: .1, Lo: 0, Hi: .3, N: 40}}
	if got := b.came(e); got != "abruptly, around step 99: while the steps grew at most 2.0-fold" {
		t.Error(got)
	}
	e.Inside, e.Trusted = 4, false
	if got := b.came(e); !strings.Contains(got, "perhaps") || !strings.Contains(got, "there are 4;") {
		t.Error(got)
	}
	b.D.Emergence = []evolve.Emergence{{Name: evolve.LossName, Verdict: evolve.Gradual}, e}
	if got := b.emergenceCount(); !strings.Contains(got, "Of 1 skill, 0 came abruptly and 0 gradually; unclear: 1; declined: 0; no change shown: 0") {
		t.Error(got)
	}
	edge := e
	edge.Inside, edge.Before, edge.After = 5, 2, 30
	if got := b.came(edge); !strings.Contains(got, "perhaps") || !strings.Contains(got, "there are 2 before and 30 after") {
		t.Error(got)
	}
	fall := e
	fall.Verdict, fall.Trusted = evolve.Declined, true
	b.D.Emergence = append(b.D.Emergence, fall)
	if got := b.emergenceCount() + b.came(fall); !strings.Contains(got, "Of 2 skills, 0 came abruptly and 0 gradually; unclear: 1; declined: 1;") || !strings.Contains(got, "declined: it got worse") {
		t.Error(got)
	}
	e.X0.Estimate = math.NaN()
	if got := b.came(e); strings.Contains(got, "NaN") {
		t.Error(got)
	}
}
