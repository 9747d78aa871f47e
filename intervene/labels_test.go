package intervene

import (
	"context"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/rnnscope/rnnscope/concept"
	"github.com/rnnscope/rnnscope/specimen"
	"github.com/rnnscope/rnnscope/text"
)

// Where "at least one is open" is nearly always on, a depth is cut higher, by dissect and here alike.
func TestDepthsAreCutWhereDissectCutsThem(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	var b strings.Builder
	for b.Len() < 60_000 {
		b.WriteString("(")
		for range 12 {
			b.WriteString("abcd ef (gh ij)"[:8+7*rng.IntN(2)])
		}
		b.WriteString(")")
	}
	corpus, err := text.FromString("deep", b.String(), text.Options{})
	if err != nil {
		t.Fatal(err)
	}
	split, err := text.DefaultSplit(len(corpus.IDs))
	if err != nil {
		t.Fatal(err)
	}
	s := specimen.OwnText(specimen.Network{Alphabet: corpus.Alphabet}, specimen.InMemory(corpus), split)
	depth := find(t, "paren-depth")
	cuts, err := depthCuts(context.Background(), s, []concept.Concept{find(t, "digit"), depth}, 1)
	if err != nil {
		t.Fatal(err)
	}
	_, _, admitted, err := s.Admit(context.Background(), []concept.Concept{depth}, s.Parts(text.DefaultBlock), 1)
	if err != nil {
		t.Fatal(err)
	}
	if cuts["paren-depth"] != 1 || admitted["paren-depth"] != 1 {
		t.Fatalf("cut at %d here, at %d where units are chosen; want 1", cuts["paren-depth"], admitted["paren-depth"])
	}
	y := states(depth, corpus.Alphabet, corpus.IDs, specimen.List(s.Parts(0).Choose), cuts["paren-depth"])
	on := 0
	for _, v := range y {
		if v == 1 {
			on++
		}
	}
	if share := float64(on) / float64(len(y)); share < .1 || share > .5 {
		t.Errorf("on at %.2f of the text", share)
	}
}
