package dissect

import (
	"context"

	"github.com/rnnscope/rnnscope/specimen"
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

// newTally is empty. Of counts alone AUROC can be read and nothing else.
func newTally(sites []specimen.Site, concepts, symbols int, counts bool) *tally {
	t := &tally{}
	table := stat.NewTable
	if counts {
		table = stat.NewCounts
	}
	for _, s := range sites {
		t.tables = append(t.tables, table(s.Units, concepts, symbols))
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

// settle makes the tables ready to be read.
func (t *tally) settle() {
	for _, table := range t.tables {
		table.Settle()
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

// ranks are those of a unit's bins.
func (t *tally) ranks(site, unit int) []int32 {
	return stat.MidRanks(t.tables[site].Htot[unit*stat.Bins : (unit+1)*stat.Bins])
}

// tallier is the accumulator of plain tallies.
type tallier struct {
	each []*tally // by worker
	url  int
}

func (t *tallier) Begin(worker, s int, x *specimen.Passage) {
	t.each[worker].tables[s].AddStretch(&x.Stretch)
}

func (t *tallier) Unit(worker, s, u int, bins []uint8, fixed []int32, x *specimen.Passage) {
	t.each[worker].unit(s, u, bins, fixed, &x.Stretch, t.url)
}

// tallyOver is the tally of the blocks.
func tallyOver(ctx context.Context, w *specimen.Pass, blocks text.Blocks, symbols, url int, asides ...specimen.Aside) (*tally, error) {
	t := &tallier{url: url}
	for range w.Workers {
		t.each = append(t.each, newTally(w.States.Sites(), len(w.Labels.Rules), symbols, w.Counts))
	}
	if err := w.Over(ctx, blocks, t, asides...); err != nil {
		return nil, err
	}
	for _, o := range t.each[1:] {
		t.each[0].merge(o)
	}
	t.each[0].settle()
	return t.each[0], nil
}

func sumOf(x []int64) (n int64) {
	for _, v := range x {
		n += v
	}
	return n
}
