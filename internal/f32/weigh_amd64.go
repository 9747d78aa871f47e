//go:build amd64 && !noasm

package f32

func weighRows(sum []float64, scaled, x []float32, times []float64, root []float32) {
	kernel, most := weighRowsAVX512, 32
	switch active {
	case pathAVX512:
	case pathAVX2:
		kernel, most = weighRowsAVX2, 16
	default:
		weighRowsNaive(sum, scaled, x, times, root)
		return
	}
	p := len(sum)
	var room [32]float64
	for lo := 0; lo < p; lo += most {
		n := min(most, p-lo)
		kernel(len(times), 4*p, &room[0], &scaled[lo], &x[lo], &times[0], &root[0], n)
		copy(sum[lo:], room[:n])
	}
}

// addWide does whole vectors and says how many elements they are.
func addWide(sum []float64, x []float32, times float64) int {
	switch n := len(x); {
	case active == pathAVX512 && n >= 16:
		addWideAVX512(&sum[0], &x[0], n&^15, times)
		return n &^ 15
	case active == pathAVX2 && n >= 8:
		addWideAVX2(&sum[0], &x[0], n&^7, times)
		return n &^ 7
	}
	return 0
}
