//go:build amd64 && !noasm

package stat

import (
	"os"

	"golang.org/x/sys/cpu"
)

// kernels is which kernels count. Tests set it; nothing else does after start.
var kernels = bestKernels(os.Getenv("RNNSCOPE_KERNELS"))

const (
	byGo     = iota // none
	byAVX2          //
	byAVX512        // F, BW, DQ and VL
)

// bestKernels is the best path of the processor, or the lower one that the variable
// names, which chooses the path of the matrix products too.
func bestKernels(named string) int {
	switch x := cpu.X86; {
	case named == "go":
		return byGo
	case named != "avx2" && x.HasAVX512F && x.HasAVX512BW && x.HasAVX512DQ && x.HasAVX512VL:
		return byAVX512
	case x.HasAVX2:
		return byAVX2
	}
	return byGo
}

// countsRows reports whether counting whole rows is faster than label by label.
func countsRows() bool { return kernels != byGo }

// countRows adds rows [n,rowLanes] to the rows bins[t] of counts [Bins,rowLanes]. ahead, if
// not empty, will be counted next.
func countRows(counts []uint16, rows, bins []uint8, ahead []uint16) {
	_, _, _ = counts[Bins*rowLanes-1], rows[len(bins)*rowLanes-1], bins[len(bins)-1]
	next := &counts[0]
	if len(ahead) > 0 {
		next = &ahead[0]
	}
	switch kernels {
	case byAVX512:
		countRowsAVX512(&counts[0], &rows[0], &bins[0], len(bins), next)
	case byAVX2:
		countRowsAVX2(&counts[0], &rows[0], &bins[0], len(bins), next)
	default:
		countRowsNaive(counts, rows, bins)
	}
}
