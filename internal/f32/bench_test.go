package f32

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"
)

func randomSlice(rng *rand.Rand, n int) []float32 {
	s := Make(n)
	for i := range s {
		s[i] = rng.Float32()*2 - 1
	}
	return s
}

var peakRate = sync.OnceValue(func() float64 { return PeakFlops(200 * time.Millisecond) })

// fastest runs op over and over and returns its fastest round: the machine may be busy
// with other work.
func fastest(b *testing.B, op func()) time.Duration {
	best := time.Duration(1 << 62)
	for b.Loop() {
		start := time.Now()
		op()
		best = min(best, time.Since(start))
	}
	return best
}

// loopFlops reports the rate of op and its share of this core's peak.
func loopFlops(b *testing.B, flops float64, op func()) {
	peak := peakRate()
	rate := flops / fastest(b, op).Seconds()
	b.ReportMetric(rate/1e9, "GFLOP/s")
	b.ReportMetric(100*rate/peak, "%peak")
}

// loopElements reports the time op takes for each of n elements.
func loopElements(b *testing.B, n int, op func()) {
	b.ReportMetric(float64(fastest(b, op).Nanoseconds())/float64(n), "ns/elem")
}

func BenchmarkGemm(b *testing.B) {
	rng := rand.New(rand.NewPCG(1, 2))
	for _, s := range []struct{ m, k, n int }{
		{16, 128, 512}, {25, 128, 512}, {50, 128, 512}, {32, 512, 2048}, {50, 512, 2048}, {64, 512, 2048},
		{3200, 512, 2048}, {50, 2048, 512}, {25, 512, 128}, {3200, 256, 4181}, {3200, 4181, 256}, {2500, 128, 96}, {2500, 96, 128},
	} {
		a, c := randomSlice(rng, s.m*s.k), Make(s.m*s.n)
		var p Packed
		p.Pack(randomSlice(rng, s.k*s.n), s.k, s.n, s.n, false)
		b.Run(fmt.Sprintf("m=%d/k=%d/n=%d", s.m, s.k, s.n), func(b *testing.B) {
			loopFlops(b, 2*float64(s.m)*float64(s.k)*float64(s.n), func() { Gemm(c, s.n, s.m, a, s.k, 1, &p, false) })
		})
	}
}

// BenchmarkGemmSteps is a product a step of time: weights and shape as before, other rows of A and C.
func BenchmarkGemmSteps(b *testing.B) {
	rng := rand.New(rand.NewPCG(1, 2))
	for _, s := range []struct{ m, k, n, steps int }{{32, 128, 128, 64}, {50, 128, 512, 50}, {50, 512, 2048, 100}, {100, 512, 2048, 100}} {
		ld := s.n + 16
		a, c := randomSlice(rng, s.steps*s.m*s.k), randomSlice(rng, s.steps*s.m*ld)
		var p Packed
		p.Pack(randomSlice(rng, s.k*s.n), s.k, s.n, s.n, false)
		b.Run(fmt.Sprintf("m=%d/k=%d/n=%d", s.m, s.k, s.n), func(b *testing.B) {
			loopFlops(b, 2*float64(s.steps*s.m)*float64(s.k)*float64(s.n), func() {
				for t := range s.steps {
					Gemm(c[t*s.m*ld:], ld, s.m, a[t*s.m*s.k:], s.k, 1, &p, false)
				}
			})
		})
	}
}

func BenchmarkGemmTN(b *testing.B) {
	rng := rand.New(rand.NewPCG(1, 2))
	for _, s := range []struct{ m, k, n int }{
		{256, 2500, 128}, {1024, 5000, 512}, {2048, 5000, 512}, {4181, 3200, 256}, {96, 2500, 128}, {128, 2500, 96},
	} {
		a, bb, c := randomSlice(rng, s.m*s.k), randomSlice(rng, s.n*s.k), Make(s.m*s.n)
		b.Run(fmt.Sprintf("m=%d/k=%d/n=%d", s.m, s.k, s.n), func(b *testing.B) {
			loopFlops(b, 2*float64(s.m)*float64(s.k)*float64(s.n), func() { GemmTN(c, s.n, a, s.m, bb, s.n, s.m, s.n, s.k, false) })
		})
	}
}

