package dissect

import (
	"context"
	"math/rand/v2"
	"testing"

	"github.com/rnnscope/rnnscope/concept"
	"github.com/rnnscope/rnnscope/rnn"
	"github.com/rnnscope/rnnscope/stat"
	"github.com/rnnscope/rnnscope/synth"
	"github.com/rnnscope/rnnscope/text"
)

// borrowed labels every character with what a concept says of the character
// shift places earlier: real labels, real autocorrelation, and nothing to do
// with the text they are laid over.
type borrowed struct {
	inner concept.Labeler
	owed  int // characters still to be labelled invalid
	n     int // characters still to come out
	held  []concept.Label
}

func (b *borrowed) Write(dst []concept.Label, src []rune) []concept.Label {
	b.n += len(src)
	b.held = b.inner.Write(b.held, src)
	for b.owed > 0 && b.n > 0 {
		dst, b.owed, b.n = append(dst, concept.Label{}), b.owed-1, b.n-1
	}
	k := min(b.n, len(b.held))
	dst = append(dst, b.held[:k]...)
	b.held, b.n = b.held[k:], b.n-k
	return dst
}

func (b *borrowed) Flush(dst []concept.Label) []concept.Label {
	b.held = b.inner.Flush(b.held)
	return append(dst, b.held[:b.n]...)
}

func borrow(c concept.Concept, shift int) concept.Concept {
	inner := c.New
	c.New = func() concept.Labeler { return &borrowed{inner: inner(), owed: shift} }
	c.Class = concept.Window // its events are not where its labels change
	return c
}

// TestBorrowedLabelsAreNotFound is METHODS' calibration in small: networks and
// texts, labels from a disjoint region laid over them position by position. Each
// test holds its level, and hardly anything survives the correction.
func TestBorrowedLabelsAreNotFound(t *testing.T) {
	names := []string{"capital-next", "line-end-next", "word-end", "indentation", "in-quote", "url", "bracket-depth", "xml-tag", "latex-environment"}
	var hits, tests, verdicts int64
	const pairs = 16
	for k := range uint64(pairs) {
		x, err := synth.Generate("mixed", 135_000, rand.New(rand.NewPCG(k, 70)), synth.Options{})
		if err != nil {
			t.Fatal(err)
		}
		c, err := text.FromString("mixed", x.S, text.Options{})
		if err != nil {
			t.Fatal(err)
		}
		m, err := rnn.New(rnn.Config{Cell: rnn.Elman, Vocab: c.Alphabet.Size(), Hidden: 16, Layers: 1})
		if err != nil {
			t.Fatal(err)
		}
		m.Init(rand.New(rand.NewPCG(k, 71)))
		split, err := text.TailSplit(len(c.IDs), 0.5, 0.15)
		if err != nil {
			t.Fatal(err)
		}
		var cs []concept.Concept
		for _, real := range concepts(t, names...) {
			cs = append(cs, borrow(real, 47_000))
		}
		in := OwnText("mixed", m, c.Alphabet, c.IDs, split, text.Grid{})
		res, err := Run(context.Background(), in, Options{Concepts: cs, Draws: 999, Seed: k}, nil)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range res.Concepts {
			if r.Best == nil {
				continue
			}
			tests++
			if r.Best.P <= 0.05 {
				hits++
			}
			if r.Verdict == Associated {
				verdicts++
			}
		}
	}
	share, found := stat.Wilson(hits, tests), stat.Wilson(verdicts, tests)
	t.Logf("p <= .05: %s; associated after correction: %s", share, found)
	if share.Lo > 0.08 || share.Hi < 0.02 {
		t.Errorf("share of p <= .05 is %s, want .02 to .08", share)
	}
	if found.Lo > 0.05 {
		t.Errorf("%s of borrowed labels are called associated", found)
	}
}
