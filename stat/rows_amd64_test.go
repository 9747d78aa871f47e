//go:build amd64 && !noasm

package stat

import "testing"

// TestEveryRowKernel runs the comparisons on every path this machine has.
func TestEveryRowKernel(t *testing.T) {
	best := rowKernel
	defer func() { rowKernel = best }()
	for rowKernel = rowsByList; rowKernel <= best; rowKernel++ {
		TestRowKernelsEqualPlainGo(t)
		TestRowsEqualLists(t)
	}
}
