package specimen

import (
	"context"
	"iter"

	"github.com/rnnscope/rnnscope/stat"
	"github.com/rnnscope/rnnscope/text"
)

// Pass is one pass over labelled blocks, stripe by stripe: labels first, then
// activations, so that memory does not grow with the text.
type Pass struct {
	States   States
	Labels   *Labeller
	Edges    *Edges
	Workers  int
	Counts   bool // histograms are all that is wanted
	Progress func(characters int)
}

// Aside is blocks whose labels are looked at on the way, one after the other, in
// the order of the text.
type Aside struct {
	Blocks text.Blocks
	See    func(i int, b *BlockLabels)
	Once   bool // nobody will ask for these labels again
}

// Accumulator counts what a pass goes over. Calls with the same worker never overlap.
type Accumulator interface {
	Begin(worker, site int, x *Passage) // once a site and passage
	// fixed is nil where counts are all that is wanted.
	Unit(worker, site, unit int, bins []uint8, fixed []int32, x *Passage)
}

// Over takes an accumulator over every unit of every site of every block, and shows
// the labels of other blocks on the way. Blocks are numbered as in blocks.
func (w *Pass) Over(ctx context.Context, blocks text.Blocks, acc Accumulator, asides ...Aside) error {
	scratch := make([]Scratch, w.Workers)
	for some := range merge(blocks, asides) {
		labelled, err := w.Labels.Label(ctx, some.all)
		if err != nil {
			return err
		}
		var own []*BlockLabels
		var read []text.Block
		for i, from := range some.from {
			switch b := labelled[i]; {
			case from < 0:
				own, read = append(own, b), append(read, b.Block)
			case asides[from].Once:
				asides[from].See(some.at[i], b)
				w.Labels.Forget(labelled[i : i+1])
			default:
				asides[from].See(some.at[i], b)
				w.Labels.Release(labelled[i : i+1])
			}
		}
		err = w.States.Read(ctx, read, w.Workers, func(worker int, p *Part) {
			scratch[worker].Cut(own[p.Block], some.first+p.Block, p.Lo, p.Hi)
			w.Show(worker, p, &scratch[worker], acc)
			w.Report(p.Hi - p.Lo)
		})
		if err != nil {
			return err
		}
		w.Labels.Release(own)
	}
	return nil
}

// batch is a run of blocks in the order of the text, of a pass and of its asides.
type batch struct {
	all   []text.Block
	from  []int // index of the aside, -1: the pass's own
	at    []int // place among the blocks of that kind
	first int   // place of the first own block
}

// longestBatch bounds what is labelled at a time.
const longestBatch = 3 * Stripe

// merge brings the blocks of a pass and of its asides into the order of the text, in
// runs of own blocks of stripeSize.
func merge(blocks text.Blocks, asides []Aside) iter.Seq[*batch] {
	lists := []text.Blocks{blocks}
	for _, a := range asides {
		lists = append(lists, a.Blocks)
	}
	return func(yield func(*batch) bool) {
		next, size := make([]int, len(lists)), stripeSize(blocks.Len())
		for {
			m := &batch{first: next[0]}
			for next[0] < m.first+size && len(m.all) < longestBatch {
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

// Idle lets go of the network's buffers; they are made again when it reads again.
func (w *Pass) Idle() {
	if r, ok := w.States.(*NetworkStates); ok {
		r.tracer = nil
	}
}

// Report tells progress, if anybody asked.
func (w *Pass) Report(characters int) {
	if w.Progress != nil {
		w.Progress(characters)
	}
}

// Scratch is what a worker fills again and again.
type Scratch struct {
	Passage
	columns stat.Columns
}

// Show takes an accumulator over the part whose labels the scratch holds.
func (w *Pass) Show(worker int, p *Part, x *Scratch, acc Accumulator) {
	for s, edges := range w.Edges.Of {
		acc.Begin(worker, s, &x.Passage)
		for lo := 0; lo < len(edges); lo += stat.Lane {
			some := edges[lo:min(lo+stat.Lane, len(edges))]
			x.columns.Fill(p.Values[s][lo:], len(edges), p.Hi-p.Lo, some, !w.Counts)
			for i := range some {
				acc.Unit(worker, s, lo+i, x.columns.Bins[i], x.columns.Fixed[i], &x.Passage)
			}
		}
	}
}

// List writes blocks out one by one.
func List(blocks text.Blocks) []text.Block {
	out := make([]text.Block, blocks.Len())
	for i := range out {
		out[i] = blocks.At(i)
	}
	return out
}
