package specimen

import (
	"context"
	"maps"
	"slices"
	"sort"

	"github.com/rnnscope/rnnscope/text"
)

// Window asks for one unit over the positions [lo, hi) of one block.
type Window struct {
	At     UnitAt
	Lo, Hi int
	Values []float32 // [hi-lo]
}

// Request asks for activations here and there: whole rows at some positions
// and single units over some windows. One read of the blocks concerned fills it.
type Request struct {
	positions []int       // ascending, each once, after sort
	rows      [][]float32 // by site [len(positions),H]
	units     []int       // H by site
	Windows   []*Window
}

// Row asks for the row at a position.
func (g *Request) Row(position int) { g.positions = append(g.positions, position) }

// Window asks for a unit over [lo, hi).
func (g *Request) Window(at UnitAt, lo, hi int) *Window {
	w := &Window{At: at, Lo: lo, Hi: hi, Values: make([]float32, hi-lo)}
	g.Windows = append(g.Windows, w)
	return w
}

// RowAt is the activations [H] of a site at a position asked for.
func (g *Request) RowAt(site, position int) []float32 {
	i, _ := slices.BinarySearch(g.positions, position)
	h := g.units[site]
	return g.rows[site][i*h : (i+1)*h]
}

// Read reads what was asked for.
func (g *Request) Read(ctx context.Context, w *Pass, blocks text.Blocks) error {
	slices.Sort(g.positions)
	g.positions = slices.Compact(g.positions)
	for _, s := range w.States.Sites() {
		g.units = append(g.units, s.Units)
		g.rows = append(g.rows, make([]float32, len(g.positions)*s.Units))
	}
	slices.SortStableFunc(g.Windows, func(a, b *Window) int { return a.Lo - b.Lo })
	for _, some := range Stripes(text.BlockList(BlocksAt(blocks, g.touchedBlocks(blocks)))) {
		err := w.States.Read(ctx, some, w.Workers, func(_ int, p *Part) { g.take(some[p.Block], p) })
		if err != nil {
			return err
		}
	}
	return nil
}

// touchedBlocks are the blocks that score something asked for, ascending.
func (g *Request) touchedBlocks(blocks text.Blocks) []int {
	concerned := map[int]bool{}
	for _, p := range g.positions {
		if i := FirstBlockAfter(blocks, p); i < blocks.Len() && blocks.At(i).Lo <= p {
			concerned[i] = true
		}
	}
	for _, w := range g.Windows {
		for i := FirstBlockAfter(blocks, w.Lo); i < blocks.Len() && blocks.At(i).Lo < w.Hi; i++ {
			concerned[i] = true
		}
	}
	return slices.Sorted(maps.Keys(concerned))
}

// FirstBlockAfter is the first block that ends behind a position.
func FirstBlockAfter(blocks text.Blocks, position int) int {
	return sort.Search(blocks.Len(), func(i int) bool { return blocks.At(i).Hi > position })
}

// take copies what a part of a block has of what was asked for; blocks do not overlap, so
// workers never write the same place.
func (g *Request) take(b text.Block, p *Part) {
	lo, hi := b.Lo+p.Lo, b.Lo+p.Hi
	i, _ := slices.BinarySearch(g.positions, lo)
	for ; i < len(g.positions) && g.positions[i] < hi; i++ {
		for s, h := range g.units {
			copy(g.rows[s][i*h:(i+1)*h], p.Row(s, g.positions[i]-lo))
		}
	}
	for _, w := range g.Windows {
		for t := max(w.Lo, lo); t < min(w.Hi, hi); t++ {
			w.Values[t-w.Lo] = p.Row(w.At.Site, t-lo)[w.At.Unit]
		}
	}
}

// UnitAt is a unit of a site, both by index.
type UnitAt struct{ Site, Unit int }
