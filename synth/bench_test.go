package synth

import (
	"math/rand/v2"
	"testing"
)

func BenchmarkGenerate(b *testing.B) {
	for _, name := range Names() {
		b.Run(name, func(b *testing.B) {
			const n = 100_000
			b.SetBytes(n)
			for i := range b.N {
				if _, err := Generate(name, n, rand.New(rand.NewPCG(uint64(i), 1)), Options{}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
