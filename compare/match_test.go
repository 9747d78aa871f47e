package compare

import (
	"context"
	"maps"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/rnnscope/rnnscope/births"
	"github.com/rnnscope/rnnscope/dissect"
	"github.com/rnnscope/rnnscope/evolve"
	"github.com/rnnscope/rnnscope/rnn"
	"github.com/rnnscope/rnnscope/specimen"
	"github.com/rnnscope/rnnscope/specimen/specimentest"
	"github.com/rnnscope/rnnscope/stat"
	"github.com/rnnscope/rnnscope/text"
)

// TestAssign against all permutations.
func TestAssign(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		rows := rapid.IntRange(1, 5).Draw(rt, "rows")
		columns := rapid.IntRange(rows, 6).Draw(rt, "columns")
		gain := make([][]float64, rows)
		for i := range gain {
			gain[i] = rapid.SliceOfN(rapid.Float64Range(0, 1), columns, columns).Draw(rt, "gain")
		}
		got, seen := 0.0, map[int]bool{}
		for i, j := range assign(gain) {
			if seen[j] {
				rt.Fatalf("column %d is taken twice", j)
			}
			seen[j] = true
			got += gain[i][j]
		}
		if best := bestAssignment(gain, 0, map[int]bool{}); math.Abs(got-best) > 1e-9 {
			rt.Fatalf("%v, the best is %v", got, best)
		}
	})
}

func bestAssignment(gain [][]float64, row int, used map[int]bool) float64 {
	if row == len(gain) {
		return 0
	}
	best := math.Inf(-1)
	for j, g := range gain[row] {
		if !used[j] {
			used[j] = true
			best = max(best, g+bestAssignment(gain, row+1, used))
			used[j] = false
		}
	}
	return best
}

func novel(t *testing.T, n int) (*text.Corpus, text.Split) {
	t.Helper()
	c, _ := specimentest.Novel(t, n, 5, 5)
	return c, specimentest.Parts(t, c)
}

func elman(t *testing.T, c *text.Corpus, hidden int, seed uint64) specimen.Network {
	t.Helper()
	return specimentest.Network(t, c, rnn.Config{Cell: rnn.Elman, Hidden: hidden, Layers: 1}, seed, seed)
}

// lingering gives the units a memory that untrained networks do not have: each holds for some
// hundred characters, at random, the same in every network that is given the same seed.
func lingering(n, hidden int, order []int, seed uint64) map[int]func(int) float32 {
	units := map[int]func(int) float32{}
	for u := range hidden {
		rng := rand.New(rand.NewPCG(seed, uint64(u)))
		values := make([]float32, n)
		x := 0.0
		for p := range values {
			x = .97*x + .2*rng.NormFloat64()
			values[p] = float32(math.Tanh(x))
		}
		units[order[u]] = func(p int) float32 { return values[p] }
	}
	return units
}

