package stat_test

import (
	"fmt"

	"github.com/rnnscope/rnnscope/stat"
)

// How often a value of one group lies above one of another, ties counting half.
func ExampleExactAUROC() {
	fmt.Println(stat.ExactAUROC([]float64{2, 3}, []float64{1, 2}))
	// Output: 0.875
}

// The nearest function that never falls: neighbours that do are pooled.
func ExampleIsotonic() {
	fmt.Println(stat.Isotonic([]stat.Level{{X: 1, Y: 0, N: 1}, {X: 2, Y: 3, N: 1}, {X: 3, Y: 1, N: 1}}, true))
	// Output: [{1 0 1} {2.5 2 2}]
}
