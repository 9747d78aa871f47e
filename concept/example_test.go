package concept_test

import (
	"fmt"

	"github.com/rnnscope/rnnscope/concept"
)

// A labeler says of every character whether a concept is on there, by a definition.
func ExampleLabelAll() {
	c, err := concept.Find("in-quote")
	if err != nil {
		panic(err)
	}
	for i, r := range []rune(`He said "go" now.`) {
		if y := concept.LabelAll(c, []rune(`He said "go" now.`))[i]; y.Valid && y.Y > 0 {
			fmt.Print(string(r))
		}
	}
	fmt.Println()
	// Output: "go
}
