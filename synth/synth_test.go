package synth

import (
	"errors"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func generate(t testing.TB, name string, n int, seed uint64, opt Options) *Text {
	t.Helper()
	text, err := Generate(name, n, rand.New(rand.NewPCG(seed, 1)), opt)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func TestSameSeedSameText(t *testing.T) {
	for _, name := range Names() {
		a, b := generate(t, name, 20_000, 5, Options{}), generate(t, name, 20_000, 5, Options{})
		if d := cmp.Diff(a, b); d != "" {
			t.Errorf("%s: two texts from one seed: %s", name, d)
		}
		if c := generate(t, name, 20_000, 6, Options{}); c.S == a.S {
			t.Errorf("%s: another seed gives the same text", name)
		}
		if len(a.Runes) < 20_000 || len(a.Runes) > 40_000 {
			t.Errorf("%s: %d runes for 20000 asked", name, len(a.Runes))
		}
		if string(a.Runes) != a.S {
			t.Errorf("%s: S and Runes differ", name)
		}
	}
}

// TestLabelsRest: labels cover the text, are never negative, and are zero at
// every section's end, where all structure is closed. Predictive labels see
// past the end and are exempt.
func TestLabelsRest(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		name := rapid.SampledFrom(Names()).Draw(rt, "name")
		text := generate(t, name, rapid.IntRange(1, 30_000).Draw(rt, "n"), rapid.Uint64().Draw(rt, "seed"), Options{
			Kinds: rapid.IntRange(1, 4).Draw(rt, "kinds"), Depth: rapid.IntRange(1, 20).Draw(rt, "depth"), Length: rapid.IntRange(2, 90).Draw(rt, "length"),
			Width: rapid.IntRange(40, 100).Draw(rt, "width"),
		})
		at := 0
		for _, s := range text.Bounds {
			if s.Lo != at || s.Hi <= s.Lo {
				rt.Fatalf("%s: section %+v does not follow %d", name, s, at)
			}
			at = s.Hi
		}
		if at != len(text.Runes) {
			rt.Fatalf("%s: sections end at %d of %d", name, at, len(text.Runes))
		}
		for c, ys := range text.Labels {
			if len(ys) != len(text.Runes) {
				rt.Fatalf("%s %s: %d labels for %d runes", name, c, len(ys), len(text.Runes))
			}
			if slices.Min(ys) < 0 {
				rt.Fatalf("%s %s: negative", name, c)
			}
			for _, s := range text.Bounds {
				if ys[s.Hi-1] != 0 && !slices.Contains(surface, c) {
					rt.Fatalf("%s %s: %d at the end of a section", name, c, ys[s.Hi-1])
				}
			}
		}
	})
}

// absent are labels a domain offers though what they stand for never occurs in it.
var absent = map[string][]string{
	"dyck": {"capital", "digit", "capital-next"},
	"play": {"digit", "paren-depth", "brace-depth"},
	"wiki": {"xml-attribute"},
	"xml":  {"square-depth", "brace-depth"},
}

// TestLabelsOccur: every other label is on somewhere.
func TestLabelsOccur(t *testing.T) {
	for _, name := range Names() {
		for c, ys := range generate(t, name, 60_000, 3, Options{Spaced: true}).Labels {
			missing := absent[name]
			if slices.ContainsFunc(languages(), func(l language) bool { return l.name == name }) {
				missing = absent["dyck"]
			}
			if slices.Max(ys) == 0 && !slices.Contains(missing, c) {
				t.Errorf("%s: label %s is never on", name, c)
			}
		}
	}
}

// TestFewRepeatedWindows: of the 40-rune windows of the last tenth at most one
// in a hundred occurs before.
func TestFewRepeatedWindows(t *testing.T) {
	const window = 40
	for _, name := range Names() {
		if name == "counting" {
			continue // a^n b^n has nothing else
		}
		text := generate(t, name, 400_000, 11, Options{})
		cut := len(text.Runes) * 9 / 10
		seen := make(map[[window]rune]bool, cut)
		for i := 0; i+window <= cut; i++ {
			seen[[window]rune(text.Runes[i:i+window])] = true
		}
		hits, total := 0, 0
		for i := cut; i+window <= len(text.Runes); i++ {
			total++
			if seen[[window]rune(text.Runes[i:i+window])] {
				hits++
			}
		}
		share := float64(hits) / float64(total)
		t.Logf("%-6s %.4f", name, share)
		if share > 0.01 {
			t.Errorf("%s: share %.4f of held-out windows occur in the training part", name, share)
		}
	}
}

func TestBadOptions(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	if _, err := Generate("sonnet", 100, rng, Options{}); !errors.Is(err, ErrUnknown) {
		t.Errorf("unknown name: %v", err)
	}
	if _, err := Generate("novel", 0, rng, Options{}); !errors.Is(err, ErrOption) {
		t.Errorf("no size: %v", err)
	}
	for _, o := range []Options{{Quotes: "round"}, {Width: 3}, {Kinds: 5}, {Kinds: -1}, {Depth: -2}, {Length: -4}} {
		if _, err := Generate("dyck", 100, rng, o); !errors.Is(err, ErrOption) {
			t.Errorf("%+v: %v", o, err)
		}
	}
}

func TestDyckOptions(t *testing.T) {
	for _, o := range []Options{{Kinds: 1, Depth: 3, Length: 20}, {Kinds: 2, Depth: 30, Length: 200}, {Kinds: 4, Depth: 1, Length: 2}} {
		text := generate(t, "dyck", 5000, 9, o)
		kinds := map[rune]bool{}
		deepest, depth, line := 0, 0, 0
		for _, r := range text.Runes {
			switch i := slices.Index([]rune(dyckOpen), r); {
			case i >= 0:
				kinds[r] = true
				depth++
				line++
			case r == '\n':
				if depth != 0 || line != o.Length {
					t.Fatalf("%+v: a line ends at depth %d after %d brackets", o, depth, line)
				}
				line = 0
			default:
				depth--
				line++
			}
			deepest = max(deepest, depth)
		}
		if len(kinds) != o.Kinds || deepest > o.Depth {
			t.Errorf("%+v: %d kinds, depth %d", o, len(kinds), deepest)
		}
	}
}

// TestMixedBalance: every domain has its share, and the alphabet is small.
func TestMixedBalance(t *testing.T) {
	text := generate(t, "mixed", 400_000, 2, Options{})
	share := map[string]int{}
	for i, s := range text.Bounds {
		share[s.Domain] += s.Hi - s.Lo
		if i > 0 && text.Bounds[i-1].Domain == s.Domain {
			t.Errorf("two sections of %s in a row", s.Domain)
		}
		if s.Domain != "dyck" && (s.Hi-s.Lo < 500 || s.Hi-s.Lo > 9000) {
			t.Errorf("a section of %s has %d runes", s.Domain, s.Hi-s.Lo)
		}
	}
	for _, name := range Names()[:6] {
		if p := float64(share[name]) / float64(len(text.Runes)); p < 0.1 || p > 0.25 {
			t.Errorf("%s takes a share of %.2f", name, p)
		}
	}
	alphabet := map[rune]bool{}
	for _, r := range text.Runes {
		alphabet[r] = true
		if r > 126 && !slices.Contains([]rune("“”‘’"), r) {
			t.Fatalf("rune %q in mixed", r)
		}
	}
	if len(alphabet) > 100 {
		t.Errorf("%d symbols", len(alphabet))
	}
}
