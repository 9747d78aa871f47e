package dissect

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"math"
	"slices"
	"testing"

	"go.uber.org/goleak"

	"github.com/rnnscope/rnnscope/concept"
	"github.com/rnnscope/rnnscope/rnn"
	"github.com/rnnscope/rnnscope/specimen"
	"github.com/rnnscope/rnnscope/stat"
	"github.com/rnnscope/rnnscope/text"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// planted skips in short what plants units and looks at the figures that come of them: the same work is done by
// several workers in TestPlantedUnitsAreFound and TestResultDoesNotDependOnTheNumberOfWorkers.
func planted(t *testing.T) {
	t.Helper()
	if testing.Short() {
		t.Skip("figures of planted units; other tests count on several goroutines in short")
	}
}

// TestPlantedUnitsAreFound plants a quote flag, a URL latch, an inverted bracket
// flag and a column ramp, and beside them a decoy that only answers to characters.
func TestPlantedUnitsAreFound(t *testing.T) {
	b := newBench(t, "mixed", 90_000, rnn.GRU, 24)
	cs := concepts(t, "in-quote", "url", "bracket-depth", "column", "heading")
	labels := map[string][]concept.Label{}
	for _, c := range cs {
		labels[c.Name] = concept.LabelAll(c, b.runes)
	}
	inverted := flag(labels["bracket-depth"], 2.3, 3)
	charDriven := characterDriven(b, labels["in-quote"])
	res := b.run(t, Options{Concepts: cs, Untrained: 3}, map[int]func(int) float32{
		3:  flag(labels["in-quote"], 1.45, 1), // AUROC .85
		7:  flag(labels["url"], 2.3, 2),       // .95
		11: func(p int) float32 { return -inverted(p) },
		13: func(p int) float32 { return float32(math.Tanh(float64(labels["column"][p].Y)/60 + 0.3*noise(p, 4))) },
		17: charDriven,
	})
	for _, want := range []struct {
		concept    string
		unit, sign int
		auroc      float64
	}{{"in-quote", 3, 1, 0.85}, {"url", 7, 1, 0.95}, {"bracket-depth", 11, -1, 0.95}, {"column", 13, 1, 0.8}} {
		k := res.concept(want.concept)
		s := k.Best
		if k.Verdict != Learned || s.Unit != want.unit || s.Sign != want.sign {
			t.Errorf("%s: %s, unit %d sign %d; planted %d %d", want.concept, k.Verdict, s.Unit, s.Sign, want.unit, want.sign)
			continue
		}
		if want.concept != "column" && (s.AUROC.Lo-s.Binning > want.auroc || s.AUROC.Hi+s.Binning < want.auroc) {
			t.Errorf("%s: AUROC %s, planted %.2f", want.concept, s.AUROC, want.auroc)
		}
		if math.Abs(float64(s.RWithin)) < 0.2 {
			t.Errorf("%s: r_within %.3f of a unit that holds the state", want.concept, s.RWithin)
		}
		if want.concept == "in-quote" && (s.Held[2].AUROC.Lo > 0.86 || s.Held[2].AUROC.Hi < 0.84) {
			t.Errorf("%s: a flag of AUROC .85 scores %s where it was held for 20 characters", want.concept, s.Held[2].AUROC)
		}
		if !k.Holds && want.concept != "column" {
			t.Errorf("%s: a planted state unit does not hold: %s", want.concept, k.Closer.HeldWithin)
		}
		checkResponse(t, k, want.sign)
		if s.Information < 0.01 {
			t.Errorf("%s: %g bits", want.concept, s.Information)
		}
	}
	checkDecoy(t, b, charDriven, labels["in-quote"])
	checkURL(t, res.URL, 7)
	checkShapes(t, res)
}

// characterDriven is a unit that says how often the label is on at a character.
func characterDriven(b *bench, labels []concept.Label) func(int) float32 {
	on, n := map[rune]float64{}, map[rune]float64{}
	for p, r := range b.runes {
		n[r]++
		on[r] += float64(labels[p].Y)
	}
	return func(p int) float32 { return float32(math.Tanh(2 * on[b.runes[p]] / n[b.runes[p]])) }
}

