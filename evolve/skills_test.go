package evolve

import (
	"errors"
	"math"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/rnnscope/rnnscope/synth"
	"github.com/rnnscope/rnnscope/text"
)

// pad keeps what a test says clear of the tail that does not count.
var pad = strings.Repeat(" filler", 60)

func TestCounts(t *testing.T) {
	for _, c := range []struct {
		name       string
		count      func([]rune, *events)
		text       string
		right, all int64
	}{
		{"nested", countBrackets, "f(a[1], {b})", 6, 6},
		{"crossed", countBrackets, "([)]", 0, 4},
		{"closer alone", countBrackets, "a) (b)", 2, 3},
		{"opener alone", countBrackets, "(a" + pad, 0, 1},
		{"opener near the end", countBrackets, "(a", 0, 0},
		{"curly", countQuotes, "“a ‘b’ c”", 4, 4},
		{"curly crossed", countQuotes, "“a ‘b” c’ d", 0, 3},
		{"apostrophe", countQuotes, "“I don’t”, the boys’ hats", 2, 2},
		{"straight", countQuotes, `"a" and "b"`, 4, 4},
		{"straight odd", countQuotes, "\"a\" \"b\n\nc" + pad, 2, 3},
		{"straight turned", countQuotes, "a \" b \"c", 0, 2},
		{"straight across a line", countQuotes, "\"a\nb\"", 2, 2},
		{"corner", countQuotes, "「甲『乙』」", 4, 4},
		{"tags", countTags, `<a href="x>y"><b/>c</a> <!-- <d> -->`, 2, 2},
		{"tags crossed", countTags, "<a><b></a></b>", 0, 4},
		{"environments", countTags, `\begin{a} \begin{b} \end{b} \end{a}`, 4, 4},
		{"environment unmatched", countTags, `\end{a} x < y`, 0, 1},
		{"speaker", countSpeakers, "x\n\nANNA:\nHello.\n\nx", 1, 1},
		{"speaker without blank", countSpeakers, "x\nANNA:\nHello.\n", 0, 1},
		{"speaker without speech", countSpeakers, "x\n\nANNA:\n\nHello.\n", 0, 1},
		{"no speaker", countSpeakers, "x\n\nhe said:\nFollow 3:\nx\n", 0, 0},
		{"section", countSections, "x\n== A b ==\n=== C ===\nx\n", 2, 2},
		{"section broken", countSections, "x\n== A b =\n=== C ==\nD ==\n====\nx\n", 0, 4},
		{"verse", countVerse, "x\nThe sailor mends the rusty net at dawn.\nAnd so it goes, a line too short.\n\nx", 1, 2},
		{"indentation", counting(4), "x\nif (a) {\n    b;\n    if (c) {\n        d;\n    }\n}\ne;\nx", 5, 5},
		{"indentation broken", counting(4), "x\nif (a) {\n  b;\n    c;\n}\ne;\nx", 1, 3},
		{"indentation of a string", counting(4), "x\nf(\"{\");\ng;\nif (a) { // {\n    b;\nx", 1, 1},
	} {
		var e events
		c.count([]rune(c.text), &e)
		if e.right != c.right || e.all != c.all {
			t.Errorf("%s: %d of %d, want %d of %d in %q", c.name, e.right, e.all, c.right, c.all, c.text)
		}
	}
}

// TestPerfectOnItself: on text that keeps the rules every share is 1, on the
// same text with its characters shuffled none is near it.
func TestPerfectOnItself(t *testing.T) {
	for domain, want := range map[string][]string{
		"novel": {"words", "quotes", "line-lengths", "copied"},
		"play":  {"words", "brackets", "line-lengths", "verse", "speakers", "copied"},
		"wiki":  {"words", "brackets", "sections", "tags", "copied"},
		"code":  {"words", "quotes", "brackets", "line-lengths", "indentation", "copied"},
		"latex": {"words", "brackets", "tags", "line-lengths", "copied"},
		"xml":   {"words", "quotes", "tags", "line-lengths", "copied"},
		"dyck":  {"brackets", "line-lengths", "copied"},
		"mixed": {"words", "quotes", "brackets", "tags", "line-lengths", "verse", "speakers", "sections", "indentation", "copied"},
	} {
		all := planted(t, domain, 120_000)
		o := newObserver(all[:100_000])
		var names []string
		for _, d := range o.Definitions() {
			names = append(names, d.Name)
		}
		for _, w := range want {
			if !strings.Contains(" "+strings.Join(names, " ")+" ", " "+w+" ") {
				t.Errorf("%s: figure %s is missing from %v", domain, w, names)
			}
		}
		rest := all[100_000:]
		shuffled := append([]rune(nil), rest...)
		rng := rand.New(rand.NewPCG(1, 1))
		rng.Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
		good, bad := o.Skills([]string{string(rest)}), o.Skills([]string{string(shuffled)})
		for i, d := range o.Definitions() {
			g, b := good[i].Value, bad[i].Value
			if d.Share && d.Name != "verse" && g.Estimate < 0.8 {
				t.Errorf("%s %s: %v on text of the same kind", domain, d.Name, g)
			}
			if d.Share && b.Estimate > g.Estimate-0.1 {
				t.Errorf("%s %s: %v on noise, %v on text", domain, d.Name, b, g)
			}
			if d.Lower && b.Estimate < g.Estimate {
				t.Errorf("%s %s: %v on noise, %v on text", domain, d.Name, b, g)
			}
		}
	}
}

