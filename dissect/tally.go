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

// add counts one site of one piece. url is the index of the URL concept, -1 without.
func (t *tally) add(s int, c *columns, labels *stat.Stretch, url int) {
	table := t.tables[s]
	table.AddStretch(labels)
	for u := range c.bins {
		table.AddUnit(u, c.bins[u], c.fixed[u], labels)
		if url < 0 || len(labels.Labels[url].Positive) == 0 && len(labels.Labels[url].Invalid) == 0 {
			continue
		}
		t.absOn[s][u] += absoluteAt(c.fixed[u], labels.Labels[url].Positive)
		t.absAll[s][u] -= absoluteAt(c.fixed[u], labels.Labels[url].Invalid)
	}
	if url < 0 {
		return
	}
	for u, fixed := range c.fixed {
		var sum int64
		for _, q := range fixed {
			sum += absolute(q)
		}
		t.absAll[s][u] += sum
	}
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

// over visits every piece of the blocks with its columns, a site at a time.
// Blocks are numbered as in blocks; worker tells whose accumulators may be used.
func (w *walk) over(ctx context.Context, blocks []text.Block, visit func(worker, site, block int, p piece, c *columns, b *blockLabels)) error {
	cols := make([][]*columns, w.workers)
	for i := range cols {
		for _, s := range w.reader.sites() {
			cols[i] = append(cols[i], newColumns(s.Units))
		}
	}
	first := 0
	for part := range slices.Chunk(blocks, stripe) {
		labelled, err := w.labels.label(ctx, part)
		if err != nil {
			return err
		}
		err = w.reader.read(ctx, part, w.workers, func(worker int, p piece) {
			for s := range p.acts {
				c := cols[worker][s]
				c.turn(p.acts[s], w.frozen.edges[s])
				visit(worker, s, first+p.block, p, c, labelled[p.block])
			}
			if w.count != nil {
				w.count(p.hi - p.lo)
			}
		})
		if err != nil {
			return err
		}
		first += len(part)
	}
	return nil
}

// tallyOver is the tally of the blocks.
func (w *walk) tallyOver(ctx context.Context, blocks []text.Block, symbols, url int) (*tally, error) {
	each := make([]*tally, w.workers)
	for i := range each {
		each[i] = newTally(w.reader.sites(), len(w.labels.rules), symbols)
	}
	err := w.over(ctx, blocks, func(worker, s, _ int, q piece, c *columns, b *blockLabels) {
		each[worker].add(s, c, &b.pieces[q.number], url)
	})
	if err != nil {
		return nil, err
	}
	for _, o := range each[1:] {
		each[0].merge(o)
	}
	return each[0], nil
}
