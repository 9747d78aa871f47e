package dissect

import (
	"context"
	"iter"

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
func newTally(sites []SiteInfo, concepts, symbols int, counts bool) *tally {
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

// walk is one pass over labelled blocks, stripe by stripe: labels first, then
// activations, so that memory does not grow with the text.
type walk struct {
	reader  reader
	labels  *labeller
	frozen  *frozen
	workers int
	counts  bool // histograms are all that is wanted
	count   func(characters int)
}

// stripe is how many blocks are labelled ahead of their activations: as many as the
// network reads beside each other.
const stripe = 48

// aside is blocks whose labels are looked at on the way, one after the other, in
// the order of the text.
type aside struct {
	blocks text.Blocks
	see    func(i int, b *blockLabels)
	once   bool // nobody will ask for these labels again
}

// accumulator counts what a walk passes. Calls with the same worker never overlap.
type accumulator interface {
	begin(worker, site int, x *passage) // once a site and passage
	// fixed is nil where counts are all that is wanted.
	unit(worker, site, unit int, bins []uint8, fixed []int32, x *passage)
}

// over takes an accumulator over every unit of every site of every block, and shows
// the labels of other blocks on the way. Blocks are numbered as in blocks.
func (w *walk) over(ctx context.Context, blocks text.Blocks, acc accumulator, asides ...aside) error {
	rooms := make([]room, w.workers)
	for some := range merge(blocks, asides) {
		labelled, err := w.labels.label(ctx, some.all)
		if err != nil {
			return err
		}
		var own []*blockLabels
		var read []text.Block
		for i, from := range some.from {
			switch b := labelled[i]; {
			case from < 0:
				own, read = append(own, b), append(read, b.block)
			case asides[from].once:
				asides[from].see(some.at[i], b)
				w.labels.forget(labelled[i : i+1])
			default:
				asides[from].see(some.at[i], b)
				w.labels.release(labelled[i : i+1])
			}
		}
		err = w.reader.read(ctx, read, w.workers, func(worker int, p *part) {
			rooms[worker].cut(own[p.block], some.first+p.block, p.lo, p.hi)
			w.show(worker, p, &rooms[worker], acc)
			w.told(p.hi - p.lo)
		})
		if err != nil {
			return err
		}
		w.labels.release(own)
	}
	return nil
}

// convoy is a run of blocks in the order of the text, of a pass and of its asides.
type convoy struct {
	all   []text.Block
	from  []int // index of the aside, -1: the pass's own
	at    []int // place among the blocks of that kind
	first int   // place of the first own block
}

// longestConvoy bounds what is labelled at a time.
const longestConvoy = 3 * stripe

// merge brings the blocks of a pass and of its asides into the order of the text, in
// runs of own blocks of stripeOf.
func merge(blocks text.Blocks, asides []aside) iter.Seq[*convoy] {
	lists := []text.Blocks{blocks}
	for _, a := range asides {
		lists = append(lists, a.blocks)
	}
	return func(yield func(*convoy) bool) {
		next, size := make([]int, len(lists)), stripeOf(blocks.Len())
		for {
			m := &convoy{first: next[0]}
			for next[0] < m.first+size && len(m.all) < longestConvoy {
				least := -1
				for k, l := range lists {
					if next[k] < l.Len() && (least < 0 || l.At(next[k]).Lo < lists[least].At(next[least]).Lo) {
						least = k
					}
				}
				if least < 0 {
					break
				}
				m.all = append(m.all, lists[least].At(next[least]))
				m.from, m.at = append(m.from, least-1), append(m.at, next[least])
				next[least]++
			}
			if len(m.all) == 0 || !yield(m) {
				return
			}
		}
	}
}

// rest lets go of the network's buffers; they are made again when it reads again.
func (w *walk) rest() {
	if r, ok := w.reader.(*modelReader); ok {
		r.tracer = nil
	}
}

// told reports progress, if anybody asked.
func (w *walk) told(characters int) {
	if w.count != nil {
		w.count(characters)
	}
}

// room is what a worker fills again and again.
type room struct {
	passage
	columns stat.Columns
}

// show takes an accumulator over the part of which the room has the labels.
func (w *walk) show(worker int, p *part, x *room, acc accumulator) {
	for s, edges := range w.frozen.edges {
		acc.begin(worker, s, &x.passage)
		for lo := 0; lo < len(edges); lo += stat.Lane {
			some := edges[lo:min(lo+stat.Lane, len(edges))]
			x.columns.Fill(p.acts[s][lo:], len(edges), p.hi-p.lo, some, !w.counts)
			for i := range some {
				acc.unit(worker, s, lo+i, x.columns.Bins[i], x.columns.Fixed[i], &x.passage)
			}
		}
	}
}

// tallier is the accumulator of plain tallies.
type tallier struct {
	each []*tally // by worker
	url  int
}

func (t *tallier) begin(worker, s int, x *passage) {
	t.each[worker].tables[s].AddStretch(&x.Stretch)
}

func (t *tallier) unit(worker, s, u int, bins []uint8, fixed []int32, x *passage) {
	t.each[worker].unit(s, u, bins, fixed, &x.Stretch, t.url)
}

// tallyOver is the tally of the blocks.
func (w *walk) tallyOver(ctx context.Context, blocks text.Blocks, symbols, url int, asides ...aside) (*tally, error) {
	t := &tallier{url: url}
	for range w.workers {
		t.each = append(t.each, newTally(w.reader.sites(), len(w.labels.rules), symbols, w.counts))
	}
	if err := w.over(ctx, blocks, t, asides...); err != nil {
		return nil, err
	}
	for _, o := range t.each[1:] {
		t.each[0].merge(o)
	}
	t.each[0].settle()
	return t.each[0], nil
}
