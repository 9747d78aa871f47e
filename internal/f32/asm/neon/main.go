// Command neon generates the arm64 kernels of package f32: Go assembly in which every
// instruction that Go's assembler lacks is a WORD with what it means beside it, as a
// disassembler prints it. TestWords reads the numbers back; .ci/arm64 has llvm-objdump
// do it.
package main

import (
	"flag"
	"os"
)

func main() {
	out := flag.String("out", "", "assembly to write")
	stubs := flag.String("stubs", "", "Go declarations to write")
	flag.Parse()
	var e emitter
	for h := 1; h <= maxRows; h++ {
		e.gemmKernel(h, rowMajor)
		e.gemmKernel(h, kMajor)
	}
	for panels := 1; panels <= 4; panels++ {
		e.gemvKernel(panels)
	}
	e.transposeKernel()
	e.peakKernel()
	e.addScaledKernel()
	e.mathKernels()
	e.lstmForwardKernel()
	e.gruForwardKernel()
	e.elmanKernel()
	for path, data := range map[string]string{*out: e.assembly(), *stubs: e.declarations()} {
		if err := os.WriteFile(path, []byte(data), 0o644); err != nil {
			panic(err)
		}
	}
}
