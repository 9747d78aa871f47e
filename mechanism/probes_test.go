package mechanism

import (
	"context"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/rnnscope/rnnscope/rnn"
	"github.com/rnnscope/rnnscope/stat"
	"github.com/rnnscope/rnnscope/synth"
)

// pairsOf is a network that has learned of its text which character follows which, and nothing else.
func pairsOf(t *testing.T, l *Language) *rnn.Model {
	t.Helper()
	v := l.alphabet.Size()
	w := wire(t, l, rnn.Config{Cell: rnn.Elman, Hidden: v})
	count := make([]float64, v*v)
	for i := 1; i < len(l.ids); i++ {
		count[int(l.ids[i-1])*v+int(l.ids[i])]++
	}
	for now := range v {
		w.in(now, int32(now), 20) // h is one-hot
		var all float64
		for next := range v {
			all += count[now*v+next] + .1
		}
		for next := range v {
			w.out(int32(next), now, math.Log((count[now*v+next]+.1)/all))
		}
	}
	return w.m
}

// attributes is a page whose quotation marks hold values: what stands inside is unlike what stands outside.
func attributes(rng *rand.Rand) string {
	var b strings.Builder
	word := func(letters string, n int) {
		for range n {
			b.WriteByte(letters[rng.IntN(len(letters))])
		}
	}
	for range 1500 {
		word("abcd ", 2+rng.IntN(20))
		b.WriteByte('=')
		b.WriteByte('"')
		word("4567 ", 2+rng.IntN(12))
		b.WriteString("\">\n")
	}
	return b.String()
}

// TestChoose: probes are filler where a network finds it like its text, however far apart marks
// stand, and pieces where it does not, however near.
func TestChoose(t *testing.T) {
	c := corpus(t, attributes(rand.New(rand.NewPCG(5, 5))))
	page, err := NewLanguage("page", c.Alphabet, c.IDs, synth.StraightMarks)
	if err != nil {
		t.Fatal(err)
	}
	for name, x := range map[string]struct {
		l    *Language
		want string
	}{
		"attribute values":     {page, Pieces},
		"letters, close":       {nest(t, flat()), Filler},
		"letters, wide":        {wide(t, flat()), Filler},
		"letters, two kinds":   {nest(t, twoKinds(2)), Filler},
		"letters, wide, kinds": {wide(t, twoKinds(2)), Filler},
	} {
		r, err := measure(context.Background(), pairsOf(t, x.l), x.l, Options{Seed: 1, Sequences: 36, Quick: true})
		if err != nil {
			t.Fatal(err)
		}
		if r.Probes != x.want || r.Chosen == nil || r.Natural.Off {
			t.Errorf("%s: %s, gaps %d to %d, chosen by %+v; off its text: %v", name, r.Probes, r.GapLow, r.GapHigh, r.Chosen, r.Natural)
		}
		for _, asked := range []string{Filler, Pieces} {
			r, err := measure(context.Background(), pairsOf(t, x.l), x.l, Options{Seed: 1, Sequences: 8, Quick: true, Probes: asked})
			if err != nil || r.Probes != asked || r.Chosen != nil {
				t.Errorf("%s, asked for %s: %v, %v", name, asked, r.Probes, err)
			}
		}
	}
}

// TestTakesPieces: filler that is read as well as the text is taken, whatever pieces cost; what is
// surely read worse gives way to pieces that cost less.
func TestTakesPieces(t *testing.T) {
	at := func(v, w float64) stat.Interval { return stat.Interval{Estimate: v, Lo: v - w, Hi: v + w, N: 9} }
	for _, c := range []struct {
		filler, pieces, text stat.Interval
		lo                   float64
		want                 bool
	}{
		{at(3, .3), at(2, .9), at(1, .4), 1.5, true},
		{at(3, .3), at(3.1, .1), at(1, .4), 1.5, false},
		{at(1.4, .3), at(1, .1), at(1, .4), -.1, false},
		{at(.9, .03), at(1, .1), at(1, .04), -.15, false},
	} {
		got := &Chosen{Text: c.text, Filler: c.filler, Pieces: c.pieces, Above: above(c.filler, c.text)}
		if math.Abs(got.Above.Lo-c.lo) > 1e-9 || got.takesPieces() != c.want {
			t.Errorf("%+v: pieces %v, want %v", got, got.takesPieces(), c.want)
		}
	}
}
