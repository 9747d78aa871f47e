package stat

import (
	"math"
	"slices"
)

// BenjaminiHochberg gives the adjusted p of each test (Benjamini and Hochberg
// 1995, step-up): rejecting those <= q keeps the false discovery rate at q. The
// family is all of p; a test that could not be made belongs in it with p = 1.
func BenjaminiHochberg(p []float64) []float64 {
	order, m := ascending(p), float64(len(p))
	adjusted := make([]float64, len(p))
	running := 1.0
	for k := len(order) - 1; k >= 0; k-- {
		running = min(running, p[order[k]]*m/float64(k+1))
		adjusted[order[k]] = running
	}
	return adjusted
}

func ascending(p []float64) []int {
	order := make([]int, len(p))
	for i, x := range p {
		if math.IsNaN(x) || x < 0 || x > 1 {
			panic("stat: a p outside [0, 1] in a family of tests")
		}
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		switch {
		case p[a] < p[b]:
			return -1
		case p[a] > p[b]:
			return 1
		}
		return 0
	})
	return order
}
