package match

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// The fast way to a bin is the slow one's, for whatever a float can be.
func TestLevelsAreThoseOfTheEdges(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 7))
	odd := []float32{0, float32(math.Copysign(0, -1)), float32(math.Inf(1)), float32(math.Inf(-1)), float32(math.NaN()), -float32(math.NaN()), math.MaxFloat32, -math.MaxFloat32, math.SmallestNonzeroFloat32, 1, -1}
	draw := func(like int) float32 {
		switch {
		case rng.IntN(12) == 0:
			return odd[rng.IntN(len(odd))]
		case like == 1: // many alike
			return float32(rng.IntN(5)) / 4
		}
		return float32(rng.NormFloat64())
	}
	const units, rows, n, at = 37, 301, 400, 60
	edges, of := make([][]float32, units), make([]borders, units)
	for u := range edges {
		for range Levels - 1 {
			edges[u] = append(edges[u], draw(u%2))
		}
		slices.Sort(edges[u])
		of[u] = bordersOf(edges[u])
	}
	values := make([]float32, rows*units)
	for i := range values {
		values[i] = draw(i % units % 2)
	}
	chunk := make([]byte, units*n)
	levels(chunk, n, at, values, of)
	for u := range units {
		for row := range n {
			want := byte(0)
			if row >= at && row < at+rows {
				want = level(edges[u], values[(row-at)*units+u])
			}
			if got := chunk[u*n+row]; got != want {
				t.Fatalf("unit %d, row %d, value %v: bin %d, want %d", u, row, values[max(0, min(rows-1, row-at))*units+u], got, want)
			}
		}
	}
}
