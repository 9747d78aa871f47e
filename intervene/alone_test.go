package intervene

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rnnscope/rnnscope/concept"
	"github.com/rnnscope/rnnscope/stat"
	"github.com/rnnscope/rnnscope/text"
	"github.com/rnnscope/rnnscope/trace"
)

// TestAloneOrWithOthers: whatever else is asked, a concept and unit get the same figures to
// the bit: windows, places, means and draws are their own.
func TestAloneOrWithOthers(t *testing.T) {
	in := wiredInput(t, 11, 60_000)
	in.Text.SHA256 = "ab"
	own, err := concept.FromRegexp("brackets", `\(x`)
	if err != nil {
		t.Fatal(err)
	}
	concepts := []concept.Concept{find(t, "paren-depth"), find(t, "word-end-next"), find(t, "bracket-depth"), find(t, "word-start"), find(t, "digit"), own}
	units := []Unit{{Site: "l0.c", Unit: unitFlag}, {Site: "l0.h", Unit: unitPair}}
	ask := func(list []int, beside []Unit) map[string]ConceptResult {
		var candidates []Candidate
		for _, c := range list {
			candidates = append(candidates, Candidate{Concept: concepts[c], Units: units, Beside: beside})
		}
		r, err := Run(context.Background(), in.Specimen, candidates, Options{Characters: 15_000, GateCharacters: 4000, Top: 2, Steer: true}, nil)
		if err != nil {
			t.Fatal(err)
		}
		out := map[string]ConceptResult{}
		for _, c := range r.Concepts {
			c.Pairs = c.Pairs[:len(units)]
			out[c.Concept] = c
		}
		return out
	}
	all := ask([]int{0, 1, 2, 3, 4, 5}, nil)
	if v := all["paren-depth"].Pairs[0].Verdict; v != Used {
		t.Fatalf("the flag is %q, so there is little to compare: %+v", v, all["paren-depth"].Pairs[0])
	}
	rng := rand.New(rand.NewPCG(5, 5))
	rounds := 6
	if testing.Short() {
		rounds = 2
	}
	for round := range rounds {
		list := rng.Perm(len(concepts))[:1+round/2]
		var beside []Unit
		if round%2 == 1 {
			beside = []Unit{{Site: "l0.c", Unit: unitX}, {Site: "l0.h", Unit: 9}}
		}
		for name, got := range ask(list, beside) {
			if d := cmp.Diff(all[name], got, cmp.Comparer(equalFloats), cmp.Comparer(equalNumbers)); d != "" {
				t.Errorf("%s, asked with %d others, -all +these:\n%s", name, len(list)-1, d)
			}
		}
	}
}

func equalFloats(a, b float64) bool { return a == b || math.IsNaN(a) && math.IsNaN(b) }

func equalNumbers(a, b stat.Number) bool { return equalFloats(float64(a), float64(b)) }

// TestPairByHand: D, p and AUROC of a unit are those that come of reading one window after
// the other, position by position, with the mean over every character of validation.
func TestPairByHand(t *testing.T) {
	in := wiredInput(t, 12, 50_000)
	units := []Unit{{Site: "l0.c", Unit: unitFlag}, {Site: "l0.c", Unit: 9}}
	if testing.Short() {
		units = units[:1]
	}
	for _, u := range units {
		pairByHand(t, in, u)
	}
}

