package f32

// GemvCols is GemmCols for one contiguous row x [K] and without accumulating. With down
// the columns are walked from the last to the first: the same sums, but who walks a
// matrix to and fro finds in the cache what it read last.
func GemvCols(y, x []float32, b *Packed, col0, col1 int, down bool) {
	b.checkCols(col0, col1)
	if col0 == col1 {
		return
	}
	checkMatrix(len(y), 1, b.N, b.N)
	checkMatrix(len(x), 1, b.K, b.K)
	gemv(y, x, b, col0, col1, down)
}
