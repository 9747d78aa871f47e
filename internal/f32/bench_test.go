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

// loopFlops runs op and reports its rate and its share of this core's peak, from the
// fastest round: the machine may be busy with other work.
func loopFlops(b *testing.B, flops float64, op func()) {
	best := time.Duration(1 << 62)
	peak := peakRate()
	for b.Loop() {
		start := time.Now()
		op()
		best = min(best, time.Since(start))
	}
	rate := flops / best.Seconds()
	b.ReportMetric(rate/1e9, "GFLOP/s")
	b.ReportMetric(100*rate/peak, "%peak")
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
			loopFlops(b, 2*float64(s.k)*float64(s.n), func() { Gemv(y, x, &p, false) })
		})
	}
}

func BenchmarkPack(b *testing.B) {
	rng := rand.New(rand.NewPCG(1, 2))
	for _, s := range []struct{ k, n int }{{128, 512}, {512, 2048}} {
		src := randomSlice(rng, s.k*s.n)
		for _, trans := range []bool{false, true} {
			b.Run(fmt.Sprintf("k=%d/n=%d/trans=%v", s.k, s.n, trans), func(b *testing.B) {
				var p Packed
				ld := s.n
				if trans {
					ld = s.k
				}
				for b.Loop() {
					p.Pack(src, s.k, s.n, ld, trans)
				}
				b.ReportMetric(b.Elapsed().Seconds()*1e9/float64(b.N)/float64(len(src)), "ns/elem")
			})
		}
	}
}
