package dissect

import (
	"context"
	"slices"

	"github.com/rnnscope/rnnscope/stat"
	"github.com/rnnscope/rnnscope/text"
)

// tally is what a pass over text leaves behind, by site: the tables, and for the
// URL concept the sums of |activation|. It merges like the tables do.
type tally struct {
	tables []*stat.Table
	absAll [][]int64 // by site [H]: sum of |fixed-point activation| over URL-valid positions
	absOn  [][]int64 // by site [H]: over positions inside URLs
}

func newTally(sites []SiteInfo, concepts, symbols int) *tally {
	t := &tally{}
	for _, s := range sites {
		t.tables = append(t.tables, stat.NewTable(s.Units, concepts, symbols))
		t.absAll = append(t.absAll, make([]int64, s.Units))
		t.absOn = append(t.absOn, make([]int64, s.Units))
	}
	return t
}

func (t *tally) merge(o *tally) {
	for s := range t.tables {
		t.tables[s].Merge(o.tables[s])
		for u := range t.absAll[s] {
			t.absAll[s][u] += o.absAll[s][u]
			t.absOn[s][u] += o.absOn[s][u]
		}
	}
}

// unit counts one unit over one block; the block's labels were counted before.
// url is the index of the URL concept, -1 without.
func (t *tally) unit(s, u int, bins []uint8, fixed []int32, l *stat.Stretch, url int) {
	t.tables[s].AddUnit(u, bins, fixed, l)
	if url < 0 {
		return
	}
	t.absOn[s][u] += absoluteAt(fixed, l.Labels[url].Positive)
	sum := -absoluteAt(fixed, l.Labels[url].Invalid)
	for _, q := range fixed {
		sum += absolute(q)
	}
	t.absAll[s][u] += sum
}

func absolute(q int32) int64 {
	x := int64(q)
	return (x ^ x>>63) - x>>63
}

func absoluteAt(fixed []int32, at []int32) int64 {
	var sum int64
	for _, p := range at {
		sum += absolute(fixed[p])
	}
	return sum
}

// walk is one pass over labelled blocks, stripe by stripe: labels first, then
// activations, so that memory does not grow with the text.
type walk struct {
	reader  reader
	labels  *labeller
	frozen  *frozen
	workers int
	count   func(characters int)
}

// stripe is how many blocks are labelled ahead of their activations.
const stripe = 64

// accumulator counts what a walk passes. Calls with the same worker never overlap.
type accumulator interface {
	begin(worker, site, block int, b *blockLabels) // once a site and block
	unit(worker, site, block, unit int, bins []uint8, fixed []int32, b *blockLabels)
}

// over takes an accumulator over every unit of every site of every block. Blocks
// are numbered as in blocks.
func (w *walk) over(ctx context.Context, blocks []text.Block, acc accumulator) error {
	cols := make([]columns, w.workers)
	first := 0
	for part := range slices.Chunk(blocks, stripe) {
		labelled, err := w.labels.label(ctx, part)
		if err != nil {
			return err
		}
		err = w.reader.read(ctx, part, w.workers, func(worker, block int, acts [][]float32) {
			show(worker, first+block, acts, w.frozen, labelled[block], &cols[worker], acc)
			w.told(part[block])
		})
		if err != nil {
			return err
		}
		first += len(part)
	}
	return nil
}

// told reports progress, if anybody asked.
func (w *walk) told(b text.Block) {
	if w.count != nil {
		w.count(b.Len())
	}
}

// show takes an accumulator over one block.
func show(worker, block int, acts [][]float32, f *frozen, b *blockLabels, c *columns, acc accumulator) {
	for s, edges := range f.edges {
		acc.begin(worker, s, block, b)
		h := len(edges)
		for lo := 0; lo < h; lo += lane {
			some := edges[lo:min(lo+lane, h)]
			c.turn(acts[s], h, lo, some)
			for i := range some {
				acc.unit(worker, s, block, lo+i, c.bins[i], c.fixed[i], b)
			}
		}
	}
}

// tallier is the accumulator of plain tallies.
type tallier struct {
	each []*tally // by worker
	url  int
}

func (t *tallier) begin(worker, s, _ int, b *blockLabels) {
	t.each[worker].tables[s].AddStretch(&b.Stretch)
}

func (t *tallier) unit(worker, s, _, u int, bins []uint8, fixed []int32, b *blockLabels) {
	t.each[worker].unit(s, u, bins, fixed, &b.Stretch, t.url)
}

// tallyOver is the tally of the blocks.
func (w *walk) tallyOver(ctx context.Context, blocks []text.Block, symbols, url int) (*tally, error) {
	t := &tallier{url: url}
	for range w.workers {
		t.each = append(t.each, newTally(w.reader.sites(), len(w.labels.rules), symbols))
	}
	if err := w.over(ctx, blocks, t); err != nil {
		return nil, err
	}
	for _, o := range t.each[1:] {
		t.each[0].merge(o)
	}
	return t.each[0], nil
}
