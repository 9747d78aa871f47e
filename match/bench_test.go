package match

import (
	"math/rand/v2"
	"path/filepath"
	"slices"
	"testing"

	"github.com/rnnscope/rnnscope/rnn"
	"github.com/rnnscope/rnnscope/specimen"
	"github.com/rnnscope/rnnscope/specimen/specimentest"
	"github.com/rnnscope/rnnscope/text"
)

// BenchmarkIndex builds the index of an LSTM of 256 units (512 values a symbol) over 200,000 symbols; a value counts as a byte of MB/s.
func BenchmarkIndex(b *testing.B) {
	c, _ := specimentest.Novel(b, 1_000_000, 1, 2)
	s := specimen.OwnText(specimentest.Network(b, c, rnn.Config{Cell: rnn.LSTM, Hidden: 256, Layers: 1}, 3, 4), specimen.Text{Name: "novel", SHA256: "1", Source: text.InMemory(c.IDs)}, specimentest.Split(b, c))
	path := filepath.Join(b.TempDir(), "index")
	for b.Loop() {
		values := int64(0)
		if err := Build(b.Context(), s, path, 0, func(done, _ int64) { values = done }); err != nil {
			b.Fatal(err)
		}
		b.SetBytes(values)
	}
}

// BenchmarkLevels turns the values of 500 symbols of 512 units into bins.
func BenchmarkLevels(b *testing.B) {
	const units, rows = 512, 500
	rng := rand.New(rand.NewPCG(1, 2))
	values, of := make([]float32, units*rows), make([]borders, units)
	for i := range values {
		values[i] = float32(rng.NormFloat64())
	}
	for u := range of {
		edges := make([]float32, Levels-1)
		for i := range edges {
			edges[i] = float32(rng.NormFloat64())
		}
		slices.Sort(edges)
		of[u] = bordersOf(edges)
	}
	chunk := make([]byte, units*rows)
	b.SetBytes(units * rows)
	for b.Loop() {
		levels(chunk, rows, 0, values, of)
	}
}
