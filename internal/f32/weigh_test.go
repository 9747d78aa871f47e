package f32

import (
	"math/rand/v2"
	"slices"
	"testing"
)

func TestWeighRows(t *testing.T) {
	forEachPath(t, func(t *testing.T) {
		rng := rand.New(rand.NewPCG(4, 2))
		for p := range 40 {
			for _, n := range []int{0, 1, 2, 17} {
				x, root, times := randomSlice(rng, n*p), randomSlice(rng, n), make([]float64, n)
				for i := range times {
					times[i] = rng.NormFloat64()
				}
				want, wantScaled := make([]float64, p), make([]float32, n*p)
				weighRowsNaive(want, wantScaled, x, times, root)
				sum, scaled := make([]float64, p), newGuarded(make([]float32, n*p))
				WeighRows(sum, scaled.s, x, times, root)
				scaled.check(t)
				if !slices.Equal(sum, want) || !slices.Equal(scaled.s, wantScaled) {
					t.Fatalf("%d rows of %d: bits differ from plain Go", n, p)
				}
			}
		}
	})
}

func TestAddWide(t *testing.T) {
	forEachPath(t, func(t *testing.T) {
		rng := rand.New(rand.NewPCG(4, 3))
		for n := range maxLen {
			x, sum, want := randomSlice(rng, n), make([]float64, n+1), make([]float64, n+1)
			for i := range sum {
				sum[i] = rng.NormFloat64()
			}
			copy(want, sum)
			addWideNaive(want[:n], x, 0.3)
			AddWide(sum[:n], x, 0.3)
			if !slices.Equal(sum, want) {
				t.Fatalf("%d elements: bits differ from plain Go, or one behind them was written", n)
			}
		}
	})
}

// TestSymmetricTN: of A^T A the part right of the diagonal is that of the whole, and its mirror
// image the rest, to the bit.
func TestSymmetricTN(t *testing.T) {
	forEachPath(t, func(t *testing.T) {
		rng := rand.New(rand.NewPCG(4, 4))
		for _, p := range []int{1, 3, 17, 64, 65, 129, 257} {
			for _, k := range []int{1, 50, 700} {
				a := randomSlice(rng, k*p)
				want, got := make([]float32, p*p), make([]float32, p*p)
				GemmTN(want, p, a, p, a, p, p, p, k, false)
				SymmetricTN(got, a, p, k)
				if !slices.Equal(got, want) {
					t.Fatalf("p=%d, k=%d: bits differ from the whole product", p, k)
				}
			}
		}
	})
}
