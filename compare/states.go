package compare

import (
	"context"
	"math"

	"github.com/rnnscope/rnnscope/specimen"
	"github.com/rnnscope/rnnscope/text"
)

// panel is the states of all units of a network over the same characters as every other.
type panel struct {
	sites []specimen.Site
	units int       // of all sites
	n     int       // characters
	x     []float32 // [N,units] of mean 0 within each character, of length 1
}

// read takes the states of blocks and prepares them: what the current character tells of a
// unit is taken away, because units that follow characters replicate always; then every
// unit is scaled to length 1, so that a product of two is their correlation.
func read(ctx context.Context, states specimen.States, blocks []text.Block, chars []int32, workers int) (*panel, error) {
	p := &panel{sites: states.Sites(), n: len(chars)}
	for _, s := range p.sites {
		p.units += s.Units
	}
	p.x = make([]float32, p.n*p.units)
	start := make([]int, len(blocks)+1)
	for i, b := range blocks {
		start[i+1] = start[i] + b.Len()
	}
	err := states.Read(ctx, blocks, workers, func(_ int, part *specimen.Part) {
		for t := part.Lo; t < part.Hi; t++ {
			row, at := p.x[(start[part.Block]+t)*p.units:], 0
			for s := range p.sites {
				at += copy(row[at:], part.Row(s, t-part.Lo))
			}
		}
	})
	if err != nil {
		return nil, err
	}
	p.center(chars)
	return p, nil
}

// center takes the mean of every unit over each character away and scales to length 1.
func (p *panel) center(chars []int32) {
	symbols := int32(0)
	for _, c := range chars {
		symbols = max(symbols, c+1)
	}
	count := make([]float64, symbols)
	mean := make([]float64, int(symbols)*p.units)
	for t, c := range chars {
		count[c]++
		sum := mean[int(c)*p.units:][:p.units]
		for u, a := range p.x[t*p.units:][:p.units] {
			sum[u] += float64(a)
		}
	}
	for c, n := range count {
		for u := range p.units {
			mean[c*p.units+u] /= max(1, n)
		}
	}
	length := make([]float64, p.units)
	for t, c := range chars {
		m := mean[int(c)*p.units:][:p.units]
		row := p.x[t*p.units:][:p.units]
		for u, a := range row {
			row[u] = float32(float64(a) - m[u])
			length[u] += float64(row[u]) * float64(row[u])
		}
	}
	for u, l := range length {
		if l < 1e-9*float64(p.n) { // a constant, to rounding
			length[u] = 0
			continue
		}
		length[u] = 1 / math.Sqrt(l)
	}
	for t := range p.n {
		row := p.x[t*p.units:][:p.units]
		for u := range row {
			row[u] *= float32(length[u])
		}
	}
}

// unit is the site and number of the u-th unit of all sites.
func (p *panel) unit(u int) (site string, unit int) {
	for _, s := range p.sites {
		if u < s.Units {
			return s.Name, u
		}
		u -= s.Units
	}
	panic("compare: no such unit")
}
