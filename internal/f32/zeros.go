//go:build (amd64 || arm64) && !noasm

package f32

import "sync/atomic"

// zeroBlock stands in for arrays that were not given.
var zeroBlock atomic.Pointer[[]float32]

func zeros(n int) []float32 {
	if z := zeroBlock.Load(); z != nil && len(*z) >= n {
		return *z
	}
	z := make([]float32, max(n, 4096))
	zeroBlock.Store(&z)
	return z
}

// orZeros is where element at of x [n] lies.
func orZeros(x []float32, n, at int) *float32 {
	if x == nil {
		x = zeros(n)
	}
	return &x[at]
}
