package dissect_test

import (
	"context"
	"fmt"
	"math/rand/v2"

	"github.com/rnnscope/rnnscope/concept"
	"github.com/rnnscope/rnnscope/dissect"
	"github.com/rnnscope/rnnscope/rnn"
	"github.com/rnnscope/rnnscope/specimen"
	"github.com/rnnscope/rnnscope/synth"
	"github.com/rnnscope/rnnscope/text"
)

// Even an untrained network's states tell capitals from other letters; that is associated, not
// learned.
func ExampleRun() {
	novel, err := synth.Generate("novel", 100_000, rand.New(rand.NewPCG(1, 0)), synth.Options{})
	if err != nil {
		panic(err)
	}
	corpus, err := text.FromString("novel", novel.S, text.Options{})
	if err != nil {
		panic(err)
	}
	m, err := rnn.New(rnn.Config{Cell: rnn.Elman, Vocab: corpus.Alphabet.Size(), Hidden: 4, Layers: 1})
	if err != nil {
		panic(err)
	}
	m.Init(rand.New(rand.NewPCG(1, 0)))
	capital, err := concept.Find("capital")
	if err != nil {
		panic(err)
	}
	s := specimen.OtherText(specimen.Network{Model: m, Alphabet: corpus.Alphabet}, specimen.InMemory(corpus))
	r, err := dissect.Run(context.Background(), s, dissect.Options{Concepts: []concept.Concept{capital}}, nil)
	if err != nil {
		panic(err)
	}
	fmt.Println(r.Concepts[0].Verdict, r.Concepts[0].Best.AUROC.Above(0.5))
	// Output: associated true
}
