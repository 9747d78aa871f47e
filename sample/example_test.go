package sample_test

import (
	"context"
	"fmt"
	"math/rand/v2"

	"github.com/rnnscope/rnnscope/rnn"
	"github.com/rnnscope/rnnscope/sample"
	"github.com/rnnscope/rnnscope/text"
)

// A network writes; the same random stream gives the same text.
func ExampleText() {
	a, err := text.NewAlphabet([]rune("abc"), false, false)
	if err != nil {
		panic(err)
	}
	m, err := rnn.New(rnn.Config{Cell: rnn.GRU, Vocab: 3, Hidden: 4, Layers: 1})
	if err != nil {
		panic(err)
	}
	m.Init(rand.New(rand.NewPCG(1, 0)))
	write := func() string {
		s, err := sample.Text(context.Background(), m, a, []int32{0}, sample.Options{N: 12, Temperature: 1}, rand.New(rand.NewPCG(7, 0)))
		if err != nil {
			panic(err)
		}
		return s
	}
	first, again := write(), write()
	fmt.Println(len(first), first == again)
	// Output: 12 true
}
