package tree

import (
	"fmt"
	"sync"
)

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

	offset []int   // [C+1] a column's first place in a histogram
	common []uint8 // [C] its most frequent bin

	mu     sync.Mutex
	sparse map[int]*sparse // by number of columns
}

// sparse is, for each row, the places in a histogram of those of its first columns that
// are not in their most frequent bin: what stands there follows from the number of rows.
// Most columns mostly say the same, so that a third is left to count.
type sparse struct {
	start []int32 // [N+1]
	place []uint16
}

// NewTable takes the values [C][N] of the columns. It panics when they do not fit
// the limits or each other.
func NewTable(columns []Column, values [][]uint8) *Table {
	if len(columns) == 0 || len(columns) != len(values) {
		panic(fmt.Sprintf("tree: %d columns with the values of %d", len(columns), len(values)))
	}
	t := &Table{Columns: columns, N: len(values[0]), Values: values, offset: make([]int, len(columns)+1), sparse: map[int]*sparse{}}
	for c, k := range columns {
		if k.Bins < 1 || k.Bins > MaxBins || len(values[c]) != t.N {
			panic(fmt.Sprintf("tree: column %d has %d bins and %d rows of %d", c, k.Bins, len(values[c]), t.N))
		}
		t.offset[c+1] = t.offset[c] + k.Bins
		t.common = append(t.common, mostFrequent(values[c]))
	}
	if all := t.offset[len(columns)]; all > MaxAll || t.N > MaxRows {
		panic(fmt.Sprintf("tree: %d bins and %d rows, more than %d and %d", all, t.N, MaxAll, MaxRows))
	}
	return t
}

func mostFrequent(values []uint8) uint8 {
	var n [MaxBins]int
	best := uint8(0)
	for _, v := range values {
		n[v]++
	}
	for v := range n {
		if n[v] > n[best] {
			best = uint8(v)
		}
	}
	return best
}

// first is the rows of the first columns, made once.
func (t *Table) first(columns int) *sparse {
	t.mu.Lock()
	defer t.mu.Unlock()
	if s, ok := t.sparse[columns]; ok {
		return s
	}
	s := &sparse{start: make([]int32, t.N+1)}
	for r := range t.N {
		for c, v := range t.Values[:columns] {
			if v[r] != t.common[c] {
				s.place = append(s.place, uint16(t.offset[c]+int(v[r])))
			}
		}
		s.start[r+1] = int32(len(s.place))
	}
	t.sparse[columns] = s
	return s
}