// checkDecoy dissects with the decoy as the best unit: it scores, and is exposed.
func checkDecoy(t *testing.T, b *bench, charDriven func(int) float32, labels []concept.Label) {
	t.Helper()
	units := map[int]func(int) float32{}
	for u := range 24 {
		units[u] = func(p int) float32 { return float32(math.Tanh(noise(p, uint64(100+u)))) }
	}
	units[5] = charDriven
	k := b.run(t, Options{Concepts: concepts(t, "in-quote")}, units).Concepts[0]
	s := k.Best
	if s.Unit != 5 || s.AUROC.Estimate < 0.55 {
		t.Fatalf("the decoy scores %s (unit %d)", s.AUROC, s.Unit)
	}
	if k.Holds || math.Abs(k.Closer.Within.Estimate-0.5) > 1e-9 {
		t.Errorf("the decoy holds the state: %v; among equal characters %s", k.Holds, k.Closer.Within)
	}
	if math.Abs(float64(s.RWithin)) > 0.02 {
		t.Errorf("the decoy keeps r_within %.3f of r %.3f", s.RWithin, s.R)
	}
}

func checkURL(t *testing.T, u *URLResult, unit int) {
	t.Helper()
	if u.Verdict != Associated || u.Unit != unit || !u.Difference.Above(0.2) {
		t.Errorf("URL unit %d %s, difference %s; planted %d", u.Unit, u.Verdict, u.Difference, unit)
	}
	fragments := 0
	for _, s := range u.Sentences {
		if s.Fragment {
			fragments++
		}
		if n := len([]rune(s.Excerpt.Text)); n != len(s.Excerpt.Activation) || n != len(s.Excerpt.Label) {
			t.Errorf("a sentence of %d characters has %d activations", n, len(s.Excerpt.Activation))
		}
	}
	if len(u.Sentences) != 3 || fragments == 0 {
		t.Errorf("%d sentences, %d with a fragment", len(u.Sentences), fragments)
	}
	means := map[string]stat.Interval{}
	for _, k := range u.Kinds {
		means[k.Kind] = k.Mean
	}
	if !means[kindLetter].Above(means[kindAfter].Hi) || !means[kindSlashes].Above(means[kindOrdinary].Hi) {
		t.Errorf("a latch must stand higher inside: %v", means)
	}
}

func checkShapes(t *testing.T, r *Result) {
	t.Helper()
	for _, g := range r.Gallery {
		for _, name := range g.Concepts {
			text := g.TextFor(name)
			if len(text) == 0 {
				t.Errorf("unit %d was chosen for %s and shows no text of it", g.Unit, name)
			}
			for _, e := range text {
				if !slices.Contains(e.Label[e.Mark[0]:e.Mark[1]], true) {
					t.Errorf("unit %d: an excerpt for %s in which it is not on at its mark: %+v", g.Unit, name, e)
				}
			}
		}
		for _, e := range g.Excerpts {
			if n := len([]rune(e.Text)); n != len(e.Activation) || e.Label != nil && n != len(e.Label) || e.Mark[1] > n {
				t.Errorf("excerpt of unit %d: %d characters, %d activations, mark %v", g.Unit, n, len(e.Activation), e.Mark)
			}
		}
	}
	if len(r.Peaks) != 24 {
		t.Errorf("peaks of %d units, want 24", len(r.Peaks))
	}
	for _, p := range r.Peaks {
		if p.Above > p.N/5 {
			t.Errorf("unit %d: %d of %d positions above its 90th percentile", p.Unit, p.Above, p.N)
		}
	}
	m := r.Pairs.Map
	if m == nil || len(m.Values) != len(m.Units) || len(m.Values[0]) != len([]rune(m.Text)) || len(m.Opens) == 0 {
		t.Errorf("pair map %+v", m)
	}
	b, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	var back Result
	if err := json.Unmarshal(b, &back); err != nil {
		t.Fatal(err)
	}
	again, err := json.Marshal(&back)
	if err != nil || !bytes.Equal(b, again) {
		t.Errorf("a result does not survive JSON: %v", err)
	}
	if len(r.Findings()) < 30 {
		t.Errorf("%d findings", len(r.Findings()))
	}
}

