//go:build (amd64 || arm64) && !noasm

package f32

// Blocking. kBlock bounds the depth of a panel part so that it stays near the
// core while all rows of a block use it; rowBlock bounds the rows so that their part of
// A stays in the L2 cache (groupRows, where they come in groups). Partial sums wait in C
// between depth blocks, which changes no bit: float32 in memory is float32 in a register.
const (
	kBlock    = 512
	rowBlock  = 140
	groupRows = 200
)

// maxHeight is the tallest micro-kernel of a path, in rows.
var maxHeight = [...]int{pathGo: 1, pathAVX2: 6, pathAVX512: 14, pathNEON: 5}

// tile is one block of work: groups of m rows of A against columns [col0,col1) of B,
// depth [k0,k0+k).
type tile struct {
	c           []float32
	ldc, m      int
	more        int // groups after the first
	nextA       int // from a group to the next, with wholeRows
	nextC       int
	ldb         int // row distance of a panel, but with wholeRows
	a           []float32
	form        form
	ld          int // row distance of a as wholeRows, k distance as wholeColumns
	b           *Packed
	col0, col1  int
	k0, k       int
	accumulates bool
}

// rowKernel is a micro-kernel for rows of A that are contiguous, kKernel for one whose
// rows of k are.
type (
	rowKernel func(blocks, k int, a *float32, stride, nextA int, b, c *float32, ldc, acc int, ahead *float32, pace int)
	kKernel   func(blocks, k int, a *float32, stride, nextA int, b *float32, ldb int, c *float32, ldc, acc int, ahead *float32, pace int)
)

// form is how the rows of A lie in memory for the micro-kernels.
type form int

const (
	wholeRows    form = iota // each contiguous in k
	wholeColumns             // each k contiguous in rows
	packedBlocks             // cut into blocks of micro-kernel height, each [k][height]
)

// fetch is memory that will be read soon: so many blocks of rows bring it to the L2 cache
// while they are computed, two lines every four k, step bytes further each time.
type fetch struct {
	src    []float32
	step   int
	blocks int
}

// fetches are made one after the other.
type fetches [2]fetch

// take is what n blocks of depth k, or the first of them, have to fetch.
func (f *fetches) take(n, k int) (ahead *float32, step, blocks int) {
	if f[0].blocks == 0 || len(f[0].src) == 0 {
		f[0], f[1] = f[1], fetch{}
	}
	now := &f[0]
	if now.blocks == 0 || len(now.src) == 0 {
		return &ones[0], 0, n
	}
	n = min(n, now.blocks)
	ahead = &now.src[0]
	now.src = now.src[min(n*(k/4)*now.step/4, len(now.src)):]
	now.blocks -= n
	return ahead, now.step, n
}

