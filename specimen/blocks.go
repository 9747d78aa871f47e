package specimen

import (
	"iter"

	"github.com/rnnscope/rnnscope/text"
)

// Scored is the number of characters the blocks score.
func Scored(blocks text.Blocks) int64 {
	var n int64
	for i := range blocks.Len() {
		n += int64(blocks.At(i).Len())
	}
	return n
}

// Stripes cuts blocks into runs of equal length, up to Stripe, each with the place of its
// first.
func Stripes(blocks text.Blocks) iter.Seq2[int, []text.Block] {
	return func(yield func(int, []text.Block) bool) {
		size := stripeSize(blocks.Len())
		for first := 0; first < blocks.Len(); first += size {
			var part []text.Block
			for i := first; i < min(first+size, blocks.Len()); i++ {
				part = append(part, blocks.At(i))
			}
			if !yield(first, part) {
				return
			}
		}
	}
}

// BlocksAt are the blocks of the numbers given.
func BlocksAt(blocks text.Blocks, at []int) []text.Block {
	var out []text.Block
	for _, i := range at {
		out = append(out, blocks.At(i))
	}
	return out
}

// Stripe is how many blocks are labelled ahead of their activations: as many as the
// network reads beside each other.
const Stripe = 48

// stripeSize is the length of the runs of n blocks: a short one at the end would take as long as
// the rest.
func stripeSize(n int) int {
	runs := max(1, (n+Stripe-1)/Stripe)
	return max(1, (n+runs-1)/runs)
}
