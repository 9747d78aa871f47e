//go:build !amd64 || noasm

package stat

// countsRows reports whether counting whole rows is faster than label by label.
func countsRows() bool { return false }

func countRows(counts []uint16, rows, bins []uint8, _ []uint16) { countRowsNaive(counts, rows, bins) }
