//go:build amd64 && !noasm

package f32

// packSlack is how far packBlock may write past a block: it stores whole vectors.
const packSlack = 16

// packBlock copies h columns of src [k, lda] to dst [k][h].
func packBlock(dst, src []float32, lda, k, h int) {
	if active == pathAVX512 {
		packRows1xAVX512(k, &dst[0], 4*h, &src[0], 4*lda, h)
		return
	}
	packRows1xAVX2(k, &dst[0], 4*h, &src[0], 4*lda, h)
}

func packPanels(p *Packed, src []float32, ld int, trans bool, col0, col1 int) {
	if active == pathGo {
		packPanelsNaive(p, src, ld, trans, col0, col1)
		return
	}
	for j := col0; j < col1; j += p.width {
		panel := p.data[j*p.K : (j+p.width)*p.K]
		cols := min(p.width, col1-j)
		switch {
		case trans:
			packPanelTrans(panel, src[j*ld:], ld, p.K, cols, p.width)
		case active == pathAVX512:
			packRows2xAVX512(p.K, &panel[0], 4*p.width, &src[j], 4*ld, cols)
		default:
			packRows2xAVX2(p.K, &panel[0], 4*p.width, &src[j], 4*ld, cols)
		}
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
