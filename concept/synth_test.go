package concept

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/rnnscope/rnnscope/synth"
)

// TestAgreesWithSynth: on every character of every synthetic domain a valid
// label equals what the generator planted, and few labels are invalid.
func TestAgreesWithSynth(t *testing.T) {
	seen, seeds := map[string]bool{}, uint64(4)
	if testing.Short() {
		seeds = 1
	}
	for _, domain := range synth.Names() {
		for seed := uint64(1); seed <= seeds; seed++ {
			text, err := synth.Generate(domain, 60_000, rand.New(rand.NewPCG(seed, 7)), synth.Options{})
			if err != nil {
				t.Fatal(err)
			}
			for name, truth := range text.Labels {
				if name == synth.PlantedDepth {
					continue // what the generator meant, not what the text shows
				}
				seen[name] = true
				compare(t, fmt.Sprintf("%s seed %d %s", domain, seed, name), name, text.Runes, truth)
			}
		}
	}
	if len(seen) < 12 {
		t.Errorf("only %d concepts compared", len(seen))
	}
}

func compare(t *testing.T, where, name string, rs []rune, truth []int16) {
	t.Helper()
	c, err := Find(name)
	if err != nil {
		t.Errorf("%s: %v", where, err)
		return
	}
	got := LabelAll(c, rs)
	if len(got) != len(rs) {
		t.Fatalf("%s: %d labels for %d characters", where, len(got), len(rs))
	}
	invalid := 0
	for i, l := range got {
		if !l.Valid {
			invalid++
			continue
		}
		if l.Y != int32(truth[i]) {
			t.Errorf("%s: character %d %q is %d, planted %d, in\n%q", where, i, rs[i], l.Y, truth[i], string(rs[max(0, i-60):min(len(rs), i+20)]))
			return
		}
	}
	if share := float64(invalid) / float64(len(rs)); share > 0.05 {
		t.Errorf("%s: %.3f of the labels are invalid", where, share)
	}
}
