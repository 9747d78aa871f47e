//go:build !noasm

package f32

// paths are the kernel paths of this machine, slowest first: every arm64 processor has NEON.
var paths = []int{pathGo, pathNEON}
