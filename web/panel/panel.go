// Package panel is what every unit of a network did over a sample of its text: the pages of units, the matrix, the map and the
// nulls of the live page rest on it.
package panel

import (
	"context"
	"fmt"
	"math"
	"runtime"
	"slices"
	"sync"

	"github.com/rnnscope/rnnscope/checkpoint"
	"github.com/rnnscope/rnnscope/concept"
	"github.com/rnnscope/rnnscope/internal/crew"
	"github.com/rnnscope/rnnscope/rnn"
	"github.com/rnnscope/rnnscope/stat"
	"github.com/rnnscope/rnnscope/text"
	"github.com/rnnscope/rnnscope/trace"
	"github.com/rnnscope/rnnscope/web/guard"
)

// Bounds of panels.
const (
	mostBytes   = 96 << 20 // of one
	panelReport = 80_000   // symbols that are shown and scored, at most
	panelChoose = 24_000   // symbols on which ranges are chosen, at most
	panelBlock  = 4000
	labelLead   = 12_000 // symbols labelled before a block: more than any state's limit
)

// segmentOf is how many of n symbols make a segment of an interval: as in a dissection, so that the two tell one interval of one figure.
func segmentOf(n int) int {
	if length, ok := stat.SegmentLength(int64(n)); ok {
		return length
	}
	return stat.ShortestSegment
}

// Panel is what every unit of some sites did over a sample of the text: ranges from the part
// where things are chosen, values and labels from the part that is reported.
type Panel struct {
	Text   string
	Split  string
	Step   int64
	Sites  []string
	H      int             // units of a site
	blocks []text.Block    // of the report
	ids    []int32         // [N], of the report's blocks one after another
	at     []int           // [N], positions in the text
	edges  [][]*stat.Edges // by site and unit, from the choosing part
	ranks  [][][]int32     // by site and unit: mid-distribution function of each bin
	scale  [][]float32     // by site and unit: a value is fixed * scale
	fixed  [][][]int16     // by site and unit, [N]
	colour [][]Colour      // by site and unit

	Concepts []concept.Concept
	labels   [][]int8 // by concept, [N]: 1 on, 0 off, -1 not to be scored

	whole sync.Mutex // of all
	all   []float32  // see Matrix, computed when first asked for

	once        sync.Mutex // of the others that are computed when first asked for
	projections map[int]*Projection
	nearNull    map[int]float64
	spanNull    map[int]float64
}

// Bytes is about what it holds.
func (p *Panel) Bytes() int64 {
	u := int64(len(p.Sites) * p.H)
	return u*int64(2*len(p.ids)+4*stat.Bins+16*stat.Bins) + int64(len(p.Concepts)*len(p.ids))
}

// Len is how many symbols the sample has.
func (p *Panel) Len() int { return len(p.ids) }

// Colours is how each unit of a site is coloured; nil for a site it does not hold.
func (p *Panel) Colours(site string) []Colour {
	if i := slices.Index(p.Sites, site); i >= 0 {
		return p.colour[i]
	}
	return nil
}

// value is what a unit was at a sampled position.
func (p *Panel) value(site, unit, n int) float32 {
	return float32(p.fixed[site][unit][n]) * p.scale[site][unit]
}

// Text is what the sample is drawn from.
type Text struct {
	Source text.Source
	Name   string
	Split  text.Split
}

// New reads the sample: ranges on validation, values on test.
func New(ctx context.Context, of Text, ck *checkpoint.Checkpoint, sites []string, progress func(done, total int64)) (*Panel, error) {
	h, src, split := ck.Model.Config().Hidden, of.Source, of.Split
	p := &Panel{Text: of.Name, Split: "test of " + split.Name, Step: ck.Step, Sites: sites, H: h}
	grid := text.Grid{Size: panelBlock}
	most := max(panelBlock, min(panelReport, mostBytes/(2*h*len(sites))))
	choose := spread(grid.Blocks(split.Val), panelChoose/panelBlock)
	p.blocks = spread(grid.Blocks(split.Test), max(1, most/panelBlock))
	if len(choose) == 0 || len(p.blocks) == 0 {
		return nil, fmt.Errorf("%w: the text's validation or test part is empty", guard.ErrRequest)
	}
	total := int64(0)
	for _, b := range slices.Concat(choose, p.blocks) {
		total += int64(b.Hi - b.Warm)
	}
	if err := p.readRanges(ctx, src, ck.Model, choose, func(done int64) { progress(done, total) }); err != nil {
		return nil, err
	}
	before := total
	for _, b := range p.blocks {
		before -= int64(b.Hi - b.Warm)
	}
	if err := p.readValues(ctx, src, ck.Model, func(done int64) { progress(before+done, total) }); err != nil {
		return nil, err
	}
	return p, p.label(ctx, src, ck.Alphabet, concept.All())
}

