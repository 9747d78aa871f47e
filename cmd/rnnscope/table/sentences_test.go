package table

import (
	"strings"
	"testing"

	"github.com/rnnscope/rnnscope/dissect"
	"github.com/rnnscope/rnnscope/intervene"
	"github.com/rnnscope/rnnscope/rnn"
	"github.com/rnnscope/rnnscope/stat"
)

// TestTooLittleTextIsSaidOnce: one sentence names all concepts for which the text is too short.
func TestTooLittleTextIsSaidOnce(t *testing.T) {
	r := &dissect.Result{Concepts: []dissect.ConceptResult{
		{Concept: "digit", Verdict: dissect.TooLittleText, Best: &dissect.Score{Site: "l0.h"}},
		{Concept: "url", Verdict: dissect.NotFound, Best: &dissect.Score{Site: "l0.h"}},
		{Concept: "capital", Verdict: dissect.TooLittleText, Best: &dissect.Score{Site: "l0.h"}},
	}}
	said := verdictSentences(r)
	if strings.Count(said, "oo little text") != 1 || !strings.Contains(said, "Digit; Capital letter.") || !strings.Contains(said, "Inside a URL: not found") {
		t.Errorf("said:\n%s", said)
	}
}

// TestNotFoundSaysWhatItCould: a verdict of absence says what would have been found.
func TestNotFoundSaysWhatItCould(t *testing.T) {
	for _, c := range []struct {
		could, p stat.Number
		says     string
	}{
		{.7, .2, "no more than chance allows. A unit would have been found from 70 of 100 on, in four texts of five."},
		{stat.Undefined(), .2, "no more than chance allows. This text could have shown no unit, however good."},
		{.7, .01, "and its interval reaches chance. A unit would have been found from 70 of 100 on, in four texts of five."},
		{0, .2, "no more than chance allows.\n"}, // of a version that did not say
	} {
		s := &dissect.Score{Site: "l0.h", AUROC: stat.Point(.55, 9), AdjustedP: c.p, CouldShow: c.could}
		said := verdictSentences(&dissect.Result{Concepts: []dissect.ConceptResult{{Concept: "url", Verdict: dissect.NotFound, Best: s}}})
		if !strings.HasSuffix(said, c.says) && !strings.HasSuffix(said, c.says+"\n") {
			t.Errorf("could %v, p %v: %s", c.could, c.p, said)
		}
	}
}

// TestNotShownTellsItsInterval: D stands with its interval, and an interval about 0 is called what it is.
func TestNotShownTellsItsInterval(t *testing.T) {
	p := intervene.Pair{Unit: rnn.Unit{Site: "l0.c", Unit: 7}, Verdict: intervene.Encoded, Reasons: []string{"the interval of D reaches 0"}}
	p.Mean.D = stat.Interval{Estimate: .0002, Lo: -.001, Hi: .0014, N: 100}
	for equivalent, says := range map[bool]string{true: "encoded, equivalent to none", false: "encoded, not shown to be used"} {
		p.Equivalent = equivalent
		var b strings.Builder
		if err := Ablation(&b, &intervene.Result{Text: "novel", Split: "test", Concepts: []intervene.ConceptResult{{Concept: "url", Pairs: []intervene.Pair{p}}}}); err != nil {
			t.Fatal(err)
		}
		row, _, _ := strings.Cut(b.String()[strings.Index(b.String(), "l0.c[7]"):], "\n")
		if !strings.Contains(row, says) || !strings.Contains(row, "0.2") || !strings.Contains(row, "[-1.0, 1.4]") {
			t.Errorf("equivalent %t: %s", equivalent, row)
		}
	}
}
