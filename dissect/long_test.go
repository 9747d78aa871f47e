package dissect

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/rnnscope/rnnscope/concept"
	"github.com/rnnscope/rnnscope/rnn"
	"github.com/rnnscope/rnnscope/stat"
	"github.com/rnnscope/rnnscope/text"
)

// TestAWalkedTextEqualsAHeldOne: from a file, with labels made anew in every pass, or
// held whole: the same result to the bit.
func TestAWalkedTextEqualsAHeldOne(t *testing.T) {
	b := newBench(t, "mixed", 90_000, rnn.GRU, 4)
	path := filepath.Join(t.TempDir(), "text.txt")
	if err := os.WriteFile(path, []byte(string(b.runes)), 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := text.Open(context.Background(), []string{path}, text.Options{}, b.in.Alphabet, text.UnknownError)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	opt := Options{Concepts: concepts(t, "in-quote", "column", "xml-depth", "latex-environment", "line-end-next"), Untrained: 2, Draws: 99}
	for _, in := range []Input{b.in, OtherText("other", b.in.Model, b.in.Alphabet, b.in.Text, text.Grid{})} {
		held, err := Run(context.Background(), in, opt, nil)
		if err != nil {
			t.Fatal(err)
		}
		keep := keepLabels
		keepLabels = 0
		in.Text = f
		walked, err := Run(context.Background(), in, opt, nil)
		keepLabels = keep
		if err != nil {
			t.Fatal(err)
		}
		if x, y := asJSON(t, held), asJSON(t, walked); !bytes.Equal(x, y) {
			t.Errorf("%s: a walked text gives another result", in.Split)
		}
	}
}

func asJSON(t *testing.T, x any) []byte {
	t.Helper()
	out, err := json.Marshal(x)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// TestLabelsOfBlocksAreThoseOfOnePass: whatever blocks are asked for, in whatever
// portions and overlapping or not, each gets the labels that one long pass gives it.
func TestLabelsOfBlocksAreThoseOfOnePass(t *testing.T) {
	b := newBench(t, "mixed", 24_000, rnn.Elman, 2)
	cs := concepts(t, "in-quote", "bracket-depth", "url", "latex-environment", "capital-next")
	rs, err := rules(context.Background(), &b.in, cs, 2)
	if err != nil {
		t.Fatal(err)
	}
	whole := make([][]concept.Label, len(cs))
	for c, k := range cs {
		whole[c] = concept.LabelAll(k, b.runes)
	}
	rapid.Check(t, func(t *rapid.T) {
		l := newLabeller(&b.in, rs, 2)
		l.keepAll = rapid.Bool().Draw(t, "keep")
		for range rapid.IntRange(1, 4).Draw(t, "portions") {
			var blocks []text.Block
			lo := rapid.IntRange(0, 20_000).Draw(t, "lo")
			for range rapid.IntRange(1, 4).Draw(t, "blocks") {
				blocks = append(blocks, text.Block{Lo: lo, Hi: min(len(b.runes), lo+rapid.IntRange(1, 5000).Draw(t, "n"))})
				lo = min(len(b.runes)-1, lo+rapid.IntRange(0, 9000).Draw(t, "step"))
			}
			labelled, err := l.label(context.Background(), blocks)
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
			l.release(labelled)
		}
	})
}
