//go:build amd64 && !noasm

package f32

// gemmRow are the row-major micro-kernels by kernel path and height.
var gemmRow = [...][15]rowKernel{
	pathAVX2: {
		1: gemmRow1xAVX2, gemmRow2xAVX2, gemmRow3xAVX2, gemmRow4xAVX2, gemmRow5xAVX2, gemmRow6xAVX2,
	},
	pathAVX512: {
		1: gemmRow1xAVX512, gemmRow2xAVX512, gemmRow3xAVX512, gemmRow4xAVX512, gemmRow5xAVX512, gemmRow6xAVX512,
		gemmRow7xAVX512, gemmRow8xAVX512, gemmRow9xAVX512, gemmRow10xAVX512, gemmRow11xAVX512, gemmRow12xAVX512,
		gemmRow13xAVX512, gemmRow14xAVX512,
	},
}

// gemmK are the k-major ones.
var gemmK = [...][15]kKernel{
	pathAVX2: {
		1: gemmK1xAVX2, gemmK2xAVX2, gemmK3xAVX2, gemmK4xAVX2, gemmK5xAVX2, gemmK6xAVX2,
	},
	pathAVX512: {
		1: gemmK1xAVX512, gemmK2xAVX512, gemmK3xAVX512, gemmK4xAVX512, gemmK5xAVX512, gemmK6xAVX512, gemmK7xAVX512,
		gemmK8xAVX512, gemmK9xAVX512, gemmK10xAVX512, gemmK11xAVX512, gemmK12xAVX512, gemmK13xAVX512, gemmK14xAVX512,
	},
}

// gemvKernels are the kernels for one to four panels by kernel path.
var gemvKernels = [...][5]gemvKernel{
	pathAVX2:   {1: gemv1xAVX2, gemv2xAVX2, gemv3xAVX2, gemv4xAVX2},
	pathAVX512: {1: gemv1xAVX512, gemv2xAVX512, gemv3xAVX512, gemv4xAVX512},
}