// TestNoiseHasFewWords: single letters stand alone in most texts and must not
// make noise look like half a language.
func TestNoiseHasFewWords(t *testing.T) {
	all := planted(t, "mixed", 120_000)
	o := newObserver(all[:100_000])
	rng := rand.New(rand.NewPCG(2, 2))
	shuffled := append([]rune(nil), all[100_000:]...)
	rng.Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
	var single events
	for _, w := range letterRuns(shuffled) {
		if len(w) == 1 {
			single.add(o.facts.words[w])
		}
	}
	if float64(single.right) < 0.6*float64(single.all) {
		t.Errorf("%d of %d single letters are words of the text: the test says nothing", single.right, single.all)
	}
	noise, real := o.Skills([]string{string(shuffled)})[0], o.Skills([]string{string(all[100_000:])})[0]
	if noise.Name != "words" || noise.Value.Estimate > 0.08 || noise.Value.N < 500 {
		t.Errorf("%s of noise: %v", noise.Name, noise.Value)
	}
	if real.Value.Estimate < 0.8 {
		t.Errorf("words of text of the same kind: %v", real.Value)
	}
	var e events
	countWords(map[string]bool{"a": true, "go": true, "été": true}, []rune("x a go I ÉTÉ qq z"), &e)
	if e.right != 2 || e.all != 3 {
		t.Errorf("%d of %d runs, want 2 of 3", e.right, e.all)
	}
}

func planted(t testing.TB, domain string, n int) []rune {
	t.Helper()
	s, err := synth.Generate(domain, n, rand.New(rand.NewPCG(7, 7)), synth.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return s.Runes
}

// TestLongestCommon against the quadratic search.
func TestLongestCommon(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		letters := rapid.SliceOfN(rapid.SampledFrom([]rune("ab“字")), 0, 60)
		training, sample := letters.Draw(rt, "training"), letters.Draw(rt, "sample")
		want := 0
		for i := range sample {
			for j := i + want; j <= len(sample); j++ {
				if strings.Contains(string(training), string(sample[i:j])) {
					want = max(want, j-i)
				}
			}
		}
		if got := longestCommon(newFacts(training).index(), sample); got != want {
			rt.Fatalf("%d, want %d", got, want)
		}
	})
}

// TestTransport: moving all lines by k characters is a distance of k.
func TestTransport(t *testing.T) {
	a := lengthCDF([]int{3, 10, 10, 40})
	b := lengthCDF([]int{8, 15, 15, 45})
	if d := transport(a, b); math.Abs(d-5) > 1e-9 {
		t.Errorf("distance %v, want 5", d)
	}
	if d := transport(a, a); d != 0 {
		t.Errorf("distance to itself %v", d)
	}
}

func TestSamplesAreMeasuredApart(t *testing.T) {
	o := newObserver([]rune(strings.Repeat("(one) [two] {three} four\n", 100)))
	one := o.Skills([]string{"x) (y) z"})
	two := o.Skills([]string{"x) (y", ") z"})
	if d := cmp.Diff(one, two); d == "" {
		t.Error("a bracket is matched across samples")
	}
	none := o.Skills(nil)
	for _, s := range none {
		if s.Value.N != 0 || !math.IsNaN(s.Value.Estimate) {
			t.Errorf("%s of no samples: %v", s.Name, s.Value)
		}
	}
}

