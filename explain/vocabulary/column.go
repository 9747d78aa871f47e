package vocabulary

import (
	"sort"

	"github.com/rnnscope/rnnscope/concept"
	"github.com/rnnscope/rnnscope/explain/tree"
)

// Kind is what a column looks at.
type Kind string

// The kinds.
const (
	Symbol  Kind = "symbol"  // which symbol stands Lag before the last
	Suffix  Kind = "suffix"  // which of some strings of Length the text ends in
	Concept Kind = "concept" // what the concept says: on, a depth, a quantity
	Changed Kind = "changed" // how long ago the concept last changed
	Since   Kind = "since"   // how long ago a class, a symbol or a concept that is on was last seen
)

// Sizes of the vocabulary.
const (
	Lags      = 8 // symbols looked back at, one by one
	ShortLags = 5 // of them in the short vocabulary
	Longest   = 6 // symbols of a suffix

	symbolBins  = 200 // the most frequent symbols; the others share a bin by their classes
	suffixBins  = 200 // strings of a length
	sinceMost   = 48  // symbols whose last occurrence is asked for
	leastRows   = 20  // on both sides of some question, or a column is left out
	unseenSince = 1 << 30
)

// Column is one property of the text and the questions it can be asked.
type Column struct {
	tree.Column
	Kind    Kind
	Lag     int    // of Symbol
	Length  int    // of Suffix
	Concept string // of Concept and Changed, and of Since where a concept is meant
	Class   string // of Since where a class is meant
	Near    bool   // of Since: told apart up to ShortLags only, which the last symbols fix
	// Texts are the symbols or strings of the bins of an unordered column, "" where a bin
	// holds several; of Since the symbol meant.
	Texts []string
	// Lows are the smallest values of the bins of an ordered column.
	Lows []int32

	title concept.Concept
}

// Short reports whether the column sees the last five symbols alone.
func (c *Column) Short() bool {
	return c.Kind == Symbol && c.Lag < ShortLags || c.Kind == Suffix && c.Length <= ShortLags || c.Near
}

// timeLows cuts times: every step at first, then two bins an octave, up to where the
// warm-up of a block ends to matter.
var timeLows = []int32{0, 1, 2, 3, 4, 5, 6, 8, 11, 16, 23, 32, 45, 64, 91, 128, 181, 256, 362, 512, 1024, 2048}

// depthLows cuts depths and quantities.
var depthLows = []int32{0, 1, 2, 3, 4, 5, 6, 7, 8, 11, 16, 23, 32, 45, 64, 91, 128, 256}

// binOf is the bin that a value falls into; below the first low it is the first.
func binOf(lows []int32, y int32) uint8 {
	return uint8(max(0, sort.Search(len(lows), func(i int) bool { return lows[i] > y })-1))
}

// askable reports whether some question has enough rows on both sides.
func askable(c *tree.Column, values []uint8, rows []int) bool {
	n := make([]int, c.Bins)
	for _, r := range rows {
		n[values[r]]++
	}
	if c.Ordered {
		above := 0
		for b := c.Bins - 1; b > 0; b-- {
			if above += n[b]; above >= leastRows && len(rows)-above >= leastRows {
				return true
			}
		}
		return false
	}
	for _, k := range n {
		if k >= leastRows && len(rows)-k >= leastRows {
			return true
		}
	}
	return false
}
