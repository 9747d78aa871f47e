package evolve

import (
	"math"
	"slices"
)

// perDecade is how many snapshots fall in a decade of steps, at least.
const perDecade = 12

// landmarks are always in the schedule, as far as the training goes.
var landmarks = []int64{0, 100, 500, 2000}

// Schedule lists the steps at which a training of so many iterations is looked
// at (docs/methods.md, section 7): every step to 12, then at least 12 a decade evenly in the
// logarithm, the landmarks 0, 100, 500 and 2000, and the last. Ascending,
// without repetition.
func Schedule(iterations int64) []int64 {
	var steps []int64
	for k := 0; ; k++ {
		step := int64(math.Round(perDecade * math.Pow(10, float64(k)/perDecade)))
		if step > iterations {
			break
		}
		steps = append(steps, step)
	}
	for step := range min(perDecade, iterations+1) {
		steps = append(steps, step)
	}
	for _, step := range landmarks {
		if step <= iterations {
			steps = append(steps, step)
		}
	}
	steps = append(steps, max(0, iterations))
	slices.Sort(steps)
	return slices.Compact(steps)
}
