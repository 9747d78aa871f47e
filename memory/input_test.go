package memory

import (
	"slices"
	"testing"
)

// What the n-gram line is counted on is bounded, from the end of the training part, and both sizes are told.
func TestBaselineIsBounded(t *testing.T) {
	in := &input{Train: []int32{1, 2, 3, 4, 5}}
	in.boundBaseline(5)
	if len(in.Train) != 5 || in.Learned != 5 {
		t.Errorf("a text within the limit: %v of %d", in.Train, in.Learned)
	}
	in.boundBaseline(3)
	if !slices.Equal(in.Train, []int32{3, 4, 5}) || in.Learned != 5 {
		t.Errorf("a text beyond it: %v of %d", in.Train, in.Learned)
	}
}
