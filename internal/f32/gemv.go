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

// GemvGates is GemvCols for units [lo,hi) of each of gates equal blocks of columns, at most
// four: what one worker needs for the cells of its units. Blocks and bounds must fall on
// panels.
func GemvGates(y, x []float32, b *Packed, gates, lo, hi int, down bool) {
	n := b.N / gates
	if gates < 1 || gates > 4 || n*gates != b.N || n%b.width != 0 {
		panic("f32: gates do not fall on panels")
	}
	checkUnits(n, lo, hi)
	if gates == 1 {
		GemvCols(y, x, b, lo, hi, down)
		return
	}
	b.checkCols(lo, hi)
	checkMatrix(len(y), 1, b.N, b.N)
	checkMatrix(len(x), 1, b.K, b.K)
	gemvGates(y, x, b, gates, lo, hi, down)
}

// gemvBlocks is gemvGates block by block.
func gemvBlocks(y, x []float32, b *Packed, gates, lo, hi int) {
	n := b.N / gates
	for at := 0; at < b.N && lo < hi; at += n {
		gemmCols(y, b.N, 1, x, max(b.K, 1), 1, b, at+lo, at+hi, false)
	}
}
