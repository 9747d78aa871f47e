package concept

import (
	"errors"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// scraps are the texts that machines care about.
var scraps = []string{
	"a", "B", "é", "李", "7", " ", "  ", "\n", "\n\n", "\t", ".", ". ", ", ", "!", "?", "。", "…", "Mr. ", "\"", "'", "‘", "’", "“", "”", "«", "»", "「", "」", "『", "』",
	"(", ")", "[", "]", "{", "}", "[[", "]]", "{{", "}}", "==", "\n== ", "=", "http", "http://", "https://a.b", "ftp://", "www.", "&lt;", "&gt;", "&quot;", "&l", "&",
	"<", ">", "</", "/>", "<a", "<b c=\"", "<br>", "<!--", "-->", "<![CDATA[", "]]>", "<?", "/", "//", "/*", "*/", "#", "#include ", "`", "\\", "\"\"\"", "%", "$", "$$", "\\[", "\\]", "\\(", "\\)",
	"\\begin{x}", "\\end{x}", "\\begin{", "\\end{y}", "\\begin{verbatim}", "\\end{verbatim}", "document}", "ROMEO:\n", ":", "\x00", "\ufffd",
}

// texts draws texts that open and close things in any order, at times long
// enough to pass limits.
func texts() *rapid.Generator[[]rune] {
	return rapid.Custom(func(t *rapid.T) []rune {
		var rs []rune
		for _, s := range rapid.SliceOfN(rapid.SampledFrom(scraps), 0, 60).Draw(t, "scraps") {
			rs = append(rs, []rune(s)...)
		}
		if rapid.IntRange(0, 3).Draw(t, "long") == 0 {
			at := rapid.IntRange(0, len(rs)).Draw(t, "at")
			n := rapid.SampledFrom([]int{40, 499, 520, 2001, 2100, 10_050}).Draw(t, "filler")
			filler := []rune(strings.Repeat("x y,"[:rapid.IntRange(1, 4).Draw(t, "width")], n))[:n]
			rs = append(rs[:at:at], append(filler, rs[at:]...)...)
		}
		return rs
	})
}

func draw(t *rapid.T) Concept {
	c, err := Find(rapid.SampledFrom(Names()).Draw(t, "concept"))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// TestChunkingChangesNothing also checks the count, the delay and the gaps.
func TestChunkingChangesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := draw(t)
		rs := texts().Draw(t, "text")
		checkStream(t, c, rs, func(left int) int { return rapid.IntRange(1, min(left, 300)).Draw(t, "chunk") })
	})
}

type fataler interface{ Fatalf(string, ...any) }

func checkStream(t fataler, c Concept, rs []rune, chunk func(left int) int) {
	whole := LabelAll(c, rs)
	if len(whole) != len(rs) {
		t.Fatalf("%s: %d labels for %d characters", c.Name, len(whole), len(rs))
	}
	l := c.New()
	for range 2 { // the second time after a Flush
		var parts []Label
		for at := 0; at < len(rs); {
			n := chunk(len(rs) - at)
			parts = l.Write(parts, rs[at:at+n])
			at += n
			if len(parts) < at-c.Delay-1 || len(parts) > at {
				t.Fatalf("%s: %d labels after %d characters, delay is %d", c.Name, len(parts), at, c.Delay)
			}
		}
		parts = l.Flush(parts)
		if !slices.Equal(whole, parts) {
			t.Fatalf("%s on %q: in chunks\n%s", c.Name, string(rs), cmp.Diff(whole, parts))
		}
	}
	since := 0
	for i, l := range whole {
		if i > 0 && l.Y != whole[i-1].Y || i == 0 && l.Y != 0 {
			since = i
		}
		if int(l.Gap) != i-since {
			t.Fatalf("%s: gap %d at %d, want %d", c.Name, l.Gap, i, i-since)
		}
		if c.Kind == Binary && l.Y != 0 && l.Y != 1 || l.Y < 0 {
			t.Fatalf("%s: label %d at %d", c.Name, l.Y, i)
		}
	}
}

// TestCausal: but for what lookahead decides, the labels of a text do not
// depend on what follows it. Quotes and predictions look at one character more.
func TestCausal(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := draw(t)
		a, b := texts().Draw(t, "text"), texts().Draw(t, "more")
		alone, joined := LabelAll(c, a), LabelAll(c, append(a[:len(a):len(a)], b...))
		for i := range len(a) - 1 {
			if alone[i].Y != joined[i].Y {
				t.Fatalf("%s: label %d of %q is %d, with more text behind %d", c.Name, i, string(a), alone[i].Y, joined[i].Y)
			}
			if joined[i].Valid && !alone[i].Valid && !c.endsText() {
				t.Fatalf("%s: label %d of %q is invalid only without more text", c.Name, i, string(a))
			}
		}
	})
}

// endsText: the end of the text settles something that more text may undo.
func (c Concept) endsText() bool { return c.Name == "url" }

func FuzzLabels(f *testing.F) {
	f.Add("He said, “no” <a b=\"c\"> \\begin{x} $y$ http://a.b", uint64(3))
	f.Add(strings.Join(scraps, ""), uint64(1))
	f.Fuzz(func(t *testing.T, text string, seed uint64) {
		rng := rand.New(rand.NewPCG(seed, 1))
		rs := []rune(text)
		for range len(rs) / 8 {
			rs[rng.IntN(len(rs))] = rune(rng.Uint32()) // not even Unicode
		}
		for _, c := range All() {
			checkStream(t, c, rs, func(left int) int { return 1 + rng.IntN(left) })
		}
		Pairs(rs)
	})
}

