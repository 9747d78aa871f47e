//go:build (amd64 || arm64) && !noasm

package f32

// Blocking of the weight gradient: so many of its long rows are taken at once that a
// panel of the wider matrix stays in the L1 cache (20 KB of 48) while all of the
// narrower one, packed, passes by from L2 (320 KB of 1 MB at 512 units).
const (
	tnDepth = 160
	tnRows  = 512     // of the narrower matrix at once
	tnSums  = 1 << 20 // elements of C kept in scratch at once
)

// longProduct is C = A^T B over many rows, turned so that the wider of the two
// matrices gives the panels. A panel stays in L1, read where it lies or, where its rows
// would compete for places in the cache, from a copy.
//
// Sums do not wait in C between depth blocks but in scratch, where a micro-kernel's
// tile is one piece of memory: rows of C lie 2 KB apart and a tile of fourteen would
// compete for four sets of the cache.
type longProduct struct {
	c          []float32
	ldc        int
	rows, cols []float32 // [k,m] and [k,n]
	ldr, ldcol int
	m, n, k    int // m <= n, unless columns are to be summed
	turned     bool
	accumulate bool
	sums       []float32 // [n] of the columns of cols, nil: not asked for
}

func gemmTN(c []float32, ldc int, a []float32, lda int, b []float32, ldb int, m, n, k int, accumulate bool) {
	if active == pathGo || k == 0 {
		gemmTNPortable(c, ldc, a, lda, b, ldb, m, n, k, accumulate)
		return
	}
	p := longProduct{c: c, ldc: ldc, rows: a, ldr: lda, cols: b, ldcol: ldb, m: m, n: n, k: k, accumulate: accumulate}
	if m > n {
		p.turn()
	}
	p.run()
}

// gemmTNSums is GemmTNSums with the matrix to sum giving the panels, if it is not much
// the narrower one: a panel is summed while its copy is near. It reports whether it has done so.
func gemmTNSums(c []float32, ldc int, sums, a []float32, lda int, b []float32, ldb int, m, n, k int, accumulate bool) bool {
	if active == pathGo {
		return false
	}
	checkMatrix(len(c), m, n, ldc)
	checkMatrix(len(a), k, m, lda)
	checkMatrix(len(b), k, n, ldb)
	p := longProduct{c: c, ldc: ldc, rows: a, ldr: lda, cols: b, ldcol: ldb, m: m, n: n, k: k, accumulate: accumulate, sums: sums}
	p.turn()
	p.run()
	return true
}

// turn makes it C^T = B^T A.
func (p *longProduct) turn() {
	p.rows, p.ldr, p.m, p.cols, p.ldcol, p.n = p.cols, p.ldcol, p.n, p.rows, p.ldr, p.m
	p.turned = !p.turned
}

func (p *longProduct) run() {
	s := takeScratch()
	w := panelWidth()
	for i0 := 0; i0 < p.m; i0 += tnRows {
		m := min(tnRows, p.m-i0)
		strip := max(1, tnSums/(m*w)) * w
		for j0 := 0; j0 < p.n; j0 += strip {
			p.block(s, i0, m, j0, min(strip, p.n-j0))
		}
	}
	s.release()
}

// block computes rows [i0,i0+m) and columns [j0,j0+n) over all k.
func (p *longProduct) block(s *scratch, i0, m, j0, n int) {
	w := panelWidth()
	panels := (n + w - 1) / w
	sums := s.roomC(panels * m * w) // [panel][m][w]
	if p.accumulate {
		p.load(sums, i0, m, j0, n)
	}
	total := p.startTotals(s, i0, j0, n)
	depth := blockSize(p.k, tnDepth)
	for k0 := 0; k0 < p.k; k0 += depth {
		kb := min(depth, p.k-k0)
		t := tile{m: m, k: kb, accumulates: p.accumulate || k0 > 0}
		t.packA(p.rows[k0*p.ldr+i0:], 1, p.ldr, s)
		s.packed().Reserve(kb, w)
		for j := 0; j < n; j += w {
			panel := p.cols[k0*p.ldcol+j0+j:]
			t.ldb = p.ldcol
			if n-j < w || !inPlace(p.ldcol) {
				packPanelRows(&s.b, panel, p.ldcol, 0, min(w, n-j))
				panel, t.ldb = s.b.data, w
			}
			if total != nil { // a product with a row of ones
				gemmK[active][1](1, kb, &ones[0], 4, 0, &panel[0], 4*t.ldb, &total[j], 0, 1, &ones[0], 0)
			}
			t.panel(sums[j*m:], w, panel, fetches{p.panelAfter(k0, kb, j0, j, n), p.rowsAfter(k0, kb, i0, m, (n-1-j)/w)})
		}
	}
	p.store(sums, i0, m, j0, n)
	if total != nil {
		copy(p.sums[j0:j0+n], total)
	}
}

