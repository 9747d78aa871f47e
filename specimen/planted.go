package specimen

import (
	"context"

	"github.com/rnnscope/rnnscope/text"
)

// Plant writes units of known truth over those of a network's first site, by unit: the value
// at every position. Simulations and tests are made so. Control networks stay as they
// are; nil takes the units out again.
func (s *Specimen) Plant(units map[int]func(position int) float32) {
	s.overlay = nil
	if units != nil {
		s.overlay = func(of States) States { return &planted{of, units} }
	}
}

// planted writes chosen units into the states of a real network.
type planted struct {
	States
	units map[int]func(position int) float32
}

// Read is the network's, with the planted units in place.
func (p *planted) Read(ctx context.Context, blocks []text.Block, workers int, visit func(int, *Part)) error {
	return p.States.Read(ctx, blocks, workers, func(w int, x *Part) {
		for u, value := range p.units {
			for t := x.Lo; t < x.Hi; t++ {
				x.Row(0, t-x.Lo)[u] = value(blocks[x.Block].Lo + t)
			}
		}
		visit(w, x)
	})
}
