package f32

import (
	"math"
	"math/rand/v2"
	"testing"
)

// maxLen covers every tail of every path several times over.
const maxLen = 70

// special values pass through the nonlinearities without harm.
var special = []float32{
	0, float32(math.Copysign(0, -1)), 1e-30, -1e-30, math.SmallestNonzeroFloat32, 87, -87, 88.8, -88.8, 104, -104, 1e9, -1e9,
	math.MaxFloat32, -math.MaxFloat32, float32(math.Inf(1)), float32(math.Inf(-1)), float32(math.NaN()),
}

func sameOrClose(got, want, abs, rel float64) bool {
	if math.IsNaN(want) || math.IsNaN(got) {
		return math.IsNaN(want) && math.IsNaN(got)
	}
	return got == want || math.Abs(got-want) <= abs+rel*math.Abs(want)
}

func TestNonlinearities(t *testing.T) {
	forEachPath(t, func(t *testing.T) {
		for _, f := range []struct {
			name     string
			fast     func(dst, src []float32)
			exact    func(float64) float64
			abs, rel float64
		}{
			{"exp", Exp, math.Exp, 1e-45, maxErrorExp},
			{"tanh", Tanh, math.Tanh, maxErrorTanh, maxErrorTanh},
			{"sigmoid", Sigmoid, func(x float64) float64 { return 1 / (1 + math.Exp(-x)) }, 2e-38, maxErrorSigmoid},
		} {
			t.Run(f.name, func(t *testing.T) {
				rng := rand.New(rand.NewPCG(1, 1))
				for n := range maxLen + 1 {
					src := randomSlice(rng, n+1)[1:]
					for i := range src {
						src[i] *= 12
						if rng.IntN(4) == 0 {
							src[i] = special[rng.IntN(len(special))]
						}
					}
					dst := newGuarded(make([]float32, n))
					f.fast(dst.s, src)
					dst.check(t)
					for i, x := range src {
						want := float64(float32(f.exact(float64(x))))
						if !sameOrClose(float64(dst.s[i]), want, f.abs, f.rel+6e-8) { // want is rounded
							t.Fatalf("n=%d: f(%v) = %v, want %v", n, x, dst.s[i], want)
						}
					}
					f.fast(src, src) // in place
					for i := range src {
						if src[i] != dst.s[i] && src[i] == src[i] {
							t.Fatalf("in place differs at %d", i)
						}
					}
				}
			})
		}
	})
}

// errorOf is the largest relative and absolute error of fast over a dense sweep of
// float32 in [lo,hi]: every step-th representable number, both signs.
func errorOf(fast func(dst, src []float32), exact func(float64) float64, hi float32, step uint32) (rel, abs float64) {
	var src, dst []float32
	flush := func() {
		dst = append(dst[:0], src...)
		fast(dst, src)
		for i, x := range src {
			want := exact(float64(x))
			e := math.Abs(float64(dst[i]) - want)
			abs = max(abs, e)
			if math.Abs(want) > 1.2e-38 {
				rel = max(rel, e/math.Abs(want))
			}
		}
		src = src[:0]
	}
	for b := uint32(0x2f000000); b <= math.Float32bits(hi); b += step {
		x := math.Float32frombits(b)
		src = append(src, x, -x)
		if len(src) >= 4096 {
			flush()
		}
	}
	flush()
	return rel, abs
}

// The errors stated in the documentation of Exp, Tanh and Sigmoid.
func TestNonlinearityErrors(t *testing.T) {
	forEachPath(t, func(t *testing.T) {
		step := uint32(1009)
		rel, _ := errorOf(Exp, math.Exp, 87, step)
		t.Logf("exp: relative %.3g", rel)
		if rel > maxErrorExp {
			t.Errorf("exp: relative error %.3g", rel)
		}
		rel, abs := errorOf(Tanh, math.Tanh, 20, step)
		t.Logf("tanh: relative %.3g, absolute %.3g", rel, abs)
		if rel > maxErrorTanh {
			t.Errorf("tanh: relative error %.3g", rel)
		}
		rel, abs = errorOf(Sigmoid, func(x float64) float64 { return 1 / (1 + math.Exp(-x)) }, 86, step)
		t.Logf("sigmoid: relative %.3g, absolute %.3g", rel, abs)
		if rel > maxErrorSigmoid {
			t.Errorf("sigmoid: relative error %.3g", rel)
		}
	})
}

