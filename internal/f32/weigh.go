package f32

// WeighRows sets sum[p] = sum over rows i of times[i] * x[i,p], in float64 and in ascending
// order of rows, and scaled[i,p] = root[i] * x[i,p]: gradient and weighted rows of a Newton step. x and scaled
// are [n,p] without gaps. The bits are the same on every path.
func WeighRows(sum []float64, scaled, x []float32, times []float64, root []float32) {
	n, p := len(times), len(sum)
	if len(root) != n || len(x) != n*p || len(scaled) != n*p {
		panic("f32: rows to weigh of another shape")
	}
	if n == 0 || p == 0 {
		clear(sum)
		return
	}
	weighRows(sum, scaled, x, times, root)
}

func weighRowsNaive(sum []float64, scaled, x []float32, times []float64, root []float32) {
	p := len(sum)
	clear(sum)
	for i, t := range times {
		row, s := x[i*p:(i+1)*p], scaled[i*p:(i+1)*p]
		for j, v := range row {
			product := t * float64(v) // rounded: not fused with the sum
			sum[j] += product
			s[j] = root[i] * v
		}
	}
}
