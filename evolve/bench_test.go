package evolve

import (
	"math/rand/v2"
	"testing"
)

// BenchmarkSkills: all figures of one sample of 2,000 characters, the training
// text of a million known.
func BenchmarkSkills(b *testing.B) {
	all := planted(b, "mixed", 1_000_000)
	o := newObserver(all)
	sample := string(planted(b, "mixed", 1_010_000)[1_000_000:1_002_000])
	o.Skills([]string{sample})
	b.ResetTimer()
	for range b.N {
		o.Skills([]string{sample})
	}
}

// BenchmarkFit: the four models and two intervals on one curve.
func BenchmarkFit(b *testing.B) {
	points := plantedCurve(rand.New(rand.NewPCG(1, 1)), risingAt(2, 0.5), 0.05, 0.3)
	for range b.N {
		fit(points, 1)
	}
}
