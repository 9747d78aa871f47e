package rnn_test

import (
	"fmt"
	"math/rand/v2"

	"github.com/rnnscope/rnnscope/rnn"
)

// A network is made of its shape, drawn, and read with one symbol at a time; its sites
// are where it can be watched and changed.
func ExampleNew() {
	m, err := rnn.New(rnn.Config{Cell: rnn.GRU, Vocab: 5, Hidden: 8, Layers: 2})
	if err != nil {
		panic(err)
	}
	m.Init(rand.New(rand.NewPCG(1, 0)))
	step := m.NewStepper(1)
	logits := step.Step([]int32{3})
	fmt.Println(len(logits), len(step.State().H[1]), m.Config().StateSites())
	u, err := m.ParseUnit("l1.h[7]")
	fmt.Println(u, err)
	_, err = m.ParseUnit("l1.c[7]")
	fmt.Println(err != nil)
	// Output:
	// 5 8 [l0.h l1.h]
	// l1.h[7] <nil>
	// true
}

// The forward pass to be read is plain.go: loops over PyTorch's weights. It gives what the fast one gives.
func ExamplePlain() {
	m, err := rnn.New(rnn.Config{Cell: rnn.LSTM, Vocab: 5, Hidden: 8, Layers: 2})
	if err != nil {
		panic(err)
	}
	m.Init(rand.New(rand.NewPCG(1, 0)))
	plain, err := rnn.NewPlain(m)
	if err != nil {
		panic(err)
	}
	fast := m.NewStepper(1)
	for _, symbol := range []int32{3, 1, 4} {
		fmt.Printf("%.4f %.4f\n", plain.Step(symbol)[2], fast.Step([]int32{symbol})[2])
	}
	// Output:
	// -0.2911 -0.2911
	// -0.2965 -0.2965
	// -0.2967 -0.2967
}
