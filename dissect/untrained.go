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
func untrainedMax(ctx context.Context, w *specimen.Pass, network fresh, networks int, blind *controlText, symbols int) (*heights, error) {
	labelled, err := w.Labels.Label(ctx, blind.all())
	if err != nil {
		return nil, err
	}
	c := &control{pass: w, network: network, text: blind, labelled: blind.mask(labelled), symbols: symbols}
	best := newHeights(len(w.Labels.Rules), len(w.States.Sites()))
	each, errs := make([]*heights, networks), make([]error, networks)
	err = crew.ForEach(ctx, networks, w.Workers, func(k int) {
		each[k], errs[k] = c.score(ctx, k)
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

// control is what all untrained networks are scored on.
type control struct {
	pass     *specimen.Pass // of the trained network: its labels
	network  fresh
	text     *controlText
	labelled []*specimen.BlockLabels
	symbols  int
}

// score is the highest figures of the k-th network.
func (q *control) score(ctx context.Context, k int) (*heights, error) {
	w, labelled, blocks := q.pass, q.labelled, q.text.all()
	r, err := q.network(k)
	if err != nil {
		return nil, err
	}
	if own, ok := r.(*specimen.NetworkStates); ok {
		if err := own.Hold(ctx, blocks, 1, specimen.HoldUntrained); err != nil {
			return nil, err
		}
	}
	f, err := specimen.SettleEdges(ctx, r, q.text.common, 1)
	if err != nil {
		return nil, err
	}
	t := newTally(r.Sites(), len(w.Labels.Rules), q.symbols, false)
	keeper, own, x := newBinKeeper(t, blocks), &specimen.Pass{Edges: f}, &specimen.Scratch{}
	err = r.Read(ctx, blocks, 1, func(_ int, p *specimen.Part) {
		x.Cut(labelled[p.Block], p.Block, p.Lo, p.Hi)
		own.Show(0, p, x, keeper)
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
				auc := keeper.within(c, s, u, labelled)
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
		order, have := stat.LowestHashes(blocks.Len(), k, func(i int) uint64 { return specimen.HashOf(blocks.At(i).Lo) }), 0
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
	controlLeast = 200 // positions where a label is on that untrained networks should read
	controlMore  = 5   // blocks added for a concept at most
)

// controlText is what untrained networks read: some blocks for all concepts, and more for each
// of those that are hardly on there. A concept is scored on the common blocks and its own.
type controlText struct {
	common []text.Block
	own    [][]text.Block // [C]
}

// all is every block once, in the order of the text.
func (b *controlText) all() []text.Block {
	out := slices.Concat(append([][]text.Block{b.common}, b.own...)...)
	slices.SortFunc(out, func(a, b text.Block) int { return cmp.Compare(a.Lo, b.Lo) })
	return slices.CompactFunc(out, func(a, b text.Block) bool { return a.Lo == b.Lo })
}

// mask takes the labels of every concept but those a block was added for out of scoring.
func (b *controlText) mask(labelled []*specimen.BlockLabels) []*specimen.BlockLabels {
	common := map[int]bool{}
	for _, x := range b.common {
		common[x.Lo] = true
	}
	out := slices.Clone(labelled)
	for i, l := range out {
		if common[l.Block.Lo] {
			continue
		}
		masked := *l
		masked.Labels = slices.Clone(l.Labels)
		none := make([]int32, len(l.Chars))
		for t := range none {
			none[t] = int32(t)
		}
		for c := range masked.Labels {
			if !slices.ContainsFunc(b.own[c], func(x text.Block) bool { return x.Lo == l.Block.Lo }) {
				masked.Labels[c].Positive, masked.Labels[c].Invalid = nil, none
				masked.Labels[c].Runs, masked.Labels[c].Values = nil, zeros(l.Labels[c].Values)
			}
		}
		out[i] = &masked
	}
	return out
}

// zeros is as many zeros, nil for nil.
func zeros(values []int32) []int32 {
	if values == nil {
		return nil
	}
	return make([]int32, len(values))
}

// rarities remembers where a concept is on that is hardly on in the blocks that all
// untrained networks read: for every concept the blocks that a hash brings first.
type rarities struct {
	common map[int]bool   // by Lo
	have   []int64        // [C] positions where the label is on in the common blocks
	seen   [][]occurrence // [C] by hash
}

type occurrence struct {
	hash  uint64
	block int
	on    int64 // positions where the label is on in it
}

func newRarities(blind []text.Block, concepts int) *rarities {
	r := &rarities{common: map[int]bool{}, have: make([]int64, concepts), seen: make([][]occurrence, concepts)}
	for _, b := range blind {
		r.common[b.Lo] = true
	}
	return r
}

// see counts the i-th report block.
func (r *rarities) see(i int, b *specimen.BlockLabels) {
	if r.common[b.Block.Lo] {
		for c := range r.have {
			r.have[c] += int64(len(b.Labels[c].Positive))
		}
		return
	}
	for c := range r.seen {
		if on := int64(len(b.Labels[c].Positive)); on > 0 {
			r.offer(c, occurrence{hash: specimen.HashOf(b.Block.Lo), block: i, on: on})
		}
	}
}

// offer keeps a block where a concept is on if a hash brings it among the first.
func (r *rarities) offer(c int, x occurrence) {
	if len(r.seen[c]) == controlMore && byOccurrence(x, r.seen[c][controlMore-1]) > 0 {
		return
	}
	at, _ := slices.BinarySearchFunc(r.seen[c], x, byOccurrence)
	r.seen[c] = slices.Insert(r.seen[c], at, x)
	r.seen[c] = r.seen[c][:min(controlMore, len(r.seen[c]))]
}

func byOccurrence(a, b occurrence) int {
	return cmp.Or(cmp.Compare(a.hash, b.hash), cmp.Compare(a.block, b.block))
}

// blocks are those to be added for each concept that is hardly on in the common ones: a rare
// one must not go without its comparison, and no other concept may change it.
func (r *rarities) blocks(report text.Blocks) [][]text.Block {
	out := make([][]text.Block, len(r.seen))
	for c := range r.seen {
		for _, x := range r.seen[c] {
			if r.have[c] >= controlLeast {
				break
			}
			r.have[c] += x.on
			out[c] = append(out[c], report.At(x.block))
		}
	}
	return out
}
