//go:build !amd64 || noasm

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

func weighRows(sum []float64, scaled, x []float32, times []float64, root []float32) {
	weighRowsNaive(sum, scaled, x, times, root)
}

func addWide(sum []float64, x []float32, times float64) int { return 0 }

func lstmForward(gates, x, bias, cPrev, c, tanhC, h []float32, lo, hi int) {
	lstmForwardNaive(gates, x, bias, cPrev, c, tanhC, h, lo, hi)
}

func lstmBackward(gates, cPrev, tanhC, dh, dc []float32) {
	lstmBackwardNaive(gates, cPrev, tanhC, dh, dc)
}

func gruForward(gates, x, biasX, biasH, hPrev, hn, h []float32, lo, hi int) {
	gruForwardNaive(gates, x, biasX, biasH, hPrev, hn, h, lo, hi)
}

func gruBackward(gates, dRec, hPrev, hn, dh []float32) { gruBackwardNaive(gates, dRec, hPrev, hn, dh) }

func elmanForward(pre, x, bias, h []float32, relu bool) { elmanForwardNaive(pre, x, bias, h, relu) }

func elmanBackward(dPre, dh, h []float32, relu bool) { elmanBackwardNaive(dPre, dh, h, relu) }

func expVec(dst, src []float32)                        { expNaive(dst, src) }
func tanhVec(dst, src []float32)                       { tanhNaive(dst, src) }
func sigmoidVec(dst, src []float32)                    { sigmoidNaive(dst, src) }
func addScaled(dst, src []float32, s float32)          { addScaledNaive(dst, src, s) }
func scaleVec(x []float32, s float32)                  { scaleNaive(x, s) }
func clampVec(x []float32, limit float32)              { clampNaive(x, limit) }
func sumSquaresChunk(x []float32) float64              { return sumSquaresNaive(x) }
func maxVec(x []float32) float32                       { return maxNaive(x) }
func expSum(dst, src []float32, shift float32) float64 { return expSumNaive(dst, src, shift) }

func scatterAdd(table []float32, ldt int, ids []int32, src []float32, lds, n int) {
	scatterAddNaive(table, ldt, ids, src, lds, n)
}

func adam(params, grads, m, v []float32, s *AdamStep) { adamNaive(params, grads, m, v, s) }

func rmsprop(params, grads, sq []float32, lr, decay, eps, gradScale float32) {
	rmspropNaive(params, grads, sq, lr, decay, eps, gradScale)
}

func sgd(params, grads, buf []float32, lr, momentum, gradScale float32) {
	sgdNaive(params, grads, buf, lr, momentum, gradScale)
}

func peakLoop(n int) float64 { return peakNaive(n) }

func prefetchRow([]float32, int, int) {}
