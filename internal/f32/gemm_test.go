package f32

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

// guard surrounds outputs in the tests; no kernel may touch it.
const guard = float32(-12345.678)

// guarded is n elements of value inside guards, at an odd offset so that it is
// not aligned.
type guarded struct {
	all []float32
	s   []float32
}

const guardLen = 67

func newGuarded(init []float32) guarded {
	g := guarded{all: make([]float32, len(init)+2*guardLen)}
	for i := range g.all {
		g.all[i] = guard
	}
	g.s = g.all[guardLen : guardLen+len(init) : guardLen+len(init)]
	copy(g.s, init)
	return g
}

func (g guarded) check(t *testing.T) {
	t.Helper()
	for i, v := range g.all {
		if inside := i >= guardLen && i < guardLen+len(g.s); !inside && v != guard {
			t.Fatalf("wrote %g at %d, outside 0..%d", v, i-guardLen, len(g.s))
		}
	}
}

// fma32 rounds a*b+c once to float32, up to the rare double rounding of float64.
func fma32(a, b, c float32) float32 {
	return float32(math.FMA(float64(a), float64(b), float64(c)))
}

// gemmWant is the contract: one accumulator, k ascending, one rounding a step on
// the assembly paths.
func gemmWant(c []float32, ldc, m, n, k int, a func(i, k int) float32, b func(k, j int) float32, accumulate bool) []float32 {
	out := append([]float32(nil), c...)
	for i := range m {
		for j := range n {
			var s float32
			if accumulate {
				s = c[i*ldc+j]
			}
			for l := range k {
				s = fma32(a(i, l), b(l, j), s)
			}
			out[i*ldc+j] = s
		}
	}
	return out
}

func closeTo(got, want, tol float32) bool {
	return got == want || math.Abs(float64(got-want)) <= float64(tol)*(1+math.Abs(float64(want)))
}

// tolerance is 0 where the path promises the bits of gemmWant.
func tolerance() float32 {
	if active == pathGo {
		return 1e-5
	}
	return 0
}

func compare(t *testing.T, got, want []float32, tol float32) {
	t.Helper()
	for i := range want {
		if !closeTo(got[i], want[i], tol) {
			t.Fatalf("element %d: got %v, want %v", i, got[i], want[i])
		}
	}
}

// dim draws sizes that straddle the kernels' heights and widths.
func dim(rng *rand.Rand, limit int) int {
	if rng.IntN(4) == 0 {
		return rng.IntN(3)
	}
	return rng.IntN(limit + 1)
}

func TestGemmMatchesDefinition(t *testing.T) {
	forEachPath(t, func(t *testing.T) {
		rng := rand.New(rand.NewPCG(3, 4))
		for try := range 400 {
			m, k, n := dim(rng, 33), dim(rng, 40), dim(rng, 100)
			if try%50 == 0 {
				k = kBlockTest + rng.IntN(kBlockTest)
			}
			checkGemm(t, rng, m, k, n)
		}
		for m := 0; m <= 30; m++ { // every height
			checkGemm(t, rng, m, 5, 37)
		}
		for n := 0; n <= 70; n++ { // every tail
			checkGemm(t, rng, 5, 3, n)
		}
		for n := 0; n <= 300; n += 7 {
			checkGemm(t, rng, 1, 30, n)
		}
		for range 8 { // several row blocks, and enough columns for a copy of A
			checkGemm(t, rng, 141+rng.IntN(200), 7, 300)
		}
	})
}

// kBlockTest exceeds the depth block of the assembly paths.
const kBlockTest = 520

func checkGemm(t *testing.T, rng *rand.Rand, m, k, n int) {
	t.Helper()
	ldc, accumulate, trans := n+rng.IntN(4), rng.IntN(2) == 0, rng.IntN(2) == 0
	ars, acs := k+rng.IntN(3), 1
	switch rng.IntN(3) {
	case 0:
		ars, acs = 1, m+rng.IntN(3)
	case 1:
		ars, acs = 2*k+1, 2
	}
	a := randomSlice(rng, 1+m*ars+k*acs)[1:]
	ldb := n + rng.IntN(3)
	if trans {
		ldb = k + rng.IntN(3)
	}
	src := randomSlice(rng, 1+max(n, k)*ldb)[1:]
	at := func(l, j int) float32 {
		if trans {
			return src[j*ldb+l]
		}
		return src[l*ldb+j]
	}
	var p Packed
	p.Pack(src, k, n, ldb, trans)
	c := newGuarded(randomSlice(rng, m*ldc))
	want := gemmWant(c.s, ldc, m, n, k, func(i, l int) float32 { return a[i*ars+l*acs] }, at, accumulate)
	Gemm(c.s, ldc, m, a, ars, acs, &p, accumulate)
	c.check(t)
	t.Run(fmt.Sprintf("m=%d,k=%d,n=%d,ars=%d,acs=%d,trans=%v,acc=%v", m, k, n, ars, acs, trans, accumulate),
		func(t *testing.T) { compare(t, c.s, want, tolerance()) })
}

