//go:build amd64 && !noasm

package f32

import "golang.org/x/sys/cpu"

// paths are the kernel paths of this machine, slowest first. The AVX-512 kernels use the
// F, VL, DQ and BW sets, which every AVX-512 processor since Skylake-X has together.
var paths = func() []int {
	switch x := cpu.X86; {
	case x.HasAVX512F && x.HasAVX512VL && x.HasAVX512DQ && x.HasAVX512BW && x.HasFMA && x.HasBMI2:
		return []int{pathGo, pathAVX2, pathAVX512}
	case x.HasAVX2 && x.HasFMA && x.HasBMI2:
		return []int{pathGo, pathAVX2}
	}
	return []int{pathGo}
}()