// TestRules: a text has only the figures whose structure it keeps.
func TestRules(t *testing.T) {
	rng := rand.New(rand.NewPCG(4, 4))
	clauses := make([]rune, 0, 40_000) // letter runs that never come again, as in a script without spaces
	for range 4000 {
		for range 5 + rng.IntN(5) {
			clauses = append(clauses, rune('一'+rng.IntN(3000)))
		}
		clauses = append(clauses, '，')
	}
	for _, d := range newObserver(clauses).Definitions() {
		if d.Name != "copied" {
			t.Errorf("a text of clauses has %s", d.Name)
		}
	}
	loose := []rune(strings.Repeat("a) b) (c) \"d e <f> <g>\n\n", 200))
	for _, d := range newObserver(loose).Definitions() {
		if d.Name == "brackets" || d.Name == "tags" || d.Name == "quotes" {
			t.Errorf("a text that leaves things open has %s", d.Name)
		}
	}
}

func TestDefinitionsAreComplete(t *testing.T) {
	seen := map[string]bool{}
	for _, s := range skills() {
		d := s.Definition
		if d.Name == "" || d.Text == "" || d.Rule == "" || d.Titles["en"] == "" || d.Titles["zh"] == "" || seen[d.Name] {
			t.Errorf("incomplete or repeated: %+v", d)
		}
		seen[d.Name] = true
	}
}

// FuzzSkills: no sample, however odd, makes a figure fail or leave its range.
func FuzzSkills(f *testing.F) {
	s, err := synth.Generate("mixed", 60_000, rand.New(rand.NewPCG(1, 1)), synth.Options{})
	if err != nil {
		f.Fatal(err)
	}
	o := newObserver(s.Runes)
	f.Add("")
	f.Add("\n\n{\n  \\begin{<a \"“‘")
	f.Add(s.S[:500])
	f.Fuzz(func(t *testing.T, sample string) {
		for i, k := range o.Skills([]string{sample, sample}) {
			if v := k.Value.Estimate; o.has[i].Share && (v < 0 || v > 1) {
				t.Fatalf("%s is %v", k.Name, v)
			}
		}
	})
}

func TestNewObserverReadsTheTrainingPart(t *testing.T) {
	c, err := text.FromString("t", strings.Repeat("abc def ghi\n", 100)+strings.Repeat("unseen\n", 100), text.Options{})
	if err != nil {
		t.Fatal(err)
	}
	o, err := NewObserver(c, text.Split{Train: text.Span{Lo: 0, Hi: 1200}, Val: text.Span{Lo: 1200, Hi: len(c.IDs)}})
	if err != nil {
		t.Fatal(err)
	}
	if ref := o.Reference(100); len(ref) != len(o.Definitions()) {
		t.Errorf("reference %v", ref)
	}
	if ref := o.Reference(1000); ref != nil {
		t.Errorf("reference of too long stretches: %v", ref)
	}
	if _, err := NewObserver(c, text.Split{Train: text.Span{Lo: 0, Hi: 1 << 30}}); !errors.Is(err, text.ErrTooShort) {
		t.Errorf("a split beyond the text: %v", err)
	}
	if o.facts.words["unseen"] || !o.facts.words["abc"] {
		t.Error("words are not those of the training part")
	}
}

func TestSchedule(t *testing.T) {
	got := Schedule(2500)
	for step := range int64(13) {
		if got[step] != step {
			t.Errorf("step %d is missing", step)
		}
	}
	inDecade := func(lo, hi int64) (n int) {
		for _, s := range got {
			if s > lo && s <= hi {
				n++
			}
		}
		return n
	}
	if inDecade(10, 100) < 12 || inDecade(100, 1000) < 12 || inDecade(12, 120) < 12 {
		t.Errorf("fewer than 12 a decade: %v", got)
	}
	for _, want := range []int64{0, 100, 500, 2000, 2500} {
		if inDecade(want-1, want) != 1 {
			t.Errorf("%d is missing", want)
		}
	}
	if d := cmp.Diff([]int64{0, 1, 2, 3}, Schedule(3)); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff([]int64{0}, Schedule(0)); d != "" {
		t.Error(d)
	}
}

// TestObserverIsShared: many goroutines get the same figures; run with -race.
func TestObserverIsShared(t *testing.T) {
	all := planted(t, "wiki", 40_000)
	o := newObserver(all[:38_000])
	sample := []string{string(all[38_000:])}
	want := newObserver(all[:38_000]).Skills(sample)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			if d := cmp.Diff(want, o.Skills(sample), cmpopts.EquateNaNs()); d != "" {
				t.Error(d)
			}
		})
	}
	wg.Wait()
}
