//go:build amd64 && !noasm

package f32

import "sync/atomic"

// zeroBlock stands in for arrays that were not given.
var zeroBlock atomic.Pointer[[]float32]

func zeros(n int) []float32 {
	if z := zeroBlock.Load(); z != nil && len(*z) >= n {
		return *z
	}
	z := make([]float32, max(n, 4096))
	zeroBlock.Store(&z)
	return z
}

func orZeros(x []float32, n int) *float32 {
	if x == nil {
		x = zeros(n)
	}
	return &x[0]
}

func lstmForward(gates, x, bias, cPrev, c, tanhC, h []float32) {
	n := len(h)
	if x == nil {
		x, bias = bias, nil
	}
	switch {
	case n == 0:
	case active == pathGo:
		lstmForwardNaive(gates, x, bias, cPrev, c, tanhC, h)
	case bias != nil:
		lstmForward2(&gates[0], &x[0], &bias[0], &cPrev[0], &c[0], &tanhC[0], &h[0], n)
	case x != nil:
		lstmForward1(&gates[0], &x[0], &cPrev[0], &c[0], &tanhC[0], &h[0], n)
	default:
		lstmForward0(&gates[0], &cPrev[0], &c[0], &tanhC[0], &h[0], n)
	}
}

func lstmForward2(gates, x, bias, cPrev, c, tanhC, h *float32, n int) {
	if active == pathAVX512 {
		lstmForward2xAVX512(gates, x, bias, cPrev, c, tanhC, h, n)
		return
	}
	lstmForward2xAVX2(gates, x, bias, cPrev, c, tanhC, h, n)
}

func lstmForward1(gates, x, cPrev, c, tanhC, h *float32, n int) {
	if active == pathAVX512 {
		lstmForward1xAVX512(gates, x, cPrev, c, tanhC, h, n)
		return
	}
	lstmForward1xAVX2(gates, x, cPrev, c, tanhC, h, n)
}

func lstmForward0(gates, cPrev, c, tanhC, h *float32, n int) {
	if active == pathAVX512 {
		lstmForward0xAVX512(gates, cPrev, c, tanhC, h, n)
		return
	}
	lstmForward0xAVX2(gates, cPrev, c, tanhC, h, n)
}

func lstmBackward(gates, cPrev, tanhC, dh, dc []float32) {
	switch {
	case len(dh) == 0:
	case active == pathAVX512:
		lstmBackwardAVX512(&gates[0], &cPrev[0], &tanhC[0], &dh[0], &dc[0], len(dh))
	case active == pathAVX2:
		lstmBackwardAVX2(&gates[0], &cPrev[0], &tanhC[0], &dh[0], &dc[0], len(dh))
	default:
		lstmBackwardNaive(gates, cPrev, tanhC, dh, dc)
	}
}

func gruForward(gates, x, biasX, biasH, hPrev, hn, h []float32) {
	n := len(h)
	if n == 0 || active == pathGo {
		gruForwardNaive(gates, x, biasX, biasH, hPrev, hn, h)
		return
	}
	px, pbx, pbh := orZeros(x, 3*n), orZeros(biasX, 3*n), orZeros(biasH, 3*n)
	if active == pathAVX512 {
		gruForwardAVX512(&gates[0], px, pbx, pbh, &hPrev[0], &hn[0], &h[0], n)
		return
	}
	gruForwardAVX2(&gates[0], px, pbx, pbh, &hPrev[0], &hn[0], &h[0], n)
}

func gruBackward(gates, dRec, hPrev, hn, dh []float32) {
	switch {
	case len(dh) == 0:
	case active == pathAVX512:
		gruBackwardAVX512(&gates[0], &dRec[0], &hPrev[0], &hn[0], &dh[0], len(dh))
	case active == pathAVX2:
		gruBackwardAVX2(&gates[0], &dRec[0], &hPrev[0], &hn[0], &dh[0], len(dh))
	default:
		gruBackwardNaive(gates, dRec, hPrev, hn, dh)
	}
}

func elmanForward(pre, x, bias, h []float32, relu bool) {
	n := len(h)
	if n == 0 || active == pathGo {
		elmanForwardNaive(pre, x, bias, h, relu)
		return
	}
	px, pb := orZeros(x, n), orZeros(bias, n)
	switch {
	case active == pathAVX512 && relu:
		elmanReluAVX512(&pre[0], px, pb, &h[0], n)
	case active == pathAVX512:
		elmanTanhAVX512(&pre[0], px, pb, &h[0], n)
	case relu:
		elmanReluAVX2(&pre[0], px, pb, &h[0], n)
	default:
		elmanTanhAVX2(&pre[0], px, pb, &h[0], n)
	}
}

func elmanBackward(dPre, dh, h []float32, relu bool) {
	n := len(dPre)
	switch {
	case n == 0 || active == pathGo:
		elmanBackwardNaive(dPre, dh, h, relu)
	case active == pathAVX512 && relu:
		elmanReluBackwardAVX512(&dPre[0], &dh[0], &h[0], n)
	case active == pathAVX512:
		elmanTanhBackwardAVX512(&dPre[0], &dh[0], &h[0], n)
	case relu:
		elmanReluBackwardAVX2(&dPre[0], &dh[0], &h[0], n)
	default:
		elmanTanhBackwardAVX2(&dPre[0], &dh[0], &h[0], n)
	}
}
