package report

import (
	"strings"
	"testing"

	"github.com/rnnscope/rnnscope/births"
)

// TestBirthsInBothLanguages: every concept that was born has a row in table and figure, and what was never born is named.
func TestBirthsInBothLanguages(t *testing.T) {
	for _, lang := range []string{"en", "zh"} {
		b := newBuilder(fixture(), loaded(t, lang))
		if fig := b.birthFigure(b.D.Births); len(fig.Rows) != 3 || !(fig.Hi > fig.Rows[2].Estimate) || fig.Rows[1].Lo > fig.Rows[1].Estimate {
			t.Errorf("%s: %+v", lang, fig.Rows)
		}
		s := b.births()
		var rows [][]string
		said := ""
		for _, x := range s.Blocks {
			if x.Table != nil {
				rows = x.Table.Rows
			}
			said += strings.Join(x.Prose, " ")
		}
		if len(rows) != 3 || rows[1][1] != "100" || rows[1][2] != "0" || rows[0][2] != "–" || rows[1][9] != "0.40" || rows[1][8] != "40" {
			t.Errorf("%s: %q", lang, rows)
		}
		if !strings.Contains(said, b.ConceptTitle("latex-math")) {
			t.Errorf("%s: what was never born is not named in %q", lang, said)
		}
		b.D.Births = &births.Result{Steps: []int64{0}, Concepts: []births.Concept{{Concept: "url"}}}
		if s := b.births(); s == nil {
			t.Error("a result with empty tracks has no section")
		}
	}
}
