package explain

import (
	"math/rand/v2"
	"testing"

	"github.com/rnnscope/rnnscope/rnn"
	"github.com/rnnscope/rnnscope/synth"
	"github.com/rnnscope/rnnscope/text"
)

// randomInput is an untrained network on a generated text.
func randomInput(t testing.TB, corpus string, n, hidden int, cell rnn.Cell, seed uint64) Input {
	t.Helper()
	made, err := synth.Generate(corpus, n, rand.New(rand.NewPCG(seed, 1)), synth.Options{})
	if err != nil {
		t.Fatal(err)
	}
	c, err := text.FromString(corpus, string(made.Runes), text.Options{})
	if err != nil {
		t.Fatal(err)
	}
	m, err := rnn.New(rnn.Config{Cell: cell, Vocab: c.Alphabet.Size(), Hidden: hidden, Layers: 1})
	if err != nil {
		t.Fatal(err)
	}
	m.Init(rand.New(rand.NewPCG(seed, 2)))
	split, err := text.DefaultSplit(len(c.IDs))
	if err != nil {
		t.Fatal(err)
	}
	g := text.Grid{}
	return Input{Name: corpus, Model: m, Alphabet: c.Alphabet, Text: text.Held(c.IDs), Choose: g.Tiling(split.Val), Report: g.Tiling(split.Test), Split: "test of " + split.Name}
}
