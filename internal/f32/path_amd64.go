//go:build amd64 && !noasm

package f32

import (
	"os"

	"golang.org/x/sys/cpu"
)

// active is the kernel path. Tests set it; nothing else does after start.
var active = choosePath(os.Getenv(KernelsEnv))

// bestPath is the fastest path of this machine. The AVX-512 kernels use the F, VL,
// DQ and BW sets, which every AVX-512 processor since Skylake-X has together.
func bestPath() int {
	switch x := cpu.X86; {
	case x.HasAVX512F && x.HasAVX512VL && x.HasAVX512DQ && x.HasAVX512BW && x.HasFMA && x.HasBMI2:
		return pathAVX512
	case x.HasAVX2 && x.HasFMA && x.HasBMI2:
		return pathAVX2
	}
	return pathGo
}

func choosePath(force string) int {
	best := bestPath()
	for p, n := range pathNames {
		if n == force && p < best {
			return p
		}
	}
	return best
}
