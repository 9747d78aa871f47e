package dissect

import (
	"strings"
	"testing"

	"github.com/rnnscope/rnnscope/specimen"
)

// checkResponse: a planted unit stands apart before and after its label switches,
// and its curves around texts are those of the label there.
func checkResponse(t *testing.T, k *ConceptResult, sign int) {
	t.Helper()
	seen := map[string]bool{}
	for _, r := range k.Closer.Responses {
		seen[r.Event] = true
		before, after := r.Mean[-CurveLo-1], r.Mean[-CurveLo]
		rise := float64(sign) * (after.Estimate - before.Estimate)
		switch {
		case k.Concept == "column":
			continue
		case r.Event == eventOff || strings.HasSuffix(r.Event, " off"):
			rise = -rise
		case r.Event != eventOn && !strings.HasSuffix(r.Event, " on"):
			continue
		}
		if rise < 0.2 {
			t.Errorf("%s %s at %d places: %s before, %s after", k.Concept, r.Event, r.Events, before, after)
		}
	}
	want := map[string][]string{
		"in-quote": {"\" on", "\" off", "”"}, "url": {"www.", kindLetter, kindDigit, kindSlash, kindDot, kindHash, kindOther},
		"bracket-depth": {"(", ")", "[", "]", "{", "}"}, "column": {lineEnd},
	}
	for _, name := range append(want[k.Concept], eventOn, eventOff) {
		if !seen[name] {
			t.Errorf("%s: no response around %q", k.Concept, name)
		}
	}
}

// TestEventsAreFoundWhereTheTextIs counts events against a search of the text.
func TestEventsAreFoundWhereTheTextIs(t *testing.T) {
	for _, c := range concepts(t, "latex-environment", "comment", "url", "quote-straight") {
		rs := []rune("a \\begin{x} /* ab */ \"http://a.b/c#d\" // e\n\\end{x} \"q\"\n")
		state := make([]int8, len(rs))
		for p, y := range labelsOf(c, rs) {
			state[p] = y
		}
		found := map[string]int{}
		for at := range rs {
			for _, e := range eventsOf(c) {
				if e.at(&specimen.Stretch{Runes: rs}, at, state) {
					found[e.name]++
				}
			}
		}
		want := map[string]map[string]int{
			"latex-environment": {`\begin{`: 1, `\end{`: 1, "on": 1, "off": 1},
			"comment":           {"/*": 1, "*/": 1, "//": 2, lineEnd: 2, "on": 2, "off": 2},
			"url":               {"http": 1, "http://": 1, "#": 1, ".": 1, "letter": 5, "/": 3, "other inside": 1, "on": 1, "off": 1},
			"quote-straight":    {`" on`: 2, `" off`: 2, "on": 2, "off": 2},
		}[c.Name]
		for name, n := range want {
			if found[name] != n {
				t.Errorf("%s: %d of %q, want %d (%v)", c.Name, found[name], name, n, found)
			}
		}
	}
}
