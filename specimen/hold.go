package specimen

import (
	"context"

	"github.com/rnnscope/rnnscope/internal/crew"
	"github.com/rnnscope/rnnscope/internal/f32"
	"github.com/rnnscope/rnnscope/text"
)

// How many bytes of activations are held between two readings, of the network and of each
// untrained one.
const (
	HoldMost      = 288 << 20
	HoldUntrained = 64 << 20
)

// Hold reads blocks and keeps their activations until release, so that the next reading need
// not compute them again: those that settle the borders are counted as well. Where that
// would take more than some bytes it does nothing.
func (r *NetworkStates) Hold(ctx context.Context, blocks []text.Block, workers int, most int64) error {
	units := 0
	for _, s := range r.infos {
		units += s.Units
	}
	floats := int(Scored(text.BlockList(blocks))) * units
	if 4*int64(floats) > most {
		return nil
	}
	slab := f32.Make(floats)
	held := make([][][]float32, len(blocks))
	for i, b := range blocks {
		for _, s := range r.infos {
			n := b.Len() * s.Units
			held[i] = append(held[i], slab[:n:n])
			slab = slab[n:]
		}
	}
	err := r.Read(ctx, blocks, workers, func(_ int, p *Part) {
		for s, acts := range p.Values {
			copy(held[p.Block][s][p.Lo*r.infos[s].Units:], acts)
		}
	})
	if err != nil {
		return err
	}
	r.held = map[[2]int][][]float32{}
	for i, b := range blocks {
		r.held[keyOf(b)] = held[i]
	}
	return nil
}

// Release lets go of what is held.
func (r *NetworkStates) Release() { r.held = nil }

// visitHeld visits the blocks that are held and returns the places of the others.
func (r *NetworkStates) visitHeld(ctx context.Context, blocks []text.Block, workers int, visit func(worker int, p *Part)) ([]int, error) {
	var own, rest []int
	for i, b := range blocks {
		if _, ok := r.held[keyOf(b)]; ok {
			own = append(own, i)
		} else {
			rest = append(rest, i)
		}
	}
	err := crew.TryEach(ctx, len(own), workers, func(worker, k int) error {
		b := blocks[own[k]]
		visit(worker, &Part{own[k], 0, b.Len(), r.held[keyOf(b)]})
		return nil
	})
	return rest, err
}