// spread takes n of the blocks, evenly.
func spread(blocks []text.Block, n int) []text.Block {
	if len(blocks) <= n {
		return blocks
	}
	out := make([]text.Block, n)
	for i := range out {
		out[i] = blocks[(2*i+1)*len(blocks)/(2*n)]
	}
	return out
}

// readBlocks lets the network read blocks, each from its own stretch of text; visit is called once for each block of number k, of some
// blocks at once. Readers share no step of the network: those that do wait for each other at its end, which takes
// long where others want the cores.
func (p *Panel) readBlocks(ctx context.Context, src text.Source, m *rnn.Model, blocks []text.Block, progress func(int64), visit func(k int, t *trace.Trace)) error {
	const most = 16 // blocks side by side: their text is held
	workers := min(2, runtime.GOMAXPROCS(0))
	size := min(most, max(1, (len(blocks)+workers-1)/workers))
	groups := slices.Collect(slices.Chunk(blocks, size))
	var mu sync.Mutex
	read, sum := make([]int64, len(groups)), int64(0)
	tell := func(g int, done int64) {
		mu.Lock()
		defer mu.Unlock()
		sum += done - read[g]
		read[g] = done
		progress(sum)
	}
	return crew.TryEach(ctx, len(groups), workers, func(_, g int) error {
		var ids []int32
		var local []text.Block
		for _, b := range groups[g] {
			at := len(ids)
			ids = append(ids, make([]int32, b.Hi-b.Warm)...)
			if err := src.Read(ids[at:], b.Warm); err != nil {
				return err
			}
			local = append(local, text.Block{Warm: at, Lo: at + b.Lo - b.Warm, Hi: len(ids)})
		}
		k := g * size
		opt := trace.Options{Sites: p.Sites, Memory: 32 << 20, Workers: 1, Progress: func(done, _ int64) { tell(g, done) }}
		return trace.Blocks(ctx, m, ids, local, opt, func(_ int, t *trace.Trace) error {
			visit(k, t)
			k++
			return nil
		})
	})
}

// starts is where each block begins when blocks are laid one after another, and where the last ends.
func starts(blocks []text.Block) []int {
	out := make([]int, len(blocks)+1)
	for k, b := range blocks {
		out[k+1] = out[k] + b.Len()
	}
	return out
}

func (p *Panel) readRanges(ctx context.Context, src text.Source, m *rnn.Model, blocks []text.Block, progress func(int64)) error {
	from := starts(blocks)
	// Of a large network every k-th value is enough for 128 borders, and all of them much memory.
	every := max(1, len(p.Sites)*p.H*from[len(blocks)]*4/(64<<20))
	values := make([][][]float32, len(p.Sites))
	for i := range values {
		values[i] = make([][]float32, p.H)
		for u := range values[i] {
			values[i][u] = make([]float32, from[len(blocks)]/every)
		}
	}
	err := p.readBlocks(ctx, src, m, blocks, progress, func(k int, t *trace.Trace) {
		for row := range t.Len() {
			at := from[k] + row + 1
			if at%every != 0 {
				continue
			}
			for i := range p.Sites {
				for u, v := range t.Row(i, row) {
					values[i][u][at/every-1] = v
				}
			}
		}
	})
	if err != nil {
		return err
	}
	for i := range p.Sites {
		p.edges = append(p.edges, make([]*stat.Edges, p.H))
		p.ranks = append(p.ranks, make([][]int32, p.H))
		p.scale, p.colour = append(p.scale, make([]float32, p.H)), append(p.colour, make([]Colour, p.H))
		for u, vs := range values[i] {
			p.edges[i][u] = stat.QuantileEdges(vs)
			var counts [stat.Bins]int64
			top := float32(0)
			for _, v := range vs {
				counts[p.edges[i][u].Bin(v)]++
				top = max(top, float32(math.Abs(float64(v))))
			}
			p.ranks[i][u] = stat.MidRanks(counts[:])
			p.scale[i][u] = max(top*1.5, 1e-6) / math.MaxInt16
			p.colour[i][u] = ColourOf(vs)
		}
	}
	return nil
}