func gemmCols(c []float32, ldc, m int, a []float32, ars, acs int, b *Packed, col0, col1 int, accumulate bool) {
	if active == pathGo || b.K == 0 {
		gemmColsPortable(c, ldc, m, a, ars, acs, b, col0, col1, accumulate)
		return
	}
	if m == 1 && acs == 1 {
		gemvCols(c, a, b, col0, col1, accumulate)
		return
	}
	s := takeScratch()
	rows := rowsPerBlock(m, rowBlock)
	for i0 := 0; i0 < m; i0 += rows {
		mb := min(rows, m-i0)
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

// gemmGroups blocks as gemmCols does, whole groups in the place of rows. It reports whether
// it has done so.
func gemmGroups(c []float32, ldc, nextC, m int, a []float32, lda, nextA, groups int, b *Packed) bool {
	if active == pathGo || b.K == 0 || m == 1 {
		return false
	}
	s := takeScratch()
	limit := max(1, groupRows/m)
	blocks := (groups + limit - 1) / limit
	per := (groups + blocks - 1) / blocks
	depth := blockSize(b.K, kBlock)
	for g0 := 0; g0 < groups; g0 += per {
		for k0 := 0; k0 < b.K; k0 += depth {
			t := tile{
				c: c[g0*nextC:], ldc: ldc, m: m, more: min(per, groups-g0) - 1, nextA: nextA, nextC: nextC,
				b: b, col1: b.N, k0: k0, k: min(depth, b.K-k0), accumulates: k0 > 0,
				form: wholeRows, a: a[g0*nextA+k0:], ld: lda,
			}
			t.run(s)
		}
	}
	s.release()
	return true
}

// packFrom is the number of columns of B from which a copy of A pays: below, a
// transposed A is read in place, a cache line or two at each k.
const packFrom = 257

// setA chooses the way to read A: in place where it is contiguous one way, else a copy
// in blocks, whose cost is spread over all the panels.
func (t *tile) setA(a []float32, ars, acs int, s *scratch) {
	switch {
	case acs == 1:
		t.form, t.a, t.ld = wholeRows, a, ars
		return
	case ars == 1 && t.col1-t.col0 < packFrom:
		t.form, t.a, t.ld = wholeColumns, a, acs
		return
	}
	t.packA(a, ars, acs, s)
}

// packA makes the copy of A in blocks.
func (t *tile) packA(a []float32, ars, acs int, s *scratch) {
	t.form = packedBlocks
	hs := splitRows(t.m)
	slack := packSlack()
	t.a = s.roomA(t.m*t.k + hs.blocks()*slack)
	if ars == 1 {
		rows := hs.tall * (hs.h + 1)
		if hs.tall > 0 {
			packBlocks(t.a, a, acs, t.k, hs.tall, hs.h+1)
		}
		packBlocks(t.a[rows*t.k+hs.tall*slack:], a[rows:], acs, t.k, hs.short, hs.h)
		return
	}
	for b := range hs.blocks() {
		i, h, _ := hs.at(b)
		block := t.a[i*t.k+b*slack:]
		for k := range t.k {
			for r := range h {
				block[k*h+r] = a[(i+r)*ars+k*acs]
			}
		}
	}
}

// heights is a cut of rows into micro-kernels of nearly equal height: first
// tall ones of h+1 rows, then short ones (at least one) of h.
type heights struct{ h, tall, short int }

func splitRows(m int) heights {
	blocks := (m + maxHeight[active] - 1) / maxHeight[active]
	h := m / blocks
	tall := m - h*blocks
	return heights{h: h, tall: tall, short: blocks - tall}
}

func (s heights) blocks() int { return s.tall + s.short }

// at is the first row and the height of block b, and how many of that height are left.
func (s heights) at(b int) (row, h, left int) {
	if b < s.tall {
		return b * (s.h + 1), s.h + 1, s.tall - b
	}
	return b*s.h + s.tall, s.h, s.blocks() - b
}

// run walks the panels; each is used by all rows of the block before the next, which
// comes near meanwhile: weights come from farther away at every step of time.
func (t *tile) run(s *scratch) {
	w := t.b.width
	t.ldb = w
	blocks := (1 + t.more) * splitRows(t.m).blocks()
	step := pace(t.k*w, blocks, t.k)
	for j := t.col0; j < t.col1; j += w {
		panel, next := t.b.data[j*t.b.K+t.k0*w:], fetches{{t.panelAfter(j), step, blocks}}
		if j+w <= t.col1 {
			t.panel(t.c[j:], t.ldc, panel, next)
			continue
		}
		t.edge(s, t.c[j:], t.col1-j, panel, next)
	}
}

// panelAfter is the panel that follows the one at column j: in this block, in the next
// depth block, or, so that the next call finds it, the first of all.
func (t *tile) panelAfter(j int) []float32 {
	w := t.b.width
	switch {
	case j+w < t.col1:
		return t.b.data[(j+w)*t.b.K+t.k0*w:]
	case t.k0+t.k < t.b.K:
		return t.b.data[t.col0*t.b.K+(t.k0+t.k)*w:]
	}
	return t.b.data[t.col0*t.b.K:]
}

// pace is how many bytes of the next panel, so many floats, the micro-kernels of blocks
// row blocks fetch in four of their k: all of it if two lines are enough.
func pace(floats, blocks, k int) int {
	const line = 16
	rounds := blocks * (k / 4)
	if rounds == 0 {
		return 0
	}
	lines := (floats + line - 1) / line
	return 4 * line * min((lines+rounds-1)/rounds, 2)
}

// edge computes the last, narrower panel in a full-width copy of C.
func (t *tile) edge(s *scratch, c []float32, cols int, panel []float32, next fetches) {
	w := t.b.width
	rows := (1 + t.more) * t.m
	full := s.roomC(rows * w)
	row := func(i int) []float32 {
		at := i/t.m*t.nextC + i%t.m*t.ldc
		return c[at : at+cols]
	}
	if t.accumulates {
		for i := range rows {
			copy(full[i*w:], row(i))
		}
	}
	narrow := *t
	narrow.nextC = t.m * w
	narrow.panel(full, w, panel, next)
	for i := range rows {
		copy(row(i), full[i*w:])
	}
}

// panel runs the micro-kernels down one panel.
func (t *tile) panel(c []float32, ldc int, panel []float32, next fetches) {
	hs := splitRows(t.m)
	for g := range 1 + t.more {
		for b := 0; b < hs.blocks(); {
			i, h, n := hs.at(b)
			ahead, step, n := next.take(n, t.k)
			t.blocks(g, b, i, n, h, &c[g*t.nextC+i*ldc], 4*ldc, &panel[0], ahead, step)
			b += n
		}
	}
}

// blocks runs the micro-kernel of height h down n blocks of group g, from block b and row i on.
func (t *tile) blocks(g, b, i, n, h int, c *float32, ldc int, panel, ahead *float32, step int) {
	acc := 0
	if t.accumulates {
		acc = 1
	}
	switch t.form {
	case wholeRows:
		gemmRow[active][h](n, t.k, &t.a[g*t.nextA+i*t.ld], 4*t.ld, 4*h*t.ld, panel, c, ldc, acc, ahead, step)
	case wholeColumns:
		gemmK[active][h](n, t.k, &t.a[i], 4*t.ld, 4*h, panel, 4*t.ldb, c, ldc, acc, ahead, step)
	case packedBlocks:
		slack := packSlack()
		gemmK[active][h](n, t.k, &t.a[i*t.k+b*slack], 4*h, 4*(h*t.k+slack), panel, 4*t.ldb, c, ldc, acc, ahead, step)
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

// rowsPerBlock cuts m rows into equal blocks of at most limit, in whole micro-kernels
// where there is more than one.
func rowsPerBlock(m, limit int) int {
	if m <= limit {
		return m
	}
	blocks, h := (m+limit-1)/limit, maxHeight[active]
	return (m + blocks*h - 1) / (blocks * h) * h
}