func pairByHand(t *testing.T, in *input, u Unit) {
	t.Helper()
	r, err := Run(context.Background(), in.Specimen, []Candidate{{Concept: find(t, "word-end-next")}, {Concept: find(t, "paren-depth"), Units: []Unit{u}}}, Options{Characters: 12_000, GateCharacters: 4000, Top: 1}, nil)
	if err != nil {
		t.Fatal(err)
	}
	k := r.Concepts[1]
	p := k.Pairs[0]

	var sum float64
	n := 0
	on, values := []bool{}, []float64{}
	depth := 0
	inside := make([]bool, len(in.IDs)) // labels by hand: one kind of bracket, never nested
	for i, id := range in.IDs {
		switch in.Alphabet.Rune(id) {
		case '(':
			depth = 1
		case ')':
			depth = 0
		}
		inside[i] = depth == 1
	}
	each := func(blocks []text.Block, see func(position int, v float64)) {
		err := trace.Blocks(context.Background(), in.Model, in.IDs, blocks, trace.Options{Sites: []string{u.Site}}, func(_ int, tr *trace.Trace) error {
			v := tr.Site(u.Site)
			for i := range tr.IDs {
				see(tr.Block.Lo+i, float64(v[i*wiredUnits+u.Unit]))
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	each(in.Choose, func(_ int, v float64) { sum, n = sum+v, n+1 })
	each(in.Report, func(at int, v float64) { on, values = append(on, inside[at]), append(values, v) })
	a := countAUROC(values, on)
	if p.AUROC < 0.5 != (a < 0.5) { // the unit's direction is that of validation
		a = 1 - a
	}
	if math.Abs(a-float64(p.AUROC)) > 1e-3 {
		t.Errorf("AUROC %v, counted %v", p.AUROC, a)
	}

	s, err := newStudy(context.Background(), in, []concept.Concept{find(t, "paren-depth")}, Options{Characters: 12_000, GateCharacters: 4000}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if mean := s.ref.Mean(u); math.Abs(mean-sum/float64(n)) > 1e-6 || n != blockLength(in.Choose) {
		t.Errorf("mean %v, over all %d characters %v", mean, n, sum/float64(n))
	}
	held := Plan{{site: u.Site, every: true, set: constant([]int{u.Unit}, []float32{float32(sum / float64(n))})}}
	var np, nm, sp, sm []float64
	for w, at := range s.windows[0] {
		var loss [2][]float32
		for side, plan := range []Plan{touch(u.Site), held} {
			loss[side] = make([]float32, Window)
			err := s.bench.run(context.Background(), []job{{plan: plan, window: at}}, false, func(_ job, _, i int, l float32, _ []float32) { loss[side][i] = l })
			if err != nil {
				t.Fatal(err)
			}
		}
		var x [4]float64
		for _, i := range s.contrast[0].p.at[w] {
			x[0]++
			x[1] += float64(loss[1][i]) - float64(loss[0][i])
		}
		for k, i := range s.contrast[0].m.at[w] {
			x[2] += s.contrast[0].m.weight[w][k]
			x[3] += s.contrast[0].m.weight[w][k] * (float64(loss[1][i]) - float64(loss[0][i]))
		}
		np, sp, nm, sm = append(np, x[0]), append(sp, x[1]), append(nm, x[2]), append(sm, x[3])
	}
	total := func(x []float64) (t float64) {
		for _, v := range x {
			t += v
		}
		return t
	}
	if d := total(sp)/total(np) - total(sm)/total(nm); math.Abs(d-p.Mean.D.Estimate) > 1e-9 {
		t.Errorf("D %v, by hand %v", p.Mean.D.Estimate, d)
	}
	tests := concept.FamilySize() * 2 * 2
	own := stat.SignFlip(contributions(sp, np, sm, nm), 9999, rand.New(rand.NewPCG(1, 2))).Greater
	if slack := 5*math.Sqrt(own/9999) + 1e-9; math.Abs(float64(p.P)-own) > slack || p.Tests != tests || float64(p.Adjusted) != min(1, float64(p.P)*float64(tests)) {
		t.Errorf("p %v, %v over %d tests; by hand %v over %d", p.P, p.Adjusted, p.Tests, own, tests)
	}
	if !slices.Equal(k.Predicts, s.predicts(0)) || k.Windows != len(s.windows[0]) {
		t.Errorf("%+v", k)
	}
}

func blockLength(blocks []text.Block) (n int) {
	for _, b := range blocks {
		n += b.Len()
	}
	return n
}

// countAUROC compares all pairs.
func countAUROC(values []float64, on []bool) float64 {
	var above, pairs float64
	for i := range values {
		for k := range values {
			if on[i] && !on[k] {
				pairs++
				switch {
				case values[i] > values[k]:
					above++
				case values[i] == values[k]:
					above += 0.5
				}
			}
		}
	}
	return above / pairs
}