// The naive twins themselves are held to the definition, on the panels of any path.
func TestNaiveGemm(t *testing.T) {
	rng := rand.New(rand.NewPCG(13, 14))
	for range 50 {
		m, k, n, accumulate := dim(rng, 9), dim(rng, 9), dim(rng, 70), rng.IntN(2) == 0
		a, src, c := randomSlice(rng, m*k), randomSlice(rng, k*n), randomSlice(rng, m*n)
		want := gemmWant(c, n, m, n, k, func(i, l int) float32 { return a[i*k+l] },
			func(l, j int) float32 { return src[l*n+j] }, accumulate)
		var p Packed
		p.Reserve(k, n)
		packPanelsNaive(&p, src, n, false, 0, n)
		got := append([]float32(nil), c...)
		gemmColsNaive(got, n, m, a, k, 1, &p, 0, n, accumulate)
		compare(t, got, want, 1e-5)

		transposed := make([]float32, m*k)
		for i := range m {
			for l := range k {
				transposed[l*m+i] = a[i*k+l]
			}
		}
		got = append(got[:0], c...)
		gemmTNNaive(got, n, transposed, m, src, n, m, n, k, accumulate)
		compare(t, got, want, 1e-5)
	}
}

// A row's bits depend on nothing but the row: any cut of rows or columns gives
// the same C.
func TestGemmCutInvariance(t *testing.T) {
	forEachPath(t, func(t *testing.T) {
		rng := rand.New(rand.NewPCG(5, 6))
		const m, k, n = 61, 530, 150
		a, src := randomSlice(rng, m*k), randomSlice(rng, k*n)
		var p Packed
		p.Pack(src, k, n, n, false)
		whole := make([]float32, m*n)
		Gemm(whole, n, m, a, k, 1, &p, false)
		for range 10 {
			got := make([]float32, m*n)
			for lo := 0; lo < m; {
				hi := min(m, lo+1+rng.IntN(20))
				cut := rng.IntN(n/PanelWidth()+1) * PanelWidth()
				GemmCols(got[lo*n:], n, hi-lo, a[lo*k:], k, 1, &p, 0, cut, false)
				GemmCols(got[lo*n:], n, hi-lo, a[lo*k:], k, 1, &p, cut, n, false)
				lo = hi
			}
			compare(t, got, whole, 0)
		}
		row := make([]float32, n)
		GemvCols(row, a[:k], &p, 0, n, false)
		compare(t, row, whole[:n], 0)
	})
}

// Groups of rows give the bits of one product a group, and leave what lies between alone.
func TestGemmGroups(t *testing.T) {
	forEachPath(t, func(t *testing.T) {
		rng := rand.New(rand.NewPCG(17, 18))
		for try := range 200 {
			m, k, n, groups := dim(rng, 40), dim(rng, 40), dim(rng, 100), dim(rng, 9)
			if try%40 == 0 {
				m, k, n, groups = 25+rng.IntN(50), kBlockTest+rng.IntN(kBlockTest), 70, 9 // several blocks of each
			}
			lda, ldc := max(k, 1)+rng.IntN(3), max(n, 1)+rng.IntN(3)
			nextA, nextC := m*lda+rng.IntN(3)*lda, m*ldc+rng.IntN(3)*ldc
			a, start := randomSlice(rng, groups*nextA+m*lda), randomSlice(rng, groups*nextC+m*ldc)
			var p Packed
			p.Pack(randomSlice(rng, k*n), k, n, max(n, 1), false)
			want, got := append([]float32(nil), start...), newGuarded(start)
			for g := range groups {
				Gemm(want[g*nextC:], ldc, m, a[g*nextA:], lda, 1, &p, false)
			}
			GemmGroups(got.s, ldc, nextC, m, a, lda, nextA, groups, &p)
			got.check(t)
			compare(t, got.s, want, 0)
		}
	})
}

func TestGemmTN(t *testing.T) {
	forEachPath(t, func(t *testing.T) {
		rng := rand.New(rand.NewPCG(7, 8))
		for try := range 200 {
			m, k, n := dim(rng, 40), dim(rng, 40), dim(rng, 70)
			if try%40 == 0 {
				k = kBlockTest + rng.IntN(kBlockTest)
			}
			lda, ldb, ldc, accumulate := m+rng.IntN(3), n+rng.IntN(3), n+rng.IntN(3), rng.IntN(2) == 0
			if try%3 == 0 { // odd numbers of cache lines: panels are read where they lie
				lda, ldb = m/32*32+48, n/32*32+48
			}
			if try%40 == 1 {
				m, n = 141+rng.IntN(200), 300
				lda, ldb, ldc = m, n, n
			}
			a, b := randomSlice(rng, k*lda), randomSlice(rng, k*ldb)
			c := newGuarded(randomSlice(rng, m*ldc))
			want := gemmWant(c.s, ldc, m, n, k, func(i, l int) float32 { return a[l*lda+i] },
				func(l, j int) float32 { return b[l*ldb+j] }, accumulate)
			GemmTN(c.s, ldc, a, lda, b, ldb, m, n, k, accumulate)
			c.check(t)
			compare(t, c.s, want, tolerance())
		}
	})
}

