package specimen_test

import (
	"errors"
	"fmt"

	"github.com/rnnscope/rnnscope/specimen"
	"github.com/rnnscope/rnnscope/text"
)

// States from elsewhere, whatever network they come from, with the text they were taken on:
// what needs only activations can be asked of them, what needs weights says so.
func ExampleFromRecording() {
	c, err := text.FromString("line", "abab", text.Options{})
	if err != nil {
		panic(err)
	}
	h := specimen.Site{Name: "residual", Units: 2, Range: "open"}
	states, err := specimen.NewRecordedStates(4, []specimen.Site{h}, [][]float32{{1, 0, 0, 1, 1, 0, 0, 1}})
	if err != nil {
		panic(err)
	}
	s, err := specimen.FromRecording(specimen.Recording{States: states, Alphabet: c.Alphabet, Step: specimen.NoStep}, specimen.InMemory(c))
	if err != nil {
		panic(err)
	}
	_, err = s.Weights("steering")
	fmt.Println(s.Sites(), errors.Is(err, specimen.ErrNoWeights))
	fmt.Println(err)
	// Output:
	// [residual] true
	// steering needs the network's weights: these states were recorded elsewhere
}
