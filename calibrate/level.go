package calibrate

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"

	"gonum.org/v1/gonum/stat/distuv"

	"github.com/rnnscope/rnnscope/concept"
	"github.com/rnnscope/rnnscope/dissect"
	"github.com/rnnscope/rnnscope/finding"
	"github.com/rnnscope/rnnscope/internal/crew"
	"github.com/rnnscope/rnnscope/rnn"
	"github.com/rnnscope/rnnscope/specimen"
	"github.com/rnnscope/rnnscope/stat"
	"github.com/rnnscope/rnnscope/synth"
	"github.com/rnnscope/rnnscope/text"
)

// CalibrationOptions size the simulation of what the nulls let through.
type LevelOptions struct {
	Domain     string   // of package synth, default "mixed"
	Pairs      int      // network x text pairs, default 200
	Characters int      // of each test part, default 165,000: segments are then 4,000 long
	Hidden     int      // units, default 16
	Untrained  int      // untrained networks behind "learned", default 19; negative: none
	Concepts   []string // default: all
	NullOnly   bool     // borrowed labels only, without real ones beside them or untrained networks: many pairs in little time
	Seed       uint64
	Workers    int // pairs at a time, default one a core
}

// Calibration says how often the nulls were wrong.
type Calibration struct {
	Options  LevelOptions   `json:"options"`
	Concepts []ConceptLevel `json:"concepts"`
	// Level is the share of all tests with p <= .05 where the label has nothing to
	// do with the text.
	Level stat.Interval `json:"level"`
	// Outside is how many concepts have a share outside .02 to .08; Chance is how many
	// would if every test had a true level of .05, from the binomial distribution.
	Outside int     `json:"outside"`
	Chance  float64 `json:"chance"`
	// AnyFalse is the share of pairs in which Benjamini-Hochberg over the borrowed
	// labels alone let one through: its false discovery proportion when nothing is true.
	AnyFalse stat.Interval `json:"any_false"`
	// FalseShare is the mean over pairs of the false discovery proportion when
	// borrowed labels stand in one family with the real ones.
	FalseShare stat.Interval `json:"false_share"`
	// Learned is the share of real labels that a fresh untrained network was said to
	// have learned.
	Learned stat.Interval `json:"learned"`
}

// ConceptLevel is the calibration of one concept.
type ConceptLevel struct {
	Concept string        `json:"concept"`
	Level   stat.Interval `json:"level"`   // share of pairs with p <= .05, labels borrowed
	Learned stat.Interval `json:"learned"` // share of fresh untrained networks that "learned" the real labels
}

// Levels draws networks and texts. Over each text it lays the labels of a
// region that lies apart from the test part, position by position, which no unit
// can know, and beside them the real labels, which the network, being untrained,
// cannot have learned. The result depends on the options alone, not on Workers.
func Levels(ctx context.Context, opt LevelOptions, progress dissect.Progress) (*Calibration, error) {
	opt = opt.withDefaults()
	names := opt.Concepts
	results := make([]*dissect.Result, opt.Pairs)
	errs := make([]error, opt.Pairs)
	var mu sync.Mutex
	var done int64
	err := crew.ForEach(ctx, opt.Pairs, specimen.WorkersOr(opt.Workers), func(k int) {
		results[k], errs[k] = opt.pair(ctx, uint64(k))
		mu.Lock()
		defer mu.Unlock()
		if done++; progress != nil {
			progress(done, int64(opt.Pairs))
		}
	})
	for _, e := range errs {
		if err == nil {
			err = e
		}
	}
	if err != nil {
		return nil, err
	}
	opt.Workers = 0
	return summarise(opt, names, results), nil
}

func (o LevelOptions) withDefaults() LevelOptions {
	or := func(n, otherwise int) int {
		if n == 0 {
			return otherwise
		}
		return n
	}
	if o.Domain == "" {
		o.Domain = "mixed"
	}
	if len(o.Concepts) == 0 {
		o.Concepts = concept.Names()
	}
	o.Pairs, o.Characters, o.Hidden, o.Untrained = or(o.Pairs, 200), or(o.Characters, 165_000), or(o.Hidden, 16), or(o.Untrained, 19)
	return o
}

// The parts of a simulated text, in shares of the test part. The first is as long
// as labels are borrowed from behind; units are chosen on the next, figures are
// measured on the last, whose borrowed labels all come from before it.
const (
	apartShare  = 1.1
	chooseShare = 0.25
)

// pair dissects one untrained network on one text with borrowed and real labels.
func (o LevelOptions) pair(ctx context.Context, k uint64) (*dissect.Result, error) {
	apart, choose := int(apartShare*float64(o.Characters)), int(chooseShare*float64(o.Characters))
	cells := []rnn.Cell{rnn.Elman, rnn.GRU, rnn.LSTM}
	sim, err := newSimulation(o.Domain, [3]int{apart, choose, o.Characters}, cells[k%3], o.Hidden, o.Seed, k)
	if err != nil {
		return nil, err
	}
	var cs, real []concept.Concept
	for _, name := range o.Concepts {
		c, err := concept.Find(name)
		if err != nil {
			return nil, err
		}
		cs, real = append(cs, borrow(c, apart)), append(real, c)
	}
	if o.NullOnly {
		o.Untrained = -1
	} else {
		cs = append(cs, real...)
	}
	opt := dissect.Options{Concepts: cs, Sites: []string{"l0.h"}, Untrained: max(0, o.Untrained), Seed: o.Seed + k, Workers: 1, Extent: dissect.FiguresOnly, AnyRule: true}
	return dissect.Run(ctx, sim.in, opt, nil)
}

