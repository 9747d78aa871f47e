package specimen

import (
	"slices"
	"sort"

	"github.com/rnnscope/rnnscope/stat"
)

// Passage is the labels of some neighbouring characters of a block.
type Passage struct {
	BlockLabels             // as if they were a block of their own
	Number      int         // of the block in the pass
	From        int         // the first of them, counted from the block's first
	memory      BlockLabels // for those that are not whole blocks
}

// Cut makes x the characters [lo, hi) of a block.
func (x *Passage) Cut(b *BlockLabels, number, lo, hi int) {
	x.Number, x.From = number, lo
	if lo == 0 && hi == len(b.Chars) {
		x.BlockLabels = *b
		return
	}
	m := &x.memory
	if len(m.Labels) != len(b.Labels) {
		m.Labels, m.Held = make([]stat.Labels, len(b.Labels)), make([][]uint8, len(b.Labels))
	}
	m.Block = b.Block
	m.Block.Lo, m.Block.Hi = b.Block.Lo+lo, b.Block.Lo+hi
	m.Chars = b.Chars[lo:hi]
	for c := range b.Labels {
		cutLabels(&m.Labels[c], &b.Labels[c], lo, hi)
		m.Held[c] = nil
		if b.Held[c] != nil {
			m.Held[c] = b.Held[c][lo:hi]
		}
	}
	x.BlockLabels = *m
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
	runs := append(dst.Runs[:0], stat.Run{})[:0] // never nil: they are reported
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
