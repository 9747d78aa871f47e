package dissect

import (
	"context"
	"math"
	"math/rand/v2"

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

// untrainedMax is, by concept and site, the highest AUROC that any unit of any
// untrained network reaches in either direction: random recurrent states carry
// text too. NaN where the label does not change in what they read. Each network
// is a job of its own.
func untrainedMax(ctx context.Context, w *walk, network fresh, networks int, blocks []text.Block, symbols int) ([][]float64, error) {
	labelled, err := w.labels.label(ctx, blocks)
	if err != nil {
		return nil, err
	}
	best := newMatrix(len(w.labels.rules), len(w.reader.sites()))
	each := newCube(networks, best)
	errs := make([]error, networks)
	err = parallel(ctx, networks, w.workers, func(k int) {
		errs[k] = scoreFresh(ctx, w, network, k, blocks, labelled, symbols, each[k])
	})
	if err != nil {
		return nil, err
	}
	for k := range each {
		if errs[k] != nil {
			return nil, errs[k]
		}
		for c, row := range each[k] {
			for s, a := range row {
				if !math.IsNaN(a) && !(best[c][s] >= a) {
					best[c][s] = a
				}
			}
		}
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

func newCube(n int, like [][]float64) [][][]float64 {
	c := make([][][]float64, n)
	for k := range c {
		c[k] = newMatrix(len(like), len(like[0]))
	}
	return c
}

func scoreFresh(ctx context.Context, w *walk, network fresh, k int, blocks []text.Block, labelled []*blockLabels, symbols int, best [][]float64) error {
	r, err := network(k)
	if err != nil {
		return err
	}
	f, err := freeze(ctx, r, blocks, 1)
	if err != nil {
		return err
	}
	t := newTally(r.sites(), len(w.labels.rules), symbols)
	one, cols := &tallier{each: []*tally{t}, url: -1}, &columns{}
	err = r.read(ctx, blocks, 1, func(_, block int, acts [][]float32) {
		show(0, block, acts, f, labelled[block], cols, one)
		w.told(blocks[block])
	})
	if err != nil {
		return err
	}
	for c := range best {
		for s, table := range t.tables {
			for u := range table.U {
				auc, _ := table.AUROC(c, u)
				if a := max(auc, 1-auc); !(best[c][s] >= a) {
					best[c][s] = a
				}
			}
		}
	}
	return nil
}

// upTo chooses blocks by hash that score at least n characters, if there are so many.
func upTo(blocks []text.Block, n int) []text.Block {
	k := 1
	for k < len(blocks) && scored(chooseBlocks(blocks, k)) < int64(n) {
		k++
	}
	return chooseBlocks(blocks, k)
}
