package concept

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// urlOracle labels a whole text with a regular expression and a second look at
// every match: 1 inside, 0 outside, -1 where the label is left open.
func urlOracle(rs []rune) []int32 {
	head := regexp.MustCompile(`^(?i:(?:https?|ftp)://|www\.)`)
	stop := regexp.MustCompile("[\\s\\x{85}\\x{a0}<>\"\\[\\]{}|\\\\^`\\x{3000}-\\x{303f}\\x{ff00}-\\x{ff65}]|&lt;|&gt;|&quot;")
	out := make([]int32, len(rs))
	for i := 0; i < len(rs); i++ {
		rest := string(rs[i:])
		h := head.FindString(rest)
		if h == "" || i > 0 && joins(rs[i-1]) {
			continue
		}
		body, escape := rest[len(h):], 0
		if at := stop.FindStringIndex(body); at != nil {
			if body[at[0]] == '&' {
				escape = at[1] - at[0] - 1
			}
			body = body[:at[0]]
		}
		kept := strings.TrimRight(body, ".,;:!?")
		for strings.HasSuffix(kept, ")") && strings.Count(body, ")") > strings.Count(body, "(")+strings.Count(body[len(kept):], ")") {
			kept = strings.TrimRight(kept[:len(kept)-1], ".,;:!?")
		}
		n, whole := len([]rune(h+kept)), len([]rune(h+body))
		for k := 3; k < whole+escape && i+k < len(rs); k++ {
			out[i+k] = -1
			if k < n && kept != "" && whole+escape <= urlLimit { // an escape counts while it is read
				out[i+k] = 1
			}
		}
		i += whole - 1
	}
	return out
}

func TestURLAgainstRegexp(t *testing.T) {
	c, err := Find("url")
	if err != nil {
		t.Fatal(err)
	}
	pieces := []string{"http://", "HTTP://", "Www.", "https://", "ftp://", "www.", "a", "b/c", "(", ")", ".", ",", ";", "?", "#", " ", "\n", "\"", "<", "]", "&lt;", "&gt;", "&quot;", "&amp;", "李", "。", "7", "http", "htt"}
	rapid.Check(t, func(t *rapid.T) {
		rs := []rune(strings.Join(rapid.SliceOfN(rapid.SampledFrom(pieces), 0, 14).Draw(t, "pieces"), ""))
		if rapid.IntRange(0, 9).Draw(t, "long") == 0 {
			rs = append([]rune("x www."), append(slices.Repeat([]rune{'y'}, rapid.IntRange(480, 510).Draw(t, "n")), rs...)...)
		}
		want := urlOracle(rs)
		for i, l := range LabelAll(c, rs) {
			switch {
			case l.Valid && l.Y != want[i]:
				t.Fatalf("%q: character %d is %d, by the expression %d", string(rs), i, l.Y, want[i])
			case !l.Valid && want[i] == 1:
				t.Fatalf("%q: character %d is invalid", string(rs), i)
			}
		}
	})
}

// TestStraightQuoteAgainstParagraphs: between blank lines the parity is counted anew, up
// to a mark that opens inside a quotation.
func TestStraightQuoteAgainstParagraphs(t *testing.T) {
	c, err := Find("quote-straight")
	if err != nil {
		t.Fatal(err)
	}
	blank, opening := regexp.MustCompile(`\n\s*?\n`), regexp.MustCompile(`^\s"[\pL\pN]`)
	rapid.Check(t, func(t *rapid.T) {
		text := strings.Join(rapid.SliceOfN(rapid.SampledFrom([]string{`"`, `"`, "a", "b c", " ", "\n", "\n\n", "é"}), 0, 40).Draw(t, "text"), "")
		var want []int32
		at := 0 // bytes before the paragraph
		for rest := text; rest != ""; {
			paragraph, end := rest, len(rest)
			if at := blank.FindStringIndex(rest); at != nil {
				paragraph, end = rest[:at[1]], at[1]-1 // the second line feed may begin the next
			}
			on, opened, nested := int32(0), len(want), false
			for i, r := range paragraph[:end] {
				if r == '"' && !nested {
					if nested = on == 1 && opening.MatchString(text[max(0, at+i-1):]); !nested {
						on = 1 - on
						opened = len(want)
					}
				}
				want = append(want, on)
			}
			at += end
			if nested || on == 1 && end < len(rest) {
				for i := opened; i < len(want); i++ {
					want[i] = -1
				}
			}
			rest = rest[end:]
		}
		for i, l := range LabelAll(c, []rune(text)) {
			if !l.Valid && want[i] != -1 || l.Valid && l.Y != want[i] {
				t.Fatalf("%q: character %d is %+v, want %d", text, i, l, want[i])
			}
		}
	})
}

func TestScales(t *testing.T) {
	column, err := Find("column")
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]float64{}
	for _, s := range column.Scales() {
		got[s.Name] = s.Of(200)
	}
	if len(got) != 3 || got["raw"] != 200 || got["capped"] != 120 || got["log"] < 5.30 || got["log"] > 5.31 {
		t.Errorf("scales of the column at 200: %v", got)
	}
	for _, c := range All() {
		if quantity := c.Kind == Depth || c.Kind == Numeric; quantity != (len(c.Scales()) > 0) {
			t.Errorf("%s is %s and has %d scales", c.Name, c.Kind, len(c.Scales()))
		}
	}
}
