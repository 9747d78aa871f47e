package main

import (
	"encoding/json"
	"math"
	"strings"
	"testing"

	"github.com/rnnscope/rnnscope/cmd/rnnscope/console"
	"github.com/rnnscope/rnnscope/ngram"
	"github.com/rnnscope/rnnscope/text"
)

func statOf(t *testing.T, stdin string, args ...string) corpusStat {
	t.Helper()
	a := rnnscope(t, stdin, append([]string{"corpus", "stat", "--json"}, args...)...)
	if a.status != console.ExitOK {
		t.Fatal(a.err)
	}
	var st corpusStat
	if err := json.Unmarshal([]byte(a.out), &st); err != nil {
		t.Fatal(err)
	}
	return st
}

// TestBaselineIsTheModelsOwn: each order's figure is that of a model of this order trained alone, read symbol by symbol.
func TestBaselineIsTheModelsOwn(t *testing.T) {
	st := statOf(t, "", "synth:novel", "--synth-size", "20000", "--order", "4")
	in := console.InputFlags{SynthSize: 20_000, SynthSeed: 1}
	generated, err := in.Generate("novel")
	if err != nil {
		t.Fatal(err)
	}
	c, err := text.FromString("novel", generated.S, text.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if len(st.NGram.Orders) != 4 {
		t.Fatalf("%d orders", len(st.NGram.Orders))
	}
	for _, o := range st.NGram.Orders {
		m, err := ngram.Train(c.IDs[st.Split.Train.Lo:st.Split.Train.Hi], c.Alphabet.Size(), o.Order)
		if err != nil {
			t.Fatal(err)
		}
		val := c.IDs[st.Split.Val.Lo:st.Split.Val.Hi]
		sum := 0.0
		for i, id := range val {
			sum -= m.LogProb(val[:i], id)
		}
		if want := sum / float64(len(val)); math.Abs(want-o.ValidationNats) > 1e-9 || math.Abs(want/math.Ln2-o.ValidationBits) > 1e-9 {
			t.Errorf("order %d: %v nats, %v bits, want %v nats", o.Order, o.ValidationNats, o.ValidationBits, want)
		}
		if best := st.NGram.Orders[st.NGram.Best-1]; best.ValidationNats > o.ValidationNats {
			t.Errorf("order %d is better than the best, %d", o.Order, best.Order)
		}
	}
}

// TestRepeatsByHand: 1,000 characters of which the last 60 of the held-out 200 stand in the training part too.
func TestRepeatsByHand(t *testing.T) {
	letters := make([]rune, 1000)
	for i := range letters {
		letters[i] = rune(0x4e00 + i) // every character once, three bytes each
	}
	copy(letters[940:], letters[100:160])
	st := statOf(t, string(letters), "-", "--order", "1")
	if want := (repeats{Window: 40, HeldOut: 161, Repeated: 21, Share: 21.0 / 161}); st.Repeats != want {
		t.Errorf("%+v, want %+v", st.Repeats, want)
	}
}

func TestStatPrintsTheBaseline(t *testing.T) {
	out := mustRun(t, "corpus", "stat", "synth:dyck", "--synth-size", "5000").out
	for _, want := range []string{"n-gram models of the training part", "best on validation", "held-out windows of 40 characters"} {
		if !strings.Contains(out, want) {
			t.Errorf("%q is missing in\n%s", want, out)
		}
	}
	if out := mustRun(t, "corpus", "stat", "synth:dyck", "--synth-size", "5000", "--order", "0").out; strings.Contains(out, "n-gram") {
		t.Errorf("--order 0 still counts:\n%s", out)
	}
	if a := rnnscope(t, "", "corpus", "stat", "synth:dyck", "--order", "99"); a.status != console.ExitUsage || !strings.Contains(a.err, "order 99") {
		t.Errorf("order 99: exit %d, %s", a.status, a.err)
	}
}