// TestNothingIsFoundInNoise gives every unit autocorrelated values that have
// nothing to do with the text, many times over.
func TestNothingIsFoundInNoise(t *testing.T) {
	b := newBench(t, "mixed", 90_000, rnn.Elman, 6)
	cs := concepts(t, "in-quote", "bracket-depth", "url", "column", "xml-depth")
	var hits, tests int64
	networks := 12
	if testing.Short() {
		networks = 1
	}
	for k := range networks {
		units := map[int]func(int) float32{}
		for u := range 6 {
			units[u] = drifting(len(b.runes), uint64(k*6+u))
		}
		res := b.run(t, Options{Concepts: cs, Draws: 199, Seed: uint64(k)}, units)
		for _, c := range res.Concepts {
			tests++
			if c.Best.P <= 0.05 {
				hits++
			}
		}
	}
	share := stat.Wilson(hits, tests)
	t.Logf("share of p <= .05: %s", share)
	if share.Lo > 0.08 || share.Hi < 0.02 {
		t.Errorf("share of p <= .05 is %s, want .02 to .08", share)
	}
}

// TestFiguresEqualTheirSlowTwins recomputes AUROC, counts and the swap statistic
// from whole arrays of activations and labels.
func TestFiguresEqualTheirSlowTwins(t *testing.T) {
	b := newBench(t, "mixed", 90_000, rnn.LSTM, 6)
	cs := concepts(t, "in-quote", "bracket-depth", "line-end-next")
	res, err := Run(context.Background(), b.in, Options{Concepts: cs, Draws: 99}, nil)
	if err != nil {
		t.Fatal(err)
	}
	r, err := b.in.States(b.in.Sites())
	if err != nil {
		t.Fatal(err)
	}
	all, chosen := readAll(t, r, b.parts().Report), readAll(t, r, b.parts().Choose)
	lo, n := b.parts().Report.At(0).Lo, int(specimen.Scored(b.parts().Report))
	for c, k := range cs {
		labels := concept.LabelAll(k, b.runes)[lo : lo+n]
		for s := range all {
			score := res.Concepts[c].Sites[s]
			var pos, neg []float64
			for p, y := range labels {
				if a := float64(all[s][p*6+score.Unit]) * float64(score.Sign); y.Valid && y.Y > 0 {
					pos = append(pos, a)
				} else if y.Valid {
					neg = append(neg, a)
				}
			}
			if int64(len(pos)) != res.Concepts[c].Positive || int64(len(pos)+len(neg)) != res.Concepts[c].N {
				t.Errorf("%s: %d of %d on, counted %d of %d", k.Name, res.Concepts[c].Positive, res.Concepts[c].N, len(pos), len(pos)+len(neg))
			}
			if exact := exactAUROC(pos, neg); math.Abs(exact-score.AUROC.Estimate) > score.Binning+1e-9 {
				t.Errorf("%s at %s: AUROC %.6f, exactly %.6f, certified to %.6f", k.Name, score.Site, score.AUROC.Estimate, exact, score.Binning)
			}
			if score.Binning > 0.01 {
				t.Errorf("%s at %s: binning error %.4f", k.Name, score.Site, score.Binning)
			}
			if want := slowHeld(b, k, lo, n, all[s], score); len(score.Held) > 0 && math.Abs(want-score.Held[2].AUROC.Estimate) > 0.01 {
				t.Errorf("%s at %s: %.4f where held, slowly %.4f", k.Name, score.Site, score.Held[2].AUROC.Estimate, want)
			}
			if z := slowSwapZ(res, all[s], chosen[s], labels, score); math.Abs(z-float64(score.Z)) > 0.02*math.Abs(z)+0.02 {
				t.Errorf("%s at %s: z %.3f, slowly %.3f", k.Name, score.Site, score.Z, z)
			}
		}
	}
}

// slowHeld is the AUROC over S_20, from labels and events of the whole text.
func slowHeld(b *bench, k concept.Concept, lo, n int, acts []float32, score Score) float64 {
	labels := concept.LabelAll(k, b.runes)
	ages := k.NewEvents().Ages(nil, b.runes)
	var pos, neg []float64
	for p := range n {
		y := labels[lo+p]
		if !y.Valid || y.Gap < 20 || ages[lo+p] < 20 {
			continue
		}
		if a := float64(acts[p*6+score.Unit]) * float64(score.Sign); y.Y > 0 {
			pos = append(pos, a)
		} else {
			neg = append(neg, a)
		}
	}
	return exactAUROC(pos, neg)
}