func (p *Panel) readValues(ctx context.Context, src text.Source, m *rnn.Model, progress func(int64)) error {
	from := starts(p.blocks)
	n := from[len(p.blocks)]
	p.ids, p.at = make([]int32, n), make([]int, n)
	for range p.Sites {
		units := make([][]int16, p.H)
		for u := range units {
			units[u] = make([]int16, n)
		}
		p.fixed = append(p.fixed, units)
	}
	return p.readBlocks(ctx, src, m, p.blocks, progress, func(k int, t *trace.Trace) {
		at, length := from[k], t.Len()
		copy(p.ids[at:], t.IDs)
		for row := range length {
			p.at[at+row] = p.blocks[k].Lo + row
		}
		for i := range p.Sites {
			for u := range p.H {
				column, scale := p.fixed[i][u][at:at+length], p.scale[i][u]
				for row := range column {
					v := t.Value[i][row*p.H+u] / scale
					column[row] = int16(max(-math.MaxInt16, min(math.MaxInt16, math.Round(float64(v)))))
				}
			}
		}
	})
}

// label says of every sampled position what it is part of. Labels are streaming functions of
// the text; they begin some way before each block.
func (p *Panel) label(ctx context.Context, src text.Source, a *text.Alphabet, all []concept.Concept) error {
	labels := make([][]int32, len(all)) // -1: not to be scored
	starts := starts(p.blocks)
	for i := range labels {
		labels[i] = make([]int32, starts[len(p.blocks)])
	}
	err := crew.TryEach(ctx, len(p.blocks), min(2, runtime.GOMAXPROCS(0)), func(_, k int) error {
		b := p.blocks[k]
		from := max(0, b.Lo-labelLead)
		to := min(src.Len(), b.Hi+labelLead/4)
		ids := make([]int32, to-from)
		if err := src.Read(ids, from); err != nil {
			return err
		}
		for i, c := range all {
			for t, l := range concept.LabelSymbols(c, a, ids)[b.Lo-from : b.Hi-from] {
				y := l.Y
				if !l.Valid {
					y = -1
				}
				labels[i][starts[k]+t] = y
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	for i, c := range all {
		p.keep(c, labels[i])
	}
	return nil
}

// keep adds a concept that is both on and off in the sample. A quantity counts as on above its
// median, a depth or category above 0.
func (p *Panel) keep(c concept.Concept, ys []int32) {
	above := int32(0)
	if c.Kind == concept.Numeric {
		sorted := slices.DeleteFunc(slices.Clone(ys), func(y int32) bool { return y < 0 })
		slices.Sort(sorted)
		if len(sorted) > 0 {
			above = sorted[len(sorted)/2]
		}
	}
	labels := make([]int8, len(ys))
	on, off := 0, 0
	for i, y := range ys {
		switch {
		case y < 0:
			labels[i] = -1
		case y > above:
			labels[i] = 1
			on++
		default:
			off++
		}
	}
	if on >= 20 && off >= 20 {
		p.Concepts, p.labels = append(p.Concepts, c), append(p.labels, labels)
	}
}

// Index finds a unit; errors match guard.ErrRequest.
func (p *Panel) Index(site string, unit int) (int, error) {
	i := slices.Index(p.Sites, site)
	if i < 0 {
		return 0, fmt.Errorf("%w: %q", rnn.ErrSite, site)
	}
	if unit < 0 || unit >= p.H {
		return 0, fmt.Errorf("%w: there is no such unit: %s has units 0 to %d", guard.ErrRequest, site, p.H-1)
	}
	return i, nil
}

// Colour is how a unit's values are coloured: none at Middle, full at Scale from it.
type Colour struct {
	Middle float32
	Scale  float32
}

// ColourOf colours values around 0, or, where nine in ten lie on one side of it (as of many cell states), around their median:
// otherwise all would look alike. Scale is the 99 % quantile of how far they lie from the middle.
func ColourOf(values []float32) Colour {
	v := make([]float32, 0, len(values))
	for _, x := range values {
		if !math.IsNaN(float64(x)) {
			v = append(v, x)
		}
	}
	if len(v) == 0 {
		return Colour{Scale: 1}
	}
	slices.Sort(v)
	c := Colour{}
	if n := len(v); v[n*5/100] > 0 || v[n-1-n*5/100] < 0 {
		c.Middle = v[n/2]
	}
	for i := range v {
		v[i] = max(v[i]-c.Middle, c.Middle-v[i])
	}
	slices.Sort(v)
	if c.Scale = v[len(v)*99/100]; !(c.Scale > 0) {
		c.Scale = 1
	}
	return c
}
