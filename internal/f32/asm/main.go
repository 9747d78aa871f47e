// Command asm generates the amd64 kernels of package f32 with avo. It is a module of its
// own so that the product does not depend on the generator. Run it through
// go generate in the folder above; the output is committed.
package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
)

func main() {
	ConstraintExpr("!noasm")
	for h := 1; h <= 14; h++ {
		gemmKernel(zmm, h, 2, rowMajor)
		gemmKernel(zmm, h, 2, kMajor)
	}
	for h := 1; h <= 6; h++ {
		gemmKernel(ymm, h, 2, rowMajor)
		gemmKernel(ymm, h, 2, kMajor)
	}
	for _, w := range []width{zmm, ymm} {
		for panels := 1; panels <= 4; panels++ {
			gemvKernel(w, panels)
		}
		packKernel(w, 2)
		blocksKernel(w)
		panelsKernel(w)
		vectorKernels(w)
		scatterKernel(w)
		weighKernel(w)
		addWideKernel(w)
		for added := 0; added <= 2; added++ {
			lstmForwardKernel(w, added)
		}
		lstmBackwardKernel(w)
		gruForwardKernel(w)
		gruBackwardKernel(w)
		elmanKernels(w)
		elmanReluBackwardKernel(w)
		updateKernels(w)
	}
	prefetchKernel()
	transposeKernel()
	peakKernel(zmm, 24)
	peakKernel(ymm, 12)
	Generate()
}

// name is a kernel's Go name: the base, then the instruction set.
func name(base string, w width) string { return fmt.Sprintf("%s%s", base, w.suffix()) }
