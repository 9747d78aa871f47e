package f32

// maxNaive is the largest element; NaN elements are passed over (the exponential
// that follows brings them back).
func maxNaive(x []float32) float32 {
	top := x[0]
	for _, v := range x[1:] {
		if v > top || top != top {
			top = v
		}
	}
	return top
}

// expSumNaive sets dst[i] = e^(src[i]-shift), dst nil for the sum alone, and
// returns the sum.
func expSumNaive(dst, src []float32, shift float32) float64 {
	var s float64
	for i, x := range src {
		e := exp32(x - shift)
		s += float64(e)
		if dst != nil {
			dst[i] = e
		}
	}
	return s
}
