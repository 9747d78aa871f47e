package f32

// The portable GEMM: what runs where no assembly does. It differs from the naive one
// in holding a tile of C in scalar registers; each element is still one sum with k
// ascending.

// portableCols is the width of its register tile; it divides every panel width.
const portableCols = 4

func gemmColsPortable(c []float32, ldc, m int, a []float32, ars, acs int, b *Packed, col0, col1 int, accumulate bool) {
	if !accumulate {
		for i := range m {
			clear(c[i*ldc+col0 : i*ldc+col1])
		}
	}
	if b.K == 0 {
		return
	}
	const step = portableCols
	for j := col0; j < col1; j += step {
		first := j / b.width * b.width
		panel := b.data[first*b.K+j-first : (first+b.width)*b.K]
		i := 0
		for ; i+2 <= m && j+step <= col1; i += 2 {
			tile2x4(c[i*ldc+j:], ldc, a[i*ars:], ars, acs, panel, b.width, b.K)
		}
		for ; i < m; i++ {
			tile1x4(c[i*ldc+j:i*ldc+min(j+step, col1)], a[i*ars:], acs, panel, b.width, b.K)
		}
	}
}

// tile2x4 adds two rows of A times four columns of a panel to C.
func tile2x4(c []float32, ldc int, a []float32, ars, acs int, panel []float32, width, depth int) {
	r0, r1 := c[:4:4], c[ldc:ldc+4:ldc+4]
	s00, s01, s02, s03 := r0[0], r0[1], r0[2], r0[3]
	s10, s11, s12, s13 := r1[0], r1[1], r1[2], r1[3]
	for k, at := 0, 0; k < depth; k, at = k+1, at+acs {
		x, y := a[at], a[at+ars]
		w := panel[k*width : k*width+4 : k*width+4]
		w0, w1, w2, w3 := w[0], w[1], w[2], w[3]
		s00 += x * w0
		s01 += x * w1
		s02 += x * w2
		s03 += x * w3
		s10 += y * w0
		s11 += y * w1
		s12 += y * w2
		s13 += y * w3
	}
	r0[0], r0[1], r0[2], r0[3] = s00, s01, s02, s03
	r1[0], r1[1], r1[2], r1[3] = s10, s11, s12, s13
}

// tile1x4 is the same for one row and up to four columns.
func tile1x4(c, a []float32, acs int, panel []float32, width, depth int) {
	var s [portableCols]float32
	copy(s[:], c)
	for k, at := 0, 0; k < depth; k, at = k+1, at+acs {
		x := a[at]
		w := panel[k*width : k*width+4 : k*width+4]
		s[0] += x * w[0]
		s[1] += x * w[1]
		s[2] += x * w[2]
		s[3] += x * w[3]
	}
	copy(c, s[:])
}

// gemmTNPortable packs B a block of rows at a time and runs the portable GEMM on it.
func gemmTNPortable(c []float32, ldc int, a []float32, lda int, b []float32, ldb int, m, n, k int, accumulate bool) {
	const block = 256
	if k == 0 && !accumulate {
		for i := range m {
			clear(c[i*ldc : i*ldc+n])
		}
	}
	s := takeScratch()
	for k0 := 0; k0 < k; k0 += block {
		s.packed().Pack(b[k0*ldb:], min(block, k-k0), n, ldb, false)
		gemmColsPortable(c, ldc, m, a[k0*lda:], 1, lda, s.packed(), 0, n, accumulate || k0 > 0)
	}
	s.release()
}
