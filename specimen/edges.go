package specimen

import (
	"context"
	"encoding/binary"
	"hash/fnv"
	"slices"

	"github.com/rnnscope/rnnscope/internal/crew"
	"github.com/rnnscope/rnnscope/stat"
	"github.com/rnnscope/rnnscope/text"
)

// Edges is what has to be settled before activations can be counted: the bin
// borders of every unit, by site.
type Edges struct {
	Of [][]*stat.Edges // [sites][H]
}

// sampleValues is about how many values settle the borders of a unit.
const sampleValues = 1 << 12

// SettleEdges settles the borders: quantiles over the blocks given.
func SettleEdges(ctx context.Context, r States, blocks []text.Block, workers int) (*Edges, error) {
	f := &Edges{}
	for _, s := range r.Sites() {
		f.Of = append(f.Of, make([]*stat.Edges, s.Units))
	}
	return f, f.sample(ctx, r, blocks, workers)
}

// sample keeps every stride-th position of every unit, each in its own
// place, so that the order of reading does not matter.
func (f *Edges) sample(ctx context.Context, r States, blocks []text.Block, workers int) error {
	start := Numbering(text.BlockList(blocks))
	n := int(Scored(text.BlockList(blocks)))
	stride := max(1, n/sampleValues)
	values := make([][]float32, len(f.Of)) // by site [H,n/stride]
	slots := (n + stride - 1) / stride
	for s, info := range r.Sites() {
		values[s] = make([]float32, info.Units*slots)
	}
	err := r.Read(ctx, blocks, workers, func(_ int, p *Part) {
		first := start(p.Block) + p.Lo
		for k := (first + stride - 1) / stride * stride; k < first+p.Hi-p.Lo; k += stride {
			for s := range values {
				for u, a := range p.Row(s, k-first) {
					values[s][u*slots+k/stride] = a
				}
			}
		}
	})
	if err != nil {
		return err
	}
	for s := range values {
		err := crew.ForEach(ctx, len(f.Of[s]), workers, func(u int) {
			f.Of[s][u] = stat.QuantileEdges(values[s][u*slots : (u+1)*slots])
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// Numbering tells the number of the first scored character of a block, the scored
// characters of all blocks being numbered as one line.
func Numbering(blocks text.Blocks) func(block int) int {
	if _, ok := blocks.(text.Tiling); ok { // all but the last are of one length
		size := blocks.At(0).Len()
		return func(i int) int { return i * size }
	}
	starts := make([]int, blocks.Len())
	n := 0
	for i := range starts {
		starts[i] = n
		n += blocks.At(i).Len()
	}
	return func(i int) int { return starts[i] }
}

// ChooseBlocks chooses up to n blocks by a hash of where they stand, in
// ascending order: a sample that does not depend on how the work was divided.
func ChooseBlocks(blocks text.Blocks, n int) []text.Block {
	order := stat.LowestHashes(blocks.Len(), n, func(i int) uint64 { return HashOf(blocks.At(i).Lo) })
	slices.Sort(order)
	return BlocksAt(blocks, order)
}

func HashOf(x int) uint64 {
	h := fnv.New64a()
	var b [8]byte
	binary.LittleEndian.PutUint64(b[:], uint64(x))
	_, _ = h.Write(b[:]) // never fails
	return h.Sum64()
}

// SomeBlocks takes blocks by hash until they have n characters, in the order of the text: of the last
// one taken its beginning, where all of it would be too much.
func SomeBlocks(blocks text.Blocks, n int) []text.Block {
	order := stat.LowestHashes(blocks.Len(), min(blocks.Len(), 1+n/max(1, blocks.At(0).Len()-1)), func(i int) uint64 { return HashOf(blocks.At(i).Lo) })
	have, last, over := 0, -1, 0
	for k, i := range order {
		if have += blocks.At(i).Len(); have >= n {
			order, last, over = order[:k+1], i, have-n
			break
		}
	}
	slices.Sort(order)
	out := BlocksAt(blocks, order)
	if k := slices.Index(order, last); k >= 0 {
		out[k].Hi -= over
	}
	return out
}
