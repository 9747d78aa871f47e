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

// TestGemvGates demands Gemm's bits for any units of any number of gates, and that the
// columns of other units stay.
func TestGemvGates(t *testing.T) {
	forEachPath(t, func(t *testing.T) {
		rng := rand.New(rand.NewPCG(5, 9))
		for gates := 1; gates <= 4; gates++ {
			for panels := 1; panels <= 5; panels++ {
				units, k := panels*PanelWidth(), rng.IntN(70)
				n := gates * units
				x, src := randomSlice(rng, k), randomSlice(rng, k*n)
				var p Packed
				p.Pack(src, k, n, n, false)
				whole, before := make([]float32, n), randomSlice(rng, n)
				Gemm(whole, n, 1, x, max(k, 1), 1, &p, false)
				for lo := 0; lo <= units; lo += PanelWidth() {
					for hi := lo; hi <= units; hi += PanelWidth() {
						want := append([]float32(nil), before...)
						for g := range gates {
							copy(want[g*units+lo:g*units+hi], whole[g*units+lo:g*units+hi])
						}
						for _, down := range []bool{false, true} {
							y := append([]float32(nil), before...)
							GemvGates(y, x, &p, gates, lo, hi, down)
							compare(t, y, want, 0)
						}
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
		var q Packed
		q.Pack(randomSlice(rng, k*256), k, 256, 256, false)
		x, y := randomSlice(rng, k), make([]float32, n)
		if got := testing.AllocsPerRun(20, func() { GemvCols(y, x, &p, 0, n, true); GemvGates(y[:256], x, &q, 4, 0, 64, true) }); got > 0 {
			t.Fatalf("%v allocations", got)
		}
	})
}
