package f32

import (
	"math"
	"math/rand/v2"
	"sync"
	"testing"
	"time"
	"unsafe"
)

// Nothing happens, and nothing breaks, on empty slices.
func TestEmpty(t *testing.T) {
	forEachPath(t, func(t *testing.T) {
		var p Packed
		for _, s := range []struct{ m, k, n int }{{0, 3, 3}, {3, 3, 0}, {0, 0, 0}} {
			p.Pack(make([]float32, s.k*s.n), s.k, s.n, s.n, false)
			Gemm(nil, s.n, s.m, make([]float32, s.m*s.k), s.k, 1, &p, true)
			GemmTN(nil, s.n, make([]float32, s.m*s.k), s.m, make([]float32, s.k*s.n), s.n, s.m, s.n, s.k, false)
		}
		p.Pack(nil, 0, 3, 3, false)
		c := []float32{1, 2, 3}
		Gemm(c, 3, 1, nil, 0, 1, &p, true)
		compare(t, c, []float32{1, 2, 3}, 0)
		GemvCols(c, nil, &p, 0, 3, false)
		compare(t, c, []float32{0, 0, 0}, 0)
		GemmTN(c, 3, nil, 1, nil, 3, 1, 3, 0, false)
		compare(t, c, []float32{0, 0, 0}, 0)

		Exp(nil, nil)
		Tanh(nil, nil)
		Sigmoid(nil, nil)
		Add(nil, nil)
		scaleVec(nil, 2)
		Clamp(nil, 2)
		LogSoftmax(nil, nil)
		Softmax(nil, nil)
		SumRows(nil, nil, 0, 0, false)
		LSTMForward(nil, nil, nil, nil, nil, nil, nil)
		LSTMBackward(nil, nil, nil, nil, nil)
		GRUForward(nil, nil, nil, nil, nil, nil, nil)
		GRUBackward([]float32{}, []float32{}, nil, nil, nil)
		ElmanForward(nil, nil, nil, nil, false)
		ElmanBackward(nil, nil, nil, true)
		Adam(nil, nil, nil, nil, AdamStep{})
		RMSProp(nil, nil, nil, 0, 0, 0, 0)
		SGD(nil, nil, nil, 0, 0, 0)
		if got := SumSquares(nil) + SoftmaxXent(nil, 0, 5, 5, nil, nil, true, 1); got != 0 {
			t.Fatal(got)
		}
	})
}

// A broken row stays alone: NaN and Inf in one row of A, or in one column of B, reach
// that row or column of C and no other.
func TestGemmKeepsNaNApart(t *testing.T) {
	forEachPath(t, func(t *testing.T) {
		rng := rand.New(rand.NewPCG(15, 16))
		const m, k, n, row, col = 29, 40, 75, 13, 70
		a, src := randomSlice(rng, m*k), randomSlice(rng, k*n)
		var p Packed
		p.Pack(src, k, n, n, false)
		clean, broken := make([]float32, m*n), make([]float32, m*n)
		Gemm(clean, n, m, a, k, 1, &p, false)
		for _, bad := range []float32{float32(math.NaN()), float32(math.Inf(1))} {
			a[row*k+7], src[3*n+col] = bad, bad
			p.Pack(src, k, n, n, false)
			Gemm(broken, n, m, a, k, 1, &p, false)
			for i := range m {
				for j := range n {
					got := broken[i*n+j]
					finite := !math.IsNaN(float64(got)) && !math.IsInf(float64(got), 0)
					if hit := i == row || j == col; hit == finite {
						t.Fatalf("element (%d,%d) is %v", i, j, got)
					}
					if finite && got != clean[i*n+j] {
						t.Fatalf("element (%d,%d) changed", i, j)
					}
				}
			}
		}
	})
}

// Cores share a packed matrix and the scratch list; what they compute is what one
// would.
func TestConcurrentUse(t *testing.T) {
	rng := rand.New(rand.NewPCG(17, 18))
	const m, k, n, workers = 40, 60, 300, 4
	a, src := randomSlice(rng, m*k), randomSlice(rng, k*n)
	grads := randomSlice(rng, k*m)
	var p Packed
	p.Reserve(k, n)
	var wg sync.WaitGroup
	each := func(do func(w int)) {
		for w := range workers {
			wg.Go(func() { do(w) })
		}
		wg.Wait()
	}
	cols := (n/workers + PanelWidth() - 1) / PanelWidth() * PanelWidth()
	each(func(w int) { p.PackCols(src, n, false, min(w*cols, n), min((w+1)*cols, n)) })
	product, weights := make([]float32, m*n), make([]float32, m*n)
	each(func(w int) {
		lo, hi := w*m/workers, (w+1)*m/workers
		Gemm(product[lo*n:], n, hi-lo, a[lo*k:], k, 1, &p, false)
		GemmTN(weights[lo*n:], n, grads[lo:], m, src, n, hi-lo, n, k, false)
		row := make([]float32, 5)
		GRUForward(make([]float32, 15), nil, nil, nil, row, row, make([]float32, 5))
	})
	var whole Packed
	whole.Pack(src, k, n, n, false)
	want := make([]float32, m*n)
	Gemm(want, n, m, a, k, 1, &whole, false)
	compare(t, product, want, 0)
	GemmTN(want, n, grads, m, src, n, m, n, k, false)
	compare(t, weights, want, 0)
}

func TestMake(t *testing.T) {
	for _, n := range []int{0, 1, 17, 1 << 12, 2*hugePage/4 + 5} {
		s := Make(n)
		if len(s) != n || cap(s) != n {
			t.Fatalf("n=%d: len %d, cap %d", n, len(s), cap(s))
		}
		if n > 0 && uintptr(unsafe.Pointer(&s[0]))%64 != 0 {
			t.Fatalf("n=%d: not on a cache line", n)
		}
		for _, v := range s {
			if v != 0 {
				t.Fatal("not zero")
			}
		}
	}
}

// The peak is a positive, finite rate on every path.
func TestPeakFlops(t *testing.T) {
	forEachPath(t, func(t *testing.T) {
		peak := PeakFlops(5 * time.Millisecond)
		if peak < 1e7 || math.IsInf(peak, 0) {
			t.Fatalf("%g FLOP/s", peak)
		}
		t.Logf("%s: %.1f GFLOP/s", Path(), peak/1e9)
	})
}