func exactAUROC(pos, neg []float64) float64 {
	slices.Sort(neg)
	won := 0.0
	for _, a := range pos {
		lo, _ := slices.BinarySearch(neg, a)
		hi := lo
		for hi < len(neg) && neg[hi] == a {
			hi++
		}
		won += float64(lo+hi) / 2
	}
	return won / float64(len(pos)) / float64(len(neg))
}

// readAll is the activations of all blocks, by site.
func readAll(t *testing.T, r specimen.States, of text.Blocks) [][]float32 {
	t.Helper()
	all := make([][]float32, len(r.Sites()))
	start := specimen.Numbering(of)
	for s, info := range r.Sites() {
		all[s] = make([]float32, int(specimen.Scored(of))*info.Units)
	}
	err := r.Read(context.Background(), specimen.ChooseBlocks(of, of.Len()), 1, func(_ int, p *specimen.Part) {
		for s, info := range r.Sites() {
			for n := p.Lo; n < p.Hi; n++ {
				copy(all[s][(start(p.Block)+n)*info.Units:][:info.Units], p.Row(s, n-p.Lo))
			}
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// slowSwapZ ranks a unit's activations among those on validation and sums the
// ranks for every order of every group.
func slowSwapZ(res *Result, acts, chosen []float32, labels []concept.Label, score Score) float64 {
	n, l := len(labels), res.Null.SegmentLength
	var among []float32
	for p := score.Unit; p < len(chosen); p += 6 {
		among = append(among, chosen[p])
	}
	slices.Sort(among)
	rank := make([]float64, n)
	for p := range rank {
		i, _ := slices.BinarySearch(among, acts[p*6+score.Unit])
		rank[p] = float64(i) / float64(len(among))
	}
	var mean, variance, observed float64
	for g := 0; (g+1)*4*l <= n; g++ {
		var x [4][4]float64
		var rows, cols [4]float64
		total := 0.0
		for i := range 4 {
			for j := range 4 {
				for o := range l {
					if y := labels[(g*4+j)*l+o]; y.Valid && y.Y > 0 {
						x[i][j] += rank[(g*4+i)*l+o]
					}
				}
				rows[i] += x[i][j] / 4
				cols[j] += x[i][j] / 4
				total += x[i][j] / 16
			}
			observed += x[i][i]
		}
		mean += 4 * total
		for i := range 4 {
			for j := range 4 {
				d := x[i][j] - rows[i] - cols[j] + total
				variance += d * d / 3
			}
		}
	}
	// The unit is judged in the direction of its activation, not of its sign.
	return (observed - mean) / math.Sqrt(variance*float64(score.Spread))
}

// TestResultDoesNotDependOnTheNumberOfWorkers: concepts of every kind and class, since all the
// machinery there is comes with them; more of a kind would only take longer.
func TestResultDoesNotDependOnTheNumberOfWorkers(t *testing.T) {
	b := newBench(t, "mixed", 90_000, rnn.LSTM, 6)
	some := concepts(t, "in-quote", "url", "bracket-depth", "bracket-top", "column", "capital", "word-end-next", "digit-run")
	kinds, classes := map[concept.Kind]bool{}, map[concept.Class]bool{}
	for _, c := range some {
		kinds[c.Kind], classes[c.Class] = true, true
	}
	for _, c := range concept.All() {
		if !kinds[c.Kind] || !classes[c.Class] {
			t.Errorf("no concept like %s, %s, %s", c.Name, c.Kind, c.Class)
		}
	}
	var first []byte
	for _, workers := range []int{1, 3} {
		res, err := Run(context.Background(), b.in, Options{Concepts: some, Untrained: 2, Draws: 199, Workers: workers}, nil)
		if err != nil {
			t.Fatal(err)
		}
		if res.Null.Groups == 0 || res.Concepts[0].Closer == nil || res.Concepts[0].State == nil || res.Concepts[0].Probe == nil {
			t.Error("not all parts of a result are compared")
		}
		got, err := json.Marshal(res)
		if err != nil {
			t.Fatal(err)
		}
		if first == nil {
			first = got
		} else if !bytes.Equal(first, got) {
			t.Errorf("%d workers give another result", workers)
		}
	}
}

func TestUntrainedNetworksAreNotLearned(t *testing.T) {
	planted(t)
	b := newBench(t, "mixed", 90_000, rnn.GRU, 16)
	res, err := Run(context.Background(), b.in, Options{Untrained: 19, Draws: 1999}, nil)
	if err != nil {
		t.Fatal(err)
	}
	associated := 0
	for _, c := range res.Concepts {
		if c.Verdict == Learned {
			t.Errorf("an untrained network has learned %s: %s, other untrained ones %.3f", c.Concept, c.Best.AUROC, c.Best.UntrainedMax)
		}
		if c.Verdict == Associated {
			associated++
		}
	}
	if associated < 10 {
		t.Errorf("only %d concepts associated: random recurrent states carry text too", associated)
	}
}

func TestShortAndForeignTexts(t *testing.T) {
	short := newBench(t, "mixed", 12_000, rnn.Elman, 4)
	res, err := Run(context.Background(), short.in, Options{Concepts: concepts(t, "in-quote", "column"), Untrained: 1}, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range res.Concepts {
		if c.Verdict != TooLittleText && c.Verdict != NotInText {
			t.Errorf("%s on 6,000 characters: %s", c.Concept, c.Verdict)
		}
		if c.Best != nil && c.Best.P.Defined() {
			t.Errorf("%s has p %g without a null", c.Concept, c.Best.P)
		}
	}
	novel := newBench(t, "novel", 90_000, rnn.Elman, 4)
	res, err = Run(context.Background(), novel.in, Options{Concepts: concepts(t, "url", "latex-environment", "in-quote")}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if res.Concepts[0].Verdict != NotInText || res.URL.Verdict != NotInText || res.Jump.Verdict != NotInText {
		t.Errorf("a novel has no URL and no environment: %s, %s, %s", res.Concepts[0].Verdict, res.URL.Verdict, res.Jump.Verdict)
	}
	if res.Concepts[2].Verdict == Learned {
		t.Error("learned without an untrained network to compare with")
	}
	other := specimen.OtherText(novel.in.Network, novel.in.Text)
	if res, err = Run(context.Background(), other, Options{Concepts: concepts(t, "in-quote")}, nil); err != nil {
		t.Fatal(err)
	}
	if res.Chosen == 0 || res.Reported == 0 || res.Split != "odd of "+text.AlternatingName {
		t.Errorf("%d chosen, %d reported on %q", res.Chosen, res.Reported, res.Split)
	}
	empty := specimen.OwnText(novel.in.Network, novel.in.Text, text.Split{Val: text.Span{Hi: 9000}})
	if _, err := Run(context.Background(), empty, Options{}, nil); !errors.Is(err, ErrInput) {
		t.Errorf("no text to report on: %v", err)
	}
	foreign := specimen.OtherText(novel.in.Network, specimen.Text{Source: append(slices.Clone(novel.in.Text.Source.(text.InMemory)), 999)})
	if _, err := Run(context.Background(), foreign, Options{}, nil); !errors.Is(err, ErrInput) {
		t.Errorf("a symbol the network does not have: %v", err)
	}
	if _, err := Run(context.Background(), novel.in, Options{Sites: []string{"l9.h"}}, nil); !errors.Is(err, rnn.ErrSite) {
		t.Errorf("a site the network does not have: %v", err)
	}
}

func TestCancelStopsADissection(t *testing.T) {
	b := newBench(t, "mixed", 90_000, rnn.LSTM, 8)
	for _, at := range []int64{1, 30_000, 75_000} {
		ctx, cancel := context.WithCancel(context.Background())
		_, err := Run(ctx, b.in, Options{Concepts: concepts(t, "in-quote", "url"), Untrained: 2}, func(done, _ int64) {
			if done >= at {
				cancel()
			}
		})
		cancel()
		if !errors.Is(err, context.Canceled) {
			t.Errorf("cancelled at %d: %v", at, err)
		}
	}
}

func TestProgressReachesItsTotal(t *testing.T) {
	b := newBench(t, "mixed", 30_000, rnn.Elman, 4)
	var last, total int64
	_, err := Run(context.Background(), b.in, Options{Concepts: concepts(t, "url"), Untrained: 2}, func(done, all int64) {
		if done < last {
			t.Errorf("progress went back from %d to %d", last, done)
		}
		last, total = done, all
	})
	if err != nil || last != total || total == 0 {
		t.Errorf("%d of %d, %v", last, total, err)
	}
}
