package explain

import (
	"context"
	"math/rand/v2"
	"testing"

	"github.com/rnnscope/rnnscope/concept"
	"github.com/rnnscope/rnnscope/rnn"
	"github.com/rnnscope/rnnscope/specimen"
)

// States from elsewhere are described like those of a network; what needs its weights is
// left out, and nothing is said to remember without controls.
func TestRecordedStates(t *testing.T) {
	network, corpus := randomNetwork(t, "novel", 60_000, 4, rnn.LSTM, 4)
	rng := rand.New(rand.NewPCG(4, 4))
	const units = 2
	values := make([]float32, units*len(corpus.IDs))
	open := concept.LabelAll(mustFind("in-quote"), corpus.Alphabet.Runes(corpus.IDs))
	for p := range corpus.IDs {
		values[p*units] = float32(open[p].Y) + float32(rng.NormFloat64())/10
		values[p*units+1] = float32(rng.NormFloat64())
	}
	states, err := specimen.NewRecordedStates(len(corpus.IDs), []specimen.Site{{Name: "layer", Units: units, Range: "open"}}, [][]float32{values})
	if err != nil {
		t.Fatal(err)
	}
	sp, err := specimen.FromRecording(specimen.Recording{States: states, Alphabet: network.Alphabet, Step: specimen.NoStep}, specimen.InMemory(corpus))
	if err != nil {
		t.Fatal(err)
	}
	res, err := Run(context.Background(), sp, Options{Untrained: 19, Concepts: []concept.Concept{mustFind("in-quote")}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if res.Memory != nil || res.Words != nil || res.Untrained != 0 || res.Sites[0].Fresh != nil {
		t.Errorf("of states alone: memory %v, words %v, %d untrained", res.Memory, res.Words, res.Untrained)
	}
	of := res.Sites[0].Units
	if r2 := of[0].R2[0].Estimate; r2 < 0.8 {
		t.Errorf("a unit that follows quotations has R2 %.3f", r2)
	}
	if of[1].Leaves[2] != 1 || of[0].Remembers {
		t.Errorf("noise keeps %d leaves; without controls a unit remembers: %v", of[1].Leaves[2], of[0].Remembers)
	}
}
