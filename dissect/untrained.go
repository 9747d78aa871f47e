package dissect

import (
	"cmp"
	"context"
	"math"
	"slices"

	"github.com/rnnscope/rnnscope/concept"
	"github.com/rnnscope/rnnscope/internal/crew"
	"github.com/rnnscope/rnnscope/specimen"
	"github.com/rnnscope/rnnscope/stat"
	"github.com/rnnscope/rnnscope/text"
)

// fresh makes the states of the k-th untrained network.
type fresh func(k int) (specimen.States, error)

func (j *job) control(k int) (specimen.States, error) {
	return j.in.Control(k, j.opt.Sites, j.opt.Seed)
}

// heights are the highest figures that any unit reaches in either direction, by
// concept and site; NaN where the label does not change in what was read.
type heights struct {
	auroc  [][]float64
	within [][]float64 // among equal characters, of the unit with the largest |r_within|; of state concepts
}

func newHeights(concepts, sites int) *heights {
	return &heights{newMatrix(concepts, sites), newMatrix(concepts, sites)}
}

// raise lifts a cell to a figure above it.
func raise(cell *float64, x float64) {
	if !math.IsNaN(x) && !(*cell >= x) {
		*cell = x
	}
}

func (h *heights) merge(o *heights) {
	for c := range h.auroc {
		for s := range h.auroc[c] {
			raise(&h.auroc[c][s], o.auroc[c][s])
			raise(&h.within[c][s], o.within[c][s])
		}
	}
}

// untrainedMax is how high untrained networks reach: random recurrent states
// carry text too. Each network is a job of its own.
func untrainedMax(ctx context.Context, w *specimen.Pass, network fresh, networks int, blocks []text.Block, symbols int) (*heights, error) {
	labelled, err := w.Labels.Label(ctx, blocks)
	if err != nil {
		return nil, err
	}
	best := newHeights(len(w.Labels.Rules), len(w.States.Sites()))
	each, errs := make([]*heights, networks), make([]error, networks)
	err = crew.ForEach(ctx, networks, w.Workers, func(k int) {
		each[k], errs[k] = scoreFresh(ctx, w, network, k, blocks, labelled, symbols)
	})
	if err != nil {
		return nil, err
	}
	for k := range each {
		if errs[k] != nil {
			return nil, errs[k]
		}
		best.merge(each[k])
	}
	return best, nil
}

func newMatrix(rows, cols int) [][]float64 {
	m := make([][]float64, rows)
	for i := range m {
		m[i] = make([]float64, cols)
		for j := range m[i] {
			m[i][j] = math.NaN()
		}
	}
	return m
}

func scoreFresh(ctx context.Context, w *specimen.Pass, network fresh, k int, blocks []text.Block, labelled []*specimen.BlockLabels, symbols int) (*heights, error) {
	r, err := network(k)
	if err != nil {
		return nil, err
	}
	if own, ok := r.(*specimen.Computed); ok {
		if err := own.Hold(ctx, blocks, 1, specimen.HoldUntrained); err != nil {
			return nil, err
		}
	}
	f, err := specimen.SettleEdges(ctx, r, blocks, 1)
	if err != nil {
		return nil, err
	}
	t := newTally(r.Sites(), len(w.Labels.Rules), symbols, false)
	kept, own, x := newBinKeeper(t, blocks), &specimen.Pass{Edges: f}, &specimen.Scratch{}
	err = r.Read(ctx, blocks, 1, func(_ int, p *specimen.Part) {
		x.Cut(labelled[p.Block], p.Block, p.Lo, p.Hi)
		own.Show(0, p, x, kept)
		w.Report(p.Hi - p.Lo)
	})
	if err != nil {
		return nil, err
	}
	best := newHeights(len(w.Labels.Rules), len(t.tables))
	for c, rule := range w.Labels.Rules {
		for s, table := range t.tables {
			for u := range table.U {
				auc, _ := table.AUROC(c, u)
				raise(&best.auroc[c][s], max(auc, 1-auc))
			}
			if n, n1 := table.Count(c); rule.Concept.Class != concept.State || n1 == 0 || n1 == n {
				continue
			}
			if u, _ := strongestWithin(table, c); u >= 0 {
				auc := kept.within(c, s, u, labelled)
				best.within[c][s] = max(auc, 1-auc)
			}
		}
	}
	return best, nil
}

