package intervene

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rnnscope/rnnscope/concept"
	"github.com/rnnscope/rnnscope/rnn"
	"github.com/rnnscope/rnnscope/specimen"
	"github.com/rnnscope/rnnscope/stat"
	"github.com/rnnscope/rnnscope/text"
)

// TestUsedAndNotUsed: the flag is used, the copy that nothing reads is not shown to be,
// in every one of 20 networks.
func TestUsedAndNotUsed(t *testing.T) {
	networks := uint64(20)
	if testing.Short() {
		networks = 4
	}
	for seed := range networks {
		for _, site := range []string{"l0.c", "l0.h"}[seed%2 : seed%2+1] {
			in := wiredInput(t, seed, 50_000)
			flag, copied := Unit{Site: site, Unit: unitFlag}, Unit{Site: site, Unit: unitCopy}
			opt := Options{Sites: []string{site}, Characters: 12_000, GateCharacters: 4000, Top: 2, Seed: seed}
			r, err := Run(context.Background(), in.Specimen, []Candidate{{Concept: find(t, "paren-depth"), Units: []Unit{flag, copied, {Site: site, Unit: unitPair}}}}, opt, nil)
			if err != nil {
				t.Fatal(err)
			}
			pairs := r.Concepts[0].Pairs
			if p := pairs[0]; p.Verdict != Used {
				t.Errorf("seed %d %s: the flag is %q: %v\n%+v", seed, site, p.Verdict, p.Reasons, p)
			}
			if p := pairs[2]; p.Verdict != Encoded || !(p.Mean.M.Estimate > 0.1) {
				t.Errorf("seed %d %s: the unit that matters elsewhere is %q: %+v", seed, site, p.Verdict, p)
			}
			if p := pairs[1]; p.Verdict != Encoded || p.Mean.D.Estimate != 0 || p.AUROC < 0.99 {
				t.Errorf("seed %d %s: the copy is %q with D %v and AUROC %v", seed, site, p.Verdict, p.Mean.D, p.AUROC)
			}
		}
	}
}

// TestWorkersDoNotMatter: no bit of a result depends on the number of cores, and it
// survives JSON.
func TestWorkersDoNotMatter(t *testing.T) {
	in := wiredInput(t, 3, 40_000)
	var all []string
	for _, workers := range []int{1, 3} {
		opt := Options{Characters: 9000, GateCharacters: 3000, Steer: true, Seed: 9, Workers: workers}
		r, err := Run(context.Background(), in.Specimen, []Candidate{{Concept: find(t, "paren-depth")}, {Concept: find(t, "digit")}, {Concept: find(t, "bracket-depth")}}, opt, nil)
		if err != nil {
			t.Fatal(err)
		}
		blob, err := json.Marshal(r)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, string(blob))
		var back Result
		if err := json.Unmarshal(blob, &back); err != nil {
			t.Fatal(err)
		}
		if again, err := json.Marshal(&back); err != nil || string(again) != string(blob) {
			t.Errorf("a result does not survive JSON: %v", err)
		}
		if want := concept.FamilySize() * 2 * DefaultTop; r.Tests != want { // h and c
			t.Errorf("%d tests, want %d whatever was asked", r.Tests, want)
		}
		if len(r.Findings()) == 0 || len(r.Units) == 0 || len(r.Concepts[1].Pairs) != 0 {
			t.Errorf("findings %d, units %d, digit %+v", len(r.Findings()), len(r.Units), r.Concepts[1])
		}
		checkSteering(t, r)
	}
	if diff := cmp.Diff(all[0], all[1]); diff != "" {
		t.Errorf("one worker and three differ:\n%s", diff)
	}
}

// checkSteering: the flag steers, and what it raises is what brackets raise.
func checkSteering(t *testing.T, r *Result) {
	t.Helper()
	k := r.Concepts[0].Steering
	if k == nil || k.Unit.Unit > unitCopy || len(k.Doses) != len(Doses) {
		t.Fatalf("%+v", k)
	}
	if k.Unit.Unit == unitFlag && !k.Steers {
		t.Errorf("the flag does not steer: %+v", k)
	}
	if k.Unit.Unit == unitCopy && k.Steers {
		t.Errorf("the copy steers: %+v", k)
	}
	if letters := strings.Join(k.Predicts, ""); strings.Trim(letters, insideLetters+")") != "" || len(letters) < 4 {
		t.Errorf("brackets predict %q", letters)
	}
}

