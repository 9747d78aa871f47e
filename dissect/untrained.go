package dissect

import (
	"cmp"
	"context"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/rnnscope/rnnscope/concept"
	"github.com/rnnscope/rnnscope/rnn"
	"github.com/rnnscope/rnnscope/text"
)

// fresh makes the reader of the k-th untrained network.
type fresh func(k int) (reader, error)

// freshNetworks are networks of the same shape with PyTorch's initial weights.
func freshNetworks(in *Input, sites []string, seed uint64) fresh {
	return func(k int) (reader, error) {
		m, err := rnn.New(in.Model.Config())
		if err != nil {
			return nil, err
		}
		m.Init(rand.New(rand.NewPCG(seed, uint64(k))))
		return newModelReader(m, in.IDs, sites)
	}
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
func untrainedMax(ctx context.Context, w *walk, network fresh, networks int, blocks []text.Block, symbols int) (*heights, error) {
	labelled, err := w.labels.label(ctx, blocks)
	if err != nil {
		return nil, err
	}
	best := newHeights(len(w.labels.rules), len(w.reader.sites()))
	each, errs := make([]*heights, networks), make([]error, networks)
	err = parallel(ctx, networks, w.workers, func(k int) {
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

func scoreFresh(ctx context.Context, w *walk, network fresh, k int, blocks []text.Block, labelled []*blockLabels, symbols int) (*heights, error) {
	r, err := network(k)
	if err != nil {
		return nil, err
	}
	f, err := freeze(ctx, r, blocks, 1)
	if err != nil {
		return nil, err
	}
	t := newTally(r.sites(), len(w.labels.rules), symbols)
	kept, cols := newBinKeeper(t, blocks), &columns{}
	err = r.read(ctx, blocks, 1, func(_, block int, acts [][]float32) {
		show(0, block, acts, f, labelled[block], cols, kept)
		w.told(blocks[block])
	})
	if err != nil {
		return nil, err
	}
	best := newHeights(len(w.labels.rules), len(t.tables))
	for c, rule := range w.labels.rules {
		for s, table := range t.tables {
			for u := range table.U {
				auc, _ := table.AUROC(c, u)
				raise(&best.auroc[c][s], max(auc, 1-auc))
			}
			if n, n1 := table.Count(c); rule.concept.Class != concept.State || n1 == 0 || n1 == n {
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

// upTo chooses blocks by hash that score at least n characters, if there are so many.
func upTo(blocks []text.Block, n int) []text.Block {
	k := 1
	for k < len(blocks) && scored(chooseBlocks(blocks, k)) < int64(n) {
		k++
	}
	return chooseBlocks(blocks, k)
}

const (
	blindLeast = 200 // positions where a label is on that untrained networks should read
	blindMore  = 5   // blocks added for a concept at most
)

// blindBlocks adds to the blocks that untrained networks read some, chosen by hash,
// for every concept that is hardly on there: a rare one must not go without its
// comparison. on[i][c] counts where concept c is on in the i-th report block.
func blindBlocks(report, blind []text.Block, on [][]int32) []text.Block {
	if len(on) == 0 {
		return blind
	}
	read := make([]bool, len(report))
	for i, b := range report {
		_, read[i] = slices.BinarySearchFunc(blind, b.Lo, func(x text.Block, lo int) int { return x.Lo - lo })
	}
	order := make([]int, len(report))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return cmp.Compare(hashOf(report[a].Lo), hashOf(report[b].Lo)) })
	for c := range on[0] {
		var have int64
		for i := range report {
			if read[i] {
				have += int64(on[i][c])
			}
		}
		added := 0
		for _, i := range order {
			if have >= blindLeast || added == blindMore {
				break
			}
			if !read[i] && on[i][c] > 0 {
				read[i], added, have = true, added+1, have+int64(on[i][c])
			}
		}
	}
	var out []text.Block
	for i, b := range report {
		if read[i] {
			out = append(out, b)
		}
	}
	return out
}
