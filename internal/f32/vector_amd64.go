//go:build amd64 && !noasm

package f32

func expVec(dst, src []float32) {
	switch {
	case len(dst) == 0:
	case active == pathAVX512:
		expAVX512(&dst[0], &src[0], len(dst))
	case active == pathAVX2:
		expAVX2(&dst[0], &src[0], len(dst))
	default:
		expNaive(dst, src)
	}
}

func tanhVec(dst, src []float32) {
	switch {
	case len(dst) == 0:
	case active == pathAVX512:
		tanhAVX512(&dst[0], &src[0], len(dst))
	case active == pathAVX2:
		tanhAVX2(&dst[0], &src[0], len(dst))
	default:
		tanhNaive(dst, src)
	}
}

func sigmoidVec(dst, src []float32) {
	switch {
	case len(dst) == 0:
	case active == pathAVX512:
		sigmoidAVX512(&dst[0], &src[0], len(dst))
	case active == pathAVX2:
		sigmoidAVX2(&dst[0], &src[0], len(dst))
	default:
		sigmoidNaive(dst, src)
	}
}

func addScaled(dst, src []float32, s float32) {
	switch {
	case len(dst) == 0:
	case active == pathAVX512:
		addScaledAVX512(&dst[0], &src[0], len(dst), s)
	case active == pathAVX2:
		addScaledAVX2(&dst[0], &src[0], len(dst), s)
	default:
		addScaledNaive(dst, src, s)
	}
}

func scatterAdd(table []float32, ldt int, ids []int32, src []float32, lds, n int) {
	switch active {
	case pathAVX512:
		scatterAddAVX512(len(ids), &ids[0], &table[0], 4*ldt, &src[0], 4*lds, n)
	case pathAVX2:
		scatterAddAVX2(len(ids), &ids[0], &table[0], 4*ldt, &src[0], 4*lds, n)
	default:
		scatterAddNaive(table, ldt, ids, src, lds, n)
	}
}

func scaleVec(x []float32, s float32) {
	switch {
	case len(x) == 0:
	case active == pathAVX512:
		scaleAVX512(&x[0], len(x), s)
	case active == pathAVX2:
		scaleAVX2(&x[0], len(x), s)
	default:
		scaleNaive(x, s)
	}
}

func scaleFlushVec(x []float32, s float32) {
	switch {
	case len(x) == 0:
	case active == pathAVX512:
		scaleFlushAVX512(&x[0], len(x), s)
	case active == pathAVX2:
		scaleFlushAVX2(&x[0], len(x), s)
	default:
		scaleFlushNaive(x, s)
	}
}

func clampVec(x []float32, limit float32) {
	switch {
	case len(x) == 0:
	case active == pathAVX512:
		clampAVX512(&x[0], len(x), limit)
	case active == pathAVX2:
		clampAVX2(&x[0], len(x), limit)
	default:
		clampNaive(x, limit)
	}
}

func sumSquaresChunk(x []float32) float64 {
	switch {
	case len(x) == 0 || active == pathGo:
		return sumSquaresNaive(x)
	case active == pathAVX512:
		return float64(sumSquaresAVX512(&x[0], len(x)))
	}
	return float64(sumSquaresAVX2(&x[0], len(x)))
}

func maxVec(x []float32) float32 {
	switch {
	case active == pathAVX512 && len(x) >= 16:
		return maxAVX512(&x[0], len(x))
	case active == pathAVX2 && len(x) >= 8:
		return maxAVX2(&x[0], len(x))
	}
	return maxNaive(x)
}

func expSum(dst, src []float32, shift float32) float64 {
	switch {
	case len(src) == 0 || active == pathGo:
		return expSumNaive(dst, src, shift)
	case active == pathAVX512 && dst == nil:
		return float64(expSumAVX512(&src[0], len(src), shift))
	case active == pathAVX512:
		return float64(expSumKeepAVX512(&dst[0], &src[0], len(src), shift))
	case dst == nil:
		return float64(expSumAVX2(&src[0], len(src), shift))
	}
	return float64(expSumKeepAVX2(&dst[0], &src[0], len(src), shift))
}

func adam(params, grads, m, v []float32, s *AdamStep) {
	n := len(params)
	switch {
	case n == 0 || active == pathGo:
		adamNaive(params, grads, m, v, s)
	case active == pathAVX512:
		adamAVX512(&params[0], &grads[0], &m[0], &v[0], n, s.Rate, s.Beta2, complement(s.Beta1), complement(s.Beta2), s.Eps, s.Correction, s.GradScale)
	default:
		adamAVX2(&params[0], &grads[0], &m[0], &v[0], n, s.Rate, s.Beta2, complement(s.Beta1), complement(s.Beta2), s.Eps, s.Correction, s.GradScale)
	}
}

func rmsprop(params, grads, sq []float32, lr, decay, eps, gradScale float32) {
	switch {
	case len(params) == 0:
	case active == pathAVX512:
		rmspropAVX512(&params[0], &grads[0], &sq[0], len(params), lr, decay, complement(decay), eps, gradScale)
	case active == pathAVX2:
		rmspropAVX2(&params[0], &grads[0], &sq[0], len(params), lr, decay, complement(decay), eps, gradScale)
	default:
		rmspropNaive(params, grads, sq, lr, decay, eps, gradScale)
	}
}

func sgd(params, grads, buf []float32, lr, momentum, gradScale float32) {
	switch {
	case len(params) == 0:
	case active == pathAVX512:
		sgdAVX512(&params[0], &grads[0], &buf[0], len(params), lr, momentum, gradScale)
	case active == pathAVX2:
		sgdAVX2(&params[0], &grads[0], &buf[0], len(params), lr, momentum, gradScale)
	default:
		sgdNaive(params, grads, buf, lr, momentum, gradScale)
	}
}
