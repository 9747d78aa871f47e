//go:build amd64 && !noasm

package f32

import "unsafe"

// Blocking. kBlock bounds the depth of a panel part so that it stays near the
// core while all rows of a block use it; rowBlock bounds the rows so that their part of A stays
// in the L2 cache. Partial sums wait in C between depth blocks, which
// changes no bit: float32 in memory is float32 in a register.
const (
	kBlock   = 512
	rowBlock = 140
)

// maxHeight is the tallest micro-kernel of a path, in rows.
var maxHeight = [...]int{pathGo: 1, pathAVX2: 6, pathAVX512: 14}

func alignedSlice(n int) []float32 {
	const line = 16 // floats in a cache line
	s := make([]float32, n+line)
	off := int(-uintptr(unsafe.Pointer(&s[0]))%64) / 4
	return s[off : off+n : off+n]
}

func packPanels(p *Packed, src []float32, ld int, trans bool, col0, col1 int) {
	packPanelsNaive(p, src, ld, trans, col0, col1)
}

// tile is one block of work: m rows of A (from a, element (i,k) at i*ars+k*acs or
// contiguous in k) against columns [col0,col1) of B, depth [k0,k0+k).
type tile struct {
	c           []float32
	ldc, m      int
	a           []float32
	stride      int // ars when rows, acs when not
	rows        bool
	b           *Packed
	col0, col1  int
	k0, k       int
	accumulates bool
}

func gemmCols(c []float32, ldc, m int, a []float32, ars, acs int, b *Packed, col0, col1 int, accumulate bool) {
	if active == pathGo || b.K == 0 {
		gemmColsNaive(c, ldc, m, a, ars, acs, b, col0, col1, accumulate)
		return
	}
	s := takeScratch()
	for i0 := 0; i0 < m; i0 += rowBlock {
		mb := min(rowBlock, m-i0)
		depth := blockSize(b.K, kBlock)
		for k0 := 0; k0 < b.K; k0 += depth {
			t := tile{
				c: c[i0*ldc:], ldc: ldc, m: mb, b: b, col0: col0, col1: col1,
				k0: k0, k: min(depth, b.K-k0), accumulates: accumulate || k0 > 0,
			}
			t.setA(a[i0*ars+k0*acs:], ars, acs, s)
			t.run(s)
		}
	}
	s.release()
}

// setA chooses the way to read A: in place where a kernel can, else from a copy.
func (t *tile) setA(a []float32, ars, acs int, s *scratch) {
	switch {
	case acs == 1:
		t.a, t.stride, t.rows = a, ars, true
	case ars == 1:
		t.a, t.stride, t.rows = a, acs, false
	default:
		t.stride, t.rows = t.k, true
		t.a = s.roomA(t.m * t.k)
		for i := range t.m {
			for k := range t.k {
				t.a[i*t.k+k] = a[i*ars+k*acs]
			}
		}
	}
}

// run walks the panels; each is used by all rows of the block before the next.
func (t *tile) run(s *scratch) {
	w := t.b.width
	for j := t.col0; j < t.col1; j += w {
		panel := t.b.data[j*t.b.K+t.k0*w:]
		if j+w <= t.col1 {
			t.panel(t.c[j:], t.ldc, panel)
			continue
		}
		t.edge(s, t.c[j:], t.col1-j, panel)
	}
}

// edge computes the last, narrower panel in a full-width copy of C.
func (t *tile) edge(s *scratch, c []float32, cols int, panel []float32) {
	w := t.b.width
	full := s.roomC(t.m * w)
	if t.accumulates {
		for i := range t.m {
			copy(full[i*w:i*w+cols], c[i*t.ldc:])
		}
	}
	t.panel(full, w, panel)
	for i := range t.m {
		copy(c[i*t.ldc:i*t.ldc+cols], full[i*w:])
	}
}

// panel runs the micro-kernels down one panel in nearly equal heights.
func (t *tile) panel(c []float32, ldc int, panel []float32) {
	blocks := (t.m + maxHeight[active] - 1) / maxHeight[active]
	acc := 0
	if t.accumulates {
		acc = 1
	}
	for i, done := 0, 0; i < blocks; i++ {
		h := (t.m - done + blocks - i - 1) / (blocks - i)
		off := done
		if t.rows {
			off *= t.stride
			gemmRow(h, t.k, &t.a[off], 4*t.stride, &panel[0], &c[done*ldc], 4*ldc, acc)
		} else {
			gemmK(h, t.k, &t.a[off], 4*t.stride, &panel[0], &c[done*ldc], 4*ldc, acc)
		}
		done += h
	}
}

// blockSize cuts n into equal blocks of at most limit, in multiples of 8 where there is
// more than one.
func blockSize(n, limit int) int {
	if n <= limit {
		return n
	}
	blocks := (n + limit - 1) / limit
	return ((n+blocks-1)/blocks + 7) &^ 7
}

func gemmTN(c []float32, ldc int, a []float32, lda int, b []float32, ldb int, m, n, k int, accumulate bool) {
	if active == pathGo || k == 0 {
		gemmTNNaive(c, ldc, a, lda, b, ldb, m, n, k, accumulate)
		return
	}
	s := takeScratch()
	depth := blockSize(k, tnBlock)
	for k0 := 0; k0 < k; k0 += depth {
		kb := min(depth, k-k0)
		s.b.Pack(b[k0*ldb:], kb, n, ldb, false)
		GemmCols(c, ldc, m, a[k0*lda:], 1, lda, &s.b, 0, n, accumulate || k0 > 0)
	}
	s.release()
}

const tnBlock = 256