// inPlace reports whether rows ld apart spread over all sets of the cache: an odd number
// of cache lines.
func inPlace(ld int) bool { return ld%32 == 16 }

// ones is the row that sums columns.
var ones = func() (x [tnDepth]float32) {
	for i := range x {
		x[i] = 1
	}
	return x
}()

// startTotals is room for the column sums of [j0,j0+n) in whole panels, at their start;
// nil where none are asked for or another block of rows has made them.
func (p *longProduct) startTotals(s *scratch, i0, j0, n int) []float32 {
	if p.sums == nil || i0 > 0 {
		return nil
	}
	w := panelWidth()
	total := s.roomSums((n + w - 1) / w * w)
	clear(total)
	if p.accumulate {
		copy(total, p.sums[j0:j0+n])
	}
	return total
}

// panelAfter is the panel that follows the one at columns [j0+j,j0+j+w), a row every four k.
func (p *longProduct) panelAfter(k0, kb, j0, j, n int) fetch {
	j += panelWidth()
	if j >= n {
		j, k0, kb = 0, k0+kb, min(kb, p.k-k0-kb)
	}
	if kb <= 0 {
		return fetch{}
	}
	return fetch{src: p.cols[k0*p.ldcol+j0+j:], step: 4 * p.ldcol, blocks: 4}
}

// rowsAfter is a part of the rows to be packed next, panels panels before that: as near to
// it as will do, since sooner they would drive out what is in use. Rows that do not follow
// one another are left to the processor.
func (p *longProduct) rowsAfter(k0, kb, i0, m, panels int) fetch {
	next := min(kb, p.k-k0-kb)
	blocks := splitRows(m).blocks() - 4
	if next <= 0 || m != p.ldr || blocks <= 0 {
		return fetch{}
	}
	rows := p.rows[(k0+kb)*p.ldr:][:next*m]
	part := blocks * (kb / 4) * 32 // two lines every four k
	end := len(rows) - panels*part
	if end <= 0 {
		return fetch{}
	}
	return fetch{src: rows[max(0, end-part):end], step: 128, blocks: blocks}
}

// load copies C into the sums.
func (p *longProduct) load(sums []float32, i0, m, j0, n int) {
	w := panelWidth()
	for j := 0; j < n; j += w {
		panel, cols := sums[j*m:(j+w)*m], min(w, n-j)
		if p.turned {
			transpose(panel, w, p.c[(j0+j)*p.ldc+i0:], p.ldc, cols, m)
			continue
		}
		for i := range m {
			copy(panel[i*w:i*w+cols], p.c[(i0+i)*p.ldc+j0+j:])
		}
	}
}

// store copies the sums to C.
func (p *longProduct) store(sums []float32, i0, m, j0, n int) {
	w := panelWidth()
	for j := 0; j < n; j += w {
		panel, cols := sums[j*m:(j+w)*m], min(w, n-j)
		if p.turned {
			transpose(p.c[(j0+j)*p.ldc+i0:], p.ldc, panel, w, m, cols)
			continue
		}
		for i := range m {
			copy(p.c[(i0+i)*p.ldc+j0+j:][:cols], panel[i*w:])
		}
	}
}

// transpose sets dst[c][r] = src[r][c] for rows [0,rows) and columns [0,cols): whole blocks
// in registers, the rest one by one.
func transpose(dst []float32, ldd int, src []float32, lds, rows, cols int) {
	whole, deep := rows&^(transBlock-1), cols&^(transBlock-1)
	for r := 0; r < whole && deep > 0; r += transBlock {
		packTrans(deep/transBlock, &dst[r], 4*ldd, &src[r*lds], 4*lds)
	}
	for c := range cols {
		from := 0
		if c < deep {
			from = whole
		}
		for r := from; r < rows; r++ {
			dst[c*ldd+r] = src[r*lds+c]
		}
	}
}
