package f32

// WeighRows sets sum[p] = sum over rows i of times[i] * x[i,p], in float64 and in ascending
// order of rows, and scaled[i,p] = root[i] * x[i,p]: gradient and weighted rows of a Newton step. x and scaled
// are [n,p] without gaps. The bits are the same on every path.
func WeighRows(sum []float64, scaled, x []float32, times []float64, root []float32) {
	n, p := len(times), len(sum)
	if len(root) != n || len(x) != n*p || len(scaled) != n*p {
		panic("f32: rows to weigh of another shape")
	}
	if n == 0 || p == 0 {
		clear(sum)
		return
	}
	weighRows(sum, scaled, x, times, root)
}

func weighRowsNaive(sum []float64, scaled, x []float32, times []float64, root []float32) {
	p := len(sum)
	clear(sum)
	for i, t := range times {
		row, s := x[i*p:(i+1)*p], scaled[i*p:(i+1)*p]
		for j, v := range row {
			product := t * float64(v) // rounded: not fused with the sum
			sum[j] += product
			s[j] = root[i] * v
		}
	}
}

// AddWide sets sum[i] += times * x[i], in float64. The bits are the same on every path.
func AddWide(sum []float64, x []float32, times float64) {
	if len(sum) != len(x) {
		panic("f32: sums of another length")
	}
	done := addWide(sum, x, times)
	addWideNaive(sum[done:], x[done:], times)
}

func addWideNaive(sum []float64, x []float32, times float64) {
	for i, v := range x {
		product := times * float64(v) // rounded: not fused with the sum
		sum[i] += product
	}
}

// symmetricRows is how many rows of a symmetric product are made at once.
const symmetricRows = 64

// SymmetricTN computes C[p,p] = A^T A for A[k,p] without gaps: only what lies right of the diagonal, in blocks
// of rows, and its mirror image. The bits are those of GemmTN.
func SymmetricTN(c, a []float32, p, k int) {
	for lo := 0; lo < p; lo += symmetricRows {
		hi := min(lo+symmetricRows, p)
		GemmTN(c[lo*p+lo:], p, a[lo:], p, a[lo:], p, hi-lo, p-lo, k, false)
		for i := lo; i < hi; i++ {
			for j := hi; j < p; j++ {
				c[j*p+i] = c[i*p+j]
			}
		}
	}
}
