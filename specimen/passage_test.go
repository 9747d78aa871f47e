package specimen

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/rnnscope/rnnscope/stat"
	"github.com/rnnscope/rnnscope/text"
)

// TestPassagesAreTheBlock: a block counted passage by passage, cut anywhere, gives the sums of the
// whole, with and without runs, of labels on and off and of numbers; and what is held stays
// with its character.
func TestPassagesAreTheBlock(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 1))
	const n, concepts, symbols = 900, 7, 5
	for round := range 20 {
		b := &BlockLabels{Block: text.Block{Lo: 100, Hi: 100 + n}, Held: make([][]uint8, concepts)}
		b.Chars, b.Labels = make([]int32, n), make([]stat.Labels, concepts)
		bins, fixed := make([]uint8, n), make([]int32, n)
		for p := range n {
			b.Chars[p], bins[p], fixed[p] = rng.Int32N(symbols), uint8(rng.IntN(stat.Bins)), rng.Int32N(1<<21)-1<<20
		}
		for c := range b.Labels {
			randomLabels(rng, &b.Labels[c], n, c%3 == 1, c%2 == 0)
			if c == 2 {
				b.Held[c] = bins
			}
		}
		whole, parts := stat.NewTable(1, concepts, symbols), stat.NewTable(1, concepts, symbols)
		whole.AddStretch(&b.Stretch)
		whole.AddUnit(0, bins, fixed, &b.Stretch)
		var x Passage
		for lo := 0; lo < n; {
			hi := min(n, lo+1+rng.IntN(400))
			if round == 0 {
				hi = n
			}
			x.Cut(b, 3, lo, hi)
			if x.Number != 3 || x.From != lo || x.Block != (text.Block{Lo: 100 + lo, Hi: 100 + hi}) || !slices.Equal(x.Held[2], bins[lo:hi]) || x.Held[1] != nil {
				t.Fatalf("passage %d to %d: %d from %d, %+v", lo, hi, x.Number, x.From, x.Block)
			}
			parts.AddStretch(&x.Stretch)
			parts.AddUnit(0, bins[lo:hi], fixed[lo:hi], &x.Stretch)
			lo = hi
		}
		whole.Settle()
		parts.Settle()
		if d := cmp.Diff(whole, parts, cmpopts.IgnoreUnexported(stat.Table{})); d != "" {
			t.Fatalf("whole first: %s", d)
		}
	}
}

// randomLabels fills l with spells of a label.
func randomLabels(rng *rand.Rand, l *stat.Labels, n int, numeric, runs bool) {
	if numeric {
		l.Values = make([]int32, n)
	}
	for p := 0; p < n; {
		y, end := rng.Int32N(4)-1, min(n, p+1+rng.IntN(60))
		for ; p < end; p++ {
			switch {
			case y < 0:
				l.Invalid = append(l.Invalid, int32(p))
				continue
			case y > 0:
				l.Positive = append(l.Positive, int32(p))
			}
			if numeric {
				l.Values[p] = y
			}
		}
	}
	if runs {
		l.Runs = l.AppendRuns(nil)
	}
}
