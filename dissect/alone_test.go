package dissect

import (
	"context"
	"encoding/json"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rnnscope/rnnscope/concept"
	"github.com/rnnscope/rnnscope/rnn"
	"github.com/rnnscope/rnnscope/specimen"
)

// TestAloneOrWithOthers: whatever else is asked, at whatever sites, a concept gets the same
// figures to the bit.
func TestAloneOrWithOthers(t *testing.T) {
	b := newBench(t, "mixed", 90_000, rnn.LSTM, 6)
	own, err := concept.FromRegexp("the", "the")
	if err != nil {
		t.Fatal(err)
	}
	other, err := concept.FromRegexp("and", "and")
	if err != nil {
		t.Fatal(err)
	}
	some := append(concepts(t, "in-quote", "url", "bracket-depth", "capital", "latex-environment", "word-end-next"), own, other)
	ask := func(list []int, sites ...string) map[string]string {
		var cs []concept.Concept
		for _, c := range list {
			cs = append(cs, some[c])
		}
		res, err := Run(context.Background(), b.in, Options{Concepts: cs, Sites: sites, Untrained: 2, Draws: 499, Positions: 8000, Extent: CloserOnly}, nil)
		if err != nil {
			t.Fatal(err)
		}
		out := map[string]string{}
		for _, k := range res.Concepts {
			blob, err := json.MarshalIndent(k, "", " ")
			if err != nil {
				t.Fatal(err)
			}
			out[k.Concept] = string(blob)
		}
		return out
	}
	all := ask([]int{0, 1, 2, 3, 4, 5, 6, 7})
	rng, rounds := rand.New(rand.NewPCG(5, 6)), 5
	if testing.Short() {
		rounds = 2
	}
	for round := range rounds {
		list := rng.Perm(len(some))[:1+round%3]
		for name, got := range ask(list) {
			if d := cmp.Diff(all[name], got); d != "" {
				t.Errorf("%s, asked with %d others, -all +these:\n%s", name, len(list)-1, d)
			}
		}
	}
	// The figures of a site are those of a search of all sites.
	var both, one ConceptResult
	for blob, into := range map[string]*ConceptResult{all["in-quote"]: &both, ask([]int{0}, "l0.c")["in-quote"]: &one} {
		if err := json.Unmarshal([]byte(blob), into); err != nil {
			t.Fatal(err)
		}
	}
	if len(one.Sites) != 1 || one.Sites[0].P != both.Sites[1].P || one.Sites[0].Tests != both.Sites[1].Tests || one.Sites[0].Verdict != both.Sites[1].Verdict || one.Sites[0].AUROC != both.Sites[1].AUROC {
		t.Errorf("at one site %+v, at both %+v", one.Sites, both.Sites)
	}
}

// TestOwnP: the p of a verdict is that of the unit shown, counted anew from its activations and
// labels, and not that of another unit of the site, however strong.
func TestOwnP(t *testing.T) {
	b := newBench(t, "mixed", 90_000, rnn.GRU, 8)
	cs := concepts(t, "in-quote")
	labels := concept.LabelAll(cs[0], b.runes)
	// Unit 2 follows quotes where units are chosen and nothing where they are reported; unit 5
	// does the opposite.
	chosen := func(p int) bool { return p < b.split.Test.Lo }
	strong := flag(labels, 2.3, 3)
	units := map[int]func(int) float32{
		2: func(p int) float32 {
			if chosen(p) {
				return strong(p)
			}
			return float32(noise(p, 7))
		},
		5: func(p int) float32 {
			if chosen(p) {
				return float32(noise(p, 8))
			}
			return strong(p)
		},
	}
	k := b.run(t, Options{Concepts: cs, Untrained: 1}, units).Concepts[0]
	s := k.Best
	if s.Unit != 2 || s.P < 0.01 || k.Verdict != NotFound || s.SiteP > 0.01 {
		t.Errorf("%s: unit %d, p %v, of the site %v", k.Verdict, s.Unit, s.P, s.SiteP)
	}
	if s.Tests != concept.FamilySize() || float64(s.AdjustedP) != min(1, float64(s.P)*float64(s.Tests)) {
		t.Errorf("%v over %d tests from %v", s.AdjustedP, s.Tests, s.P)
	}
	if !s.CouldShow.Defined() || s.CouldShow < 0.5 {
		t.Errorf("this text could have shown %v", s.CouldShow)
	}
}

// TestBestOfSites: the verdict of a concept is the best of its sites', and its unit is that
// site's.
func TestBestOfSites(t *testing.T) {
	at := func(site string, validation float64, v Verdict) Score {
		return Score{Site: site, Validation: validation, Verdict: v}
	}
	for _, c := range []struct {
		sites []Score
		want  string
		v     Verdict
	}{
		{[]Score{at("l0.h", .9, NotFound), at("l0.c", .8, Learned)}, "l0.c", Learned},
		{[]Score{at("l0.h", .7, Associated), at("l0.c", .8, Associated)}, "l0.c", Associated},
		{[]Score{at("l0.h", .7, NotFound), at("l0.c", .6, NotFound)}, "l0.h", NotFound},
		{[]Score{at("l0.h", .7, TooLittleText)}, "l0.h", TooLittleText},
	} {
		res := &Result{Sites: []specimen.Site{{Name: "l0.h", Units: 1}, {Name: "l0.c", Units: 1}}, Concepts: []ConceptResult{{Sites: c.sites, Best: &c.sites[0]}}}
		if res.settleBest(); res.Concepts[0].Verdict != c.v || res.Concepts[0].Best.Site != c.want {
			t.Errorf("%v: %s at %s", c.sites, res.Concepts[0].Verdict, res.Concepts[0].Best.Site)
		}
	}
}

// TestMask: a block that is read for a rare concept changes no other's figures.
func TestMask(t *testing.T) {
	b := newBench(t, "mixed", 60_000, rnn.GRU, 4)
	in, err := newInput(b.in)
	if err != nil {
		t.Fatal(err)
	}
	cs := concepts(t, "in-quote", "bracket-depth")
	alone, err := newJob(context.Background(), in, Options{Concepts: cs, Sites: []string{"l0.h"}, Positions: 4000, Extent: FiguresOnly, Untrained: 1}, nil)
	if err != nil {
		t.Fatal(err)
	}
	height := func(own [][2]int) [][]float64 {
		blind := &controlText{common: alone.untrainedBlocks, own: nil}
		blind.own = append(blind.own, nil, nil)
		for _, o := range own {
			blind.own[o[0]] = append(blind.own[o[0]], in.Report.At(o[1]))
		}
		h, err := untrainedMax(context.Background(), alone.walk, alone.control, 1, blind, alone.symbols)
		if err != nil {
			t.Fatal(err)
		}
		return h.auroc
	}
	plain, more := height(nil), height([][2]int{{1, 0}, {1, in.Report.Len() - 1}})
	if plain[0][0] != more[0][0] || plain[1][0] == more[1][0] {
		t.Errorf("without %v, with blocks for the second %v", plain, more)
	}
}
