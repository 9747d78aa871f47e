package mechanism

import (
	"context"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/rnnscope/rnnscope/rnn"
	"github.com/rnnscope/rnnscope/synth"
)

// wide is a language whose marks stand so far apart that probes are pieces of its text.
func wide(t testing.TB, n synth.Nesting) *Language {
	n.GapHigh, n.End = 24, .4
	l := nest(t, n)
	if l.pieces == nil {
		t.Fatal("no pieces")
	}
	return l
}

// TestJoinPieces: marks come as they are asked for, what stands between them is of their side, and
// what a sequence ends with stands in the text inside and outside alike.
func TestJoinPieces(t *testing.T) {
	l := wide(t, twoKinds(2))
	rng := rand.New(rand.NewPCG(7, 7))
	grams := map[[4]int32]bool{}
	for i := 3; i < len(l.ids); i++ {
		grams[[4]int32(l.ids[i-3:i+1])] = true
	}
	seams, all := 0, 0
	for range 200 {
		w := l.begin(rng)
		begun := len(w.ids)
		kinds := l.kinds(0, 2, rng)
		w.open(kinds...)
		w.shut(kinds...)
		w.put(kinds[0], true)
		w.lead(kinds[0])
		var got, want []int32
		for _, id := range w.ids[begun:] {
			if _, _, is := l.markIn([]int32{id}, 0, id, []int{0, 1}); is {
				got = append(got, id)
			}
		}
		for _, r := range []role{{kinds[0], true}, {kinds[1], true}, {kinds[1], false}, {kinds[0], false}, {kinds[0], true}} {
			want = append(want, l.symbol(r))
		}
		if !slices.Equal(got, want) {
			t.Fatalf("marks %v, want %v", l.alphabet.Runes(got), l.alphabet.Runes(want))
		}
		if w.at[len(w.at)-1] != len(w.ids)-1 || w.ids[w.decided] != want[len(want)-1] {
			t.Fatalf("the state is recorded after %d of %d, the last mark %d", w.at, len(w.ids), w.decided)
		}
		for i := 3; i < len(w.ids); i++ {
			all++
			if !grams[[4]int32(w.ids[i-3:i+1])] {
				seams++
			}
		}
	}
	if seams*50 > all {
		t.Errorf("%d of %d four-character sequences of probes are not in the text", seams, all)
	}
}

// TestPieces: what is known by construction is named rightly in probes made of the text's pieces.
func TestPieces(t *testing.T) {
	one, two, straight := wide(t, oneKind(2)), wide(t, twoKinds(2)), wide(t, flat())
	for i, c := range []struct {
		name, want string
		l          *Language
		make       func(rng *rand.Rand) *rnn.Model
	}{
		{"latch, one kind", "flag", one, func(rng *rand.Rand) *rnn.Model { return latch(t, one, rng) }},
		{"latch, two kinds", "flag", two, func(rng *rand.Rand) *rnn.Model { return latch(t, two, rng) }},
		{"toggler, straight", "flag", straight, func(rng *rand.Rand) *rnn.Model { return toggler(t, straight, rng) }},
		{"cell counter, one kind", "counter", one, func(rng *rand.Rand) *rnn.Model { return noisyCounter(t, one, .0003, rng) }},
		{"cell counter, two kinds", "counter", two, func(rng *rand.Rand) *rnn.Model { return noisyCounter(t, two, .0003, rng) }},
		{"shelves, one kind", "stack", one, func(rng *rand.Rand) *rnn.Model { return shelves(t, one, 2, rng) }},
		{"shelves, two kinds", "stack", two, func(rng *rand.Rand) *rnn.Model { return shelves(t, two, 2, rng) }},
	} {
		if testing.Short() && i%2 == 1 {
			continue // two kinds of mark; each mechanism is there with one
		}
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r, err := measure(context.Background(), c.make(rand.New(rand.NewPCG(1, 99))), c.l, Options{Seed: 1, Sequences: 36, Probes: Pieces})
			if err != nil {
				t.Fatal(err)
			}
			if r.Verdict != c.want || r.Probes != Pieces {
				t.Errorf("named %q, want %q\n%s", r.Verdict, c.want, describe(r))
			}
			if r.Natural.Off || r.Inside.ByContent() {
				t.Errorf("off the text: %v; told without the mark: %v, %v nats", r.Natural, r.Inside.Unmarked, r.Inside.UnmarkedNats)
			}
		})
	}
}
