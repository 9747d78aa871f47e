package compare

import (
	"testing"

	"github.com/rnnscope/rnnscope/dissect"
)

// TestControls: runs held against no untrained networks do not outvote one that was.
func TestControls(t *testing.T) {
	for want, of := range map[int][]int{19: {0, 0, 19}, 5: {5, 5, 19}, 20: {5, 20}, 0: {0, 0}} {
		var all []Views
		for _, n := range of {
			all = append(all, Views{Dissect: &dissect.Result{Null: dissect.NullInfo{Untrained: n}}})
		}
		if got := controlsOf(all); got != want {
			t.Errorf("%v: %d, want %d", of, got, want)
		}
	}
}
