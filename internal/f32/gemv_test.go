package f32

import (
	"math/rand/v2"
	"testing"
)

// TestGemvCols demands Gemm's bits in both directions, wherever the columns are cut, with
// guards around the output, for every number of panels and all depths around an unrolled loop.
func TestGemvCols(t *testing.T) {
	forEachPath(t, func(t *testing.T) {
		rng := rand.New(rand.NewPCG(3, 9))
		for k := 0; k < 40; k++ {
			n := 1 + rng.IntN(10*PanelWidth())
			x, src := randomSlice(rng, k), randomSlice(rng, k*n)
			var p Packed
			p.Pack(src, k, n, max(n, 1), false)
			want := make([]float32, n)
			Gemm(want, n, 1, x, max(k, 1), 1, &p, false)
			naive := make([]float32, n)
			gemmColsNaive(naive, n, 1, x, max(k, 1), 1, &p, 0, n, false)
			compare(t, want, naive, 1e-5)
			for cut := 0; cut <= n; cut += PanelWidth() {
				for _, down := range []bool{false, true} {
					y := randomSlice(rng, n+2)
					first, last := y[0], y[n+1]
					GemvCols(y[1:n+1], x, &p, cut, n, down)
					GemvCols(y[1:n+1], x, &p, 0, cut, down)
					compare(t, y[1:n+1], want, 0)
					if y[0] != first || y[n+1] != last {
						t.Fatalf("k %d n %d: written beyond the output", k, n)
					}
				}
			}
		}
	})
}

func TestGemvColsAllocatesNothing(t *testing.T) {
	forEachPath(t, func(t *testing.T) {
		rng := rand.New(rand.NewPCG(3, 10))
		const k, n = 40, 290
		var p Packed
		p.Pack(randomSlice(rng, k*n), k, n, n, false)
		x, y := randomSlice(rng, k), make([]float32, n)
		if got := testing.AllocsPerRun(20, func() { GemvCols(y, x, &p, 0, n, true) }); got > 0 {
			t.Fatalf("%v allocations", got)
		}
	})
}
