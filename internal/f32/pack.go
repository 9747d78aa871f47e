//go:build (amd64 || arm64) && !noasm

package f32

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

// packPanelTrans turns cols rows of src into the columns of one panel: whole blocks in
// registers, the rest one by one.
func packPanelTrans(panel, src []float32, ld, k, cols, width int) {
	whole, deep := cols&^(transBlock-1), k&^(transBlock-1)
	for j := 0; j < whole && deep > 0; j += transBlock {
		packTrans(deep/transBlock, &panel[j], 4*width, &src[j*ld], 4*ld)
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
