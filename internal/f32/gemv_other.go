//go:build (!amd64 && !arm64) || noasm

package f32

func gemv(y, x []float32, b *Packed, col0, col1 int, _ bool) {
	gemmCols(y, b.N, 1, x, b.K, 1, b, col0, col1, false)
}

func gemvGates(y, x []float32, b *Packed, gates, lo, hi int, _ bool) {
	gemvBlocks(y, x, b, gates, lo, hi)
}
