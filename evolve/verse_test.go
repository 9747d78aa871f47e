package evolve

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/rnnscope/rnnscope/synth"
)

// annotated words, by number of syllables.
var annotated = map[int]string{
	1: "the sun walked laughed whale eyes stone thought strength through breathe clothes ships washed loved knees owe please house cheese leave lives horse year hour he'll I'd you're moon's bridge judged quick rhyme straight",
	2: "apple candle table wanted needed judges washes churches water mother lion poet quiet sailor captain nation special region silent crooked handsome careless hopeful lovely movement didn't couldn't going being cruel royal flying people pigeon something tumbled puzzled evening yellow player queen's-gate receive believe belief awake beyond",
	3: "family beautiful yesterday tomorrow remember animal violin visited abandon telescope prisoner general gentleman potato banana example musical suddenly hurriedly carrying marrying understand library pelican carefully industry exciting delivered messenger labourer",
	4: "material conservative America society geography photography particular generation education ability melancholy salamander philosophy",
	5: "university imagination conservatory observatory imaginary refrigerator electricity curiosity",
}

func TestSyllables(t *testing.T) {
	var right, all int
	for n, list := range annotated {
		for _, w := range strings.Fields(list) {
			all++
			if got := Syllables(w); got == n {
				right++
			} else {
				t.Logf("%s: %d, want %d", w, got, n)
			}
		}
	}
	if share := float64(right) / float64(all); share < 0.9 {
		t.Errorf("%.2f of %d words right, want 0.9", share, all)
	}
}

// TestVerseOfSynth: the estimate sees ten syllables in most lines that were
// written with ten, and in few lines of prose.
func TestVerseOfSynth(t *testing.T) {
	count := func(domain string) (right, all int64) {
		text, err := synth.Generate(domain, 60_000, rand.New(rand.NewPCG(3, 3)), synth.Options{})
		if err != nil {
			t.Fatal(err)
		}
		var e events
		countVerse(text.Runes, &e)
		return e.right, e.all
	}
	right, all := count("play")
	t.Logf("play: %d of %d", right, all)
	if all < 800 || float64(right) < 0.7*float64(all) {
		t.Errorf("play: %d of %d lines", right, all)
	}
	right, all = count("novel")
	t.Logf("novel: %d of %d", right, all)
	if float64(right) > 0.3*float64(all) {
		t.Errorf("novel: %d of %d lines", right, all)
	}
}
