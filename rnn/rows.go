package rnn

// row is the values of one row of one step. hPrev and cPrev are what the
// recurrence reads.
type row struct {
	gates           []float32 // [GH]
	in              []float32 // [GH] input products
	hPrev, cPrev    []float32 // [H]
	h, c, tanhC, hn []float32 // [H]
}

// inputs is where the input products of one layer and step are.
type inputs struct {
	rows          []float32 // the table, or [B,GH]
	ids           []int32   // [B] rows of the table, nil: row r is r
	width, stride int
}

// row is the input products of row r.
func (in *inputs) row(r int) []float32 {
	if in.ids != nil {
		r = int(in.ids[r])
	}
	return in.rows[r*in.stride : r*in.stride+in.width]
}

// slot is row i of a matrix of rows of n.
func slot(m []float32, i, n int) []float32 { return m[i*n : (i+1)*n : (i+1)*n] }

// oddLines is the distance between rows of n, an odd number of cache lines where a row is an
// even one: else the rows of a tile of the matrix kernel would compete for a few sets of
// the cache.
func oddLines(n int) int {
	const line = 16
	if n%(2*line) == 0 {
		return n + line
	}
	return n
}

// tileOf cuts n rows into one tile a worker, in multiples of 16.
func tileOf(n, workers int) int {
	return max(16, ((n+workers-1)/workers+15)/16*16)
}
