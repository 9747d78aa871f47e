package stat

import "slices"

// Lane is how many neighbouring units are turned from rows to columns at a time:
// their activations share a cache line.
const Lane = 16

// Columns is the bins and fixed-point activations of up to Lane units of one site over
// T positions: what a Table counts. It is filled again and again in the same memory.
type Columns struct {
	Bins  [Lane][]uint8 // [T]
	Fixed [Lane][]int32 // [T], nil where it was not asked for

	turned []float32 // [Lane,turnedLd] activations of turnedRows positions
}

// Sizes of the piece of rows that is turned before its bins are looked up: it stays in
// the innermost cache. Columns are a cache line longer, so that they do not compete for
// the same few sets of it.
const (
	turnedRows = 256
	turnedLd   = turnedRows + 16
	roundTo    = 64 // positions a kernel may write
)

// Fill takes units 0 to len(edges)-1 of the rows of a, each stride floats after the one
// before, n of them. Without fixed, the fixed-point activations are left out.
func (c *Columns) Fill(a []float32, stride, n int, edges []*Edges, fixed bool) {
	if c.turned == nil {
		c.turned = make([]float32, Lane*turnedLd)
	}
	whole := (n + roundTo - 1) / roundTo * roundTo
	for i := range edges {
		c.Bins[i] = slices.Grow(c.Bins[i][:0], whole)[:n]
		switch {
		case !fixed:
			c.Fixed[i] = nil
		default:
			c.Fixed[i] = slices.Grow(c.Fixed[i][:0], whole)[:n]
		}
	}
	if n > 0 {
		c.fill(a, stride, n, edges)
	}
}

// fillNaive is unit by unit, in plain Go.
func (c *Columns) fillNaive(a []float32, stride int, edges []*Edges) {
	for i, e := range edges {
		if c.Fixed[i] != nil {
			e.Column(c.Bins[i], c.Fixed[i], a[i:], stride)
			continue
		}
		for t := range c.Bins[i] {
			c.Bins[i][t] = e.Bin(a[t*stride+i])
		}
	}
}
