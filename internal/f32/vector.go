package f32

import "slices"

// Exp sets dst[i] = e^src[i], to a relative error below 1e-7 where the result is a
// normal number; beyond that +Inf or towards 0. dst may be src.
func Exp(dst, src []float32) { checkRow(len(dst), src); expVec(dst, src) }

// Tanh sets dst[i] = tanh(src[i]), to a relative error below 2e-7. dst may be
// src.
func Tanh(dst, src []float32) { checkRow(len(dst), src); tanhVec(dst, src) }

// Sigmoid sets dst[i] = 1/(1+e^-src[i]), to a relative error below 2e-7; beyond
// |src[i]| = 87 it stays within 2e-38 of the limit. dst may be src. The cells' kernels have the
// same code inside them; alone it is called by the test of its precision only.
func Sigmoid(dst, src []float32) { checkRow(len(dst), src); sigmoidVec(dst, src) }

// Add sets dst[i] += src[i].
func Add(dst, src []float32) { AddScaled(dst, src, 1) }

// AddScaled sets dst[i] += s*src[i].
func AddScaled(dst, src []float32, s float32) { checkRow(len(dst), src); addScaled(dst, src, s) }

// Clamp limits each element to [-limit, limit]; NaN stays NaN.
func Clamp(x []float32, limit float32) { clampVec(x, limit) }

// SumChunk is the length over which SumSquares sums before it goes to float64.
const SumChunk = 4096

// SumSquares is the sum of x[i]^2. Its order is fixed by the index alone.
func SumSquares(x []float32) float64 {
	var s float64
	for lo := 0; lo < len(x); lo += SumChunk {
		s += sumSquaresChunk(x[lo:min(lo+SumChunk, len(x))])
	}
	return s
}

// SumSquaresChunks sets dst[i] to the sum of squares of the i-th chunk of
// SumChunk elements, len(dst) = ceil(len(x)/SumChunk). Adding dst in ascending
// order gives SumSquares to the bit, so chunks may be cut over cores.
func SumSquaresChunks(dst []float64, x []float32) {
	if len(dst) != (len(x)+SumChunk-1)/SumChunk {
		panic("f32: one partial sum per chunk")
	}
	for i := range dst {
		lo := i * SumChunk
		dst[i] = sumSquaresChunk(x[lo:min(lo+SumChunk, len(x))])
	}
}

// rowsAhead is how far ahead rows that come from memory are fetched: each is a stretch of
// its own, too short for the processor to guess the next.
const rowsAhead = 2

// SumRows sets dst[n] = sum over rows of src[rows,n], rows in ascending order, or
// adds to dst with accumulate: the bias gradient. Columns may be cut over cores.
func SumRows(dst, src []float32, rows, ld int, accumulate bool) {
	checkMatrix(len(src), rows, len(dst), ld)
	if !accumulate {
		clear(dst)
	}
	for r := range rows {
		prefetchRow(src, (r+rowsAhead)*ld, len(dst))
		addScaled(dst, src[r*ld:r*ld+len(dst)], 1)
	}
}

// ScatterAddCols adds columns [col0,col1) of row i of src[len(ids),n] to row ids[i] of
// table[V,n], i ascending; a negative id is skipped. lds is the row distance of src.
// Columns may be cut over cores without changing a bit.
func ScatterAddCols(table []float32, n int, ids []int32, src []float32, lds, col0, col1 int) {
	checkMatrix(len(src), len(ids), n, lds)
	if col0 < 0 || col0 > col1 || col1 > n {
		panic("f32: columns out of range")
	}
	if len(ids) == 0 || col0 == col1 {
		return
	}
	checkMatrix(len(table), int(slices.Max(ids))+1, n, n)
	scatterAdd(table[col0:], n, ids, src[col0:], lds, col1-col0)
}
