//go:build amd64 && !noasm

package f32

func peakLoop(n int) float64 {
	switch active {
	case pathAVX512:
		peakAVX512(n)
		return float64(n) * 24 * 16 * 2
	case pathAVX2:
		peakAVX2(n)
		return float64(n) * 12 * 8 * 2
	}
	return peakNaive(n)
}
