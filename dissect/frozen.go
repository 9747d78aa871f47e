package dissect

import (
	"context"
	"encoding/binary"
	"hash/fnv"
	"slices"

	"github.com/rnnscope/rnnscope/stat"
	"github.com/rnnscope/rnnscope/text"
)

// frozen is what has to be settled before activations can be counted: the bin
// borders of every unit, by site.
type frozen struct {
	edges [][]*stat.Edges // [sites][H]
}

// sampleValues is about how many values settle the borders of a unit.
const sampleValues = 1 << 12

// freeze settles the borders: quantiles over the blocks given.
func freeze(ctx context.Context, r reader, blocks []text.Block, workers int) (*frozen, error) {
	f := &frozen{}
	for _, s := range r.sites() {
		f.edges = append(f.edges, make([]*stat.Edges, s.Units))
	}
	return f, f.sample(ctx, r, blocks, workers)
}

// sample keeps every stride-th position of every unit, each in its own
// place, so that the order of reading does not matter.
func (f *frozen) sample(ctx context.Context, r reader, blocks []text.Block, workers int) error {
	starts := startsOf(blocks)
	n := int(scored(blocks))
	stride := max(1, n/sampleValues)
	values := make([][]float32, len(f.edges)) // by site [H,n/stride]
	slots := (n + stride - 1) / stride
	for s, info := range r.sites() {
		values[s] = make([]float32, info.Units*slots)
	}
	err := r.read(ctx, blocks, workers, func(_, block int, acts [][]float32) {
		first := starts[block]
		for k := (first + stride - 1) / stride * stride; k < first+blocks[block].Len(); k += stride {
			for s := range values {
				h := len(f.edges[s])
				for u, a := range acts[s][(k-first)*h : (k-first+1)*h] {
					values[s][u*slots+k/stride] = a
				}
			}
		}
	})
	if err != nil {
		return err
	}
	for s := range values {
		err := parallel(ctx, len(f.edges[s]), workers, func(u int) {
			f.edges[s][u] = stat.QuantileEdges(values[s][u*slots : (u+1)*slots])
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// startsOf numbers the scored characters of the blocks as one line: starts[i] is
// the number of the first one of block i.
func startsOf(blocks []text.Block) []int {
	starts := make([]int, len(blocks))
	n := 0
	for i, b := range blocks {
		starts[i] = n
		n += b.Len()
	}
	return starts
}

// chooseBlocks chooses up to n blocks by a hash of where they stand, in
// ascending order: a sample that does not depend on how the work was divided.
func chooseBlocks(blocks []text.Block, n int) []text.Block {
	if len(blocks) <= n {
		return blocks
	}
	chosen := slices.Clone(blocks)
	slices.SortFunc(chosen, func(a, b text.Block) int {
		ha, hb := hashOf(a.Lo), hashOf(b.Lo)
		switch {
		case ha < hb:
			return -1
		case ha > hb:
			return 1
		}
		return a.Lo - b.Lo
	})
	chosen = chosen[:n]
	slices.SortFunc(chosen, func(a, b text.Block) int { return a.Lo - b.Lo })
	return chosen
}

func hashOf(x int) uint64 {
	h := fnv.New64a()
	var b [8]byte
	binary.LittleEndian.PutUint64(b[:], uint64(x))
	_, _ = h.Write(b[:]) // never fails
	return h.Sum64()
}

// lane is how many units are turned from rows to columns at a time: their
// activations share a cache line.
const lane = 16

// columns is up to lane units of one site over one block: what accumulators read.
type columns struct {
	bins  [lane][]uint8 // [T]
	fixed [lane][]int32 // [T] fixed-point activations
}

// turn fills the columns of the units [lo, lo+len(edges)) from acts [T,H].
func (c *columns) turn(acts []float32, h, lo int, edges []*stat.Edges) {
	t := len(acts) / h
	for i, e := range edges {
		if cap(c.bins[i]) < t {
			c.bins[i], c.fixed[i] = make([]uint8, t), make([]int32, t)
		}
		bins, fixed := c.bins[i][:t], c.fixed[i][:t]
		for k := range bins {
			a := acts[k*h+lo+i]
			bins[k] = e.Bin(a)
			fixed[k] = stat.Fixed(a)
		}
		c.bins[i], c.fixed[i] = bins, fixed
	}
}
