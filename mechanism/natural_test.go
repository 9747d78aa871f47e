package mechanism

import (
	"context"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/rnnscope/rnnscope/stat"
)

// TestNatural: a wired flag tells inside from outside at places of the text itself, and the
// pairs of places are what they are said to be.
func TestNatural(t *testing.T) {
	l := nest(t, oneKind(3))
	m := latch(t, l, rand.New(rand.NewPCG(1, 99)))
	r, err := measure(context.Background(), m, l, Options{Seed: 1, Sequences: 36, Quick: true})
	if err != nil {
		t.Fatal(err)
	}
	if n := r.Natural; n.Pairs < fewNatural || !tells(n.AUROC, n.Nats) {
		t.Errorf("%+v", r.Natural)
	}
	depth := l.scan().depth
	inside, outside, _ := l.places(200, rand.New(rand.NewPCG(2, 2)))
	for i := range inside {
		in, out := inside[i], outside[i]
		if depth[in] == 0 || depth[out] != 0 || !slices.Equal(l.ids[in-1:in+1], l.ids[out-1:out+1]) {
			t.Fatalf("places %d (depth %d, %v) and %d (depth %d, %v)", in, depth[in], l.ids[in-1:in+1], out, depth[out], l.ids[out-1:out+1])
		}
	}
}

// TestOffText: what a network does in its text is not denied because it does not do it in probes.
func TestOffText(t *testing.T) {
	at := func(lo float64) stat.Interval { return stat.Interval{Estimate: lo + .05, Lo: lo, Hi: lo + .1, N: 100} }
	yes, no := Inside{AUROC: at(.8), Nats: at(1)}, Inside{AUROC: at(.45), Nats: at(-.1)}
	for _, c := range []struct {
		probes, text Inside
		want         string
	}{{yes, yes, "flag"}, {yes, no, "flag"}, {no, yes, OffText}, {no, no, None}} {
		r := &Result{Inside: c.probes, Natural: &Natural{AUROC: c.text.AUROC, Nats: c.text.Nats, Pairs: 99}, Candidates: []Mechanism{Flag}}
		if r.decide(); r.Verdict != c.want {
			t.Errorf("probes %v, text %v: %q, want %q", c.probes.AUROC, c.text.AUROC, r.Verdict, c.want)
		}
	}
}
