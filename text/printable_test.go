package text

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestPrintable(t *testing.T) {
	for in, want := range map[string]string{
		"plain.txt":             "plain.txt",
		"中文 é שלום 👩‍👩‍👧":       "中文 é שלום 👩‍👩‍👧",
		"red \x1b[31m.txt":      `red \x1b[31m.txt`,
		"\x1b]0;changed\x07":    `\x1b]0;changed\x07`,
		"new\nline\tand\rmore":  `new\nline\tand\rmore`,
		"c1 \u009b31m":          `c1 \x9b31m`,
		"over\u202egnp.exe":     `over\u202egnp.exe`,
		"iso\u2066late\u2069":   `iso\u2066late\u2069`,
		"sep\u2028\u2029\x7f":   `sep\u2028\u2029\x7f`,
		"caf\xe9.txt":           `caf\xe9.txt`,
		"raw c1 \x9b31m":        `raw c1 \x9b31m`,
		"nul\x00":               `nul\x00`,
		"half \xe4\xb8":         `half \xe4\xb8`,
		"replacement \ufffd ok": "replacement \ufffd ok",
	} {
		if got := Printable(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

// However what is written is cut into pieces, the screen shows the same, and JSON stays
// the same JSON.
func TestScreen(t *testing.T) {
	all := "a\nb\tc \x1b[2J \u009b é中👩‍👩‍👧 \u202e x \x7f \r\n \xff\xe4\xb8 end"
	want := "a\nb\tc \\x1b[2J \\x9b é中👩‍👩‍👧 \\u202e x \\x7f \\r\n \\xff\\xe4\\xb8 end"
	value := strings.ToValidUTF8(all, "?")
	encoded, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	for size := 1; size < len(all)+2; size++ {
		for name, c := range map[string]struct{ in, want string }{"text": {all, want}, "json": {string(encoded), ""}} {
			var out bytes.Buffer
			w := Screen(&out)
			if name == "json" {
				w = JSONScreen(&out)
			}
			for rest := c.in; rest != ""; {
				n := min(size, len(rest))
				if got, err := w.Write([]byte(rest[:n])); got != n || err != nil {
					t.Fatal(got, err)
				}
				rest = rest[n:]
			}
			if name == "text" && out.String() != c.want {
				t.Fatalf("pieces of %d: %q, want %q", size, out.String(), c.want)
			}
			if name == "json" {
				var back string
				if err := json.Unmarshal(out.Bytes(), &back); err != nil || back != value {
					t.Fatalf("pieces of %d: %q (%v)", size, back, err)
				}
			}
		}
	}
}

func FuzzScreen(f *testing.F) {
	f.Add([]byte("a\x1b[31mb"), 1)
	f.Add([]byte("\u202e\xff\xe4\xb8"), 2)
	f.Fuzz(func(t *testing.T, in []byte, size int) {
		size = max(1, size%17)
		var out bytes.Buffer
		w := Screen(&out)
		for rest := in; len(rest) > 0; rest = rest[min(size, len(rest)):] {
			if _, err := w.Write(rest[:min(size, len(rest))]); err != nil {
				t.Fatal(err)
			}
		}
		if !utf8.Valid(out.Bytes()) {
			t.Errorf("%q", out.Bytes())
		}
		for _, r := range out.String() {
			if commands(r) {
				t.Errorf("%U comes through", r)
			}
		}
		if p := Printable(string(in)); strings.ContainsAny(p, "\n\t\x1b\u202e") || !utf8.ValidString(p) {
			t.Errorf("%q", p)
		}
	})
}
