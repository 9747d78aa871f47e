package direction

import (
	"context"
	"fmt"
	"slices"

	"github.com/rnnscope/rnnscope/specimen"
	"github.com/rnnscope/rnnscope/text"
)

// widest is how many directions a site of States has at most: what reads states may hold a site at a time.
const widest = 256

// States shows the directions of one site of some states as sites of their own, "direction.0" and on.
type States struct {
	src   specimen.States
	site  int
	basis Basis
	sites []specimen.Site
}

// Of is the directions of a site of src, by number; its units must be as many as the basis was made for.
func Of(src specimen.States, site int, basis Basis) *States {
	s := &States{src: src, site: site, basis: basis}
	for lo := 0; lo < basis.Size(); lo += widest {
		s.sites = append(s.sites, specimen.Site{Name: fmt.Sprintf("direction.%d", lo/widest), Units: min(widest, basis.Size()-lo), Range: "open"})
	}
	return s
}

// Sites are at most 256 directions each, in their order.
func (s *States) Sites() []specimen.Site { return s.sites }

// Read reads the states and turns them.
func (s *States) Read(ctx context.Context, blocks []text.Block, workers int, visit func(worker int, p *specimen.Part)) error {
	type turner struct {
		basis Basis
		z     []float32
		of    [][]float32
	}
	each := make([]turner, max(1, workers))
	m := s.basis.Size()
	return s.src.Read(ctx, blocks, workers, func(worker int, p *specimen.Part) {
		t := &each[worker]
		if t.basis == nil {
			t.basis, t.of = s.basis.Clone(), make([][]float32, len(s.sites))
		}
		n := p.Hi - p.Lo
		t.z = slices.Grow(t.z[:0], n*m)[:n*m]
		t.basis.Encode(t.z, p.Values[s.site], n)
		for i, site := range s.sites {
			t.of[i] = slices.Grow(t.of[i][:0], n*site.Units)[:n*site.Units]
			for r := range n {
				copy(t.of[i][r*site.Units:(r+1)*site.Units], t.z[r*m+i*widest:])
			}
		}
		visit(worker, &specimen.Part{Block: p.Block, Lo: p.Lo, Hi: p.Hi, Values: t.of})
	})
}
