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

// TestSameContext: of states alone, a unit that is a function of the last two characters and noise
// of the same variance is fixed to one half by two of them, white noise by none.
func TestSameContext(t *testing.T) {
	network, corpus := randomNetwork(t, "novel", contextText+120_000, 4, rnn.LSTM, 4)
	rng := rand.New(rand.NewPCG(4, 4))
	n := len(corpus.IDs)
	values := make([]float32, 3*n)
	byPair := map[[2]int32]float32{}
	for p := 1; p < n; p++ {
		pair := [2]int32(corpus.IDs[p-1 : p+1])
		if _, ok := byPair[pair]; !ok {
			byPair[pair] = float32(rng.NormFloat64())
		}
		values[3*p] = byPair[pair]
		values[3*p+1] = byPair[pair] + float32(rng.NormFloat64())
		values[3*p+2] = float32(rng.NormFloat64())
	}
	states, err := specimen.NewRecordedStates(n, []specimen.Site{{Name: "layer", Units: 3, Range: "open"}}, [][]float32{values})
	if err != nil {
		t.Fatal(err)
	}
	sp, err := specimen.FromRecording(specimen.Recording{States: states, Alphabet: network.Alphabet, Step: specimen.NoStep}, specimen.InMemory(corpus))
	if err != nil {
		t.Fatal(err)
	}
	j, err := newJob(sp, Options{Concepts: []concept.Concept{}})
	if err != nil {
		t.Fatal(err)
	}
	m, fixed, err := j.sameContext(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	if m.Method != SameContext || m.Covered[0] < 0.99 || m.Covered[4] > m.Covered[1] {
		t.Errorf("method %q, covered %v", m.Method, m.Covered)
	}
	variance := func(u int) (mean, v float64) {
		for p := range n {
			mean += float64(values[3*p+u]) / float64(n)
		}
		for p := range n {
			v += (float64(values[3*p+u]) - mean) * (float64(values[3*p+u]) - mean) / float64(n)
		}
		return mean, v
	}
	_, exact := variance(0)
	_, noisy := variance(1)
	for i, k := range contextKs {
		if k < 2 {
			continue
		}
		for u, want := range []float64{1, exact / noisy, 0} {
			if got := fixed[0][u][i]; math.Abs(got.Estimate-want) > 0.08 || got.Lo > want+0.03 || got.Hi < want-0.03 {
				t.Errorf("unit %d is fixed by the last %d to %.3f [%.3f, %.3f], want %.3f", u, k, got.Estimate, got.Lo, got.Hi, want)
			}
		}
	}
	if s1 := fixed[0][0][0].Estimate; s1 > 0.9 {
		t.Errorf("one character fixes %.3f of a function of two", s1)
	}
}
