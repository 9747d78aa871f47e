package concept

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/rnnscope/rnnscope/synth"
)

func TestPairs(t *testing.T) {
	for _, c := range []struct {
		text string
		want []string // opener start..end, closer start..end, kind, name, depth
	}{
		{"(a[b)]", []string{"0..0 4..4 paren  1"}},
		{"([x])", []string{"1..1 3..3 square  2", "0..0 4..4 paren  1"}},
		{"a) (b", nil},
		{`"a" “b”`, []string{"0..0 2..2 quote  1", "4..4 6..6 curly-double  1"}},
		{"「a『b』」 'c'", []string{"2..2 4..4 white-corner  2", "0..0 5..5 corner  1", "7..7 9..9 single-quote  1"}},
		{"<a><br><b/>x<c></a>", []string{"0..2 15..18 tag a 1"}},
		{"<p><q>x</q></p></r>", []string{"3..5 7..10 tag q 2", "0..2 11..14 tag p 1"}},
		{`\begin{a}$x$\end{a}\[y\]`, []string{"6..6 8..8 brace  1", "9..9 11..11 math  1", "0..8 12..18 environment a 1", "16..16 18..18 brace  1",
			"20..20 23..23 square  1", "19..20 22..23 math  1"}},
		{"== A ==\n/* d */<!--e-->", []string{"0..1 5..6 heading  1", "8..9 13..14 comment  1", "15..18 20..22 comment  1"}},
		{"[[b|{{c}}]]", []string{"5..5 7..7 brace  4", "4..5 7..8 template  1", "4..4 8..8 brace  3", "1..1 9..9 square  2", "0..1 9..10 link  1", "0..0 10..10 square  1"}},
	} {
		var got []string
		for _, p := range Pairs([]rune(c.text)) {
			got = append(got, fmt.Sprintf("%d..%d %d..%d %s %s %d", p.OpenStart, p.Open, p.CloseStart, p.Close, p.Kind, p.Name, p.Depth))
		}
		slices.Sort(got)
		slices.Sort(c.want)
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%q: %s", c.text, diff)
		}
	}
}

func TestPairGap(t *testing.T) {
	p := Pairs([]rune("<b>four</b>"), "tag")
	if len(p) != 1 || p[0].Gap() != 4 || p[0].Name != "b" {
		t.Errorf("pairs %+v, want one with gap 4", p)
	}
}

// TestPairsStream: chunking changes neither the pairs nor their order.
func TestPairsStream(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rs := texts().Draw(t, "text")
		stream := func(chunk func(left int) int) []Pair {
			p := NewPairs()
			var out []Pair
			for at := 0; at < len(rs); {
				n := chunk(len(rs) - at)
				out = p.Write(out, rs[at:at+n])
				at += n
			}
			return p.Flush(out)
		}
		whole := stream(func(left int) int { return left })
		parts := stream(func(left int) int { return rapid.IntRange(1, min(left, 50)).Draw(t, "chunk") })
		if diff := cmp.Diff(whole, parts); diff != "" {
			t.Fatal(diff)
		}
		for _, p := range whole {
			if p.OpenStart > p.Open || p.Open >= p.CloseStart || p.CloseStart > p.Close || p.Close >= int64(len(rs)) || p.Depth < 1 {
				t.Fatalf("pair %+v in %d characters", p, len(rs))
			}
			if !slices.Contains(PairKinds(), p.Kind) {
				t.Fatalf("kind %q is not listed", p.Kind)
			}
		}
	})
}

// TestPairsExplainDepth: on planted text every change of depth is the end of a
// pair, so that opening and closing at the pairs found gives the depths back.
func TestPairsExplainDepth(t *testing.T) {
	for _, c := range []struct{ domain, label, kind string }{
		{"dyck", "bracket-depth", ""}, {"code", "bracket-depth", ""}, {"xml", "xml-depth", "tag"}, {"wiki", "wiki-link", "link"},
		{"latex", "latex-environment", "environment"}, {"latex", "latex-math", "math"}, {"novel", "quote-straight", "quote"}, {"novel", "quote-depth", "directed"},
	} {
		text, err := synth.Generate(c.domain, 30_000, rand.New(rand.NewPCG(5, 5)), synth.Options{})
		if err != nil {
			t.Fatal(err)
		}
		kinds := []string{c.kind}
		switch c.kind {
		case "":
			kinds = []string{"paren", "square", "brace"}
		case "directed":
			kinds = []string{"curly-double", "curly-single"}
		}
		change := make([]int, len(text.Runes)+1)
		pairs := Pairs(text.Runes, kinds...)
		for _, p := range pairs {
			change[p.Open]++
			change[p.Close]--
		}
		depth := 0
		for i, want := range text.Labels[c.label] {
			depth += change[i]
			if depth != int(want) {
				t.Errorf("%s %s: depth %d at %d by pairs, planted %d", c.domain, c.label, depth, i, want)
				break
			}
		}
		if len(pairs) < 20 {
			t.Errorf("%s %s: only %d pairs", c.domain, c.label, len(pairs))
		}
	}
}
