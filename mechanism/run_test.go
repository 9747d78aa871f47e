package mechanism

import (
	"context"
	"errors"
	"math/rand/v2"
	"reflect"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/rnnscope/rnnscope/rnn"
	"github.com/rnnscope/rnnscope/specimen"
	"github.com/rnnscope/rnnscope/stat"
	"github.com/rnnscope/rnnscope/synth"
	"github.com/rnnscope/rnnscope/text"
)

// TestRunOnASpecimen: Run looks at what the network has not learned from, says the step, and gives what measure gives.
func TestRunOnASpecimen(t *testing.T) {
	made, err := synth.Nest(60_000, rand.New(rand.NewPCG(1, 1)), synth.Nesting{Marks: synth.StraightMarks, Depth: 1, End: .4, GapHigh: 10, Filler: "abcdefgh"})
	if err != nil {
		t.Fatal(err)
	}
	corpus, err := text.FromString("nest", made.S, text.Options{})
	if err != nil {
		t.Fatal(err)
	}
	split, err := text.DefaultSplit(len(corpus.IDs))
	if err != nil {
		t.Fatal(err)
	}
	m, err := rnn.New(rnn.Config{Cell: rnn.GRU, Vocab: corpus.Alphabet.Size(), Hidden: 6, Layers: 1})
	if err != nil {
		t.Fatal(err)
	}
	m.Init(rand.New(rand.NewPCG(2, 2)))
	sp := specimen.OwnText(specimen.Network{Model: m, Alphabet: corpus.Alphabet, Step: 7}, specimen.InMemory(corpus), split)
	opt := Options{Seed: 3, Sequences: 8, Quick: true, Passage: 50}
	got, err := Run(context.Background(), sp, opt)
	if err != nil {
		t.Fatal(err)
	}
	if got.Step != 7 || len(got.Trace.Text) != 50 {
		t.Errorf("step %d, a passage of %d characters", got.Step, len(got.Trace.Text))
	}
	l, err := FindLanguage("nest", corpus.Alphabet, corpus.IDs[split.Val.Lo:split.Test.Hi])
	if err != nil {
		t.Fatal(err)
	}
	want, err := measure(context.Background(), m, l, opt)
	if err != nil {
		t.Fatal(err)
	}
	got.Step, got.Trace = 0, nil
	if d := cmp.Diff(want, got, cmp.Exporter(func(reflect.Type) bool { return true }), cmpopts.EquateNaNs(),
		cmp.Comparer(func(a, b stat.Number) bool { return a == b || a != a && b != b })); d != "" {
		t.Error(d)
	}
	if _, err := Run(context.Background(), sp, Options{Marks: synth.CornerMarks}); !errors.Is(err, ErrNoMarks) {
		t.Errorf("marks that the text lacks: %v", err)
	}
	short := *corpus.Alphabet
	other := specimen.OwnText(specimen.Network{Model: m, Alphabet: &short}, specimen.InMemory(corpus), split)
	if _, words, err := other.Unseen(); err != nil || words != "validation and test of tail 80/10/10" {
		t.Errorf("unseen: %q, %v", words, err)
	}
}
