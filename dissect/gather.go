package dissect

import (
	"context"
	"maps"
	"slices"
	"sort"

	"github.com/rnnscope/rnnscope/text"
)

// window asks for one unit over the positions [lo, hi) of one block.
type window struct {
	at     unitAt
	lo, hi int
	values []float32 // [hi-lo]
}

// gathering asks for activations here and there: whole rows at some positions
// and single units over some windows. One read of the blocks concerned fills it.
type gathering struct {
	positions []int       // ascending, each once, after sort
	rows      [][]float32 // by site [len(positions),H]
	units     []int       // H by site
	windows   []*window
}

// want asks for the row at a position.
func (g *gathering) want(position int) { g.positions = append(g.positions, position) }

// watch asks for a unit over [lo, hi).
func (g *gathering) watch(at unitAt, lo, hi int) *window {
	w := &window{at: at, lo: lo, hi: hi, values: make([]float32, hi-lo)}
	g.windows = append(g.windows, w)
	return w
}

// row is the activations [H] of a site at a position asked for.
func (g *gathering) row(site, position int) []float32 {
	i, _ := slices.BinarySearch(g.positions, position)
	h := g.units[site]
	return g.rows[site][i*h : (i+1)*h]
}

// gather reads what was asked for.
func (g *gathering) gather(ctx context.Context, w *walk, blocks text.Blocks) error {
	slices.Sort(g.positions)
	g.positions = slices.Compact(g.positions)
	for _, s := range w.reader.sites() {
		g.units = append(g.units, s.Units)
		g.rows = append(g.rows, make([]float32, len(g.positions)*s.Units))
	}
	slices.SortStableFunc(g.windows, func(a, b *window) int { return a.lo - b.lo })
	for _, some := range stripes(text.BlockList(blocksAt(blocks, g.touched(blocks)))) {
		err := w.reader.read(ctx, some, w.workers, func(_ int, p *part) { g.take(some[p.block], p) })
		if err != nil {
			return err
		}
	}
	return nil
}

// touched are the blocks that score something asked for, ascending.
func (g *gathering) touched(blocks text.Blocks) []int {
	concerned := map[int]bool{}
	for _, p := range g.positions {
		if i := blockFrom(blocks, p); i < blocks.Len() && blocks.At(i).Lo <= p {
			concerned[i] = true
		}
	}
	for _, w := range g.windows {
		for i := blockFrom(blocks, w.lo); i < blocks.Len() && blocks.At(i).Lo < w.hi; i++ {
			concerned[i] = true
		}
	}
	return slices.Sorted(maps.Keys(concerned))
}

// blockFrom is the first block that ends behind a position.
func blockFrom(blocks text.Blocks, position int) int {
	return sort.Search(blocks.Len(), func(i int) bool { return blocks.At(i).Hi > position })
}

// take copies what a part of a block has of what was asked for; blocks do not overlap, so
// workers never write the same place.
func (g *gathering) take(b text.Block, p *part) {
	lo, hi := b.Lo+p.lo, b.Lo+p.hi
	i, _ := slices.BinarySearch(g.positions, lo)
	for ; i < len(g.positions) && g.positions[i] < hi; i++ {
		for s, h := range g.units {
			copy(g.rows[s][i*h:(i+1)*h], p.row(s, g.positions[i]-lo))
		}
	}
	for _, w := range g.windows {
		for t := max(w.lo, lo); t < min(w.hi, hi); t++ {
			w.values[t-w.lo] = p.row(w.at.site, t-lo)[w.at.unit]
		}
	}
}
