//go:build (amd64 || arm64) && !noasm

package f32

import "os"

// active is the kernel path. Tests set it; nothing else does after start.
var active = choosePath(os.Getenv(KernelsEnv))

// bestPath is the fastest path of this machine.
func bestPath() int { return paths[len(paths)-1] }

func choosePath(force string) int {
	for _, p := range paths {
		if pathNames[p] == force {
			return p
		}
	}
	return bestPath()
}
