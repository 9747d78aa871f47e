package dissect

import (
	"slices"
	"sort"

	"github.com/rnnscope/rnnscope/stat"
)

// passage is the labels of some neighbouring characters of a block.
type passage struct {
	blockLabels             // as if they were a block of their own
	number      int         // of the block in the pass
	from        int         // the first of them, counted from the block's first
	memory      blockLabels // for those that are not whole blocks
}

// cut makes x the characters [lo, hi) of a block.
func (x *passage) cut(b *blockLabels, number, lo, hi int) {
	x.number, x.from = number, lo
	if lo == 0 && hi == len(b.Chars) {
		x.blockLabels = *b
		return
	}
	m := &x.memory
	if len(m.Labels) != len(b.Labels) {
		m.Labels, m.held = make([]stat.Labels, len(b.Labels)), make([][]uint8, len(b.Labels))
	}
	m.block = b.block
	m.block.Lo, m.block.Hi = b.block.Lo+lo, b.block.Lo+hi
	m.Chars = b.Chars[lo:hi]
	for c := range b.Labels {
		cutLabels(&m.Labels[c], &b.Labels[c], lo, hi)
		m.held[c] = nil
		if b.held[c] != nil {
			m.held[c] = b.held[c][lo:hi]
		}
	}
	x.blockLabels = *m
}

func cutLabels(dst, src *stat.Labels, lo, hi int) {
	dst.Positive = cutPositions(dst.Positive[:0], src.Positive, int32(lo), int32(hi))
	dst.Invalid = cutPositions(dst.Invalid[:0], src.Invalid, int32(lo), int32(hi))
	dst.Values, dst.Sparse = nil, src.Sparse
	if src.Values != nil {
		dst.Values = src.Values[lo:hi]
	}
	if src.Runs == nil {
		dst.Runs = nil
		return
	}
	runs := append(dst.Runs[:0], stat.Run{})[:0] // never nil: they are told
	from := sort.Search(len(src.Runs), func(i int) bool { return int(src.Runs[i].Hi) > lo })
	for _, r := range src.Runs[from:] {
		if int(r.Lo) >= hi {
			break
		}
		runs = append(runs, stat.Run{Lo: max(r.Lo, int32(lo)) - int32(lo), Hi: min(r.Hi, int32(hi)) - int32(lo), Y: r.Y})
	}
	dst.Runs = runs
}

// cutPositions appends those in [lo, hi), counted from lo.
func cutPositions(dst, src []int32, lo, hi int32) []int32 {
	from, _ := slices.BinarySearch(src, lo)
	for _, p := range src[from:] {
		if p >= hi {
			break
		}
		dst = append(dst, p-lo)
	}
	return dst
}
