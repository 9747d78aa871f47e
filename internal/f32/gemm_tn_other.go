//go:build (!amd64 && !arm64) || noasm

package f32

// gemmTNSums reports that there is no such kernel here.
func gemmTNSums(c []float32, ldc int, sums, a []float32, lda int, b []float32, ldb int, m, n, k int, accumulate bool) bool {
	return false
}
