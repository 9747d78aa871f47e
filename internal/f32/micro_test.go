//go:build amd64 && !noasm

package f32

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

func BenchmarkMicro(b *testing.B) {
	rng := rand.New(rand.NewPCG(1, 2))
	for _, k := range []int{64, 128, 192, 256, 512} {
		a, p, c := randomSlice(rng, 14*512), randomSlice(rng, 32*512), Make(14*2048)
		p = append(Make(0), p...)
		for _, acc := range []int{0, 1} {
			b.Run(fmt.Sprintf("K/k=%d/acc=%d", k, acc), func(b *testing.B) {
				loopFlops(b, 2*14*32*float64(k), func() { gemmK(14, k, &a[0], 56, &p[0], &c[0], 4*512, acc) })
			})
			b.Run(fmt.Sprintf("Row/k=%d/acc=%d", k, acc), func(b *testing.B) {
				loopFlops(b, 2*14*32*float64(k), func() { gemmRow(14, k, &a[0], 4*k, &p[0], &c[0], 4*512, acc) })
			})
		}
	}
}

func BenchmarkTNParts(b *testing.B) {
	rng := rand.New(rand.NewPCG(1, 2))
	for _, s := range []struct{ m, k, n, lda int }{{140, 256, 512, 140}, {140, 256, 512, 1024}, {140, 512, 512, 1024}, {140, 128, 512, 1024}, {98, 256, 512, 98}, {98, 512, 512, 98}, {280, 256, 512, 280}, {1024, 256, 512, 1024}, {1024, 1024, 512, 1024}} {
		a, p, c := randomSlice(rng, s.lda*s.k), randomSlice(rng, s.k*s.n), Make(s.m*s.n)
		var pk Packed
		pk.Pack(p, s.k, s.n, s.n, false)
		at := make([]float32, s.m*s.k)
		for i := range s.m {
			for k := range s.k {
				at[i*s.k+k] = a[k*s.lda+i]
			}
		}
		for _, acc := range []bool{false, true} {
			b.Run(fmt.Sprintf("m=%d/k=%d/lda=%d/acc=%v/K", s.m, s.k, s.lda, acc), func(b *testing.B) {
				loopFlops(b, 2*float64(s.m)*float64(s.k)*float64(s.n), func() { Gemm(c, s.n, s.m, a, 1, s.lda, &pk, acc) })
			})
			b.Run(fmt.Sprintf("m=%d/k=%d/lda=%d/acc=%v/R", s.m, s.k, s.lda, acc), func(b *testing.B) {
				loopFlops(b, 2*float64(s.m)*float64(s.k)*float64(s.n), func() { Gemm(c, s.n, s.m, at, s.k, 1, &pk, acc) })
			})
		}
	}
}
