package report

import (
	"strings"
	"testing"

	"github.com/rnnscope/rnnscope/evolve"
	"github.com/rnnscope/rnnscope/stat"
)

// TestHeldOutInBothLanguages: every measure has a row, and a jump of the metric is called so.
func TestHeldOutInBothLanguages(t *testing.T) {
	for lang, want := range map[string][]string{
		"en": {"Ends of words", "300", "2 % → 80 %", "the metric's", "in both measures", "cannot be told"},
		"zh": {"单词的后半", "300", "2 % → 80 %", "来自指标", "两种度量都如此", "说不清"},
	} {
		b := &builder{d: fixture(), w: mustWords(t, lang)}
		var all strings.Builder
		rows := 0
		for _, x := range b.heldOut() {
			if x.Table != nil {
				rows = len(x.Table.Rows)
				for _, r := range x.Table.Rows {
					all.WriteString(strings.ReplaceAll(strings.Join(r, "|"), "\u00a0", " ") + "\n")
				}
			}
		}
		if rows != 4 {
			t.Errorf("%s: %d rows", lang, rows)
		}
		for _, w := range want {
			if !strings.Contains(all.String(), w) {
				t.Errorf("%s: %q is missing in\n%s", lang, w, all.String())
			}
		}
	}
}

// TestHeldOutOfHistory: figures of weights that are gone are left out, the first that are there count.
func TestHeldOutOfHistory(t *testing.T) {
	m := evolve.Measure{Definition: evolve.Definition{Name: "m"}}
	at := func(v float64) []evolve.HeldOut {
		return []evolve.HeldOut{{Name: "m", LogP: stat.Point(v, 9), Right: stat.Point(-v, 9)}}
	}
	h := evolve.History{Measures: []evolve.Measure{m}, Pairings: []evolve.Pairing{{Name: "m"}},
		Snapshots: []evolve.Snapshot{{Step: 0}, {Step: 1, HeldOut: at(-2)}, {Step: 2, HeldOut: at(-1)}, {Step: 3}}}
	got := heldOut(h)
	if len(got) != 1 || got[0].First.LogP.Estimate != -2 || got[0].Last.LogP.Estimate != -1 {
		t.Errorf("%+v", got)
	}
	h.Snapshots = h.Snapshots[:1]
	if got := heldOut(h); len(got) != 0 {
		t.Errorf("nothing was measured: %+v", got)
	}
}