// Several blocks of rows, strips of columns and depths, both ways round: a sample of
// elements, to the bit.
func TestGemmTNBlocks(t *testing.T) {
	forEachPath(t, func(t *testing.T) {
		rng := rand.New(rand.NewPCG(13, 14))
		const narrow, wide, k = 515, 2090, 165
		for _, s := range []struct{ m, n int }{{narrow, wide}, {wide, narrow}} {
			a, b, start := randomSlice(rng, k*s.m), randomSlice(rng, k*s.n), randomSlice(rng, s.m*s.n)
			got := newGuarded(start)
			GemmTN(got.s, s.n, a, s.m, b, s.n, s.m, s.n, k, true)
			got.check(t)
			for range 3000 {
				i, j := rng.IntN(s.m), rng.IntN(s.n)
				want := gemmWant(start[i*s.n+j:][:1], 1, 1, 1, k, func(_, l int) float32 { return a[l*s.m+i] },
					func(l, _ int) float32 { return b[l*s.n+j] }, true)
				compare(t, got.s[i*s.n+j:][:1], want, tolerance())
			}
		}
	})
}

// The column sums that come with a product are those of SumRows, the product that of
// GemmTN, to the bit.
func TestGemmTNSums(t *testing.T) {
	forEachPath(t, func(t *testing.T) {
		rng := rand.New(rand.NewPCG(15, 16))
		for try := range 100 {
			m, k, n := dim(rng, 90), dim(rng, 40), dim(rng, 40)
			if try%20 == 0 {
				k = kBlockTest + rng.IntN(kBlockTest)
			}
			if try == 50 {
				m, n = 560, 530 // more rows than one block takes
			}
			lda, accumulate := max(m, 1)+rng.IntN(3), rng.IntN(2) == 0
			if try%3 == 0 {
				lda = m/32*32 + 48
			}
			a, b, start := randomSlice(rng, k*lda), randomSlice(rng, k*n), randomSlice(rng, m)
			c := randomSlice(rng, m*n)
			wantC, want, got := append([]float32(nil), c...), append([]float32(nil), start...), newGuarded(start)
			GemmTN(wantC, max(n, 1), a, lda, b, max(n, 1), m, n, k, accumulate)
			SumRows(want, a, k, lda, accumulate)
			GemmTNSums(c, max(n, 1), got.s, a, lda, b, max(n, 1), m, n, k, accumulate)
			got.check(t)
			compare(t, got.s, want, 0)
			compare(t, c, wantC, 0)
		}
	})
}

func TestGemmTNRowCut(t *testing.T) {
	forEachPath(t, func(t *testing.T) {
		rng := rand.New(rand.NewPCG(9, 10))
		const m, k, n = 97, 600, 45
		a, b := randomSlice(rng, k*m), randomSlice(rng, k*n)
		whole, got := make([]float32, m*n), make([]float32, m*n)
		GemmTN(whole, n, a, m, b, n, m, n, k, false)
		for lo := 0; lo < m; {
			hi := min(m, lo+1+rng.IntN(30))
			GemmTN(got[lo*n:], n, a[lo:], m, b, n, hi-lo, n, k, false)
			lo = hi
		}
		compare(t, got, whole, 0)
	})
}

func TestGemmAllocatesNothing(t *testing.T) {
	forEachPath(t, func(t *testing.T) {
		rng := rand.New(rand.NewPCG(11, 12))
		const m, k, n = 250, 400, 290
		a, src, c := randomSlice(rng, m*k), randomSlice(rng, k*n), make([]float32, m*n)
		var p Packed
		if got := testing.AllocsPerRun(20, func() {
			p.Pack(src, k, n, n, false)
			Gemm(c, n, m, a, k, 1, &p, false)
			GemmGroups(c, n, 60*n, 50, a, k, 60*k, 4, &p)
			GemmTN(c, n, a, m, src, n, m, n, k, true)
			GemvCols(c[:n], a[:k], &p, 0, n, false)
		}); got > 0 {
			t.Fatalf("%v allocations", got)
		}
	})
}

func TestGemmPanicsOnShortSlices(t *testing.T) {
	var p Packed
	p.Pack(make([]float32, 12), 3, 4, 4, false)
	for name, call := range map[string]func(){
		"short C":  func() { Gemm(make([]float32, 7), 4, 2, make([]float32, 6), 3, 1, &p, false) },
		"short A":  func() { Gemm(make([]float32, 8), 4, 2, make([]float32, 5), 3, 1, &p, false) },
		"small ld": func() { Gemm(make([]float32, 8), 3, 2, make([]float32, 6), 3, 1, &p, false) },
		"off panel": func() {
			GemmCols(make([]float32, 8), 4, 2, make([]float32, 6), 3, 1, &p, 1, 4, false)
		},
		"short group": func() {
			GemmGroups(make([]float32, 16), 4, 8, 2, make([]float32, 11), 3, 6, 2, &p)
		},
		"short source": func() { p.Pack(make([]float32, 11), 3, 4, 4, false) },
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if recover() == nil {
					t.Fatal("no panic")
				}
			}()
			call()
		})
	}
}
