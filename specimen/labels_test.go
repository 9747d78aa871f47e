package specimen

import (
	"context"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"go.uber.org/goleak"
	"pgregory.net/rapid"

	"github.com/rnnscope/rnnscope/concept"
	"github.com/rnnscope/rnnscope/rnn"
	"github.com/rnnscope/rnnscope/stat"
	"github.com/rnnscope/rnnscope/synth"
	"github.com/rnnscope/rnnscope/text"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// bench is a small untrained network and a generated text.
type bench struct {
	*Specimen
	runes []rune
	split text.Split
}

func newBench(t testing.TB, domain string, n int, cell rnn.Cell, hidden int) *bench {
	t.Helper()
	x, err := synth.Generate(domain, n, rand.New(rand.NewPCG(5, uint64(n))), synth.Options{})
	if err != nil {
		t.Fatal(err)
	}
	c, err := text.FromString(domain, x.S, text.Options{})
	if err != nil {
		t.Fatal(err)
	}
	m, err := rnn.New(rnn.Config{Cell: cell, Vocab: c.Alphabet.Size(), Hidden: hidden, Layers: 1})
	if err != nil {
		t.Fatal(err)
	}
	m.Init(rand.New(rand.NewPCG(6, 1)))
	split, err := text.TailSplit(len(c.IDs), 0.2, 0.3)
	if err != nil {
		t.Fatal(err)
	}
	return &bench{OwnText(Network{Model: m, Alphabet: c.Alphabet}, InMemory(c), split), []rune(x.S), split}
}

func concepts(t testing.TB, names ...string) []concept.Concept {
	t.Helper()
	var out []concept.Concept
	for _, n := range names {
		c, err := concept.Find(n)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, c)
	}
	return out
}

// TestLabelsOfBlocksAreThoseOfOnePass: whatever blocks are asked for, in whatever
// portions and overlapping or not, each gets the labels that one long pass gives it.
func TestLabelsOfBlocksAreThoseOfOnePass(t *testing.T) {
	b := newBench(t, "mixed", 24_000, rnn.Elman, 2)
	cs := concepts(t, "in-quote", "bracket-depth", "url", "latex-environment", "capital-next")
	rs, err := b.NewRules(context.Background(), cs, b.Parts(0), 2)
	if err != nil {
		t.Fatal(err)
	}
	whole := make([][]concept.Label, len(cs))
	for c, k := range cs {
		whole[c] = concept.LabelAll(k, b.runes)
	}
	rapid.Check(t, func(t *rapid.T) {
		l := b.NewLabeller(rs, b.Parts(0), 2)
		l.KeepAll = rapid.Bool().Draw(t, "keep")
		for range rapid.IntRange(1, 4).Draw(t, "portions") {
			var blocks []text.Block
			lo := rapid.IntRange(0, 20_000).Draw(t, "lo")
			for range rapid.IntRange(1, 4).Draw(t, "blocks") {
				blocks = append(blocks, text.Block{Lo: lo, Hi: min(len(b.runes), lo+rapid.IntRange(1, 5000).Draw(t, "n"))})
				lo = min(len(b.runes)-1, lo+rapid.IntRange(0, 9000).Draw(t, "step"))
			}
			labelled, err := l.Label(context.Background(), blocks)
			if err != nil {
				t.Fatal(err)
			}
			for i, x := range blocks {
				for c := range cs {
					var want stat.Labels
					fill(&want, whole[c][x.Lo:x.Hi], rs[c])
					if d := cmp.Diff(want, labelled[i].Labels[c], cmpopts.EquateEmpty()); d != "" {
						t.Fatalf("%s in %d..%d: %s", cs[c].Name, x.Lo, x.Hi, d)
					}
				}
			}
			l.Release(labelled)
		}
	})
}

// TestLabelsOfSymbolsAreCarried: where symbols are bytes or words, a block has the labels
// of its symbols' last characters, in whatever portions it is asked for.
func TestLabelsOfSymbolsAreCarried(t *testing.T) {
	x, err := synth.Generate("novel", 12_000, rand.New(rand.NewPCG(5, 1)), synth.Options{})
	if err != nil {
		t.Fatal(err)
	}
	s := "“不要”，she said. " + x.S
	c, err := text.FromString("bytes", s, text.Options{Bytes: true})
	if err != nil {
		t.Fatal(err)
	}
	cs := concepts(t, "in-quote", "word-start", "capital-next")
	sp := OtherText(Network{Alphabet: c.Alphabet}, InMemory(c))
	rs := make([]Rule, len(cs))
	for i, k := range cs {
		rs[i] = Rule{Concept: k}
	}
	for _, blocks := range [][]text.Block{{{Lo: 0, Hi: 9}, {Lo: 2, Hi: 5000}}, {{Lo: 700, Hi: len(c.IDs)}}} {
		got, err := sp.NewLabeller(rs, sp.Parts(0), 2).Label(context.Background(), blocks)
		if err != nil {
			t.Fatal(err)
		}
		for i, k := range cs {
			whole := concept.LabelSymbols(k, c.Alphabet, c.IDs)
			for j, b := range blocks {
				var want stat.Labels
				fill(&want, whole[b.Lo:b.Hi], rs[i])
				if d := cmp.Diff(want, got[j].Labels[i], cmpopts.EquateEmpty()); d != "" {
					t.Fatalf("%s in %d..%d: %s", k.Name, b.Lo, b.Hi, d)
				}
			}
		}
	}
	if on := slices.Index(got(t, sp, rs[0], 20), 1); on != 2 {
		t.Errorf("the quotation begins at byte %d, want 2, the last of its mark", on)
	}
}

// got is the labels of the first n symbols.
func got(t *testing.T, s *Specimen, r Rule, n int) []int8 {
	t.Helper()
	l, err := s.NewLabeller([]Rule{r}, s.Parts(0), 1).Label(context.Background(), []text.Block{{Hi: n}})
	if err != nil {
		t.Fatal(err)
	}
	return OnOff(nil, n, &l[0].Labels[0])
}
