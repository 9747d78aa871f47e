//go:build !noasm

package f32

// gemmRow are the row-major micro-kernels by kernel path and height.
var gemmRow = [...][6]rowKernel{
	pathNEON: {1: gemmRow1xNEON, gemmRow2xNEON, gemmRow3xNEON, gemmRow4xNEON, gemmRow5xNEON},
}

// gemmK are the k-major ones.
var gemmK = [...][6]kKernel{
	pathNEON: {1: gemmK1xNEON, gemmK2xNEON, gemmK3xNEON, gemmK4xNEON, gemmK5xNEON},
}

// gemvKernels are the kernels for one to four panels by kernel path.
var gemvKernels = [...][5]gemvKernel{
	pathNEON: {1: gemv1xNEON, gemv2xNEON, gemv3xNEON, gemv4xNEON},
}
