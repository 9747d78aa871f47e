package explain

import (
	"math/rand/v2"
	"testing"

	"github.com/rnnscope/rnnscope/rnn"
	"github.com/rnnscope/rnnscope/specimen"
	"github.com/rnnscope/rnnscope/synth"
	"github.com/rnnscope/rnnscope/text"
)

// random is an untrained network on a generated text.
func random(t testing.TB, corpus string, n, hidden int, cell rnn.Cell, seed uint64) *specimen.Specimen {
	t.Helper()
	net, c := randomNetwork(t, corpus, n, hidden, cell, seed)
	split, err := text.DefaultSplit(len(c.IDs))
	if err != nil {
		t.Fatal(err)
	}
	return specimen.OwnText(net, specimen.InMemory(c), split)
}

func randomNetwork(t testing.TB, corpus string, n, hidden int, cell rnn.Cell, seed uint64) (specimen.Network, *text.Corpus) {
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
	return specimen.Network{Model: m, Alphabet: c.Alphabet, Step: specimen.NoStep}, c
}