func BenchmarkGemv(b *testing.B) {
	rng := rand.New(rand.NewPCG(1, 2))
	for _, s := range []struct{ k, n int }{{128, 512}, {512, 2048}, {128, 96}, {512, 96}} {
		x, y := randomSlice(rng, s.k), make([]float32, s.n)
		var p Packed
		p.Pack(randomSlice(rng, s.k*s.n), s.k, s.n, s.n, false)
		b.Run(fmt.Sprintf("k=%d/n=%d", s.k, s.n), func(b *testing.B) {
			b.SetBytes(int64(4 * s.k * s.n))
			loopFlops(b, 2*float64(s.k)*float64(s.n), func() { GemvCols(y, x, &p, 0, s.n, false) })
		})
	}
}

func BenchmarkPack(b *testing.B) {
	rng := rand.New(rand.NewPCG(1, 2))
	for _, s := range []struct{ k, n int }{{128, 512}, {512, 2048}} {
		src := randomSlice(rng, s.k*s.n)
		for trans, ld := range map[bool]int{false: s.n, true: s.k} {
			b.Run(fmt.Sprintf("k=%d/n=%d/trans=%v", s.k, s.n, trans), func(b *testing.B) {
				var p Packed
				loopElements(b, len(src), func() { p.Pack(src, s.k, s.n, ld, trans) })
			})
		}
	}
}

// BenchmarkRows times what runs on one row beside the products; an element is a
// unit, a symbol or a weight.
func BenchmarkRows(b *testing.B) {
	rng := rand.New(rand.NewPCG(1, 2))
	for _, n := range []int{128, 512} {
		gates, x, bias := randomSlice(rng, 4*n), randomSlice(rng, 4*n), randomSlice(rng, 4*n)
		c, tc, h, dh := randomSlice(rng, n), randomSlice(rng, n), randomSlice(rng, n), randomSlice(rng, n)
		rec := Make(3 * n)
		for _, f := range []struct {
			name string
			op   func()
		}{
			{"LSTMForward", func() { LSTMForward(gates, x, nil, c, c, tc, h) }},
			{"LSTMForwardBias", func() { LSTMForward(gates, x, bias, c, c, tc, h) }},
			{"LSTMBackward", func() { LSTMBackward(gates, c, tc, dh, h) }},
			{"GRUForward", func() { GRUForward(gates[:3*n], x[:3*n], nil, bias[:3*n], c, tc, h) }},
			{"GRUBackward", func() { GRUBackward(gates[:3*n], rec, c, tc, dh) }},
			{"ElmanForward", func() { ElmanForward(c, x[:n], nil, h, false) }},
			{"ElmanBackward", func() { ElmanBackward(c, dh, h, false) }},
			{"Exp", func() { Exp(h, x[:n]) }},
			{"Tanh", func() { Tanh(h, x[:n]) }},
			{"Sigmoid", func() { Sigmoid(h, x[:n]) }},
		} {
			b.Run(fmt.Sprintf("%s/n=%d", f.name, n), func(b *testing.B) { loopElements(b, n, f.op) })
		}
	}
	for _, v := range []int{96, 4181} {
		logits := randomSlice(rng, v)
		b.Run(fmt.Sprintf("SoftmaxXent/v=%d", v), func(b *testing.B) {
			loopElements(b, v, func() { SoftmaxXent(logits, 1, v, v, []int32{3}, nil, true, 1) })
		})
	}
	const n = 1 << 16
	p, g, m, v := randomSlice(rng, n), randomSlice(rng, n), randomSlice(rng, n), Make(n)
	b.Run("Adam", func(b *testing.B) {
		loopElements(b, n, func() {
			Adam(p, g, m, v, AdamStep{Rate: 1e-9, Beta1: .9, Beta2: .999, Eps: 1e-8, Correction: 1, GradScale: 1})
		})
	})
	b.Run("SumSquares", func(b *testing.B) { loopElements(b, n, func() { SumSquares(g) }) })
}
