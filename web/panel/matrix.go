package panel

import (
	"context"
	"math"
	"slices"

	"github.com/rnnscope/rnnscope/stat"
)

// Matrix is the AUROC of every unit for every concept, [C, sites*H].
func (p *Panel) Matrix(ctx context.Context) ([]float32, error) {
	p.whole.Lock()
	defer p.whole.Unlock()
	if p.all != nil {
		return p.all, nil
	}
	units := len(p.Sites) * p.H
	out := make([]float32, len(p.Concepts)*units)
	for i := range p.Sites {
		for u := range p.H {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			bins := p.quantileBins(i, u)
			for c, labels := range p.labels {
				var counts [3][stat.Bins]int64 // by label + 1
				for t, y := range labels {
					counts[y+1][bins[t]]++
				}
				a, _ := stat.AUROC(counts[2][:], counts[1][:])
				if math.IsNaN(a) {
					a = .5
				}
				out[c*units+i*p.H+u] = float32(a)
			}
		}
	}
	p.all = out
	return out, nil
}

// SimilarOrder orders the units of a heatmap so that like ones are neighbours: by their
// correlation with the most spread one, then greedily. values is [n,h].
func SimilarOrder(values []float32, n, h int) []int {
	order := make([]int, 0, h)
	if n < 2 {
		for u := range h {
			order = append(order, u)
		}
		return order
	}
	every := max(1, n/400)
	rows := make([][]float64, h)
	for u := range rows {
		for t := 0; t < n; t += every {
			rows[u] = append(rows[u], float64(values[t*h+u]))
		}
		standardise(rows[u])
	}
	left := make([]int, h)
	for u := range left {
		left[u] = u
	}
	at := 0
	for len(left) > 0 {
		u := left[at]
		order = append(order, u)
		left = slices.Delete(left, at, at+1)
		best := math.Inf(-1)
		for i, o := range left {
			if d := dot(rows[u], rows[o]); d > best {
				best, at = d, i
			}
		}
	}
	return order
}

func standardise(x []float64) {
	m, norm := stat.Mean(x), 0.0
	for i := range x {
		x[i] -= m
		norm += x[i] * x[i]
	}
	if norm = math.Sqrt(norm); norm > 0 {
		for i := range x {
			x[i] /= norm
		}
	}
}

func dot(a, b []float64) float64 {
	s := 0.0
	for i, v := range a {
		s += v * b[i]
	}
	return s
}
