package f32

func expNaive(dst, src []float32) {
	for i, x := range src {
		dst[i] = exp32(x)
	}
}

func tanhNaive(dst, src []float32) {
	for i, x := range src {
		dst[i] = tanh32(x)
	}
}

func sigmoidNaive(dst, src []float32) {
	for i, x := range src {
		dst[i] = sigmoid32(x)
	}
}

func addScaledNaive(dst, src []float32, s float32) {
	for i, x := range src {
		dst[i] += s * x
	}
}

func scaleNaive(x []float32, s float32) {
	for i := range x {
		x[i] *= s
	}
}

func scaleFlushNaive(x []float32, s float32) {
	for i := range x {
		x[i] = flush(x[i] * s)
	}
}

func clampNaive(x []float32, limit float32) {
	for i, v := range x {
		if v > limit {
			x[i] = limit
		} else if v < -limit {
			x[i] = -limit
		}
	}
}

func sumSquaresNaive(x []float32) float64 {
	var s float64
	for _, v := range x {
		s += float64(v) * float64(v)
	}
	return s
}

// scatterAddNaive adds n elements of row i of src to row ids[i] of table.
func scatterAddNaive(table []float32, ldt int, ids []int32, src []float32, lds, n int) {
	for i, id := range ids {
		if id < 0 {
			continue
		}
		row := table[int(id)*ldt:]
		for j, x := range src[i*lds : i*lds+n] {
			row[j] += x
		}
	}
}