func TestLimits(t *testing.T) {
	long := func(open string, n int, close string) []rune {
		return []rune(open + strings.Repeat("x", n) + close)
	}
	for _, c := range []struct {
		concept, open, close string
		limit                int
	}{
		{"quote-straight", `"`, `"`, quoteLimit}, {"quote-single", "'", "'", quoteLimit}, {"quote-depth", "「", "」", quoteLimit}, {"quote-parity", "«", "»", quoteLimit}, {"in-quote", "“", "”", quoteLimit},
		{"bracket-depth", "(", ")", bracketLimit}, {"wiki-template", "{{", "}}", bracketLimit}, {"wiki-link", "[[", "]]", quoteLimit},
		{"comment", "/*", "*/", bracketLimit}, {"latex-environment", `\begin{a}`, `\end{a}`, bracketLimit}, {"latex-math", "$", "$", quoteLimit},
		{"comment-xml", "<!--", "-->", bracketLimit}, {"xml-tag", "<a ", ">", tagLimit},
	} {
		concept, err := Find(c.concept)
		if err != nil {
			t.Fatal(err)
		}
		n := len([]rune(c.open))
		short := LabelAll(concept, long(c.open, c.limit/2, c.close))
		if l := short[n]; !l.Valid || l.Y != 1 {
			t.Errorf("%s: half the limit: %+v", c.concept, l)
		}
		over := LabelAll(concept, long(c.open, c.limit+1, "("))
		for i := n; i < n+c.limit-n; i++ {
			if over[i].Valid {
				t.Errorf("%s: past the limit character %d is valid", c.concept, i)
				break
			}
		}
		if l := over[len(over)-1]; c.open != "(" && (!l.Valid || l.Y != 0) {
			t.Errorf("%s: behind an overlong span: %+v", c.concept, l)
		}
	}
}

func TestURLLimit(t *testing.T) {
	c, _ := Find("url")
	ls := LabelAll(c, []rune("http://"+strings.Repeat("x", urlLimit)+" y"))
	for i := 3; i < urlLimit+7; i++ {
		if ls[i].Valid {
			t.Fatalf("character %d of an overlong URL is valid", i)
		}
	}
	if l := ls[urlLimit+7]; !l.Valid || l.Y != 0 {
		t.Errorf("behind an overlong URL: %+v", l)
	}
}

// TestOldElements: an element that outlives the limit is kept if it has matched
// elements inside it or beside it, and withdrawn if it is a stray word.
func TestOldElements(t *testing.T) {
	c, err := Find("xml-depth")
	if err != nil {
		t.Fatal(err)
	}
	x := strings.Repeat("x", bracketLimit+1)
	for _, k := range []struct {
		text string
		want int32
		ok   bool // the labels since the opener
	}{
		{"<stray>" + x, 0, false}, {"<a><b>y</b>" + x, 1, true}, {"<a><b>y</b><c>" + x, 2, true}, {"<a><b>y</b><c>" + x + "</c>", 1, true},
		{"<a><b>y</b><c><stray>" + x, 2, false}, {"<a><b>y</b><center><b>y</b>" + x, 1, false},
	} {
		ls := LabelAll(c, []rune(k.text))
		last, inside := ls[len(ls)-1], ls[len(ls)-10]
		if strings.HasSuffix(k.text, ">") {
			inside = last
		}
		if last.Y != k.want || !last.Valid {
			t.Errorf("%.25q...: %+v, want %d", k.text, last, k.want)
		}
		if inside.Valid != k.ok {
			t.Errorf("%.25q...: inside %+v", k.text, inside)
		}
	}
}

func TestNames(t *testing.T) {
	for _, c := range []struct {
		concept, text string
		at            int
		name          string
	}{
		{"xml-name", "<a><b>x</b>y</a>", 6, "b"}, {"xml-name", "<a><b>x</b>y</a>", 11, "a"},
		{"latex-name", `\begin{a}x\begin{b*}y`, 20, "b*"}, {"latex-name", `\begin{a}x\begin{b*}y`, 9, "a"},
	} {
		concept, err := Find(c.concept)
		if err != nil {
			t.Fatal(err)
		}
		if got := LabelAll(concept, []rune(c.text))[c.at].Y; got != NameID(c.name) || got <= 0 {
			t.Errorf("%s at %d of %q: %d, want %d", c.concept, c.at, c.text, got, NameID(c.name))
		}
	}
	if NameID("a") == NameID("b") {
		t.Error("two names, one category")
	}
}

func TestEveryConceptIsDescribed(t *testing.T) {
	seen := map[string]bool{}
	for _, c := range All() {
		if seen[c.Name] {
			t.Errorf("%s is listed twice", c.Name)
		}
		seen[c.Name] = true
		for _, lang := range []string{"en", "zh"} {
			if c.Title(lang) == c.Name || c.Title(lang) == "" || c.Plain(lang) == c.Definition {
				t.Errorf("%s has no wording in %s", c.Name, lang)
			}
		}
		if c.Title("en") == c.Title("zh") || !strings.HasSuffix(c.Plain("zh"), "。") || !strings.HasSuffix(c.Plain("en"), ".") {
			t.Errorf("%s: titles %q %q, sentences %q %q", c.Name, c.Title("en"), c.Title("zh"), c.Plain("en"), c.Plain("zh"))
		}
		if c.Definition == "" || c.Kind == "" || c.Class == "" || c.Delay < 0 {
			t.Errorf("%s is not fully described", c.Name)
		}
	}
	for name := range wordings {
		if !seen[name] {
			t.Errorf("wording of %s, which is no concept", name)
		}
	}
	if _, err := Find("mood"); !errors.Is(err, ErrUnknown) {
		t.Errorf("Find of an unknown concept: %v", err)
	}
}
