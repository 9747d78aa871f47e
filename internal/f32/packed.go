package f32

// Packed is a matrix B[K,N] laid out for Gemm: column panels of PanelWidth
// columns, each panel stored k by k, the last one padded with zeros.
// The zero value is ready for Pack. A Packed may be read by many goroutines.
type Packed struct {
	K, N  int
	width int       // columns in a panel
	data  []float32 // [ceil(N/width)][K][width]
}

// PanelWidth is the number of columns in a panel on the active kernel path; the
// bounds of GemmCols and PackCols are multiples of it (or N).
func PanelWidth() int { return panelWidth() }

// Pack lays out B[k,n]. With trans false src is B itself, row-major [k,n] with
// row distance ld; with trans true src is [n,k], so that B is its transpose
// (PyTorch's weights are [out,in] and take trans true for x W^T). Memory is reused
// when it is large enough.
func (p *Packed) Pack(src []float32, k, n, ld int, trans bool) {
	p.Reserve(k, n)
	p.PackCols(src, ld, trans, 0, n)
}

// Reserve sets the shape and makes room, so that several goroutines may each
// PackCols a part.
func (p *Packed) Reserve(k, n int) {
	if k < 0 || n < 0 {
		panic("f32: negative matrix shape")
	}
	w := panelWidth()
	need := (n + w - 1) / w * w * k
	if cap(p.data) < need {
		p.data = Make(need)
	}
	p.K, p.N, p.width, p.data = k, n, w, p.data[:need]
}

// PackCols fills columns [col0,col1) after Reserve; src is the whole matrix as
// in Pack. col0 must be a multiple of PanelWidth, col1 too unless it is N.
func (p *Packed) PackCols(src []float32, ld int, trans bool, col0, col1 int) {
	p.checkCols(col0, col1)
	if p.K == 0 || col0 == col1 {
		return
	}
	if trans {
		checkMatrix(len(src), p.N, p.K, ld)
	} else {
		checkMatrix(len(src), p.K, p.N, ld)
	}
	packPanels(p, src, ld, trans, col0, col1)
}

func (p *Packed) checkCols(col0, col1 int) {
	if col0 < 0 || col0 > col1 || col1 > p.N {
		panic("f32: columns out of range")
	}
	if p.N == 0 || col0 == col1 {
		return
	}
	if p.width != panelWidth() {
		panic("f32: matrix was packed for another kernel path")
	}
	if col0%p.width != 0 || (col1%p.width != 0 && col1 != p.N) {
		panic("f32: columns do not fall on panels")
	}
}
