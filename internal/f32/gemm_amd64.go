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

// tile is one block of work: m rows of A against columns [col0,col1) of B, depth
// [k0,k0+k).
type tile struct {
	c           []float32
	ldc, m      int
	a           []float32
	ars         int  // row distance of a when rows lie whole in it
	blocks      bool // a is cut into blocks of micro-kernel height instead, each [k][height]
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

// setA chooses the way to read A: rows in place when they are contiguous, else a
// copy in blocks, whose cost is spread over all the panels.
func (t *tile) setA(a []float32, ars, acs int, s *scratch) {
	if acs == 1 {
		t.a, t.ars = a, ars
		return
	}
	t.blocks = true
	t.a = s.roomA(t.m*t.k + packSlack)
	t.eachHeight(func(i, h int) {
		block := t.a[i*t.k:]
		if ars == 1 {
			packBlock(block, a[i:], acs, t.k, h)
			return
		}
		for k := range t.k {
			for r := range h {
				block[k*h+r] = a[(i+r)*ars+k*acs]
			}
		}
	})
}

// eachHeight cuts the rows into micro-kernels of nearly equal height: do gets
// the first row and the height of each.
func (t *tile) eachHeight(do func(i, h int)) {
	blocks := (t.m + maxHeight[active] - 1) / maxHeight[active]
	for i := 0; i < t.m; blocks-- {
		h := (t.m - i + blocks - 1) / blocks
		do(i, h)
		i += h
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

// panel runs the micro-kernels down one panel.
func (t *tile) panel(c []float32, ldc int, panel []float32) {
	acc := 0
	if t.accumulates {
		acc = 1
	}
	t.eachHeight(func(i, h int) {
		if t.blocks {
			gemmK(h, t.k, &t.a[i*t.k], 4*h, &panel[0], &c[i*ldc], 4*ldc, acc)
			return
		}
		gemmRow(h, t.k, &t.a[i*t.ars], 4*t.ars, &panel[0], &c[i*ldc], 4*ldc, acc)
	})
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
