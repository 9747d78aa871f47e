package memory

import (
	"context"
	"math"
	"slices"
	"testing"

	"github.com/rnnscope/rnnscope/rnn"
	"github.com/rnnscope/rnnscope/specimen"
	"github.com/rnnscope/rnnscope/text"
)

// Gates of an LSTM, and a sum that opens or shuts one for good.
const gateI, gateF, gateG, gateO, shut = 0, 1, 2, 3, 20

// Units of the networks below.
const (
	unitTried  = 0
	unitInside = 1 // 1 from "(" to ")", for the others to read; acts on nothing
)

// fault wires a unit that waits for "(" and changes one thing about it.
type fault struct {
	fails string // the criterion that must be among those failed
	only  bool   // and must be the only one
	wire  func(w *wiring)
}

func letters(w *wiring, gate int, v float64) {
	for _, r := range waitLetters {
		w.input(gate, unitTried, r, v)
	}
}

func faults() []fault {
	return []fault{
		{"", true, func(*wiring) {}},
		{CriterionDormancy, true, func(w *wiring) { // outside, a to d lower it and the others clear it
			for _, r := range waitLetters {
				w.input(gateF, unitTried, r, -2*shut)
				w.recurrent(gateF, unitTried, unitInside, 4*shut)
				if r <= 'd' {
					w.input(gateI, unitTried, r, 2*shut)
					w.input(gateG, unitTried, r, -0.7)
				}
			}
			w.recurrent(gateI, unitTried, unitInside, -4*shut)
			w.input(gateF, unitTried, ')', -6*shut)
		}},
		{CriterionJump, true, func(w *wiring) { // fills over the letters inside instead of jumping
			w.input(gateI, unitTried, '(', -2*shut)
			w.recurrent(gateI, unitTried, unitInside, 3*shut)
			w.bias(gateF, unitTried, math.Log(9))
			letters(w, gateG, math.Atanh(0.1))
		}},
		{CriterionRetention, false, func(w *wiring) { // leaks away among the noise of the letters
			w.bias(gateI, unitTried, shut)
			w.bias(gateF, unitTried, math.Log(4))
			for i, r := range waitLetters {
				w.input(gateG, unitTried, r, 0.02*float64(i%4-1))
			}
		}},
		{CriterionRelease, true, func(w *wiring) { // cleared by the letter after ")"
			w.input(gateF, unitTried, ')', 0)
			letters(w, gateF, -2*shut)
			w.recurrent(gateF, unitTried, unitInside, 4*shut)
		}},
		{CriterionEffect, false, func(w *wiring) { // nothing reads it
			w.readout(')', unitTried, 0)
			w.readout(']', unitTried, 0)
		}},
		{CriterionTiming, true, func(w *wiring) { // seen all the time, and every prediction follows it
			w.bias(gateO, unitTried, shut)
			w.readout('a', unitTried, 4)
		}},
	}
}

func faultyInput(t *testing.T, f fault) *specimen.Specimen {
	t.Helper()
	rng := testRand(21)
	a, err := text.NewAlphabet([]rune("\n.()[]"+waitLetters), false, false)
	if err != nil {
		t.Fatal(err)
	}
	const h = 24
	m, err := rnn.New(rnn.Config{Cell: rnn.LSTM, Vocab: a.Size(), Hidden: h, Layers: 1})
	if err != nil {
		t.Fatal(err)
	}
	w := &wiring{m: m, a: a, h: h, gates: 4}
	for _, u := range []int{unitTried, unitInside} {
		w.bias(gateI, u, -shut)
		w.bias(gateF, u, shut)
		w.input(gateI, u, '(', 2*shut)
		w.input(gateF, u, '(', -2*shut)
		w.input(gateF, u, ')', -2*shut)
		w.input(gateI, u, ')', -4*shut)
		w.input(gateG, u, '(', 3)
	}
	w.bias(gateO, unitInside, shut)
	w.bias(gateO, unitTried, -shut)
	w.input(gateO, unitTried, '.', 2*shut)
	w.readout(')', unitTried, 10)
	w.readout(']', unitTried, -10)
	w.readoutBias(']', 5)
	for u := unitInside + 1; u < h; u++ {
		keep := 0.3 + 0.65*rng.Float64()
		w.bias(gateI, u, shut)
		w.bias(gateF, u, math.Log(keep/(1-keep)))
		w.bias(gateO, u, shut)
		for _, r := range "\n.()[]" + waitLetters {
			w.input(gateG, u, r, 0.5*rng.NormFloat64())
			w.readout(r, u, 0.3*rng.NormFloat64())
		}
	}
	f.wire(w)
	w.done()
	ids, err := a.Encode([]byte(bracketText(60_000, rng)), text.UnknownError)
	if err != nil {
		t.Fatal(err)
	}
	split, err := text.TailSplit(len(ids), 0.1, 0.45)
	if err != nil {
		t.Fatal(err)
	}
	return specimen.OwnText(specimen.Network{Model: m, Alphabet: a}, specimen.Text{Name: "brackets", Source: text.InMemory(ids)}, split)
}

// TestEveryCriterionFails: a unit that waits is named; with one thing about it changed
// it is not, and the criterion that is about this thing says so.
func TestEveryCriterionFails(t *testing.T) {
	tried := faults()
	if testing.Short() { // the unit that waits, and one that does not
		tried = []fault{tried[0], tried[len(tried)-1]}
	}
	for _, f := range tried {
		res, err := Run(context.Background(), faultyInput(t, f), Options{Seed: 5, Workers: 2, Kinds: []string{"paren", "square"}, Suites: []string{SuiteNone}, Order: 2}, nil)
		if err != nil {
			t.Fatal(err)
		}
		k := slices.IndexFunc(res.Waiting, func(w Waiting) bool { return w.Kind == "paren" })
		if k < 0 {
			t.Fatalf("%s: no search over parens", f.fails)
		}
		i := slices.IndexFunc(res.Waiting[k].Units, func(u WaitUnit) bool { return u.Site == "l0.c" && u.Unit == unitTried })
		if i < 0 {
			if f.only {
				t.Errorf("%s: the unit is not among those reported: %+v", f.fails, res.Waiting[k].Units)
			}
			continue
		}
		u := res.Waiting[k].Units[i]
		t.Logf("%-10s %+v", f.fails, u)
		switch {
		case f.fails == "" && (u.Verdict != TriggerWait || u.Mode != ModeHold):
			t.Errorf("the unit that waits: %+v", u)
		case f.fails != "" && (u.Verdict != Partial || !slices.Contains(u.Failed, f.fails)):
			t.Errorf("%s is not among the failures of %+v", f.fails, u)
		case f.fails != "" && f.only && len(u.Failed) != 1:
			t.Errorf("more than %s fails: %+v", f.fails, u)
		}
	}
}
