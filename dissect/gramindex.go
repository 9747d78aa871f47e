package dissect

import (
	"context"
	"errors"

	"github.com/rnnscope/rnnscope/internal/crew"
	"github.com/rnnscope/rnnscope/specimen"
	"github.com/rnnscope/rnnscope/text"
)

// gramOrders are the k of the k-grams that are counted.
var gramOrders = []int{1, 2, 3, 4, 5, 8}

const mostCounted = 1 << 19 // characters on which k-grams are counted

// gramIndex numbers the k-grams of the counted text, so that every concept counts
// into plain arrays.
type gramIndex struct {
	blocks []text.Block
	start  func(block int) int
	on     [][]int8    // [C] of the counted positions: 1, 0 or -1 for invalid
	ids    [][]int32   // [orders] of the counted positions
	kinds  []int       // [orders] k-grams
	seen   [][][]int32 // [orders][detail blocks] of the block's positions, -1: not among those counted
}

// newGramIndex chooses up to half a million characters that do not belong to the
// report: those just before it for a network's own text, the blocks units are chosen
// on otherwise. see takes their labels.
func newGramIndex(in *input, concepts int) *gramIndex {
	g := &gramIndex{blocks: countedBlocks(in), on: make([][]int8, concepts)}
	g.start = specimen.Numbering(text.BlockList(g.blocks))
	n := specimen.Scored(text.BlockList(g.blocks))
	for c := range g.on {
		g.on[c] = make([]int8, n)
	}
	return g
}

func countedBlocks(in *input) []text.Block {
	report := in.Report.At(0).Lo
	if in.Choose.At(in.Choose.Len()-1).Hi > report {
		return upTo(in.Choose, mostCounted)
	}
	return text.Grid{}.Blocks(text.Span{Lo: max(0, report-mostCounted), Hi: report})
}

// see takes the labels of the i-th counted block.
func (g *gramIndex) see(i int, b *specimen.BlockLabels) {
	for c := range g.on {
		row := g.on[c][g.start(i) : g.start(i)+len(b.Chars)]
		for _, t := range b.Labels[c].Positive {
			row[t] = 1
		}
		for _, t := range b.Labels[c].Invalid {
			row[t] = -1
		}
	}
}

// numberAll numbers the k-grams of every order, those counted and those of the detail blocks.
func (g *gramIndex) numberAll(ctx context.Context, source text.Source, detail []*specimen.BlockLabels, workers int) error {
	g.ids, g.seen, g.kinds = make([][]int32, len(gramOrders)), make([][][]int32, len(gramOrders)), make([]int, len(gramOrders))
	errs := make([]error, len(gramOrders))
	err := crew.ForEach(ctx, len(gramOrders), workers, func(i int) { errs[i] = g.number(source, detail, i) })
	return errors.Join(append(errs, err)...)
}

// number gives every k-gram of one order its number.
func (g *gramIndex) number(source text.Source, detail []*specimen.BlockLabels, i int) error {
	k, numbers := gramOrders[i], map[uint64]int32{}
	for _, b := range g.blocks {
		err := eachGram(source, b, k, func(_ int, key uint64) {
			n, ok := numbers[key]
			if !ok {
				n = int32(len(numbers))
				numbers[key] = n
			}
			g.ids[i] = append(g.ids[i], n)
		})
		if err != nil {
			return err
		}
	}
	g.kinds[i] = len(numbers)
	for _, b := range detail {
		row := make([]int32, b.Block.Len())
		err := eachGram(source, b.Block, k, func(t int, key uint64) {
			n, ok := numbers[key]
			if !ok {
				n = -1
			}
			row[t] = n
		})
		if err != nil {
			return err
		}
		g.seen[i] = append(g.seen[i], row)
	}
	return nil
}

// eachGram visits the positions of a block with their last k characters as one key
// (a 64-bit mix: collisions are negligible beside the counts).
func eachGram(src text.Source, b text.Block, k int, visit func(t int, key uint64)) error {
	from := max(0, b.Lo-k+1)
	ids := make([]int32, b.Hi-from)
	if err := src.Read(ids, from); err != nil {
		return err
	}
	for p := b.Lo; p < b.Hi; p++ {
		var key uint64
		for q := p; q > p-k; q-- {
			id := int32(-1) // before the text
			if q >= 0 {
				id = ids[q-from]
			}
			key = (key ^ uint64(uint32(id)+1)) * 0x9e3779b97f4a7c15
			key ^= key >> 29
		}
		visit(p-b.Lo, key)
	}
	return nil
}
