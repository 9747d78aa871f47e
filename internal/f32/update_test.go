package f32

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

func TestUpdatesMatchTheirTwins(t *testing.T) {
	forEachPath(t, func(t *testing.T) {
		rng := rand.New(rand.NewPCG(1, 6))
		step := AdamStep{Rate: .01, Beta1: .9, Beta2: .999, Eps: 1e-8, Correction: 3, GradScale: .7}
		for n := range maxLen + 1 {
			args := [][]float32{randomSlice(rng, n), randomSlice(rng, n), randomSlice(rng, n), unit(rng, n)}
			if n > 2 {
				args[1][n-1] = special[rng.IntN(len(special))]
				args[3][0] = 0
			}
			what := fmt.Sprintf("n=%d", n)
			twin(t, "Adam "+what, args,
				func(a [][]float32) { Adam(a[0], a[1], a[2], a[3], step) },
				func(a [][]float32) { adamNaive(a[0], a[1], a[2], a[3], &step) })
			twin(t, "RMSProp "+what, args,
				func(a [][]float32) { RMSProp(a[0], a[1], a[3], .002, .95, 1e-8, .5) },
				func(a [][]float32) { rmspropNaive(a[0], a[1], a[3], .002, .95, 1e-8, .5) })
			twin(t, "SGD "+what, args,
				func(a [][]float32) { SGD(a[0], a[1], a[2], .1, .9, 2) },
				func(a [][]float32) { sgdNaive(a[0], a[1], a[2], .1, .9, 2) })
		}
	})
}

// The first Adam step of torch.optim.Adam moves every weight by lr, whatever the
// size of its gradient.
func TestAdamFirstStep(t *testing.T) {
	forEachPath(t, func(t *testing.T) {
		p, g := []float32{1, 1, 1}, []float32{1e-3, -5, 300}
		m, v := make([]float32, 3), make([]float32, 3)
		const lr, beta1, beta2 = .01, .9, .999
		Adam(p, g, m, v, AdamStep{Rate: lr / (1 - beta1), Beta1: beta1, Beta2: beta2, Eps: 1e-8, Correction: 31.622776, GradScale: 1})
		for i, want := range []float32{.99, 1.01, .99} {
			if !closeTo(p[i], want, 1e-6) {
				t.Fatalf("weight %d: %v, want %v", i, p[i], want)
			}
		}
	})
}

// Moments without gradients end at zero, not among the denormals; NaN stays to be
// seen.
func TestMomentsSettle(t *testing.T) {
	forEachPath(t, func(t *testing.T) {
		const n = 21
		p, g, m, v := make([]float32, n), make([]float32, n), make([]float32, n), make([]float32, n)
		for i := range m {
			m[i], v[i] = 1e-20*float32(i-10), 1e-20
		}
		m[3] = float32(math.NaN())
		for range 2000 {
			Adam(p, g, m, v, AdamStep{Rate: .01, Beta1: .9, Beta2: .9, Eps: 1e-8, Correction: 1, GradScale: 1})
		}
		for i := range m {
			if i == 3 {
				if m[i] == m[i] || p[i] == p[i] {
					t.Fatal("NaN was lost")
				}
				continue
			}
			if m[i] != 0 || v[i] != 0 {
				t.Fatalf("moments of weight %d: %g, %g", i, m[i], v[i])
			}
		}
	})
}
