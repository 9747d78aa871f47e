package concept

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestEvents(t *testing.T) {
	for _, c := range []struct{ concept, text, want string }{
		{"quote-straight", `a"b"'`, ".t.t."},
		{"quote-depth", "“b’s”", "o.c.c"},
		{"quote-parity", "「a『b』」", "o.o.cc"},
		{"bracket-depth", "(a]}", "o.cc"},
		{"url", "http www.x", "...o....o."},
		{"latex-environment", `\begin{a}\end{`, "......o......c"},
		{"wiki-link", "[[a]]", ".o..c"},
		{"xml-tag-escaped", "&lt;a>", "...o.c"},
		{"column", "a\nb", ".c."},
		{"capital", "A", "."},
	} {
		concept, err := Find(c.concept)
		if err != nil {
			t.Fatal(err)
		}
		e := concept.NewEvents()
		var got strings.Builder
		for _, ev := range e.Write(nil, []rune(c.text)) {
			got.WriteByte(".oct"[ev])
		}
		if got.String() != c.want {
			t.Errorf("%s on %q: %s, want %s", c.concept, c.text, got.String(), c.want)
		}
	}
}

func TestAges(t *testing.T) {
	c, err := Find("bracket-depth")
	if err != nil {
		t.Fatal(err)
	}
	got := c.NewEvents().Ages(nil, []rune("ab(cd)"))
	for i, want := range []int32{1, 2, 0, 1, 2, 0} {
		if got[i] != want {
			t.Errorf("ages %v", got)
			break
		}
	}
	if l := (Label{Valid: true, Gap: 5}); !FarFromEvents(5, l, 5) || FarFromEvents(6, l, 9) || FarFromEvents(5, l, 4) || FarFromEvents(0, Label{Gap: 5}, 5) {
		t.Error("Held")
	}
}

// TestEventsStream: chunking changes nothing, and a depth or flag that a
// closer text switches changes only where an event stands.
func TestEventsStream(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := draw(t)
		rs := texts().Draw(t, "text")
		whole := c.NewEvents().Write(nil, rs)
		e, cut := c.NewEvents(), rapid.IntRange(0, len(rs)).Draw(t, "cut")
		parts := e.Write(e.Write(nil, rs[:cut]), rs[cut:])
		for i := range whole {
			if whole[i] != parts[i] {
				t.Fatalf("%s: event %d is %d whole and %d in parts", c.Name, i, whole[i], parts[i])
			}
		}
	})
}

// TestSwitchesAreEvents: away from limits and blank lines, brackets and quotes
// change only at events.
func TestSwitchesAreEvents(t *testing.T) {
	for _, name := range []string{"bracket-depth", "quote-straight", "quote-depth", "quote-parity", "in-quote", "wiki-link", "wiki-template", "xml-tag", "xml-depth", "square-depth"} {
		c, err := Find(name)
		if err != nil {
			t.Fatal(err)
		}
		rs := []rune(`a ("b" [c] “d ‘e’”) [[f|{{g}}]] <h i="j">k</h> {l} don’t`)
		events := c.NewEvents().Write(nil, rs)
		changes := 0
		for i, l := range LabelAll(c, rs) {
			if l.Gap == 0 && i > 0 {
				changes++
				if events[i] == NoEvent {
					t.Errorf("%s changes at %d %q without an event", name, i, rs[i])
				}
			}
		}
		if changes == 0 {
			t.Errorf("%s never changed", name)
		}
	}
}
