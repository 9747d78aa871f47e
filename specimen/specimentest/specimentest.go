// Package specimentest makes texts and networks for the tests of rooms that look at specimens; nothing of the program
// imports it.
package specimentest

import (
	"math/rand/v2"
	"testing"

	"github.com/rnnscope/rnnscope/rnn"
	"github.com/rnnscope/rnnscope/specimen"
	"github.com/rnnscope/rnnscope/synth"
	"github.com/rnnscope/rnnscope/text"
)

// Novel is a built-in novel of n characters and what it was made of. The same seeds give the same text.
func Novel(t testing.TB, n int, seed, stream uint64) (*text.Corpus, *synth.Text) {
	t.Helper()
	made, err := synth.Generate("novel", n, rand.New(rand.NewPCG(seed, stream)), synth.Options{})
	if err != nil {
		t.Fatal(err)
	}
	c, err := text.FromString("novel", made.S, text.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return c, made
}

// Split is a text's default split.
func Split(t testing.TB, c *text.Corpus) text.Split {
	t.Helper()
	split, err := text.DefaultSplit(len(c.IDs))
	if err != nil {
		t.Fatal(err)
	}
	return split
}

// Parts is a split of a fifth to train on, two fifths to choose on and two fifths to report: more of them than a
// default split gives to a short text.
func Parts(t testing.TB, c *text.Corpus) text.Split {
	t.Helper()
	split, err := text.TailSplit(len(c.IDs), .2, .4)
	if err != nil {
		t.Fatal(err)
	}
	return split
}

// Network is an untrained network for a text; cfg.Vocab is the text's.
func Network(t testing.TB, c *text.Corpus, cfg rnn.Config, seed, stream uint64) specimen.Network {
	t.Helper()
	cfg.Vocab = c.Alphabet.Size()
	m, err := rnn.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	m.Init(rand.New(rand.NewPCG(seed, stream)))
	return specimen.Network{Model: m, Alphabet: c.Alphabet}
}
