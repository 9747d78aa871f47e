package synth_test

import (
	"fmt"
	"math/rand/v2"

	"github.com/rnnscope/rnnscope/synth"
)

// A corpus in which it is known of every character what it is part of; the same
// random stream gives the same text.
func ExampleGenerate() {
	t, err := synth.Generate("dyck", 40, rand.New(rand.NewPCG(1, 0)), synth.Options{})
	if err != nil {
		panic(err)
	}
	again, err := synth.Generate("dyck", 40, rand.New(rand.NewPCG(1, 0)), synth.Options{})
	if err != nil {
		panic(err)
	}
	fmt.Println(len(t.Runes) >= 40, t.S == again.S)
	// Output: true true
}
