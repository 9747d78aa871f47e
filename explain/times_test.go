package explain

import (
	"context"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/rnnscope/rnnscope/concept"
	"github.com/rnnscope/rnnscope/rnn"
	"github.com/rnnscope/rnnscope/specimen"
)

// TestTimesOfAR1: a unit that keeps 9/10 of itself a symbol has tau_int = 1.9/.1 = 19, white noise 1.
func TestTimesOfAR1(t *testing.T) {
	network, corpus := randomNetwork(t, "novel", 60_000, 4, rnn.LSTM, 4)
	rng := rand.New(rand.NewPCG(4, 4))
	values := make([]float32, 2*len(corpus.IDs))
	for p := range corpus.IDs {
		values[2*p+1] = float32(rng.NormFloat64())
		if p > 0 {
			values[2*p] = 0.9*values[2*p-2] + values[2*p+1]
		}
	}
	states, err := specimen.NewRecordedStates(len(corpus.IDs), []specimen.Site{{Name: "layer", Units: 2, Range: "open"}}, [][]float32{values})
	if err != nil {
		t.Fatal(err)
	}
	sp, err := specimen.FromRecording(specimen.Recording{States: states, Alphabet: network.Alphabet, Step: specimen.NoStep}, specimen.InMemory(corpus))
	if err != nil {
		t.Fatal(err)
	}
	res, err := Run(context.Background(), sp, Options{Concepts: []concept.Concept{}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	for u, want := range []float64{19, 1} {
		if got := float64(res.Sites[0].Units[u].Times.Autocorrelation); math.Abs(got/want-1) > 0.2 {
			t.Errorf("unit %d has an autocorrelation time of %.2f symbols, want about %g", u, got, want)
		}
	}
}

// TestGateTimes: a forget gate that stands at .9 keeps for -1/ln .9 symbols.
func TestGateTimes(t *testing.T) {
	sp := random(t, "novel", 60_000, 4, rnn.LSTM, 4)
	const f = 0.9
	for _, p := range sp.Model.Params() {
		values := make([]float32, p.Len())
		if p.Name == "rnn.bias_ih_l0" {
			for u := range 4 {
				values[4+u] = float32(math.Log(f / (1 - f))) // gates i f g o
			}
		}
		p.Import(values)
	}
	j, err := newJob(sp, Options{Concepts: []concept.Concept{}})
	if err != nil {
		t.Fatal(err)
	}
	if err := j.prepare(context.Background()); err != nil {
		t.Fatal(err)
	}
	got, err := gateTimes(context.Background(), sp, j.plan)
	if err != nil {
		t.Fatal(err)
	}
	for u, g := range got[0] {
		if want := -1 / math.Log(f); math.Abs(float64(g)/want-1) > 1e-4 {
			t.Errorf("unit %d: %v symbols, want %v", u, g, want)
		}
	}
}
