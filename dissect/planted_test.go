package dissect

import (
	"cmp"
	"context"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/rnnscope/rnnscope/concept"
	"github.com/rnnscope/rnnscope/rnn"
	"github.com/rnnscope/rnnscope/specimen"
	"github.com/rnnscope/rnnscope/synth"
	"github.com/rnnscope/rnnscope/text"
)

// bench is a generated text, a small untrained network and an input over them.
type bench struct {
	in    *specimen.Specimen
	split text.Split
	runes []rune
}

func (b *bench) parts() specimen.Parts { return b.in.Parts(text.DefaultBlock) }

// newBench splits n characters of a domain 20/30/50, so that the test part
// reaches the 40,000 characters that the null asks for at n = 80,000.
func newBench(t testing.TB, domain string, n int, cell rnn.Cell, hidden int) *bench {
	t.Helper()
	x, err := synth.Generate(domain, n, rand.New(rand.NewPCG(5, uint64(n))), synth.Options{})
	if err != nil {
		t.Fatal(err)
	}
	c, err := text.FromString(domain, x.S, text.Options{})
	if err != nil {
		t.Fatal(err)
	}
	m, err := rnn.New(rnn.Config{Cell: cell, Vocab: c.Alphabet.Size(), Hidden: hidden, Layers: 1})
	if err != nil {
		t.Fatal(err)
	}
	m.Init(rand.New(rand.NewPCG(6, 1)))
	split, err := text.TailSplit(len(c.IDs), 0.2, 0.3)
	if err != nil {
		t.Fatal(err)
	}
	return &bench{in: specimen.OwnText(specimen.Network{Model: m, Alphabet: c.Alphabet}, specimen.InMemory(c), split), split: split, runes: []rune(x.S)}
}

func concepts(t testing.TB, names ...string) []concept.Concept {
	t.Helper()
	var out []concept.Concept
	for _, n := range names {
		c, err := concept.Find(n)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, c)
	}
	return out
}

// noise is standard normal, a function of the position and a seed.
func noise(position int, seed uint64) float64 {
	return rand.New(rand.NewPCG(seed, uint64(position))).NormFloat64()
}

// flag is a unit that follows a label with the AUROC of two normals d apart.
func flag(labels []concept.Label, d float64, seed uint64) func(int) float32 {
	return func(p int) float32 {
		x := 0.6 * noise(p, seed)
		if labels[p].Valid && labels[p].Y > 0 {
			x += 0.6 * d
		}
		return float32(math.Tanh(x))
	}
}

func (b *bench) run(t testing.TB, opt Options, units map[int]func(int) float32) *Result {
	t.Helper()
	opt.Sites = []string{"l0.h"}
	opt.Seed = cmp.Or(opt.Seed, 1)
	b.in.Plant(units)
	defer b.in.Plant(nil)
	res, err := Run(context.Background(), b.in, opt, nil)
	if err != nil {
		t.Fatal(err)
	}
	return res
}

func (r *Result) concept(name string) *ConceptResult {
	for i := range r.Concepts {
		if r.Concepts[i].Concept == name {
			return &r.Concepts[i]
		}
	}
	return nil
}

// drifting is an AR(1) unit with a memory of about 20 characters.
func drifting(n int, seed uint64) func(int) float32 {
	rng := rand.New(rand.NewPCG(seed, 99))
	values := make([]float32, n)
	x := 0.0
	for p := range values {
		x = 0.95*x + 0.31*rng.NormFloat64()
		values[p] = float32(math.Tanh(x))
	}
	return func(p int) float32 { return values[p] }
}
