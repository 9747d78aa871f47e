//go:build !amd64 || noasm

package f32

// What has no kernel but on amd64: small beside the products.

func weighRows(sum []float64, scaled, x []float32, times []float64, root []float32) {
	weighRowsNaive(sum, scaled, x, times, root)
}

func addWide(sum []float64, x []float32, times float64) int { return 0 }

func lstmBackward(gates, cPrev, tanhC, dh, dc []float32) {
	lstmBackwardNaive(gates, cPrev, tanhC, dh, dc)
}

func gruBackward(gates, dRec, hPrev, hn, dh []float32) { gruBackwardNaive(gates, dRec, hPrev, hn, dh) }

func elmanBackward(dPre, dh, h []float32, relu bool) { elmanBackwardNaive(dPre, dh, h, relu) }

func scaleVec(x []float32, s float32) { scaleNaive(x, s) }

func scaleFlushVec(x []float32, s float32) { scaleFlushNaive(x, s) }

func clampVec(x []float32, limit float32) { clampNaive(x, limit) }

func sumSquaresChunk(x []float32) float64 { return sumSquaresNaive(x) }

func maxVec(x []float32) float32 { return maxNaive(x) }

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

func prefetchRow([]float32, int, int) {}