// upTo chooses blocks by hash that score at least n characters, if there are so
// many, in ascending order; at least one.
func upTo(blocks text.Blocks, n int) []text.Block {
	for k := 2 + n/blocks.At(0).Len(); ; k *= 2 {
		order, have := stat.Lowest(blocks.Len(), k, func(i int) uint64 { return specimen.HashOf(blocks.At(i).Lo) }), 0
		for j, i := range order {
			if have += blocks.At(i).Len(); have >= n || k >= blocks.Len() && j == len(order)-1 {
				order = order[:j+1]
				slices.Sort(order)
				return specimen.BlocksAt(blocks, order)
			}
		}
	}
}

const (
	blindLeast = 200 // positions where a label is on that untrained networks should read
	blindMore  = 5   // blocks added for a concept at most
)

// rarities remembers where a concept is on that is hardly on in the blocks that
// untrained networks read: for every concept the blocks that a hash brings first, as
// many as may be needed when every concept before it takes its own.
type rarities struct {
	blind map[int]bool // by Lo
	have  []int64      // [C] positions where the label is on in the blind blocks
	seen  [][]sighting // [C] by hash
}

type sighting struct {
	hash  uint64
	block int
	on    []int32 // [C] positions where the label is on in it
}

func newRarities(blind []text.Block, concepts int) *rarities {
	r := &rarities{blind: map[int]bool{}, have: make([]int64, concepts), seen: make([][]sighting, concepts)}
	for _, b := range blind {
		r.blind[b.Lo] = true
	}
	return r
}

// see counts the i-th report block.
func (r *rarities) see(i int, b *specimen.BlockLabels) {
	if r.blind[b.Block.Lo] {
		for c := range r.have {
			r.have[c] += int64(len(b.Labels[c].Positive))
		}
		return
	}
	x := sighting{hash: specimen.HashOf(b.Block.Lo), block: i}
	for c := range r.seen {
		most := blindMore * (c + 1)
		if len(b.Labels[c].Positive) == 0 || len(r.seen[c]) == most && bySighting(x, r.seen[c][most-1]) > 0 {
			continue
		}
		if x.on == nil {
			for k := range b.Labels {
				x.on = append(x.on, int32(len(b.Labels[k].Positive)))
			}
		}
		at, _ := slices.BinarySearchFunc(r.seen[c], x, bySighting)
		r.seen[c] = slices.Insert(r.seen[c], at, x)
		r.seen[c] = r.seen[c][:min(most, len(r.seen[c]))]
	}
}

func bySighting(a, b sighting) int {
	return cmp.Or(cmp.Compare(a.hash, b.hash), cmp.Compare(a.block, b.block))
}

// blocks adds to the blocks that untrained networks read some, chosen by hash, for
// every concept that is hardly on there: a rare one must not go without its comparison.
func (r *rarities) blocks(report text.Blocks, blind []text.Block) []text.Block {
	read, out := map[int]bool{}, slices.Clone(blind)
	for c := range r.seen {
		added := 0
		for _, x := range r.seen[c] {
			if r.have[c] >= blindLeast || added == blindMore {
				break
			}
			if read[x.block] {
				continue
			}
			read[x.block] = true
			added++
			for k, n := range x.on {
				r.have[k] += int64(n)
			}
			out = append(out, report.At(x.block))
		}
	}
	slices.SortFunc(out, func(a, b text.Block) int { return a.Lo - b.Lo })
	return out
}
