//go:build !noasm

package f32

// packSlack is the room after each block, in elements: none, only elements that exist are stored.
func packSlack() int { return 0 }

// packBlocks copies blocks*h columns of src [k, lda] to dst [blocks][k][h].
func packBlocks(dst, src []float32, lda, k, blocks, h int) {
	for l := range k {
		row := src[l*lda : l*lda+blocks*h]
		for b := range blocks {
			to, from := dst[(b*k+l)*h:][:h], row[b*h:][:h]
			for i, x := range from {
				to[i] = x
			}
		}
	}
}

// packPanelRows copies rows over several panels at a time, so that src is read in order.
func packPanelRows(p *Packed, src []float32, ld, col0, col1 int) {
	packPanelsNaive(p, src, ld, false, col0, col1)
}

// transBlock is the side of the blocks that packTrans turns.
const transBlock = 4

// packTrans turns n blocks: dst[4i+c][r] = src[r][4i+c]; row distances in bytes.
func packTrans(n int, dst *float32, ldd int, src *float32, lds int) {
	packTrans4xNEON(n, dst, ldd, src, lds)
}
