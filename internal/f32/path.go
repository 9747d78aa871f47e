package f32

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
)

// Kernel paths. Those a machine has, slowest first, are in paths.
const (
	pathGo = iota
	pathAVX2
	pathAVX512
	pathNEON
)

var pathNames = [...]string{"go", "avx2", "avx512", "neon"}

// KernelsEnv names the environment variable that forces a kernel path. Where the
// machine cannot have it the best it has is active, and CheckPath says so.
const KernelsEnv = "RNNSCOPE_KERNELS"

// Path names the active kernel path: "avx512", "avx2", "neon" or "go". It is fixed when
// the program starts; results are equal to the bit only on the same path.
func Path() string { return pathNames[active] }

// ErrPath marks a kernel path that was asked for and cannot be had.
var ErrPath = errors.New("no such kernels")

// CheckPath returns nil when the kernel path that KernelsEnv asks for, if any, is active;
// else an error that matches ErrPath.
func CheckPath() error { return checkPath(os.Getenv(KernelsEnv)) }

func checkPath(force string) error {
	switch {
	case force == "" || force == Path():
		return nil
	case slices.Contains(pathNames[:], force):
		return fmt.Errorf("%w here: %s asks for %s, this machine has at most %s", ErrPath, KernelsEnv, force, Path())
	}
	return fmt.Errorf("%w: %s is %q, one of %s", ErrPath, KernelsEnv, force, strings.Join(pathNames[:], ", "))
}

// widths of a column panel on each path.
var panelWidths = [...]int{pathGo: 16, pathAVX2: 16, pathAVX512: 32, pathNEON: 16}

func panelWidth() int { return panelWidths[active] }