func TestSteer(t *testing.T) {
	in := wiredInput(t, 4, 40_000)
	opt := Options{Characters: 4000, Seed: 1}
	for u, steers := range map[int]bool{unitFlag: true, unitCopy: false} {
		k, err := Steer(context.Background(), in.Specimen, Steering{Concept: find(t, "paren-depth"), Unit: Unit{Site: "l0.c", Unit: u}}, opt, nil)
		if err != nil {
			t.Fatal(err)
		}
		if k.Steers != steers || steers && !(k.Slope > 0) {
			t.Errorf("unit %d: %+v", u, k)
		}
	}
	k, err := Steer(context.Background(), in.Specimen, Steering{Concept: find(t, "paren-depth"), Unit: Unit{Site: "l0.c", Unit: unitFlag}, Values: []float64{-1, 1}}, opt, nil)
	if err != nil || len(k.Doses) != 2 || !(k.Doses[1].Share > k.Doses[0].Share+0.3) {
		t.Errorf("held at -1 and 1: %+v, %v", k, err)
	}
	for _, c := range []struct {
		unit   Unit
		values []float64
		is     error
	}{
		{Unit{Site: "l0.c", Unit: 99}, nil, ErrUnit},
		{Unit{Site: "l7.c", Unit: 0}, nil, rnn.ErrSite},
		{Unit{Site: "l0.c", Unit: 0}, []float64{math.Inf(1)}, ErrDose},
	} {
		if _, err := Steer(context.Background(), in.Specimen, Steering{Concept: find(t, "paren-depth"), Unit: c.unit, Values: c.values}, opt, nil); !errors.Is(err, c.is) {
			t.Errorf("%v: %v", c.unit, err)
		}
	}
	if _, err := Steer(context.Background(), in.Specimen, Steering{Concept: find(t, "digit"), Unit: Unit{Site: "l0.c", Unit: 0}}, opt, nil); !errors.Is(err, ErrText) {
		t.Errorf("a concept that is not in the text: %v", err)
	}
}

// TestGroups: the group with the flag does more than random ones, which seldom have it.
func TestGroups(t *testing.T) {
	in := wiredInput(t, 5, 40_000)
	r, err := Groups(context.Background(), in.Specimen, []concept.Concept{find(t, "paren-depth"), find(t, "digit")}, Options{Sites: []string{"l0.h"}, Characters: 5000, Seed: 2}, nil)
	if err != nil {
		t.Fatal(err)
	}
	g := r.Concepts[0]
	if g.Site != "l0.h" || len(g.Sizes) < 4 || g.Sizes[1].Above < 0.8 || len(g.Sizes[1].Random) != groupDraws || !g.Sizes[1].Best.Above(0) {
		t.Errorf("%+v", g)
	}
	if r.Concepts[1].Reason == "" {
		t.Errorf("%+v", r.Concepts[1])
	}
}

// TestCalibrate: of units drawn at random few are called used. The experiment at its full
// size is `rnnscope ablate RUN --calibrate 500`.
func TestCalibrate(t *testing.T) {
	in := wiredInput(t, 6, 40_000)
	r, err := Calibrate(context.Background(), in.Specimen, []concept.Concept{find(t, "paren-depth"), find(t, "word-end-next")}, 60, Options{Characters: 6000, GateCharacters: 3000, Seed: 3}, nil)
	if err != nil {
		t.Fatal(err)
	}
	// One unit in 24 truly is used.
	if r.Draws != 60 || r.Used.Estimate > 0.15 || r.Used.Estimate > r.Gate.Estimate || r.Used.Estimate > r.Small.Estimate {
		t.Errorf("%+v", r)
	}
	if _, err := Calibrate(context.Background(), in.Specimen, []concept.Concept{find(t, "digit")}, 5, Options{}, nil); !errors.Is(err, ErrText) {
		t.Errorf("nothing to test: %v", err)
	}
}

