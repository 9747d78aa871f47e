package probe

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/rnnscope/rnnscope/stat"
)

// TestSelectivityInterval: accuracies that vary from block to block, and control tasks that
// vary among each other, of known means: the interval holds the true difference about as
// often as it says, whichever of the two varies more.
func TestSelectivityInterval(t *testing.T) {
	const blocks, trials, each, accurate, control = 40, 400, 60, 0.8, 0.6
	rng := rand.New(rand.NewPCG(5, 9))
	draw := func(p, spread float64) hits {
		var k hits
		for side := range 2 {
			k.right[side], k.n[side] = make([]float64, blocks), make([]float64, blocks)
			for b := range blocks {
				chance := p + spread*rng.NormFloat64()
				for range each {
					k.right[side][b] += float64(stat.Indicator(rng.Float64() < chance))
				}
				k.n[side][b] = each
			}
		}
		return k
	}
	for _, c := range []struct{ text, tasks float64 }{{0.1, 0}, {0, 0.05}, {0.05, 0.02}} {
		hit, widest := 0, 0.0
		for range trials {
			var controls []hits
			for range ControlTasks {
				controls = append(controls, draw(control+c.tasks*rng.NormFloat64(), c.text))
			}
			ci := selectivity(draw(accurate, c.text), controls)
			hit += stat.Indicator(ci.Lo <= accurate-control && accurate-control <= ci.Hi)
			widest = math.Max(widest, ci.Hi-ci.Lo)
		}
		if share := float64(hit) / trials; share < 0.92 || share > 0.99 || widest > 0.2 {
			t.Errorf("text %v, tasks %v: %.3f of the intervals hold the truth, widest %.3f", c.text, c.tasks, share, widest)
		}
	}
}

// TestSelectivityWithoutControls: a task of which a side is missing counts as one half.
func TestSelectivityWithoutControls(t *testing.T) {
	k := hits{right: [2][]float64{{3, 4}, {4, 4}}, n: [2][]float64{{4, 4}, {4, 4}}}
	if ci := selectivity(k, nil); math.Abs(ci.Estimate-(15.0/16-0.5)) > 1e-12 || !ci.Defined() {
		t.Errorf("%v", ci)
	}
	one := hits{right: [2][]float64{{3}, {4}}, n: [2][]float64{{4}, {4}}}
	if ci := selectivity(one, nil); math.IsNaN(ci.Estimate) || !math.IsNaN(ci.Lo) {
		t.Errorf("one block has no interval: %v", ci)
	}
}
