package births

import (
	"context"
	"math/rand/v2"
	"testing"

	"github.com/rnnscope/rnnscope/concept"
	"github.com/rnnscope/rnnscope/intervene"
	"github.com/rnnscope/rnnscope/rnn"
	"github.com/rnnscope/rnnscope/specimen"
	"github.com/rnnscope/rnnscope/specimen/specimentest"
)

// TestPlantedBirths: from step 30 on unit 3 follows quotations, from 100 on unit 1 does so
// better. The best unit is born at 30; the survivor at 100.
func TestPlantedBirths(t *testing.T) {
	at := func(step int64) (*specimen.Specimen, error) {
		units := map[int]float32{}
		if step >= 30 {
			units[3] = .4
		}
		if step >= 100 {
			units[1] = .8
		}
		sp, _ := plantedQuote(t, 60_000, units)
		return sp, nil
	}
	_, k := plantedQuote(t, 60_000, nil)
	run := func(workers int) *Result {
		r, err := Run(context.Background(), Snapshots{Steps: []int64{0, 10, 30, 100, 300}, At: at},
			Options{Concepts: []concept.Concept{k}, Characters: 20_000, Untrained: 2, Workers: workers}, nil)
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	r := run(2)
	if len(r.Concepts) != 1 {
		t.Fatalf("nothing was born: %+v", r)
	}
	x0 := r.Concepts[0]
	if orNone(x0.Best.Birth) != 30 || orNone(x0.Best.After) != 10 || orNone(x0.Final.Birth) != 100 {
		t.Errorf("best born at %d after %d, final at %d", orNone(x0.Best.Birth), orNone(x0.Best.After), orNone(x0.Final.Birth))
	}
	if u := x0.Best.Looks[2].Unit.Unit; u != 3 {
		t.Errorf("unit %d is best at step 30", u)
	}
	if u := x0.Final.Looks[0].Unit.Unit; u != 1 || x0.Best.Looks[4].Unit.Unit != 1 {
		t.Errorf("the survivor is unit %d", u)
	}
	if x0.Final.Looks[0].Times == nil {
		t.Error("no time constants")
	}
	if one := run(1); orNone(one.Concepts[0].Best.Birth) != 30 || one.Concepts[0].Best.Looks[4].AUROC != x0.Best.Looks[4].AUROC {
		t.Error("figures depend on the workers")
	}
}

// TestUsedIsWhatAblateSays: the causal verdict at a snapshot is that of an ablation of the same network by itself.
func TestUsedIsWhatAblateSays(t *testing.T) {
	sp, k := plantedQuote(t, 60_000, map[int]float32{1: .8})
	r, err := Run(context.Background(), Snapshots{Steps: []int64{7}, At: func(int64) (*specimen.Specimen, error) { return sp, nil }},
		Options{Concepts: []concept.Concept{k}, Characters: 20_000, Untrained: 1, Used: []int64{7}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	look := r.Concepts[0].Final.Looks[0]
	direct, err := intervene.Run(context.Background(), sp, []intervene.Candidate{{Concept: k, Units: []rnn.Unit{look.Unit}}}, intervene.Options{Top: 1}, nil)
	if err != nil {
		t.Fatal(err)
	}
	want := direct.Concepts[0].Pairs[0]
	if want.Verdict == intervene.Untestable {
		t.Fatal("untestable: the test says nothing")
	}
	if look.Used == nil || look.Used.Verdict != want.Verdict || look.Used.D != want.Mean.D {
		t.Errorf("births say %+v, an ablation %s, %v", look.Used, want.Verdict, want.Mean.D)
	}
}

// plantedQuote is an untrained network on a novel, units of which follow quotations as surely
// as is said.
func plantedQuote(t *testing.T, n int, strengths map[int]float32) (*specimen.Specimen, concept.Concept) {
	t.Helper()
	c, x := specimentest.Novel(t, n, 5, 5)
	network := specimentest.Network(t, c, rnn.Config{Cell: rnn.Elman, Hidden: 6, Layers: 1}, 1, 1)
	k, err := concept.Find("in-quote")
	if err != nil {
		t.Fatal(err)
	}
	labels := concept.LabelAll(k, []rune(x.S))
	flag := func(strength float32) func(p int) float32 {
		return func(p int) float32 {
			v := float32(rand.New(rand.NewPCG(9, uint64(p))).NormFloat64() / 4)
			if labels[p].Valid && labels[p].Y > 0 {
				v += strength
			}
			return max(-1, min(1, v))
		}
	}
	s := specimen.OwnText(network, specimen.InMemory(c), specimentest.Parts(t, c))
	units := map[int]func(int) float32{}
	for u, strength := range strengths {
		units[u] = flag(strength)
	}
	s.Plant(units)
	return s, k
}
