//go:build amd64 && !noasm

package f32

// gemvCols is gemmCols for one contiguous row: nothing of B is used twice, so
// there is nothing to block.
func gemvCols(c, x []float32, b *Packed, col0, col1 int, accumulate bool) {
	w, j := b.width, col0
	bytes, acc := 4*w*b.K, 0
	if accumulate {
		acc = 1
	}
	for ; j+4*w <= col1; j += 4 * w {
		if active == pathAVX512 {
			gemv4xAVX512(b.K, &x[0], &b.data[j*b.K], bytes, &c[j], acc)
		} else {
			gemv4xAVX2(b.K, &x[0], &b.data[j*b.K], bytes, &c[j], acc)
		}
	}
	for ; j+2*w <= col1; j += 2 * w {
		if active == pathAVX512 {
			gemv2xAVX512(b.K, &x[0], &b.data[j*b.K], bytes, &c[j], acc)
		} else {
			gemv2xAVX2(b.K, &x[0], &b.data[j*b.K], bytes, &c[j], acc)
		}
	}
	if j == col1 {
		return
	}
	s := takeScratch()
	t := tile{
		c: c, m: 1, a: x, b: b, col0: j, col1: col1, k: b.K, accumulates: accumulate,
	}
	t.run(s)
	s.release()
}
