package peaks

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// TestListsMergeToTheSameList: shared out in any way, the windows kept are the same.
func TestListsMergeToTheSameList(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	fixed := make([]int32, 500)
	whole, a, b := &List{}, &List{}, &List{}
	for k := range 8 {
		for i := range fixed {
			fixed[i] = int32(rng.IntN(1000)) // with ties
		}
		whole.Add(k*500, fixed)
		[]*List{a, b}[k%2].Add(k*500, fixed)
	}
	b.Merge(a)
	if len(whole.top) != Keep || !slices.Equal(whole.top, b.top) {
		t.Errorf("whole %v\nmerged %v", whole.top, b.top)
	}
	last := whole.Best(5)
	for i, p := range last[1:] {
		if byHeight(last[i], p) > 0 {
			t.Errorf("%v stands before %v", last[i], p)
		}
	}
}
