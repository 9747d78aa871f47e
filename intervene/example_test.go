package intervene_test

import (
	"context"
	"fmt"
	"math/rand/v2"

	"github.com/rnnscope/rnnscope/intervene"
	"github.com/rnnscope/rnnscope/rnn"
	"github.com/rnnscope/rnnscope/sample"
	"github.com/rnnscope/rnnscope/text"
)

// A change of some units is prepared once and then applied as a hook on the network.
func ExamplePrepare() {
	a, err := text.NewAlphabet([]rune("abc"), false, false)
	if err != nil {
		panic(err)
	}
	m, err := rnn.New(rnn.Config{Cell: rnn.LSTM, Vocab: 3, Hidden: 4, Layers: 1})
	if err != nil {
		panic(err)
	}
	m.Init(rand.New(rand.NewPCG(1, 0)))
	plan, err := intervene.Prepare(m, []intervene.Intervention{{Site: "l0.c", Units: []int{2}, Mode: intervene.Clamp, Value: 1}}, nil, nil)
	if err != nil {
		panic(err)
	}
	said, err := sample.Generator{Model: m, Alphabet: a, Hook: intervene.NewHooks([]intervene.Plan{plan})}.Text(
		context.Background(), nil, sample.Options{N: 10, Temperature: 1}, rand.New(rand.NewPCG(7, 0)))
	fmt.Println(len(said), err)
	// Output: 10 <nil>
}