func TestShortText(t *testing.T) {
	in := wiredInput(t, 7, 1500)
	_, err := Run(context.Background(), in.Specimen, []Candidate{{Concept: find(t, "paren-depth")}}, Options{}, nil)
	if !errors.Is(err, ErrText) {
		t.Errorf("%v", err)
	}
	in = wiredInput(t, 7, 20_000)
	for _, u := range []Unit{{Site: "l0.c", Unit: 24}, {Site: "l0.c", Unit: -1}, {Site: "l0.o", Unit: 1}} {
		if _, err := Run(context.Background(), in.Specimen, []Candidate{{Concept: find(t, "paren-depth"), Units: []Unit{u}}}, Options{}, nil); !errors.Is(err, ErrUnit) {
			t.Errorf("%v: %v", u, err)
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := Run(ctx, in.Specimen, []Candidate{{Concept: find(t, "paren-depth")}}, Options{}, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}

// TestFlipsUnderTheNull: with no difference between the sides, but very uneven windows and
// weights and a common effect that is not 0, small p are as rare as they should be; with
// one they are found.
func TestFlipsUnderTheNull(t *testing.T) {
	rng := rand.New(rand.NewPCG(8, 8))
	share := func(difference float64) float64 {
		const cases = 600
		small := 0
		for range cases {
			const windows = 60
			p, np, m, nm := make([]float64, windows), make([]float64, windows), make([]float64, windows), make([]float64, windows)
			for w := range windows {
				topic := 0.1 * rng.NormFloat64()
				for range rng.IntN(200) * rng.IntN(2) {
					np[w]++
					p[w] += 0.3 + difference + topic + rng.ExpFloat64() - 1
				}
				for range rng.IntN(100) {
					weight := math.Exp(rng.NormFloat64())
					nm[w] += weight
					m[w] += weight * (0.3 + topic + rng.ExpFloat64() - 1)
				}
			}
			if stat.SignFlip(contributions(p, np, m, nm), 199, rng).Greater <= 0.05 {
				small++
			}
		}
		return float64(small) / cases
	}
	if s := share(0); s < 0.02 || s > 0.08 {
		t.Errorf("share of p <= .05 without a difference: %.3f", s)
	}
	if s := share(0.15); s < 0.8 {
		t.Errorf("share of p <= .05 with a difference of .15: %.3f", s)
	}
}

// TestOtherText: on a text the network was not trained on nothing is chosen where it is
// measured, no window reaches out of its block, and the verdicts are those of the wiring.
func TestOtherText(t *testing.T) {
	own := wiredInput(t, 5, 60_000)
	in := examined(t, specimen.OtherText(own.Network, own.Specimen.Text))
	scored := make([]byte, len(in.IDs))
	for _, b := range in.Choose {
		for p := b.Lo; p < b.Hi; p++ {
			scored[p] = 'c'
		}
	}
	for _, start := range in.starts() {
		for p := start - text.WarmUp; p < start+Window+1; p++ {
			if scored[p] == 'c' {
				t.Fatalf("the window at %d reads a character that something was chosen on", start)
			}
		}
	}
	opt := Options{Sites: []string{"l0.c"}, Characters: 12_000, GateCharacters: 4000, Top: 2, Seed: 5}
	r, err := Run(context.Background(), in.Specimen, []Candidate{{Concept: find(t, "paren-depth"), Units: []Unit{{Site: "l0.c", Unit: unitFlag}, {Site: "l0.c", Unit: unitCopy}}}}, opt, nil)
	if err != nil {
		t.Fatal(err)
	}
	if p := r.Concepts[0].Pairs; p[0].Verdict != Used || p[1].Verdict != Encoded || p[1].Mean.D.Estimate != 0 {
		t.Errorf("flag %+v\ncopy %+v", p[0], p[1])
	}
	if !strings.HasPrefix(r.Split, "odd of ") {
		t.Errorf("measured on %q", r.Split)
	}
}

// TestTheCountIsAUnit: the explicit count can be set, has values of its own to refer to, and
// is not called used while there is nothing to compare it with.
func TestTheCountIsAUnit(t *testing.T) {
	own := wiredInput(t, 5, 30_000)
	m, err := rnn.New(rnn.Config{Cell: rnn.GRU, Vocab: own.Alphabet.Size(), Hidden: 6, Layers: 1, Counter: true})
	if err != nil {
		t.Fatal(err)
	}
	m.Init(rand.New(rand.NewPCG(8, 8)))
	own.Model = m
	count := Unit{Site: "l0.count", Unit: 0}
	if u, err := m.ParseUnit("l0.count[0]"); err != nil || u != count {
		t.Errorf("%v, %v", u, err)
	}
	if _, err := m.ParseUnit("l0.count1"); !errors.Is(err, ErrUnit) {
		t.Errorf("a second count: %v", err)
	}
	ref, err := ReferenceOf(context.Background(), own.Specimen, []string{"l0.h", "l0.count"}, 2)
	if err != nil {
		t.Fatal(err)
	}
	if lo, hi := ref.Quantile(count, .05), ref.Quantile(count, .95); !(lo < ref.Mean(count) && ref.Mean(count) < hi) {
		t.Errorf("the count lies between %v and %v, mean %v", lo, hi, ref.Mean(count))
	}
	r, err := Run(context.Background(), own.Specimen, []Candidate{{Concept: find(t, "paren-depth"), Units: []Unit{count}}}, Options{Sites: []string{"l0.count"}, Characters: 9000, Top: 1}, nil)
	if err != nil {
		t.Fatal(err)
	}
	p := r.Concepts[0].Pairs[0]
	if p.Verdict != Encoded || p.Unit != count || !(math.Abs(p.Mean.P.Estimate) > 0) {
		t.Errorf("%+v", p)
	}
}

// TestIdleAndKeep: a wide interval is no proof of idleness, and a narrower question does not
// erase what an earlier one has answered.
func TestIdleAndKeep(t *testing.T) {
	i := func(lo, hi float64) Effect {
		d := stat.Interval{Estimate: (lo + hi) / 2, Lo: lo, Hi: hi, N: 100}
		return Effect{P: d, M: d, D: d}
	}
	pair := func(u int, a float64, v Verdict, e Effect) Pair {
		return Pair{Unit: Unit{Site: "l0.c", Unit: u}, AUROC: stat.Number(a), Verdict: v, Mean: e, Resample: e}
	}
	still, wide := i(-.0005, .0004), i(-.03, .04)
	r := &Result{Text: "a", SHA256: "ab", Split: "b", Step: 7, Concepts: []ConceptResult{
		{Concept: "url", Pairs: []Pair{pair(1, .99, Encoded, wide), pair(2, .97, Encoded, still), pair(3, .7, Encoded, still), pair(4, .98, Used, still)}},
	}, Units: []UnitResult{{Unit: Unit{Site: "l0.c", Unit: 1}}}}
	if of, p := r.Idle(); p == nil || of != "url" || p.Unit.Unit != 2 {
		t.Errorf("%s %+v", of, p)
	}
	now := &Result{Text: "a", SHA256: "ab", Split: "b", Step: 7, Concepts: []ConceptResult{
		{Concept: "url", Pairs: []Pair{pair(1, .99, Used, wide)}}, {Concept: "digit"},
	}, Units: []UnitResult{{Unit: Unit{Site: "l0.c", Unit: 1}}}}
	now.Keep(r)
	if c := now.Concepts[0]; len(now.Concepts) != 2 || len(c.Pairs) != 4 || c.Pairs[0].Verdict != Used || len(now.Units) != 1 {
		t.Errorf("%+v", now)
	}
	other := &Result{Text: "a", SHA256: "ab", Split: "b", Step: 8}
	if other.Keep(r); len(other.Concepts) != 0 {
		t.Error("verdicts on other weights were kept")
	}
	edited := &Result{Text: "a", SHA256: "cd", Split: "b", Step: 7}
	if edited.Keep(r); len(edited.Concepts) != 0 {
		t.Error("verdicts on another text of the same name were kept")
	}
}