// simulation is a generated text, an untrained network and the input over them.
type simulation struct {
	in    *specimen.Specimen
	ids   []int32
	runes []rune
}

// newSimulation generates parts characters to train, choose and report on.
func newSimulation(domain string, parts [3]int, cell rnn.Cell, hidden int, seed, k uint64) (*simulation, error) {
	n := parts[0] + parts[1] + parts[2]
	x, err := synth.Generate(domain, n, rand.New(rand.NewPCG(seed, 2*k)), synth.Options{})
	if err != nil {
		return nil, err
	}
	c, err := text.FromString(domain, x.S, text.Options{})
	if err != nil {
		return nil, err
	}
	m, err := rnn.New(rnn.Config{Cell: cell, Vocab: c.Alphabet.Size(), Hidden: hidden, Layers: 1})
	if err != nil {
		return nil, err
	}
	m.Init(rand.New(rand.NewPCG(seed, 2*k+1)))
	split := text.Split{
		Name: "simulated", Train: text.Span{Hi: parts[0]},
		Val: text.Span{Lo: parts[0], Hi: parts[0] + parts[1]}, Test: text.Span{Lo: parts[0] + parts[1], Hi: n},
	}
	in := specimen.OwnText(specimen.Network{Model: m, Alphabet: c.Alphabet}, specimen.InMemory(c), split)
	return &simulation{in: in, ids: c.IDs, runes: []rune(x.S)[:len(c.IDs)]}, nil
}

// counts is a share in the making.
type counts struct{ k, n int64 }

func (c *counts) add(hit bool) {
	c.n++
	if hit {
		c.k++
	}
}

func (c counts) share() float64 { return float64(c.k) / float64(c.n) }

// A calibrated concept's share of p <= .05 lies between these.
const (
	leastLevel = 0.02
	mostLevel  = 0.08
)

// outsideByChance is the probability that of n tests of level .05 a share outside
// leastLevel to mostLevel is positive.
func outsideByChance(n int) float64 {
	d := distuv.Binomial{N: float64(n), P: 0.05}
	var inside float64
	for k := range n + 1 {
		if share := float64(k) / float64(n); share >= leastLevel && share <= mostLevel {
			inside += d.Prob(float64(k))
		}
	}
	return 1 - inside
}

func summarise(opt LevelOptions, names []string, results []*dissect.Result) *Calibration {
	level, learned := make([]counts, len(names)), make([]counts, len(names))
	var anyFalse counts
	proportions, ones := make([]float64, len(results)), slices.Repeat([]float64{1}, len(results))
	for i, r := range results {
		null := slices.Repeat([]float64{1}, len(names))
		var wrong, found float64
		for c := range names {
			b := r.Concepts[c]
			if b.Best != nil && b.Best.P.Defined() {
				null[c] = float64(b.Best.P)
				level[c].add(null[c] <= 0.05)
				if b.Best.AdjustedP <= dissect.Alpha {
					wrong, found = wrong+1, found+1
				}
			}
			if len(r.Concepts) == len(names) {
				continue
			}
			if real := r.Concepts[len(names)+c]; real.Best != nil && real.Best.P.Defined() {
				learned[c].add(real.Verdict == dissect.Learned)
				if real.Best.AdjustedP <= dissect.Alpha {
					found++
				}
			}
		}
		anyFalse.add(slices.Min(stat.BenjaminiHochberg(null)) <= dissect.Alpha)
		proportions[i] = wrong / max(1, found)
	}
	out := &Calibration{Options: opt, AnyFalse: stat.Wilson(anyFalse.k, anyFalse.n), FalseShare: stat.SegmentMean(proportions, ones)}
	var all, fresh counts
	for c, name := range names {
		if level[c].n == 0 {
			continue
		}
		all, fresh = counts{all.k + level[c].k, all.n + level[c].n}, counts{fresh.k + learned[c].k, fresh.n + learned[c].n}
		if share := level[c].share(); share < leastLevel || share > mostLevel {
			out.Outside++
		}
		out.Chance += outsideByChance(int(level[c].n))
		out.Concepts = append(out.Concepts, ConceptLevel{name, stat.Wilson(level[c].k, level[c].n), stat.Wilson(learned[c].k, learned[c].n)})
	}
	out.Level, out.Learned = stat.Wilson(all.k, all.n), stat.Wilson(fresh.k, fresh.n)
	return out
}

// generatedSubject is the subject of a simulation on generated texts.
func generatedSubject(domain string, characters int) finding.Subject {
	return finding.Subject{Text: fmt.Sprintf("synth:%s, %d test characters", domain, characters), Step: 0}
}

// Findings flattens the calibration into the one schema of measured figures.
func (c *Calibration) Findings(version string) []finding.Finding {
	o := c.Options
	method := fmt.Sprintf("%d untrained networks of %d units x texts; 95 %% Wilson", o.Pairs, o.Hidden)
	subject := generatedSubject(o.Domain, o.Characters)
	row := func(concept, metric string, i stat.Interval) finding.Finding {
		return finding.Finding{Concept: concept, Unit: finding.NoUnit, Metric: metric, Subject: subject, Method: method, Version: version}.WithInterval(i)
	}
	out := []finding.Finding{
		row("", "level", c.Level), row("", "any_false", c.AnyFalse), row("", "false_share", c.FalseShare), row("", "untrained_learned", c.Learned),
	}
	for _, k := range c.Concepts {
		out = append(out, row(k.Concept, "level", k.Level), row(k.Concept, "untrained_learned", k.Learned))
	}
	return out
}
