package memory

import (
	"context"
	"encoding/json"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rnnscope/rnnscope/rnn"
	"github.com/rnnscope/rnnscope/specimen"
	"github.com/rnnscope/rnnscope/stat"
	"github.com/rnnscope/rnnscope/text"
)

const waitLetters = "abcdefgh"

// bracketText is filler with brackets of two kinds; a full stop announces a closer,
// and stands outside too.
func bracketText(n int, rng *rand.Rand) string {
	var b strings.Builder
	letters := func(k int) {
		for range k {
			b.WriteByte(waitLetters[rng.IntN(len(waitLetters))])
		}
	}
	for b.Len() < n {
		letters(30 + rng.IntN(60))
		b.WriteString(".\n")
		letters(5 + rng.IntN(40))
		kind := rng.IntN(2)
		b.WriteByte("(["[kind])
		letters(20 + rng.IntN(180))
		b.WriteByte('.')
		b.WriteByte(")]"[kind])
	}
	return b.String()
}

// Units of the wired network.
const (
	unitHold  = 0 // set by "(", silent until the full stop, then says which bracket
	unitCount = 1 // the same, and grows with every letter
	unitFlag  = 2 // set by "(", but acts on every prediction
	ordinary  = 3 // from here on: leaky sums of letters
)

func wiredWaiting(t *testing.T, rng *rand.Rand) (*rnn.Model, *text.Alphabet) {
	t.Helper()
	a, err := text.NewAlphabet([]rune("\n.()[]"+waitLetters), false, false)
	if err != nil {
		t.Fatal(err)
	}
	m, err := rnn.New(rnn.Config{Cell: rnn.LSTM, Vocab: a.Size(), Hidden: 48, Layers: 1})
	if err != nil {
		t.Fatal(err)
	}
	const i, f, g, o, on = 0, 1, 2, 3, 20
	w := wiring{m: m, a: a, h: 48, gates: 4}
	for _, u := range []int{unitHold, unitCount, unitFlag} {
		w.bias(i, u, -on)
		w.bias(f, u, on)
		w.bias(o, u, -on)
		w.input(i, u, '(', 2*on)
		w.input(f, u, '(', -2*on)
		w.input(f, u, ')', -2*on)
		w.input(i, u, ')', -4*on) // nothing comes in while it is cleared
		w.input(g, u, '(', 3)
		w.input(o, u, '.', 2*on)
	}
	w.input(g, unitCount, '(', math.Atanh(0.6))
	w.recurrent(i, unitCount, unitFlag, 3*on)
	for _, r := range waitLetters {
		w.input(g, unitCount, r, 0.003)
	}
	w.bias(o, unitFlag, on)
	for _, u := range []int{unitHold, unitCount} {
		w.readout(')', u, 10)
		w.readout(']', u, -10)
	}
	w.readout('a', unitFlag, 4)
	w.readoutBias(']', 5)
	for u := ordinary; u < 48; u++ {
		keep := 0.3 + 0.65*rng.Float64()
		w.bias(i, u, on)
		w.bias(f, u, math.Log(keep/(1-keep)))
		w.bias(o, u, on)
		for _, r := range "\n.()[]" + waitLetters {
			w.input(g, u, r, 0.5*rng.NormFloat64())
			w.readout(r, u, 0.3*rng.NormFloat64())
		}
	}
	w.done()
	return m, a
}

func waitInput(t *testing.T) *specimen.Specimen {
	t.Helper()
	rng := testRand(11)
	m, a := wiredWaiting(t, rng)
	ids, err := a.Encode([]byte(bracketText(120_000, rng)), text.UnknownError)
	if err != nil {
		t.Fatal(err)
	}
	split, err := text.TailSplit(len(ids), 0.2, 0.4)
	if err != nil {
		t.Fatal(err)
	}
	return specimen.OwnText(specimen.Network{Model: m, Alphabet: a}, specimen.Text{Name: "brackets", Source: text.InMemory(ids)}, split)
}

// A hand-wired hold unit and a hand-wired count unit are named, ordinary units and a
// flag that never sleeps are not.
func TestTriggerWaitUnitsAreNamed(t *testing.T) {
	res, err := Run(context.Background(), waitInput(t), Options{Seed: 5, Workers: 2}, nil)
	if err != nil {
		t.Fatal(err)
	}
	k := slices.IndexFunc(res.Waiting, func(w Waiting) bool { return w.Kind == "paren" })
	if k < 0 {
		t.Fatalf("no search over parens: %+v", res.Waiting)
	}
	w := res.Waiting[k]
	byUnit := map[int]WaitUnit{}
	for _, u := range w.Units {
		t.Logf("%+v", u)
		if u.Site == "l0.c" {
			byUnit[u.Unit] = u
		}
		if u.Verdict == TriggerWait && (u.Unit >= ordinary || u.Unit == unitFlag) {
			t.Errorf("%s[%d] is named trigger-wait", u.Site, u.Unit)
		}
	}
	if u := byUnit[unitHold]; u.Verdict != TriggerWait || u.Mode != ModeHold {
		t.Errorf("the hold unit: %+v", u)
	}
	if u := byUnit[unitCount]; u.Verdict != TriggerWait || u.Mode != ModeCount {
		t.Errorf("the count unit: %+v", u)
	}
	if u, seen := byUnit[unitFlag]; seen && !slices.Contains(u.Failed, CriterionTiming) {
		t.Errorf("the flag acts while it waits, but timing is not among its failures: %+v", u)
	}
	if w.Sham != 0 {
		t.Errorf("%d units wait for random places", w.Sham)
	}
	for _, kind := range []string{"square"} {
		k := slices.IndexFunc(res.Waiting, func(w Waiting) bool { return w.Kind == kind })
		if k >= 0 && res.Waiting[k].Named > 0 {
			t.Errorf("units wait for %s, which no unit was wired to: %+v", kind, res.Waiting[k].Units)
		}
	}
	checkWhole(t, res)
}

