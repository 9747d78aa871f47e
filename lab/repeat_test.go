package lab

import (
	"slices"
	"testing"

	"github.com/rnnscope/rnnscope/evolve"
	"github.com/rnnscope/rnnscope/stat"
)

// TestStepsToRefine: a rise between two snapshots asks for another look, the loss and what
// lies behind the last step do not.
func TestStepsToRefine(t *testing.T) {
	rising := func(value func(step int64) float64) []int64 {
		var shots []evolve.Snapshot
		for i, step := range evolve.Schedule(4000) {
			y := stat.Interval{Estimate: 1e-3*float64(i%3) + value(step)}
			shots = append(shots, evolve.Snapshot{Step: step, ValLoss: 4 - 1e-3*float64(i), Skills: []evolve.Skill{{Name: "words", Value: y}}})
		}
		return StepsToRefine(&evolve.History{Snapshots: shots, Emergence: evolve.Emergences(nil, shots)})
	}
	steps := rising(func(step int64) float64 {
		if step > 300 {
			return 1
		}
		return 0
	})
	if len(steps) == 0 || steps[0] < 200 || steps[len(steps)-1] > 400 {
		t.Errorf("a jump after step 300 asks for %v", steps)
	}
	here, beyond := within([]int64{200, 300, 301, 400}, 300)
	if !slices.Equal(here, []int64{200, 300}) || !slices.Equal(beyond, []int64{301, 400}) {
		t.Errorf("of a training planned for 300 updates %v can be repeated, %v cannot", here, beyond)
	}
	steps = rising(func(step int64) float64 { return max(0, float64(step-3500)/1000) })
	if len(steps) == 0 || steps[len(steps)-1] >= 4000 {
		t.Errorf("a rise that the end cuts off asks for %v", steps)
	}
}
