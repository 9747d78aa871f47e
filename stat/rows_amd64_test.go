//go:build amd64 && !noasm

package stat

import "testing"

// TestEveryRowKernel runs the comparisons on every path this machine has.
func TestEveryRowKernel(t *testing.T) {
	best := kernels
	defer func() { kernels = best }()
	for kernels = byGo; kernels <= best; kernels++ {
		TestRowKernelsEqualPlainGo(t)
		TestRowsEqualLists(t)
		TestColumnsEqualPlainGo(t)
	}
}
