package explain

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/rnnscope/rnnscope/concept"
	"github.com/rnnscope/rnnscope/specimen"
	"github.com/rnnscope/rnnscope/stat"
	"github.com/rnnscope/rnnscope/text"
)

// planted writes chosen units into the states of a real network.
type planted struct {
	specimen.States
	values [][]float32 // by unit, [text]
}

func (p *planted) Read(ctx context.Context, blocks []text.Block, workers int, visit func(worker int, p *specimen.Part)) error {
	return p.States.Read(ctx, blocks, workers, func(worker int, x *specimen.Part) {
		for t := x.Lo; t < x.Hi; t++ {
			row := x.Row(0, t-x.Lo)
			for u, of := range p.values {
				row[u] = of[blocks[x.Block].Lo+t]
			}
		}
		visit(worker, x)
	})
}

// PlantedUnit is a unit whose rule is known, and what came out for it.
type PlantedUnit struct {
	Kind   string  `json:"kind"`
	R2     float64 `json:"r2"`     // at the largest size
	Root   bool    `json:"root"`   // the first question agrees with the planted one on 99 % of the report
	Leaves int     `json:"leaves"` // at the largest size
	Noise  bool    `json:"noise"`
}

// Planted calibrates the search: it plants a latch (inside a quotation), a counter since a
// character, a detector of a suffix, a sum of latch and counter, and two kinds of noise
// into the states of a network, each but the noises with noise of a tenth of its
// variance, and explains them. in needs a network of six units or more whose text has
// quotations.
func Planted(ctx context.Context, sp *specimen.Specimen, seed uint64, workers int) ([]PlantedUnit, error) {
	if sp.Model == nil || sp.Model.Config().Hidden < 6 {
		return nil, fmt.Errorf("%w: six units are planted in a network", specimen.ErrInput)
	}
	ids, err := sp.IDs()
	if err != nil {
		return nil, err
	}
	rules := plantedRules(sp.Alphabet.Runes(ids))
	rng := rand.New(rand.NewPCG(seed, 3))
	var values [][]float32
	for i := range rules {
		values = append(values, rules[i].values(rng))
	}
	j, err := newJob(sp, Options{Workers: workers, Sites: []string{"l0.h"}})
	if err != nil {
		return nil, err
	}
	j.states = &planted{j.states, values}
	s, err := j.oneStudy(ctx)
	if err != nil {
		return nil, err
	}
	var out []PlantedUnit
	for u, r := range rules {
		full := &s.units[u].full
		r2, _ := full.score()
		cut := full.cuts[Sizes-1]
		p := PlantedUnit{Kind: r.kind, Noise: r.of == nil, R2: r2[Sizes-1].Estimate, Leaves: cut.Leaves(full.tree)}
		p.Root = cut.Asks(full.tree, 0) && s.agrees(full, r)
		out = append(out, p)
	}
	return out, nil
}

// oneStudy prepares a job of one site, reads and grows it.
func (j *job) oneStudy(ctx context.Context) (*study, error) {
	if err := j.prepare(ctx); err != nil {
		return nil, err
	}
	var out *study
	err := j.studies(ctx, j.states, j.plan.report, func() {}, func(_ int, s *study) error {
		out = s
		return nil
	})
	return out, err
}

// plantedRule is a unit's rule: its value at every position, and the predicates of
// which the first question should be one.
type plantedRule struct {
	kind  string
	n     int
	of    func(t int) float64 // nil: noise
	roots []func(t int) bool
}

func plantedRules(rs []rune) []plantedRule {
	open := make([]bool, len(rs))
	for t, y := range concept.LabelAll(mustFind("in-quote"), rs) {
		open[t] = y.Valid && y.Y > 0
	}
	since := make([]int, len(rs))
	for t, last := 0, -1000; t < len(rs); t++ {
		if rs[t] == '.' {
			last = t
		}
		since[t] = t - last
	}
	the := []rune("the")
	latch := func(t int) float64 { return indicator(open[t]) }
	counter := func(t int) float64 { return min(float64(since[t]), 60) / 60 }
	ends := func(t int) bool { return t >= 2 && rs[t-2] == the[0] && rs[t-1] == the[1] && rs[t] == the[2] }
	var thresholds []func(t int) bool
	for b := 1; b <= 90; b++ {
		thresholds = append(thresholds, func(t int) bool { return since[t] >= b })
	}
	isOpen := func(t int) bool { return open[t] }
	n := len(rs)
	return []plantedRule{
		{"latch", n, latch, []func(int) bool{isOpen}},
		{"counter", n, counter, thresholds},
		{"suffix", n, func(t int) float64 { return indicator(ends(t)) }, []func(int) bool{ends}},
		{"sum", n, func(t int) float64 { return latch(t) + counter(t) }, append(thresholds, isOpen)},
		{"noise", n, nil, nil},
		{"slow noise", n, nil, nil},
	}
}

func indicator(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

// mustFind finds a built-in concept.
func mustFind(name string) concept.Concept {
	c, err := concept.Find(name)
	if err != nil {
		panic(err)
	}
	return c
}

// noiseShare of a planted unit's variance is noise.
const noiseShare = 0.1

func (r *plantedRule) values(rng *rand.Rand) []float32 {
	noise := make([]float64, r.n)
	for t := range noise {
		noise[t] = rng.NormFloat64()
	}
	if r.kind == "slow noise" {
		const memory = 0.99 // about 100 characters
		for t := 1; t < r.n; t++ {
			noise[t] = memory*noise[t-1] + math.Sqrt(1-memory*memory)*noise[t]
		}
	}
	out := make([]float32, r.n)
	if r.of == nil {
		for t := range out {
			out[t] = float32(math.Tanh(noise[t] / 2))
		}
		return out
	}
	values := make([]float64, r.n)
	var ss float64
	for t := range values {
		values[t] = r.of(t)
	}
	mean := stat.Mean(values)
	for _, v := range values {
		ss += (v - mean) * (v - mean)
	}
	scale := math.Sqrt(ss / float64(r.n) * noiseShare / (1 - noiseShare))
	for t, v := range values {
		out[t] = float32(v + scale*noise[t])
	}
	return out
}

// agrees reports whether the first question of a tree agrees with one of the rule's
// predicates on 99 % of the report.
func (s *study) agrees(g *grown, r plantedRule) bool {
	q := g.tree.Nodes[0].Question
	mask := q.Mask(s.words.TreeColumns())
	values := s.words.Values[q.Column]
	n := s.plan.reportRows()
	for _, root := range r.roots {
		same := 0
		for _, seg := range s.plan.report {
			for row := seg.lo; row < seg.hi; row++ {
				if mask.Has(values[row]) == root(s.plan.at[row]) {
					same++
				}
			}
		}
		if share := float64(same) / float64(n); share >= 0.99 || share <= 0.01 {
			return true
		}
	}
	return false
}
