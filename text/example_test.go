package text_test

import (
	"fmt"

	"github.com/rnnscope/rnnscope/text"
)

// A text becomes symbols with an alphabet of its own, and is cut once.
func ExampleFromString() {
	c, err := text.FromString("line", "abba\n", text.Options{})
	if err != nil {
		panic(err)
	}
	fmt.Println(c.IDs, c.Alphabet.Size(), c.Alphabet.Decode(c.IDs[:2]))
	split, err := text.DefaultSplit(1000)
	if err != nil {
		panic(err)
	}
	fmt.Println(split.Name, split.Val, split.Test)
	// Output:
	// [1 2 2 1 0] 3 ab
	// tail 80/10/10 {800 900} {900 1000}
}
