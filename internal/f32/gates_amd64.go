//go:build amd64 && !noasm

package f32

func lstmForward(gates, x, bias, cPrev, c, tanhC, h []float32, lo, hi int) {
	n := len(h)
	if x == nil {
		x, bias = bias, nil
	}
	switch {
	case lo == hi:
	case active == pathGo:
		lstmForwardNaive(gates, x, bias, cPrev, c, tanhC, h, lo, hi)
	case bias != nil:
		lstmForward2(&gates[lo], &x[lo], &bias[lo], &cPrev[lo], &c[lo], &tanhC[lo], &h[lo], hi-lo, n)
	case x != nil:
		lstmForward1(&gates[lo], &x[lo], &cPrev[lo], &c[lo], &tanhC[lo], &h[lo], hi-lo, n)
	default:
		lstmForward0(&gates[lo], &cPrev[lo], &c[lo], &tanhC[lo], &h[lo], hi-lo, n)
	}
}

func lstmForward2(gates, x, bias, cPrev, c, tanhC, h *float32, n, stride int) {
	if active == pathAVX512 {
		lstmForward2xAVX512(gates, x, bias, cPrev, c, tanhC, h, n, stride)
		return
	}
	lstmForward2xAVX2(gates, x, bias, cPrev, c, tanhC, h, n, stride)
}

func lstmForward1(gates, x, cPrev, c, tanhC, h *float32, n, stride int) {
	if active == pathAVX512 {
		lstmForward1xAVX512(gates, x, cPrev, c, tanhC, h, n, stride)
		return
	}
	lstmForward1xAVX2(gates, x, cPrev, c, tanhC, h, n, stride)
}

func lstmForward0(gates, cPrev, c, tanhC, h *float32, n, stride int) {
	if active == pathAVX512 {
		lstmForward0xAVX512(gates, cPrev, c, tanhC, h, n, stride)
		return
	}
	lstmForward0xAVX2(gates, cPrev, c, tanhC, h, n, stride)
}

func lstmBackward(gates, cPrev, tanhC, dh, dc []float32) {
	switch {
	case len(dh) == 0:
	case active == pathAVX512:
		lstmBackwardAVX512(&gates[0], &cPrev[0], &tanhC[0], &dh[0], &dc[0], len(dh), len(dh))
	case active == pathAVX2:
		lstmBackwardAVX2(&gates[0], &cPrev[0], &tanhC[0], &dh[0], &dc[0], len(dh), len(dh))
	default:
		lstmBackwardNaive(gates, cPrev, tanhC, dh, dc)
	}
}

func gruForward(gates, x, biasX, biasH, hPrev, hn, h []float32, lo, hi int) {
	n := len(h)
	switch {
	case lo == hi:
		return
	case active == pathGo:
		gruForwardNaive(gates, x, biasX, biasH, hPrev, hn, h, lo, hi)
		return
	}
	px, pbx, pbh := orZeros(x, 3*n, lo), orZeros(biasX, 3*n, lo), orZeros(biasH, 3*n, lo)
	if active == pathAVX512 {
		gruForwardAVX512(&gates[lo], px, pbx, pbh, &hPrev[lo], &hn[lo], &h[lo], hi-lo, n)
		return
	}
	gruForwardAVX2(&gates[lo], px, pbx, pbh, &hPrev[lo], &hn[lo], &h[lo], hi-lo, n)
}

func gruBackward(gates, dRec, hPrev, hn, dh []float32) {
	switch {
	case len(dh) == 0:
	case active == pathAVX512:
		gruBackwardAVX512(&gates[0], &dRec[0], &hPrev[0], &hn[0], &dh[0], len(dh), len(dh))
	case active == pathAVX2:
		gruBackwardAVX2(&gates[0], &dRec[0], &hPrev[0], &hn[0], &dh[0], len(dh), len(dh))
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
	px, pb := orZeros(x, n, 0), orZeros(bias, n, 0)
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
