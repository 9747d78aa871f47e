//go:build amd64 && !noasm

package f32

// packSlack is the room after each block, in elements: whole vectors are stored.
func packSlack() int {
	if active == pathAVX512 {
		return 16
	}
	return 8
}

// packBlocks copies blocks*h columns of src [k, lda] to dst [blocks]([k][h] and slack).
func packBlocks(dst, src []float32, lda, k, blocks, h int) {
	if active == pathAVX512 {
		packBlocksAVX512(k, blocks, &dst[0], &src[0], 4*lda, h)
		return
	}
	packBlocksAVX2(k, blocks, &dst[0], &src[0], 4*lda, h)
}

// packPanelRows copies rows over several panels at a time, so that src is read in
// order.
func packPanelRows(p *Packed, src []float32, ld, col0, col1 int) {
	const group = 4
	w, j := p.width, col0
	for whole := (col1 - col0) / w; whole > 0; {
		n := min(whole, group)
		if active == pathAVX512 {
			packPanelsAVX512(p.K, n, &p.data[j*p.K], 4*w*p.K, &src[j], 4*ld)
		} else {
			packPanelsAVX2(p.K, n, &p.data[j*p.K], 4*w*p.K, &src[j], 4*ld)
		}
		j += n * w
		whole -= n
	}
	if j == col1 {
		return
	}
	if active == pathAVX512 {
		packRows2xAVX512(p.K, &p.data[j*p.K], 4*w, &src[j], 4*ld, col1-j)
	} else {
		packRows2xAVX2(p.K, &p.data[j*p.K], 4*w, &src[j], 4*ld, col1-j)
	}
}

// transBlock is the side of the blocks that packTrans turns.
const transBlock = 8

// packTrans turns n blocks: dst[8i+c][r] = src[r][8i+c]; row distances in bytes.
func packTrans(n int, dst *float32, ldd int, src *float32, lds int) {
	packTrans8xAVX2(n, dst, ldd, src, lds)
}

// prefetchRow asks for src[at:at+n], as far as there is any, to come to the L2 cache.
func prefetchRow(src []float32, at, n int) {
	if n > 0 && at+n <= len(src) {
		prefetchRows(1, &src[at], 0, (n+15)/16)
	}
}
