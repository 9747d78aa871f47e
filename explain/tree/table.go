package tree

import "fmt"

// Limits of a table. Counts and sums of a bin share one 64-bit word, so that one
// addition counts a row: N rows of 16-bit targets fit the lower half.
const (
	MaxRows = 1<<16 - 1
	MaxBins = 256  // of a column
	MaxAll  = 8192 // of all columns together
)

// Set is a set of bins of a column.
type Set [MaxBins / 64]uint64

// Add puts a bin into the set.
func (s *Set) Add(bin int) { s[bin>>6] |= 1 << (bin & 63) }

// Has reports whether a bin is in the set.
func (s *Set) Has(bin uint8) bool { return s[bin>>6]>>(bin&63)&1 != 0 }

// Column is what can be asked of one property of the rows.
type Column struct {
	Bins    int   // its values are 0..Bins-1
	Ordered bool  // asked "at least b?"; otherwise "b?" and, for each set, "in the set?"
	Sets    []Set // unordered only
}

// Kind says how a question compares.
type Kind uint8

// The kinds.
const (
	Equal   Kind = iota // is the value Arg?
	AtLeast             // is it Arg or more?
	In                  // is it in Sets[Arg]?
)

// Question is one yes-or-no question of a column.
type Question struct {
	Column int  `json:"column"`
	Kind   Kind `json:"kind"`
	Arg    int  `json:"arg"`
}

// Mask is the set of bins that answer yes.
func (q Question) Mask(columns []Column) Set {
	var s Set
	switch c := columns[q.Column]; q.Kind {
	case Equal:
		s.Add(q.Arg)
	case In:
		return c.Sets[q.Arg]
	default:
		for b := q.Arg; b < c.Bins; b++ {
			s.Add(b)
		}
	}
	return s
}

// Table is binned rows, laid out for counting and for splitting.
type Table struct {
	Columns []Column
	N       int
	Values  [][]uint8 // [C][N]

	rows   []uint16 // [N,C] value plus the column's first place in a histogram
	offset []int    // [C+1] that place
}

// NewTable takes the values [C][N] of the columns. It panics when they do not fit
// the limits or each other.
func NewTable(columns []Column, values [][]uint8) *Table {
	if len(columns) == 0 || len(columns) != len(values) {
		panic(fmt.Sprintf("tree: %d columns with the values of %d", len(columns), len(values)))
	}
	t := &Table{Columns: columns, N: len(values[0]), Values: values, offset: make([]int, len(columns)+1)}
	for c, k := range columns {
		if k.Bins < 1 || k.Bins > MaxBins || len(values[c]) != t.N {
			panic(fmt.Sprintf("tree: column %d has %d bins and %d rows of %d", c, k.Bins, len(values[c]), t.N))
		}
		t.offset[c+1] = t.offset[c] + k.Bins
	}
	if all := t.offset[len(columns)]; all > MaxAll || t.N > MaxRows {
		panic(fmt.Sprintf("tree: %d bins and %d rows, more than %d and %d", all, t.N, MaxAll, MaxRows))
	}
	t.rows = make([]uint16, t.N*len(columns))
	for c := range columns {
		for r, v := range values[c] {
			t.rows[r*len(columns)+c] = uint16(t.offset[c] + int(v))
		}
	}
	return t
}