// checkWhole looks at the other parts of the same measurement.
func checkWhole(t *testing.T, res *Result) {
	t.Helper()
	k := slices.IndexFunc(res.Recall, func(r Recall) bool { return r.Kind == "paren" })
	if k < 0 {
		t.Fatalf("no recall of parens")
	}
	far := res.Recall[k].Far
	if far == nil || far.Right.Estimate < 0.99 || !(far.NgramRight.Estimate < 0.8) {
		t.Errorf("recall of ) after 50 characters and more: %+v; the network holds it, the n-gram line cannot", far)
	}
	if h := res.Recall[k].Horizon; !h.Censored {
		t.Errorf("a latch that never leaks has horizon %v", h)
	}
	k = slices.IndexFunc(res.Minimal, func(s SuiteResult) bool { return s.Name == "swap paren" })
	if k < 0 || res.Minimal[k].Far.Right.Estimate < 0.99 || math.Abs(res.Minimal[k].Far.NgramRight.Estimate-0.5) > 0.1 {
		t.Errorf("openers swapped: the network holds them, the n-gram line sees no difference: %+v", res.Minimal)
	}
	for _, p := range res.Pairs {
		if p.Kind == "paren" && (len(p.Units) == 0 || !(float64(p.Null) > 0)) {
			t.Errorf("no units beside their null: %+v", p)
		}
	}
	if len(res.Reach) != 4 {
		t.Errorf("%d reach curves, want 4", len(res.Reach))
	}
	b, err := json.Marshal(res)
	if err != nil {
		t.Fatal(err)
	}
	var back Result
	if err := json.Unmarshal(b, &back); err != nil {
		t.Fatal(err)
	}
	again, err := json.Marshal(&back)
	if err != nil || string(again) != string(b) {
		t.Errorf("a result does not survive JSON: %v", err)
	}
	if len(res.Findings()) == 0 {
		t.Error("no findings")
	}
}

// An untrained network waits for nothing, whatever its random states follow.
func TestUntrainedNetworksDoNotWait(t *testing.T) {
	in := waitInput(t)
	ids, err := in.IDs()
	if err != nil {
		t.Fatal(err)
	}
	ids = ids[:80_000]
	split, err := text.TailSplit(len(ids), 0.1, 0.45)
	if err != nil {
		t.Fatal(err)
	}
	cells := []rnn.Cell{rnn.Elman, rnn.LSTM, rnn.GRU}
	if testing.Short() {
		cells = cells[2:]
	}
	for seed, cell := range cells {
		m, err := rnn.New(rnn.Config{Cell: cell, Vocab: in.Alphabet.Size(), Hidden: 24, Layers: 1})
		if err != nil {
			t.Fatal(err)
		}
		m.Init(testRand(uint64(30 + seed)))
		res, err := Run(context.Background(), specimen.OwnText(specimen.Network{Model: m, Alphabet: in.Alphabet}, specimen.Text{Name: "brackets", Source: text.InMemory(ids)}, split), Options{Seed: 6, Workers: 2, Suites: []string{SuiteNone}}, nil)
		if err != nil {
			t.Fatal(err)
		}
		if len(res.Waiting) == 0 {
			t.Errorf("%s: nothing was searched", cell)
		}
		for _, w := range res.Waiting {
			if w.Named > 0 || w.Observed > 0 {
				t.Errorf("%s: %d units wait for %s", cell, w.Named, w.Kind)
			}
		}
	}
}

func TestResultDoesNotDependOnWorkers(t *testing.T) {
	in := waitInput(t)
	ids, err := in.IDs()
	if err != nil {
		t.Fatal(err)
	}
	ids = ids[:60_000]
	split, err := text.TailSplit(len(ids), 0.2, 0.4)
	if err != nil {
		t.Fatal(err)
	}
	in = specimen.OwnText(in.Network, specimen.Text{Name: "brackets", Source: text.InMemory(ids)}, split)
	var all []string
	for _, workers := range []int{1, 3} {
		res, err := Run(context.Background(), in, Options{Seed: 5, Workers: workers}, nil)
		if err != nil {
			t.Fatal(err)
		}
		b, err := json.Marshal(res)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, string(b))
	}
	if diff := cmp.Diff(all[0], all[1]); diff != "" {
		t.Errorf("one worker and three differ:\n%s", diff)
	}
}

func TestMonotoneR2(t *testing.T) {
	rng := testRand(12)
	var x, rising, noise []float64
	for i := range 400 {
		x = append(x, float64(i%100))
		rising = append(rising, -math.Sqrt(float64(i%100))+0.1*rng.NormFloat64())
		noise = append(noise, rng.NormFloat64())
	}
	if r, moves := stat.MonotoneFit(stat.LevelsOf(x, rising)); r < 0.95 || math.Abs(moves-10) > 1 {
		t.Errorf("a falling function: R2 %v", r)
	}
	if r, _ := stat.MonotoneFit(stat.LevelsOf(x, noise)); r > 0.2 {
		t.Errorf("noise: R2 %v", r)
	}
	if a := stat.ExactAUROC([]float64{1, 2, 2, 5}, []float64{0, 2, 3}); math.Abs(a-7.0/12) > 1e-12 {
		t.Errorf("auroc %v", a)
	}
}

func (w *wiring) recurrent(gate, unit, from int, v float64) {
	w.of("rnn.weight_hh_l0")[(gate*w.h+unit)*w.h+from] = float32(v)
}

func (w *wiring) readoutBias(r rune, v float64) { w.of("fc.bias")[w.symbol(r)] = float32(v) }
