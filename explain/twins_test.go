package explain

import (
	"context"
	"encoding/json"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rnnscope/rnnscope/concept"
	"github.com/rnnscope/rnnscope/rnn"
	"github.com/rnnscope/rnnscope/specimen"
	"github.com/rnnscope/rnnscope/text"
)

// sharp is a random network whose readout says something: PyTorch's initial weights
// leave all logits near zero.
func sharp(t *testing.T, hidden int, cell rnn.Cell) *specimen.Specimen {
	t.Helper()
	sp := random(t, "novel", 130_000, hidden, cell, 9)
	sp.Model.InitUniform(rand.New(rand.NewPCG(9, 9)), 1.5)
	return sp
}

func prepared(t *testing.T, sp *specimen.Specimen) (*job, *study) {
	t.Helper()
	j, err := newJob(sp, Options{Workers: 2, Sites: []string{"l0.h"}, Concepts: []concept.Concept{mustFind("in-quote"), mustFind("sentence-end")}})
	if err != nil {
		t.Fatal(err)
	}
	s, err := j.oneStudy(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return j, s
}

// No row of one part stands in another, growing and held-back rows come from the
// choosing part, and what follows a row is what stands there in the text.
func TestPlanKeepsPartsApart(t *testing.T) {
	for name, other := range map[string]bool{"own": false, "other": true} {
		network, corpus := randomNetwork(t, "novel", 120_000, 4, rnn.LSTM, 1)
		sp := random(t, "novel", 120_000, 4, rnn.LSTM, 1)
		if other {
			sp = specimen.OtherText(network, specimen.InMemory(corpus))
		}
		p, err := newPlan(sp)
		if err != nil {
			t.Fatal(err)
		}
		seen := map[int]bool{}
		within := func(blocks text.Blocks, pos int) bool {
			for i := range blocks.Len() {
				if b := blocks.At(i); pos >= b.Lo && pos < b.Hi {
					return true
				}
			}
			return false
		}
		first := p.report[0].lo
		for r, pos := range p.at {
			if seen[pos] {
				t.Fatalf("%s: position %d stands in two rows", name, pos)
			}
			seen[pos] = true
			if blocks := sp.Parts(0).Choose; r < first != within(blocks, pos) {
				t.Fatalf("%s: row %d of %d at %d is on the wrong side", name, r, first, pos)
			}
			if want := corpus.IDs; pos+1 < len(want) && p.next[r] != want[pos+1] {
				t.Fatalf("%s: after row %d comes %d, not %d", name, r, p.next[r], want[pos+1])
			}
		}
		if held := first - p.grow; held < p.grow/6 || held > p.grow {
			t.Errorf("%s: %d rows held back of %d grown on", name, held, p.grow)
		}
	}
}

// What the number of cores is changes nothing.
func TestCoresChangeNothing(t *testing.T) {
	sp := random(t, "novel", 100_000, 6, rnn.GRU, 2)
	var got [2]string
	for i, workers := range []int{1, 3} {
		res, err := Run(context.Background(), sp, Options{Workers: workers, Untrained: 1, Concepts: []concept.Concept{mustFind("in-quote")}}, nil)
		if err != nil {
			t.Fatal(err)
		}
		b, err := json.MarshalIndent(res, "", " ")
		if err != nil {
			t.Fatal(err)
		}
		got[i] = string(b)
	}
	if d := cmp.Diff(got[0], got[1]); d != "" {
		t.Error(d)
	}
}

// S_k by the state at the place, exchanged and run on alone, symbol by symbol.
func TestMemoryIsItsDefinition(t *testing.T) {
	sp := sharp(t, 5, rnn.LSTM)
	j, _ := prepared(t, sp)
	_, got, err := j.memory(context.Background(), []string{"l0.h"})
	if err != nil {
		t.Fatal(err)
	}
	x, err := j.exchange(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	other := strangers(x.block, rand.New(rand.NewPCG(j.opt.Seed, 1<<32)))
	run := sp.Model.NewStepper(1)
	states := func(p, from int) (h, c [][]float32) {
		run.State().CopyRow(0, x.states, from)
		for _, v := range x.ids[p] {
			run.Step([]int32{v})
			h, c = append(h, append([]float32(nil), run.State().H[0]...)), append(c, append([]float32(nil), run.State().C[0]...))
		}
		return h, c
	}
	const u = 3
	d, n, a, aa, m := make([]float64, len(memoryKs)), 0.0, 0.0, 0.0, 0.0
	for p := range x.ids {
		own, _ := states(p, p)
		strange, _ := states(p, other[p])
		for i, k := range memoryKs {
			v := float64(own[k-1][u])
			e := v - float64(strange[k-1][u])
			d[i], a, aa, m = d[i]+e*e, a+v, aa+v*v, m+1
		}
		n++
	}
	for i, k := range memoryKs {
		want := 1 - d[i]/n/(2*(aa/m-a/m*(a/m)))
		if g := got[0][u][i]; math.Abs(g.Estimate-want) > 1e-4 || !(g.Lo <= g.Estimate && g.Estimate <= g.Hi) {
			t.Errorf("k=%d: %v, step by step %.5f", k, g, want)
		}
	}
}

// The state at a place is the one the network has there when it reads its block.
func TestExchangeKeepsTheStates(t *testing.T) {
	sp := sharp(t, 5, rnn.LSTM)
	j, _ := prepared(t, sp)
	x, err := j.exchange(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	b := j.plan.reported[0]
	ids := idsOf(t, sp)
	run := sp.Model.NewStepper(1)
	place := 0
	for pos := b.Warm; pos < b.Hi && place < len(x.block) && x.block[place] == 0; pos++ {
		run.Step([]int32{ids[pos]})
		if pos+1+memorySteps <= b.Hi && cmp.Equal(x.ids[place], []int32(ids[pos+1:pos+1+memorySteps])) && (pos-b.Lo+1)%8 == 0 {
			if got, want := x.states.C[0][place*5:place*5+5], run.State().C[0]; math.Abs(float64(got[2]-want[2])) > 1e-5 {
				t.Fatalf("place %d: c %v, step by step %v", place, got, want)
			}
			place++
		}
	}
	if place == 0 {
		t.Error("no place was found")
	}
}

// Fidelity's short cut against the whole readout, one changed unit at a time.
func TestFidelityIsTheLoss(t *testing.T) {
	sp := sharp(t, 6, rnn.LSTM)
	j, s := prepared(t, sp)
	r := newReadout(sp.Model)
	f := s.newFidelity(r)
	const u = 2
	uses, _ := f.unit(u)
	mean := s.col.lo[u] + s.col.step[u]*s.units[u].full.tree.Nodes[0].Mean
	var sum float64
	h, z := make([]float32, r.h), make([]float32, r.v)
	for _, row := range f.rows {
		s.col.states(h, row)
		r.logits(z, h, 1)
		before := crossEntropy(z, j.plan.next[row], 1)
		h[u] = float32(mean)
		r.logits(z, h, 1)
		sum += crossEntropy(z, j.plan.next[row], 1) - before
	}
	if want := sum / float64(len(f.rows)); math.Abs(uses.Estimate-want) > 1e-5+1e-4*math.Abs(want) {
		t.Errorf("at its mean the unit costs %.6f, by the whole readout %.6f", uses.Estimate, want)
	}
}

// The loss of the network's own states at the readout is the network's loss, and a hook
// that hands the recurrence what it has anyway changes nothing.
func TestWordsStandOnTheNetwork(t *testing.T) {
	sp := sharp(t, 6, rnn.LSTM)
	j, s := prepared(t, sp)
	r := newReadout(sp.Model)
	w, err := j.describedNetwork(context.Background(), s, r)
	if err != nil {
		t.Fatal(err)
	}
	// A random readout is worse than the frequencies: there is nothing to keep a share of.
	if w.Network.Estimate > w.Unigram.Estimate && w.Described[2].K.Estimate == w.Described[2].K.Estimate {
		t.Errorf("network %v, unigram %v: K should be undefined, is %v", w.Network, w.Unigram, w.Described[2].K)
	}
	x := &recurrentRun{j: j, unigram: j.unigram()}
	blocks := j.wholeBlocks(3)
	if x.ids, x.at, err = gather(sp.Text.Source, oneMore(blocks, sp.Text.Source.Len())); err != nil {
		t.Fatal(err)
	}
	plain, _, count, err := x.losses(context.Background(), nil)
	if err != nil {
		t.Fatal(err)
	}
	same := &descriptionHook{units: 6, sites: []string{"l0.h.rec"}, states: [][][]float32{nil}}
	rows := rowsOf(blocks, j.plan.at, j.plan.report[0].lo, len(j.plan.at))
	own := 0.0
	for i, b := range blocks {
		states := make([]float32, b.Len()*6)
		z := make([]float32, r.v)
		for t := range b.Len() {
			s.col.states(states[t*6:t*6+6], int(rows[i][t]))
			if y := j.plan.next[rows[i][t]]; t >= recurrentLead && y >= 0 {
				r.logits(z, states[t*6:t*6+6], 1)
				own += crossEntropy(z, y, 1)
			}
		}
		same.states[0] = append(same.states[0], states)
	}
	through, _, _, err := x.losses(context.Background(), same)
	if err != nil {
		t.Fatal(err)
	}
	n := sumOf(count)
	if a, b, c := sumOf(plain)/n, sumOf(through)/n, own/n; math.Abs(a-b) > 2e-3 || math.Abs(a-c) > 2e-3 || n < 1000 {
		t.Errorf("loss %.5f, through a hook of the same states %.5f, of the states at the readout %.5f, over %g", a, b, c, n)
	}
}

// The swap: cross sums of the order as it stands are the error of the report.
func TestSwapOfTheTextAsItStands(t *testing.T) {
	sp := sharp(t, 6, rnn.LSTM)
	_, s := prepared(t, sp)
	if s.plan.swap > 0 {
		t.Fatalf("the text should be too short for the null, segments of %d", s.plan.swap)
	}
	tested := 0
	for u := range s.units {
		w := s.newWalker()
		x := w.swap(s, u)
		if x == nil {
			continue
		}
		tested++
		g := &s.units[u].full
		errors := g.sums.Errors(g.tree, g.cuts[Sizes-1])
		for k, cross := range x.cross {
			for i := range cross {
				if want := errors[4*k+i]; math.Abs(cross[i][i]-want) > 1e-9*want {
					t.Fatalf("unit %d segment %d: %g, error on the report %g", u, 4*k+i, cross[i][i], want)
				}
			}
		}
		if p := x.p(orders4(), 99, rand.New(rand.NewPCG(1, 1))); !(p > 0 && p <= 1) {
			t.Errorf("p %g", p)
		}
	}
	if tested == 0 {
		t.Error("no unit asks beyond the last five characters: nothing was tested")
	}
}

// A description that says nothing about older context has a p spread over (0, 1].
func TestSwapIsFair(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 7))
	below, n := 0, 400
	for range n {
		x := &swapTest{}
		for range 10 {
			var cross [4][4]float64
			for i := range cross {
				for j := range cross {
					cross[i][j] = rng.Float64()
				}
			}
			x.cross = append(x.cross, cross)
		}
		if x.p(orders4(), 199, rng) <= 0.05 {
			below++
		}
	}
	if share := float64(below) / float64(n); share < 0.02 || share > 0.09 {
		t.Errorf("p <= .05 in %.3f of %d", share, n)
	}
}

func idsOf(t *testing.T, sp *specimen.Specimen) []int32 {
	t.Helper()
	ids, err := sp.IDs()
	if err != nil {
		t.Fatal(err)
	}
	return ids
}
