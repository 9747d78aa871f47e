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

func packPanels(p *Packed, src []float32, ld int, trans bool, col0, col1 int) {
	switch {
	case active == pathGo:
		packPanelsNaive(p, src, ld, trans, col0, col1)
	case trans:
		for j := col0; j < col1; j += p.width {
			packPanelTrans(p.data[j*p.K:(j+p.width)*p.K], src[j*ld:], ld, p.K, min(p.width, col1-j), p.width)
		}
	default:
		packPanelRows(p, src, ld, col0, col1)
	}
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

// packPanelTrans turns cols rows of src into the columns of one panel: blocks of
// 8x8 in registers, the rest one by one.
func packPanelTrans(panel, src []float32, ld, k, cols, width int) {
	whole, deep := cols&^7, k&^7
	for j := 0; j < whole && deep > 0; j += 8 {
		packTrans8xAVX2(deep/8, &panel[j], 4*width, &src[j*ld], 4*ld)
	}
	for l := range k {
		from := 0
		if l < deep {
			from = whole
		}
		row := panel[l*width : (l+1)*width]
		for j := from; j < cols; j++ {
			row[j] = src[j*ld+l]
		}
		clear(row[cols:])
	}
}

// prefetchRow asks for src[at:at+n], as far as there is any, to come to the L2 cache.
func prefetchRow(src []float32, at, n int) {
	if n > 0 && at+n <= len(src) {
		prefetchRows(1, &src[at], 0, (n+15)/16)
	}
}
