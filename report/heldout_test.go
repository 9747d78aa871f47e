package report

import (
	"strings"
	"testing"
)

// TestHeldOutInBothLanguages: every measure has a row, and a jump of the metric is called so.
func TestHeldOutInBothLanguages(t *testing.T) {
	for lang, want := range map[string][]string{
		"en": {"Ends of words", "300", "2 % → 80 %", "it comes from the metric", "in both measures", "it is unclear whether the metric made it"},
		"zh": {"单词的后半", "300", "2 % → 80 %", "来自指标", "两种度量都如此", "说不清"},
	} {
		b := newBuilder(fixture(), mustWords(t, lang))
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
