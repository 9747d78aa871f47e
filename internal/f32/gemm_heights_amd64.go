//go:build amd64 && !noasm

package f32

// gemmRow calls the row-major micro-kernel of height h.
func gemmRow(h, k int, a *float32, stride int, b, c *float32, ldc, acc int, ahead *float32, pace int) {
	if active == pathAVX512 {
		gemmRow512(h, k, a, stride, b, c, ldc, acc, ahead, pace)
		return
	}
	switch h {
	case 1:
		gemmRow1xAVX2(k, a, stride, b, c, ldc, acc, ahead, pace)
	case 2:
		gemmRow2xAVX2(k, a, stride, b, c, ldc, acc, ahead, pace)
	case 3:
		gemmRow3xAVX2(k, a, stride, b, c, ldc, acc, ahead, pace)
	case 4:
		gemmRow4xAVX2(k, a, stride, b, c, ldc, acc, ahead, pace)
	case 5:
		gemmRow5xAVX2(k, a, stride, b, c, ldc, acc, ahead, pace)
	case 6:
		gemmRow6xAVX2(k, a, stride, b, c, ldc, acc, ahead, pace)
	}
}

func gemmRow512(h, k int, a *float32, stride int, b, c *float32, ldc, acc int, ahead *float32, pace int) {
	switch h {
	case 1:
		gemmRow1xAVX512(k, a, stride, b, c, ldc, acc, ahead, pace)
	case 2:
		gemmRow2xAVX512(k, a, stride, b, c, ldc, acc, ahead, pace)
	case 3:
		gemmRow3xAVX512(k, a, stride, b, c, ldc, acc, ahead, pace)
	case 4:
		gemmRow4xAVX512(k, a, stride, b, c, ldc, acc, ahead, pace)
	case 5:
		gemmRow5xAVX512(k, a, stride, b, c, ldc, acc, ahead, pace)
	case 6:
		gemmRow6xAVX512(k, a, stride, b, c, ldc, acc, ahead, pace)
	case 7:
		gemmRow7xAVX512(k, a, stride, b, c, ldc, acc, ahead, pace)
	case 8:
		gemmRow8xAVX512(k, a, stride, b, c, ldc, acc, ahead, pace)
	case 9:
		gemmRow9xAVX512(k, a, stride, b, c, ldc, acc, ahead, pace)
	case 10:
		gemmRow10xAVX512(k, a, stride, b, c, ldc, acc, ahead, pace)
	case 11:
		gemmRow11xAVX512(k, a, stride, b, c, ldc, acc, ahead, pace)
	case 12:
		gemmRow12xAVX512(k, a, stride, b, c, ldc, acc, ahead, pace)
	case 13:
		gemmRow13xAVX512(k, a, stride, b, c, ldc, acc, ahead, pace)
	case 14:
		gemmRow14xAVX512(k, a, stride, b, c, ldc, acc, ahead, pace)
	}
}

// gemmK calls the k-major micro-kernel of height h.
func gemmK(h, k int, a *float32, stride int, b *float32, ldb int, c *float32, ldc, acc int, ahead *float32, pace int) {
	if active == pathAVX512 {
		gemmK512(h, k, a, stride, b, ldb, c, ldc, acc, ahead, pace)
		return
	}
	switch h {
	case 1:
		gemmK1xAVX2(k, a, stride, b, ldb, c, ldc, acc, ahead, pace)
	case 2:
		gemmK2xAVX2(k, a, stride, b, ldb, c, ldc, acc, ahead, pace)
	case 3:
		gemmK3xAVX2(k, a, stride, b, ldb, c, ldc, acc, ahead, pace)
	case 4:
		gemmK4xAVX2(k, a, stride, b, ldb, c, ldc, acc, ahead, pace)
	case 5:
		gemmK5xAVX2(k, a, stride, b, ldb, c, ldc, acc, ahead, pace)
	case 6:
		gemmK6xAVX2(k, a, stride, b, ldb, c, ldc, acc, ahead, pace)
	}
}

func gemmK512(h, k int, a *float32, stride int, b *float32, ldb int, c *float32, ldc, acc int, ahead *float32, pace int) {
	switch h {
	case 1:
		gemmK1xAVX512(k, a, stride, b, ldb, c, ldc, acc, ahead, pace)
	case 2:
		gemmK2xAVX512(k, a, stride, b, ldb, c, ldc, acc, ahead, pace)
	case 3:
		gemmK3xAVX512(k, a, stride, b, ldb, c, ldc, acc, ahead, pace)
	case 4:
		gemmK4xAVX512(k, a, stride, b, ldb, c, ldc, acc, ahead, pace)
	case 5:
		gemmK5xAVX512(k, a, stride, b, ldb, c, ldc, acc, ahead, pace)
	case 6:
		gemmK6xAVX512(k, a, stride, b, ldb, c, ldc, acc, ahead, pace)
	case 7:
		gemmK7xAVX512(k, a, stride, b, ldb, c, ldc, acc, ahead, pace)
	case 8:
		gemmK8xAVX512(k, a, stride, b, ldb, c, ldc, acc, ahead, pace)
	case 9:
		gemmK9xAVX512(k, a, stride, b, ldb, c, ldc, acc, ahead, pace)
	case 10:
		gemmK10xAVX512(k, a, stride, b, ldb, c, ldc, acc, ahead, pace)
	case 11:
		gemmK11xAVX512(k, a, stride, b, ldb, c, ldc, acc, ahead, pace)
	case 12:
		gemmK12xAVX512(k, a, stride, b, ldb, c, ldc, acc, ahead, pace)
	case 13:
		gemmK13xAVX512(k, a, stride, b, ldb, c, ldc, acc, ahead, pace)
	case 14:
		gemmK14xAVX512(k, a, stride, b, ldb, c, ldc, acc, ahead, pace)
	}
}
