// Package gram says what the last characters tell of a concept: P(on | last k characters), counted on
// one part of a text and scored on another.
package gram

import (
	"context"
	"errors"
	"math"
	"slices"

	"github.com/rnnscope/rnnscope/internal/crew"
	"github.com/rnnscope/rnnscope/specimen"
	"github.com/rnnscope/rnnscope/stat"
	"github.com/rnnscope/rnnscope/text"
)

// Orders are the k of the k-grams that are counted.
var Orders = []int{1, 2, 3, 4, 5, 8}

// Index numbers the k-grams of the counted text, so that every concept counts
// into plain arrays.
type Index struct {
	Blocks []text.Block // that are counted
	start  func(block int) int
	on     [][]int8    // [C] of the counted positions: 1, 0 or -1 for invalid
	ids    [][]int32   // [orders] of the counted positions
	kinds  []int       // [orders] k-grams
	seen   [][][]int32 // [orders][detail blocks] of the block's positions, -1: not among those counted
}

// New makes room for so many concepts on the blocks that are counted. See takes their labels.
func New(blocks []text.Block, concepts int) *Index {
	g := &Index{Blocks: blocks, on: make([][]int8, concepts)}
	g.start = specimen.Numbering(text.BlockList(g.Blocks))
	n := specimen.Scored(text.BlockList(g.Blocks))
	for c := range g.on {
		g.on[c] = make([]int8, n)
	}
	return g
}

// See takes the labels of the i-th counted block.
func (g *Index) See(i int, b *specimen.BlockLabels) {
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

// NumberAll numbers the k-grams of every order, those counted and those of the detail blocks.
func (g *Index) NumberAll(ctx context.Context, source text.Source, detail []*specimen.BlockLabels, workers int) error {
	g.ids, g.seen, g.kinds = make([][]int32, len(Orders)), make([][][]int32, len(Orders)), make([]int, len(Orders))
	errs := make([]error, len(Orders))
	err := crew.ForEach(ctx, len(Orders), workers, func(i int) { errs[i] = g.number(source, detail, i) })
	return errors.Join(append(errs, err)...)
}

// number gives every k-gram of one order its number.
func (g *Index) number(source text.Source, detail []*specimen.BlockLabels, i int) error {
	k, numbers := Orders[i], map[uint64]int32{}
	for _, b := range g.Blocks {
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

// probabilitySteps is how finely P(on | k-gram) is binned before it is scored.
const probabilitySteps = 1 << 12

// AUROC is, by order, that of P(on | last k characters) for a concept over the labelled blocks, each
// k backing off to the one before with one pseudocount.
func (g *Index) AUROC(c int, labels []*specimen.BlockLabels) []float64 {
	chances, out := g.base(c, labels), make([]float64, len(Orders))
	for o := range Orders {
		g.refine(chances, c, o)
		on, off := make([]int64, probabilitySteps+1), make([]int64, probabilitySteps+1)
		var state []int8
		for s, b := range labels {
			state = specimen.OnOff(state, len(b.Chars), &b.Labels[c])
			for t, y := range state {
				step := int(math.Round(float64(chances[s][t]) * probabilitySteps))
				switch y {
				case 1:
					on[step]++
				case 0:
					off[step]++
				}
			}
		}
		out[o], _ = stat.AUROC(on, off)
	}
	return out
}

// base is P(on), the same everywhere.
func (g *Index) base(c int, labels []*specimen.BlockLabels) [][]float32 {
	var on, n float32
	for _, y := range g.on[c] {
		if y >= 0 {
			n++
			on += float32(y)
		}
	}
	p := (on + 0.5) / (n + 1)
	out := make([][]float32, len(labels))
	for s, b := range labels {
		out[s] = slices.Repeat([]float32{p}, b.Block.Len())
	}
	return out
}

// refine turns P(on | shorter) into P(on | k-gram of order o).
func (g *Index) refine(chances [][]float32, c, o int) {
	counts := make([][2]int32, g.kinds[o])
	for p, id := range g.ids[o] {
		if y := g.on[c][p]; y >= 0 {
			counts[id][0] += int32(y)
			counts[id][1]++
		}
	}
	for s, row := range g.seen[o] {
		for t, id := range row {
			if id >= 0 {
				n := counts[id]
				chances[s][t] = (float32(n[0]) + chances[s][t]) / (float32(n[1]) + 1)
			}
		}
	}
}
