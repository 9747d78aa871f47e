package concept

import (
	"bytes"
	"strings"
	"testing"

	"github.com/rnnscope/rnnscope/text"
)

// labelled checks what every labeler promises: a label a character, none negative.
func labelled(t *testing.T, c Concept, runes []rune) {
	t.Helper()
	l := c.New()
	got := l.Flush(l.Write(nil, runes))
	if len(got) != len(runes) {
		t.Fatalf("%d labels for %d characters", len(got), len(runes))
	}
	for _, x := range got {
		if x.Y < 0 || x.Gap < 0 {
			t.Fatalf("%+v", x)
		}
	}
}

// Whatever stands in a label file: spans, or one line that says what is wrong.
func FuzzSpans(f *testing.F) {
	for _, s := range []string{
		"{\"lo\":0,\"hi\":3}\n{\"lo\":5,\"hi\":9,\"y\":2}\n", "\ufeff{\"lo\":1,\"hi\":2,\"valid\":false}", `{"lo":0,"hi":9223372036854775807}`,
		`{"lo":1,"hi":2}{"lo":3,"hi":4}`, `{"lo":-1,"hi":2}`, `[]`, "{\"lo\":1,\"hi\":2}\r\n\r\n",
	} {
		f.Add([]byte(s), 12)
	}
	f.Fuzz(func(t *testing.T, b []byte, n int) {
		n = min(max(n, 0), 1000)
		given := text.Original{Len: n + 2, Omissions: []text.Span{{Lo: 0, Hi: 1}, {Lo: n / 2, Hi: n/2 + 1}}}
		c, err := FromSpans("own", bytes.NewReader(b), given)
		if err != nil {
			if strings.ContainsAny(err.Error(), "\n") {
				t.Errorf("%q", err)
			}
			return
		}
		labelled(t, c, []rune(strings.Repeat("x", n)))
	})
}

// Whatever the expression: labels, or one line that says what is wrong.
func FuzzRegexp(f *testing.F) {
	for _, s := range []string{`[0-9]+`, `(a*)*b`, `(`, `\b`, `$`, `^`, `.{1000}`, `\pL+\n`, "\xff", `a|`, `(?i)QU.`} {
		f.Add("own", s, "one 12 aab \n quick\nlast é中")
	}
	f.Add("a\x1b[2Jb", "x", "x")
	f.Fuzz(func(t *testing.T, name, expression, s string) {
		if len(expression) > 200 || len(s) > 2000 {
			return
		}
		c, err := FromRegexp(name, expression)
		if err != nil {
			return
		}
		if text.Printable(c.Name) != c.Name {
			t.Errorf("a concept may be called %q", c.Name)
		}
		labelled(t, c, []rune(s))
	})
}
