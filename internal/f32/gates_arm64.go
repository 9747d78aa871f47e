//go:build !noasm

package f32

func lstmForward(gates, x, bias, cPrev, c, tanhC, h []float32, lo, hi int) {
	if active == pathGo {
		lstmForwardNaive(gates, x, bias, cPrev, c, tanhC, h, lo, hi)
		return
	}
	n, m := len(h), whole(hi-lo)
	if m > 0 {
		lstmForwardNEON(&gates[lo], orZeros(x, 4*n, lo), orZeros(bias, 4*n, lo), &cPrev[lo], &c[lo], &tanhC[lo], &h[lo], m, n)
	}
	at, left := lo+m, hi-lo-m
	if left == 0 {
		return
	}
	var tg, tx, tb, tp, tc, tt, th tail
	lstmForwardNEON(tg.take(gates, 4, n, at, left), tx.take(x, 4, n, at, left), tb.take(bias, 4, n, at, left),
		tp.take(cPrev, 1, n, at, left), &tc[0], &tt[0], &th[0], lanes, lanes)
	tg.put(gates, 4, n, at, left)
	tc.put(c, 1, n, at, left)
	tt.put(tanhC, 1, n, at, left)
	th.put(h, 1, n, at, left)
}

func gruForward(gates, x, biasX, biasH, hPrev, hn, h []float32, lo, hi int) {
	if active == pathGo {
		gruForwardNaive(gates, x, biasX, biasH, hPrev, hn, h, lo, hi)
		return
	}
	n, m := len(h), whole(hi-lo)
	if m > 0 {
		gruForwardNEON(&gates[lo], orZeros(x, 3*n, lo), orZeros(biasX, 3*n, lo), orZeros(biasH, 3*n, lo), &hPrev[lo], &hn[lo], &h[lo], m, n)
	}
	at, left := lo+m, hi-lo-m
	if left == 0 {
		return
	}
	var tg, tx, tbx, tbh, tp, tn, th tail
	gruForwardNEON(tg.take(gates, 3, n, at, left), tx.take(x, 3, n, at, left), tbx.take(biasX, 3, n, at, left), tbh.take(biasH, 3, n, at, left),
		tp.take(hPrev, 1, n, at, left), &tn[0], &th[0], lanes, lanes)
	tg.put(gates, 3, n, at, left)
	tn.put(hn, 1, n, at, left)
	th.put(h, 1, n, at, left)
}

func elmanForward(pre, x, bias, h []float32, relu bool) {
	if relu || active == pathGo {
		elmanForwardNaive(pre, x, bias, h, relu)
		return
	}
	n := len(h)
	m := whole(n)
	if m > 0 {
		elmanTanhNEON(&pre[0], orZeros(x, n, 0), orZeros(bias, n, 0), &h[0], m)
	}
	left := n - m
	if left == 0 {
		return
	}
	var tp, tx, tb, th tail
	elmanTanhNEON(tp.take(pre, 1, n, m, left), tx.take(x, 1, n, m, left), tb.take(bias, 1, n, m, left), &th[0], lanes)
	th.put(h, 1, n, m, left)
}
