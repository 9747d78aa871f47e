package specimen

import (
	"slices"

	"github.com/rnnscope/rnnscope/concept"
	"github.com/rnnscope/rnnscope/stat"
	"github.com/rnnscope/rnnscope/text"
)

// BlockLabels is the labels of the scored symbols of one block.
type BlockLabels struct {
	stat.Stretch
	Block text.Block
	Held  [][]uint8 // [C] of [T]: how many of HeldGaps are met; nil but for state concepts
}

// HeldGaps are the g of S_g: the positions at which a label has not changed for
// at least g characters and none of the last g could have changed it. Only a
// unit that holds the state tells it there.
var HeldGaps = [...]int32{5, 10, 20, 50, 100}

// heldLevel is how many of HeldGaps a position meets.
func heldLevel(y concept.Label, age int32) uint8 {
	n := uint8(0)
	for n < uint8(len(HeldGaps)) && concept.FarFromEvents(HeldGaps[n], y, age) {
		n++
	}
	return n
}

// On reports whether concept c is on at a position of the block.
func (b *BlockLabels) On(c, position int) bool {
	_, found := slices.BinarySearch(b.Labels[c].Positive, int32(position-b.Block.Lo))
	return found
}

const chunk = 1 << 12

func keyOf(b text.Block) [2]int { return [2]int{b.Lo, b.Hi} }

// Value is the numeric label of c at a position; ok is false where it is invalid.
func (b *BlockLabels) Value(c, position int) (y int32, ok bool) {
	t := position - b.Block.Lo
	if _, bad := slices.BinarySearch(b.Labels[c].Invalid, int32(t)); bad {
		return 0, false
	}
	return b.Labels[c].Values[t], true
}
