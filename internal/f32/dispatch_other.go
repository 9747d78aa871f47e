//go:build (!amd64 && !arm64) || noasm

package f32

const active = pathGo

func packPanels(p *Packed, src []float32, ld int, trans bool, col0, col1 int) {
	packPanelsNaive(p, src, ld, trans, col0, col1)
}

func gemmCols(c []float32, ldc, m int, a []float32, ars, acs int, b *Packed, col0, col1 int, accumulate bool) {
	gemmColsPortable(c, ldc, m, a, ars, acs, b, col0, col1, accumulate)
}

// gemmGroups reports that there is no such kernel here.

func gemmGroups(c []float32, ldc, nextC, m int, a []float32, lda, nextA, groups int, b *Packed) bool {
	return false
}

func gemmTN(c []float32, ldc int, a []float32, lda int, b []float32, ldb int, m, n, k int, accumulate bool) {
	gemmTNPortable(c, ldc, a, lda, b, ldb, m, n, k, accumulate)
}

func lstmForward(gates, x, bias, cPrev, c, tanhC, h []float32, lo, hi int) {
	lstmForwardNaive(gates, x, bias, cPrev, c, tanhC, h, lo, hi)
}

func gruForward(gates, x, biasX, biasH, hPrev, hn, h []float32, lo, hi int) {
	gruForwardNaive(gates, x, biasX, biasH, hPrev, hn, h, lo, hi)
}

func elmanForward(pre, x, bias, h []float32, relu bool) { elmanForwardNaive(pre, x, bias, h, relu) }

func expVec(dst, src []float32) { expNaive(dst, src) }

func tanhVec(dst, src []float32) { tanhNaive(dst, src) }

func sigmoidVec(dst, src []float32) { sigmoidNaive(dst, src) }

func addScaled(dst, src []float32, s float32) { addScaledNaive(dst, src, s) }

func expSum(dst, src []float32, shift float32) float64 { return expSumNaive(dst, src, shift) }

func peakLoop(n int) float64 { return peakNaive(n) }
