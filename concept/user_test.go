package concept

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/rnnscope/rnnscope/text"
)

func TestFromRegexp(t *testing.T) {
	c, err := FromRegexp("number", `[0-9]+(\.[0-9]+)?|é.\n`)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := drawn(LabelAll(c, []rune("a12.5.\né7\n\n3é"))), ".1111..111.1."; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	if c.Title("en") != "number" || c.Plain("zh") == "" {
		t.Errorf("wording %q %q", c.Title("en"), c.Plain("zh"))
	}
}

func TestFromRegexpRefuses(t *testing.T) {
	for _, c := range []struct {
		name, re string
		want     error
	}{{"a", "(", ErrPattern}, {"a", "", ErrPattern}, {"", "x", ErrName}, {"a b", "x", ErrName}, {"url", "x", ErrName}} {
		if _, err := FromRegexp(c.name, c.re); !errors.Is(err, c.want) {
			t.Errorf("%q %q: %v", c.name, c.re, err)
		}
	}
}

func TestUserConceptsStream(t *testing.T) {
	byRegexp, err := FromRegexp("pairs", `\([^)]*\)|x+|\n`)
	if err != nil {
		t.Fatal(err)
	}
	bySpans, err := FromSpans("spans", strings.NewReader(`{"lo":3,"hi":9}`+"\n\n"+`{"lo":20,"hi":2200,"y":3,"valid":false}`), text.Original{Len: 3000})
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(t *rapid.T) {
		c := rapid.SampledFrom([]string{"re", "spans"}).Draw(t, "which")
		concept := byRegexp
		if c == "spans" {
			concept = bySpans
		}
		checkStream(t, concept, texts().Draw(t, "text"), func(left int) int { return rapid.IntRange(1, min(left, 500)).Draw(t, "chunk") })
	})
}

func TestFromSpans(t *testing.T) {
	c, err := FromSpans("mine", strings.NewReader("{\"lo\":4,\"hi\":5,\"y\":2}\n{\"lo\":1,\"hi\":3}\n{\"lo\":5,\"hi\":6,\"valid\":false}\n"), text.Original{Len: 3000})
	if err != nil {
		t.Fatal(err)
	}
	if got := drawn(LabelAll(c, []rune("abcdefg"))); got != ".11.2?." || c.Kind != Numeric {
		t.Errorf("%s %s", got, c.Kind)
	}
}

// TestSpansOfTheTextAsGiven: what is left out of a text moves no label.
func TestSpansOfTheTextAsGiven(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 60).Draw(t, "characters")
		read := rapid.SliceOfN(rapid.Bool(), n, n).Draw(t, "read")
		on := rapid.SliceOfN(rapid.Bool(), n, n).Draw(t, "on")
		g := text.Original{Len: n}
		var lines, want strings.Builder
		for i := range n {
			if !read[i] {
				g.Omissions = append(g.Omissions, text.Span{Lo: i, Hi: i + 1})
			} else {
				want.WriteByte(".1"[one(on[i])])
			}
			if on[i] {
				fmt.Fprintf(&lines, "{\"lo\":%d,\"hi\":%d}\n", i, i+1)
			}
		}
		c, err := FromSpans("mine", strings.NewReader(lines.String()), g)
		if !strings.Contains(want.String(), "1") {
			if !errors.Is(err, ErrSpans) {
				t.Fatalf("nothing is on: %v", err)
			}
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		if got := drawn(LabelAll(c, make([]rune, want.Len()))); got != want.String() {
			t.Fatalf("%s, want %s", got, want.String())
		}
	})
}

func TestFromSpansRefuses(t *testing.T) {
	for _, lines := range []string{
		"", "x", `{"lo":1}`, `{"lo":2,"hi":2}`, `{"lo":-1,"hi":2}`, `{"lo":1,"hi":2,"y":-1}`, `{"lo":1,"hi":2,"z":1}`,
		"{\"lo\":1,\"hi\":5}\n{\"lo\":4,\"hi\":6}",
		"{\"lo\":1,\"hi\":5}\n{\"lo\":2998,\"hi\":3001}",
	} {
		if _, err := FromSpans("mine", strings.NewReader(lines), text.Original{Len: 3000}); !errors.Is(err, ErrSpans) {
			t.Errorf("%q: %v", lines, err)
		}
	}
	gone := text.Original{Len: 9, Omissions: []text.Span{{Lo: 2, Hi: 5}}}
	if _, err := FromSpans("mine", strings.NewReader(`{"lo":2,"hi":5}`), gone); !errors.Is(err, ErrSpans) {
		t.Errorf("spans of what is left out: %v", err)
	}
	if _, err := FromSpans("mine", strings.NewReader("{\"lo\":1,\"hi\":2}\n{\"lo\":\"a\"}"), text.Original{Len: 3000}); err == nil || !strings.Contains(err.Error(), "line 2") {
		t.Errorf("the line is not named: %v", err)
	}
	if _, err := FromSpans("digit", strings.NewReader(""), text.Original{Len: 3000}); !errors.Is(err, ErrName) {
		t.Errorf("a built-in name: %v", err)
	}
}