func TestElementwise(t *testing.T) {
	forEachPath(t, func(t *testing.T) {
		rng := rand.New(rand.NewPCG(2, 2))
		for n := range maxLen + 1 {
			src, init := randomSlice(rng, n+1)[1:], randomSlice(rng, n)
			if n > 3 {
				src[n-2] = float32(math.NaN())
				src[0] = float32(math.Inf(1))
			}
			for name, f := range map[string]struct{ fast, slow func(dst []float32) }{
				"add":        {func(d []float32) { Add(d, src) }, func(d []float32) { addScaledNaive(d, src, 1) }},
				"axpy":       {func(d []float32) { AddScaled(d, src, -.3) }, func(d []float32) { addScaledNaive(d, src, -.3) }},
				"scaleFlush": {func(d []float32) { scaleFlushVec(d, 1.7) }, func(d []float32) { scaleFlushNaive(d, 1.7) }},
				"scale":      {func(d []float32) { scaleVec(d, 1.7) }, func(d []float32) { scaleNaive(d, 1.7) }},
				"clamp":      {func(d []float32) { Clamp(d, .4) }, func(d []float32) { clampNaive(d, .4) }},
			} {
				got, want := newGuarded(init), append([]float32(nil), init...)
				f.fast(got.s)
				f.slow(want)
				got.check(t)
				for i := range want {
					if !sameOrClose(float64(got.s[i]), float64(want[i]), 1e-7, 1e-6) {
						t.Fatalf("%s n=%d i=%d: %v, want %v", name, n, i, got.s[i], want[i])
					}
				}
			}
		}
		nan := []float32{float32(math.NaN()), 5, -5}
		Clamp(nan, 1)
		if nan[0] == nan[0] || nan[1] != 1 || nan[2] != -1 {
			t.Fatalf("clamp: %v", nan)
		}
	})
}

func TestSumSquares(t *testing.T) {
	forEachPath(t, func(t *testing.T) {
		rng := rand.New(rand.NewPCG(3, 3))
		for _, n := range []int{0, 1, 2, 3, 7, 8, 9, 15, 16, 17, 31, 33, 70, SumChunk - 1, SumChunk, SumChunk + 1, 5*SumChunk + 3} {
			x := randomSlice(rng, n+1)[1:]
			want := 0.0
			for _, v := range x {
				want += float64(v) * float64(v)
			}
			got := SumSquares(x)
			if !sameOrClose(got, want, 0, 1e-5) {
				t.Fatalf("n=%d: %v, want %v", n, got, want)
			}
			parts := make([]float64, (n+SumChunk-1)/SumChunk)
			SumSquaresChunks(parts, x)
			s := 0.0
			for _, p := range parts {
				s += p
			}
			if s != got {
				t.Fatalf("chunks give %v, the whole %v", s, got)
			}
		}
	})
}

func TestRowOperations(t *testing.T) {
	forEachPath(t, func(t *testing.T) {
		rng := rand.New(rand.NewPCG(4, 4))
		const v = 5
		for n := range maxLen + 1 {
			ids := []int32{3, -1, 0, 3, 4}
			ld := n + 2
			src := randomSlice(rng, len(ids)*ld)

			sums, want := newGuarded(randomSlice(rng, v*n)), make([]float32, v*n)
			copy(want, sums.s)
			ScatterAddCols(sums.s, n, ids, src, ld, 0, n/2)
			ScatterAddCols(sums.s, n, ids, src, ld, n/2, n)
			sums.check(t)
			col, wantCol := newGuarded(make([]float32, n)), make([]float32, n)
			SumRows(col.s, src, len(ids), ld, false)
			col.check(t)
			for i, id := range ids {
				for j := range n {
					x := src[i*ld+j]
					wantCol[j] += x
					if id < 0 {
						continue
					}
					want[int(id)*n+j] += x
				}
			}
			compare(t, sums.s, want, 0)
			compare(t, col.s, wantCol, 0)
		}
	})
}
