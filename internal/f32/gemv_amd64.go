//go:build amd64 && !noasm

package f32

func gemv(y, x []float32, b *Packed, col0, col1 int, down bool) {
	if active == pathGo || b.K == 0 {
		gemmCols(y, b.N, 1, x, max(b.K, 1), 1, b, col0, col1, false)
		return
	}
	gemvWalk(y, x, b, col0, col1, false, down)
}

// gemvCols is gemmCols for one contiguous row: nothing of B is used twice, so
// there is nothing to block.
func gemvCols(c, x []float32, b *Packed, col0, col1 int, accumulate bool) {
	gemvWalk(c, x, b, col0, col1, accumulate, false)
}

// gemvWalk is gemvCols in either direction, four panels at a time.
func gemvWalk(c, x []float32, b *Packed, col0, col1 int, accumulate, down bool) {
	group := 4 * b.width
	n := (col1 - col0 + group - 1) / group
	for i := range n {
		if down {
			i = n - 1 - i
		}
		j := col0 + i*group
		gemvGroup(c, x, b, j, min(j+group, col1), accumulate)
	}
}

// gemvGroup is gemvCols for at most four panels.
func gemvGroup(c, x []float32, b *Packed, col0, col1 int, accumulate bool) {
	panels := (col1 - col0) / b.width
	if panels > 0 {
		gemvPanels(panels, c, x, b, col0, accumulate)
	}
	if col0 += panels * b.width; col0 == col1 {
		return
	}
	s := takeScratch()
	t := tile{
		c: c, m: 1, a: x, b: b, col0: col0, col1: col1, k: b.K, accumulates: accumulate,
	}
	t.run(s)
	s.release()
}

// gemvPanels multiplies x with one to four whole panels.
func gemvPanels(panels int, c, x []float32, b *Packed, j int, accumulate bool) {
	bytes, acc := 4*b.width*b.K, 0
	if accumulate {
		acc = 1
	}
	kernel := gemvKernels[active][panels]
	kernel(b.K, &x[0], &b.data[j*b.K], bytes, &c[j], acc)
}

// gemvKernels are the kernels for one to four panels by kernel path.
var gemvKernels = [...][5]func(k int, x, b *float32, panelBytes int, c *float32, acc int){
	pathAVX2:   {1: gemv1xAVX2, gemv2xAVX2, gemv3xAVX2, gemv4xAVX2},
	pathAVX512: {1: gemv1xAVX512, gemv2xAVX512, gemv3xAVX512, gemv4xAVX512},
}
