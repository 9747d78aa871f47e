package f32

import "math"

func tanh32(x float32) float32 { return float32(math.Tanh(float64(x))) }

func sigmoid32(x float32) float32 { return float32(1 / (1 + math.Exp(-float64(x)))) }

func exp32(x float32) float32 { return float32(math.Exp(float64(x))) }

// sumAt is a[i] + x[i] + bias[i] with nil standing for zero.
func sumAt(i int, a, x, bias []float32) float32 {
	s := a[i]
	if x != nil {
		s += x[i]
	}
	if bias != nil {
		s += bias[i]
	}
	return s
}

func lstmForwardNaive(gates, x, bias, cPrev, c, tanhC, h []float32, lo, hi int) {
	n := len(h)
	for u := lo; u < hi; u++ {
		i := sigmoid32(sumAt(u, gates, x, bias))
		f := sigmoid32(sumAt(n+u, gates, x, bias))
		g := tanh32(sumAt(2*n+u, gates, x, bias))
		o := sigmoid32(sumAt(3*n+u, gates, x, bias))
		cell := f*cPrev[u] + i*g
		tc := tanh32(cell)
		gates[u], gates[n+u], gates[2*n+u], gates[3*n+u] = i, f, g, o
		c[u], tanhC[u], h[u] = cell, tc, o*tc
	}
}

// flush is x, and zero where x is below 2^-95 in size. The gradient by a logit that is 80 nats below the highest, or by a gate
// many closed gates ago, would be a subnormal number (below 2^-126), for which a multiply-add of an Intel takes a hundred
// times as long: a network that is sure of its text trained five times slower there. 2^-95 leaves room for a product
// with a small weight. No weight changes by so little: the optimisers divide by no less than 1e-8.
func flush(x float32) float32 {
	if math.Float32bits(x)&0x70000000 == 0 {
		return 0
	}
	return x
}

func lstmBackwardNaive(gates, cPrev, tanhC, dh, dc []float32) {
	n := len(dh)
	for u := range n {
		i, f, g, o := gates[u], gates[n+u], gates[2*n+u], gates[3*n+u]
		tc := tanhC[u]
		d := dc[u] + dh[u]*o*(1-tc*tc)
		gates[u] = flush(d * g * i * (1 - i))
		gates[n+u] = flush(d * cPrev[u] * f * (1 - f))
		gates[2*n+u] = flush(d * i * (1 - g*g))
		gates[3*n+u] = flush(dh[u] * tc * o * (1 - o))
		dc[u] = flush(d * f)
	}
}

func gruForwardNaive(gates, x, biasX, biasH, hPrev, hn, h []float32, lo, hi int) {
	n := len(h)
	part := func(i int, v, b []float32) float32 {
		var s float32
		if v != nil {
			s += v[i]
		}
		if b != nil {
			s += b[i]
		}
		return s
	}
	for u := lo; u < hi; u++ {
		r := sigmoid32(sumAt(u, gates, nil, biasH) + part(u, x, biasX))
		z := sigmoid32(sumAt(n+u, gates, nil, biasH) + part(n+u, x, biasX))
		rec := sumAt(2*n+u, gates, nil, biasH)
		c := tanh32(part(2*n+u, x, biasX) + r*rec)
		gates[u], gates[n+u], gates[2*n+u] = r, z, c
		hn[u] = rec
		h[u] = c + z*(hPrev[u]-c)
	}
}

func gruBackwardNaive(gates, dRec, hPrev, hn, dh []float32) {
	n := len(dh)
	for u := range n {
		r, z, c, d := gates[u], gates[n+u], gates[2*n+u], dh[u]
		dn := d * (1 - z) * (1 - c*c)
		dz := d * (hPrev[u] - c) * z * (1 - z)
		dr := dn * hn[u] * r * (1 - r)
		gates[u], gates[n+u], gates[2*n+u] = flush(dr), flush(dz), flush(dn)
		dRec[u], dRec[n+u], dRec[2*n+u] = gates[u], gates[n+u], flush(dn*r)
		dh[u] = flush(d * z)
	}
}

func elmanForwardNaive(pre, x, bias, h []float32, relu bool) {
	for u := range h {
		s := sumAt(u, pre, x, bias)
		switch {
		case !relu:
			h[u] = tanh32(s)
		case s < 0:
			h[u] = 0
		default: // NaN stays NaN
			h[u] = s
		}
	}
}

func elmanBackwardNaive(dPre, dh, h []float32, relu bool) {
	for u, d := range dh {
		y := h[u]
		switch {
		case !relu:
			dPre[u] = flush(d * (1 - y*y))
		case y > 0:
			dPre[u] = flush(d)
		default:
			dPre[u] = 0
		}
	}
}