// TestMatch: a network whose units stand in another order is found again, wholly, one for
// one; a network of other memories and untrained networks are not.
func TestMatch(t *testing.T) {
	c, split := novel(t, 60_000)
	const hidden = 12
	of := func(order []int, seed uint64) *specimen.Specimen {
		s := specimen.OwnText(elman(t, c, hidden, seed), specimen.InMemory(c), split)
		if order != nil {
			s.Plant(lingering(len(c.IDs), hidden, order, seed))
		}
		return s
	}
	straight, order := make([]int, hidden), rand.New(rand.NewPCG(2, 2)).Perm(hidden)
	for u := range straight {
		straight[u] = u
	}
	all := []Network{{"a", of(straight, 1)}, {"permuted", of(order, 1)}, {"other", of(straight, 2)}, {"untrained", of(nil, 3)}}
	pairs, err := Match(context.Background(), all, Options{Characters: 12_000, Untrained: 3, Workers: 2}, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range pairs {
		if p.A != "a" {
			continue
		}
		found := p.Sites[0].Replicated.Estimate
		switch p.B {
		case "permuted":
			if found != 1 || p.Sites[0].OneToOne.Estimate != 1 {
				t.Errorf("of the same network %v are found, one to one %v", found, p.Sites[0].OneToOne.Estimate)
			}
			for _, u := range p.Units {
				if u.Partner != order[u.Unit] || u.Own.Unit != order[u.Unit] || u.R.Estimate < .999 {
					t.Errorf("unit %d: partner %d, own %d, r %v; it is %d", u.Unit, u.Partner, u.Own.Unit, u.R, order[u.Unit])
				}
			}
		default:
			if found > .1 {
				t.Errorf("in %s %v are found", p.B, found)
			}
		}
	}
	one, err := Match(context.Background(), all[:2], Options{Characters: 12_000, Untrained: 3, Workers: 1}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(pairs[0], one[0]); d != "" {
		t.Errorf("figures depend on the workers or on who else is there: %s", d)
	}
}

// TestPermutedWeights: the same with real weights, whose hidden units are permuted.
func TestPermutedWeights(t *testing.T) {
	c, split := novel(t, 40_000)
	const hidden = 10
	m := elman(t, c, hidden, 1).Model
	order := rand.New(rand.NewPCG(4, 4)).Perm(hidden)
	moved := elman(t, c, hidden, 1).Model
	permute(m, moved, order)
	own := func(m *rnn.Model) *specimen.Specimen {
		return specimen.OwnText(specimen.Network{Model: m, Alphabet: c.Alphabet}, specimen.InMemory(c), split)
	}
	pairs, err := Match(context.Background(), []Network{{"a", own(m)}, {"b", own(moved)}}, Options{Characters: 8_000, Untrained: 2, Workers: 2}, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, u := range pairs[0].Units {
		if u.Partner != order[u.Unit] || u.R.Estimate < .999 || u.Own.Unit != order[u.Unit] {
			t.Errorf("unit %d: partner %d, r %v; it is %d", u.Unit, u.Partner, u.R, order[u.Unit])
		}
	}
}

// permute gives unit u of from the place order[u] in to.
func permute(from, to *rnn.Model, order []int) {
	place := func(size, i int) int {
		if size == len(order) {
			return order[i]
		}
		return i
	}
	for i, p := range from.Params() {
		rows, columns := p.Shape[0], 1
		if len(p.Shape) == 2 {
			columns = p.Shape[1]
		}
		if p.Transposed {
			rows, columns = columns, rows
		}
		for k, w := range p.Data {
			to.Params()[i].Data[place(rows, k/columns)*columns+place(columns, k%columns)] = w
		}
	}
}

// TestPopulation: counts over the runs that answered, and who did not.
func TestPopulation(t *testing.T) {
	step := func(n int64) *int64 { return &n }
	born := func(birth int64, lag float64) *births.Result {
		return &births.Result{Concepts: []births.Concept{{Concept: "in-quote", Skill: "held-out-quotes", Lag: births.Lag(step(birth), step(9)), Best: births.Track{Birth: step(birth)}}}}
	}
	learned := &dissect.Result{Concepts: []dissect.ConceptResult{{Concept: "in-quote", Verdict: dissect.Learned}, {Concept: "url", Verdict: dissect.NotInText}}}
	found := &dissect.Result{Concepts: []dissect.ConceptResult{{Concept: "in-quote", Verdict: dissect.NotFound}}}
	r := &Result{Runs: []Run{{Name: "a"}, {Name: "b"}, {Name: "c"}}}
	r.Population([]Views{{Dissect: learned, Births: born(99, 1)}, {Dissect: found, Births: born(999, 2)}, {Dissect: learned}})
	if len(r.Verdicts) != 1 || r.Verdicts[0].Runs != 2 || r.Verdicts[0].Share.N != 3 {
		t.Errorf("verdicts %+v", r.Verdicts)
	}
	b := r.Births[0]
	if b.Best.N != 2 || b.Best.Of != 2 || b.Best.Lo != 99 || b.Best.Hi != 999 || math.Abs(b.Lag.Estimate-1.5) > 1e-9 || b.Lag.N != 2 {
		t.Errorf("births %+v", b)
	}
	unknown := &Result{Runs: []Run{{Name: "a"}}}
	unknown.Population([]Views{{Births: &births.Result{Concepts: []births.Concept{{Concept: "in-quote", Skill: "held-out-quotes", Lag: stat.Undefined(), Best: births.Track{Birth: step(99)}}}}}})
	if b := unknown.Births[0]; b.Skill != "held-out-quotes" || b.Lag.N != 0 {
		t.Errorf("a concept whose lag is not known: %+v", b)
	}
	missing := 0
	for _, m := range r.Missing {
		if m.Command == "births" {
			missing++
			if m.Run != "c" {
				t.Errorf("%s was asked for births", m.Run)
			}
		}
	}
	if missing != 1 {
		t.Errorf("%d runs lack births", missing)
	}
}

// TestMetricIsCounted: what evolution says of a jump is counted beside how the share came.
func TestMetricIsCounted(t *testing.T) {
	by := func(v, metric evolve.Verdict, trusted bool) Views {
		return Views{Evolution: &evolve.History{Rules: evolve.Rules, Pairings: []evolve.Pairing{{Name: "words", Metric: metric,
			Right: evolve.Emergence{Verdict: v, Trusted: trusted, X0: stat.Point(2, 9)}, LogP: evolve.Emergence{Verdict: evolve.Gradual, X0: stat.Point(2, 9)}}}}}
	}
	r := &Result{Runs: make([]Run, 4)}
	r.Population([]Views{by(evolve.Abrupt, evolve.MetricInduced, true), by(evolve.Abrupt, evolve.MetricInduced, false), by(evolve.Abrupt, evolve.CannotTell, false), by(evolve.Gradual, "", true)})
	if got, want := r.Emergences[0].Came(), "perhaps abrupt 2, abrupt 1, gradual 1 (of the jumps: metric-induced 2, cannot tell 1)"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	if got := r.Emergences[1]; len(got.Metric) != 0 || got.Came() != "gradual 4" {
		t.Errorf("log probability: %s", got.Came())
	}
}

// TestMiddleOfRises: only a rise that a sigmoid describes best has a middle; no line, no fall.
func TestMiddleOfRises(t *testing.T) {
	by := func(best evolve.Model, v evolve.Verdict, x0 float64) Views {
		return Views{Evolution: &evolve.History{Rules: evolve.Rules, Emergence: []evolve.Emergence{{Name: "words", Best: best, Verdict: v, X0: stat.Point(x0, 9)}}}}
	}
	r := &Result{Runs: make([]Run, 4)}
	r.Population([]Views{by(evolve.Sigmoid, evolve.Gradual, 2), by(evolve.Linear, evolve.Gradual, 1), by(evolve.TwoKnot, evolve.Unresolved, 1), by(evolve.Sigmoid, evolve.Declined, 1)})
	if m := r.Emergences[0].Middle; m.N != 1 || m.Of != 4 || m.Median != 99 {
		t.Errorf("%+v", m)
	}
	// An unresolved curve whose sigmoid goes the wrong way has none either; which way that is, the definition says.
	for lower, want := range map[bool]int{false: 0, true: 1} {
		e := evolve.Emergence{Name: "lines", Best: evolve.Sigmoid, Verdict: evolve.Unresolved, From: .9, To: .1, X0: stat.Point(2, 9)}
		r := &Result{Runs: make([]Run, 1)}
		r.Population([]Views{{Evolution: &evolve.History{Rules: evolve.Rules, Definitions: []evolve.Definition{{Name: "lines", Lower: lower}}, Emergence: []evolve.Emergence{e}}}})
		if m := r.Emergences[0].Middle; m.N != want {
			t.Errorf("lower is better %v: %+v", lower, m)
		}
	}
}

// TestRulesAreNotMixed: skills judged by older rules are not summed up with those judged by newer ones, and the command is named.
func TestRulesAreNotMixed(t *testing.T) {
	by := func(rules int, v evolve.Verdict) Views {
		return Views{Evolution: &evolve.History{Rules: rules, Emergence: []evolve.Emergence{{Name: "words", Verdict: v, X0: stat.Point(2, 9)}}}}
	}
	asked := func(r *Result) (n int) {
		for _, m := range r.Missing {
			if m.Command == "evolution" {
				n++
			}
		}
		return n
	}
	for _, c := range []struct {
		all     []Views
		counted map[evolve.Verdict]int
		missing int
	}{
		{[]Views{by(0, evolve.Abrupt), by(2, evolve.Gradual)}, map[evolve.Verdict]int{evolve.Gradual: 1}, 1},
		{[]Views{by(0, evolve.Gradual), by(0, evolve.Gradual)}, map[evolve.Verdict]int{evolve.Gradual: 2}, 0},
		{[]Views{by(2, evolve.Gradual), {}}, map[evolve.Verdict]int{evolve.Gradual: 1}, 1},
	} {
		r := &Result{Runs: make([]Run, len(c.all))}
		r.Population(c.all)
		if len(r.Emergences) != 1 || !maps.Equal(r.Emergences[0].Verdicts, c.counted) || asked(r) != c.missing {
			t.Errorf("%+v, %d not asked; want %v, %d", r.Emergences, asked(r), c.counted, c.missing)
		}
	}
}
