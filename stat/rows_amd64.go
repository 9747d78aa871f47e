//go:build amd64 && !noasm

package stat

import "golang.org/x/sys/cpu"

// rowKernel is which kernel counts rows. Tests set it; nothing else does after start.
var rowKernel = bestRowKernel()

const (
	rowsByList   = iota // no kernel: labels are counted one by one
	rowsByAVX2          //
	rowsByAVX512        // F, BW and VL
)

func bestRowKernel() int {
	switch x := cpu.X86; {
	case x.HasAVX512F && x.HasAVX512BW && x.HasAVX512VL:
		return rowsByAVX512
	case x.HasAVX2:
		return rowsByAVX2
	}
	return rowsByList
}

// countsRows reports whether counting whole rows is faster than label by label.
func countsRows() bool { return rowKernel != rowsByList }

func countRows(counts []uint16, rows, bins []uint8) {
	_, _, _ = counts[Bins*rowLanes-1], rows[len(bins)*rowLanes-1], bins[len(bins)-1]
	switch rowKernel {
	case rowsByAVX512:
		countRowsAVX512(&counts[0], &rows[0], &bins[0], len(bins))
	case rowsByAVX2:
		countRowsAVX2(&counts[0], &rows[0], &bins[0], len(bins))
	default:
		countRowsNaive(counts, rows, bins)
	}
}
