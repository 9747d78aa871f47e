package trace_test

import (
	"context"
	"fmt"
	"math/rand/v2"

	"github.com/rnnscope/rnnscope/rnn"
	"github.com/rnnscope/rnnscope/trace"
)

// The values of a site for every symbol of a passage, and how badly each next one was predicted.
func ExamplePassage() {
	m, err := rnn.New(rnn.Config{Cell: rnn.LSTM, Vocab: 3, Hidden: 4, Layers: 1})
	if err != nil {
		panic(err)
	}
	m.Init(rand.New(rand.NewPCG(1, 0)))
	t, err := trace.Passage(context.Background(), m, []int32{0, 2, 1, 1, 0}, trace.Options{Sites: []string{"l0.c"}, Loss: true})
	if err != nil {
		panic(err)
	}
	fmt.Println(t.Len(), len(t.Row(0, 3)), len(t.Loss))
	// Output: 5 4 5
}
