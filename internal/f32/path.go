package f32

// Kernel paths, fastest last.
const (
	pathGo = iota
	pathAVX2
	pathAVX512
)

var pathNames = [...]string{"go", "avx2", "avx512"}

// KernelsEnv names the environment variable that forces a kernel path. A path
// the machine does not have is ignored.
const KernelsEnv = "RNNSCOPE_KERNELS"

// Path names the active kernel path: "avx512", "avx2" or "go". It is fixed when
// the program starts; results are equal to the bit only on the same path.
func Path() string { return pathNames[active] }

// widths of a column panel on each path.
var panelWidths = [...]int{pathGo: 16, pathAVX2: 16, pathAVX512: 32}

func panelWidth() int { return panelWidths[active] }
