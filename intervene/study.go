package intervene

import (
	"context"
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"time"

	"github.com/rnnscope/rnnscope/concept"
	"github.com/rnnscope/rnnscope/internal/crew"
	"github.com/rnnscope/rnnscope/rnn"
	"github.com/rnnscope/rnnscope/text"
)

// Input is a network and the text it is intervened on.
type Input struct {
	Name     string
	SHA256   string // of the text's bytes, hex: two texts of one name are not taken for one another
	Model    *rnn.Model
	Alphabet *text.Alphabet // the network's
	IDs      []int32        // the whole text
	Train    []text.Span    // where contexts are learned, ascending
	Choose   []text.Block   // where units, means, quantiles and places to resample from are taken
	Report   []text.Span    // where effects are measured, ascending
	Split    string         // name of Report
}

// OwnText is the input for the text a network was trained on.
func OwnText(name string, m *rnn.Model, a *text.Alphabet, ids []int32, s text.Split) Input {
	return Input{
		Name: name, Model: m, Alphabet: a, IDs: ids, Train: []text.Span{s.Train}, Choose: text.Grid{}.Blocks(s.Val),
		Report: []text.Span{s.Test}, Split: "test of " + s.Name,
	}
}

// OtherText is the input for a text the network was not trained on: contexts are learned
// and everything is chosen on the even blocks, effects are measured on the odd ones.
func OtherText(name string, m *rnn.Model, a *text.Alphabet, ids []int32) Input {
	even, odd := text.Alternating(len(ids), 0)
	spans := func(blocks []text.Block) (out []text.Span) {
		for _, b := range blocks {
			out = append(out, text.Span{Lo: b.Lo, Hi: b.Hi})
		}
		return out
	}
	return Input{
		Name: name, Model: m, Alphabet: a, IDs: ids, Train: spans(even), Choose: even, Report: spans(odd),
		Split: "odd of " + text.AlternatingName,
	}
}

// starts are the windows of Report.
func (in *Input) starts() []int {
	var out []int
	for _, s := range in.Report {
		out = append(out, windowsOf(max(s.Lo, text.WarmUp), min(s.Hi, len(in.IDs)-1))...)
	}
	return out
}

// check says what is missing of a text to intervene on.
func (in *Input) check() error {
	train, choose, report := 0, 0, 0
	for _, s := range in.Train {
		train += s.Len()
	}
	for _, b := range in.Choose {
		choose += b.Len()
	}
	for _, s := range in.Report {
		report += s.Len()
	}
	if train >= 2 && choose > 0 && len(in.starts()) > 0 {
		return nil
	}
	return fmt.Errorf("%w: of %d characters %d serve to learn contexts, %d to choose and %d to measure on; give a longer text", ErrText, len(in.IDs), train, choose, report)
}

// Defaults of Options.
const (
	DefaultTop            = 3
	DefaultCharacters     = 60_000
	DefaultGateCharacters = 12_000
)

// Options of a study; the zero value asks for the defaults.
type Options struct {
	Sites          []string // default: h of every layer and, for the LSTM, c
	Top            int      // units a concept, the best on validation first
	Characters     int      // of test text a unit is measured on, at most
	GateCharacters int      // of them for the units that only serve to compare
	Steer          bool     // also turn each concept's first unit
	Seed           uint64
	Workers        int // goroutines, 0: one a core; no result depends on it
	Version        string
	// Estimate is told before the long part how many characters will be read, and how
	// many a second the untouched network has just read.
	Estimate func(characters int64, perSecond float64)
}

func (o Options) withDefaults(m *rnn.Model) Options {
	if len(o.Sites) == 0 {
		o.Sites = m.Config().StateSites()
	}
	set := func(v *int, to int) {
		if *v <= 0 {
			*v = to
		}
	}
	set(&o.Top, DefaultTop)
	set(&o.Characters, DefaultCharacters)
	set(&o.GateCharacters, DefaultGateCharacters)
	set(&o.Workers, runtime.GOMAXPROCS(0))
	return o
}

// Progress is told how many of the characters to be read have been read.
type Progress func(done, total int64)

// study is what every measurement on one network and text shares.
type study struct {
	in       Input
	opt      Options
	ref      *Reference
	concepts []concept.Concept
	state    [][]int8   // [C] from the first character of Report to the last
	class    [][]int32  // [C] characters the concept predicts
	contrast []contrast // [C]
	on       [][][]int8 // [C] by chosen window: 1 in P_c
	bench    *bench
	gate     int // windows of the gate, a prefix
	kinds    []set
	base     map[string][][]float32 // by site: losses [S,W] of the untouched network
	ranks    map[string][]float32
	speed    float64 // characters a second

	read, total int64
	progress    Progress
}

// newStudy prepares: labels, contexts, windows, their entry states and the untouched losses.
func newStudy(ctx context.Context, in Input, concepts []concept.Concept, opt Options, progress Progress) (*study, error) {
	opt = opt.withDefaults(in.Model)
	for _, s := range opt.Sites {
		if _, err := in.Model.Site(s); err != nil {
			return nil, err
		}
	}
	if err := in.check(); err != nil {
		return nil, err
	}
	s := &study{in: in, opt: opt, concepts: concepts, base: map[string][][]float32{}, ranks: map[string][]float32{}, progress: progress}
	var err error
	if s.ref, err = ReferenceOf(ctx, in, opt.Sites, opt.Workers); err != nil {
		return nil, err
	}
	for _, site := range opt.Sites {
		s.ranks[site] = nil
	}
	starts := in.starts()
	if err := s.label(ctx, starts); err != nil {
		return nil, err
	}
	if err := s.enter(ctx, starts); err != nil {
		return nil, err
	}
	return s, nil
}

// label finds every concept's states, and where it matters in each window of the text.
func (s *study) label(ctx context.Context, starts []int) error {
	in, n := s.in, len(s.concepts)
	runes := in.Alphabet.Runes(in.IDs)
	known := newContexts(in.IDs, in.Train)
	paths := make([][][longestContext + 1]int32, len(starts))
	for w, start := range starts {
		paths[w] = known.paths(in.IDs, start, start+Window)
	}
	first, last := s.reported()
	s.state, s.class, s.on = make([][]int8, n), make([][]int32, n), make([][][]int8, n)
	sampled := make([]func(), n)
	err := crew.ForEach(ctx, n, s.opt.Workers, func(c int) {
		y := states(s.concepts[c], runes, in.Choose)
		rel := known.relevance(y, in.Model.Config().Vocab)
		s.state[c] = slices.Clone(y[first:last])
		s.class[c] = rel.predicted()
		s.on[c] = make([][]int8, len(starts))
		for w, start := range starts {
			s.on[c][w] = make([]int8, Window)
			for i := range Window {
				switch {
				case y[start+i] < 0:
					s.on[c][w][i] = -1
				case rel.matters(paths[w][i]):
					s.on[c][w][i] = 1
				}
			}
		}
		part := s.ref.states(y)
		sampled[c] = func() { s.ref.learn(s.concepts[c].Name, part) }
	})
	if err != nil {
		return err
	}
	for _, learn := range sampled {
		learn()
	}
	return nil
}

// enter chooses windows, brings the network to their starts and reads them untouched.
func (s *study) enter(ctx context.Context, starts []int) error {
	count := make([][]int, len(starts))
	for w := range count {
		count[w] = make([]int, len(s.concepts))
		for c := range s.concepts {
			for _, p := range s.on[c][w] {
				if p == 1 {
					count[w][c]++
				}
			}
		}
	}
	chosen := choose(count, max(1, s.opt.Characters/Window))
	s.gate = min(len(chosen), max(1, s.opt.GateCharacters/Window))
	at := make([]int, len(chosen))
	for i, w := range chosen {
		at[i] = starts[w]
	}
	for c := range s.on {
		on := make([][]int8, len(chosen))
		for i, w := range chosen {
			on[i] = s.on[c][w]
		}
		s.on[c] = on
	}
	var err error
	if s.bench, err = newBench(ctx, s.in.Model, s.in.IDs, at, s.opt.Workers); err != nil {
		return err
	}
	began := time.Now()
	clean, err := s.bench.losses(ctx, nil)
	if err != nil {
		return err
	}
	s.speed = float64(len(at)*Window) / max(time.Since(began).Seconds(), 1e-9)
	chars := make([][]int32, len(at))
	for w, start := range at {
		chars[w] = s.in.IDs[start : start+Window]
	}
	strata := strataOf(chars, clean)
	s.contrast = make([]contrast, len(s.concepts))
	for c := range s.concepts {
		s.contrast[c] = match(s.on[c], strata)
	}
	s.kinds = kindSets(s.in.Alphabet, s.in.IDs, at)
	s.bench.done = func(n int) {
		s.read += int64(n)
		if s.progress != nil && s.total > 0 {
			s.progress(min(s.read, s.total), s.total)
		}
	}
	return nil
}

// reported are the bounds of Report.
func (s *study) reported() (lo, hi int) { return s.in.Report[0].Lo, s.in.Report[len(s.in.Report)-1].Hi }

// labels is the state of a concept by position, for Prepare.
func (s *study) labels(name string) func(position int) int8 {
	c := s.index(name)
	if c < 0 {
		return nil
	}
	lo, _ := s.reported()
	state := s.state[c]
	return func(position int) int8 {
		if position < lo || position >= lo+len(state) {
			return -1
		}
		return state[position-lo]
	}
}

// baseOf is the losses of the untouched network by the arithmetic of a change at site.
func (s *study) baseOf(ctx context.Context, site string) ([][]float32, error) {
	if b, ok := s.base[site]; ok {
		return b, nil
	}
	b, err := s.bench.losses(ctx, touch(site))
	if err != nil {
		return nil, err
	}
	s.base[site] = b
	return b, nil
}

// sums is what one intervention does to the loss, by window: summed over P_c, over
// M_c with its weights, and over the kinds of the next character.
type sums struct {
	ran   []bool      // [S]
	p, m  [][]float64 // [C,S]
	kinds [][]float64 // [kinds,S]
}

func (s *study) newSums() *sums {
	matrix := func(n int) [][]float64 {
		x := make([][]float64, n)
		for i := range x {
			x[i] = make([]float64, len(s.bench.starts))
		}
		return x
	}
	n := len(s.concepts)
	return &sums{ran: make([]bool, len(s.bench.starts)), p: matrix(n), m: matrix(n), kinds: matrix(len(kindNames))}
}

// trial is one intervention at one site to be measured in some windows.
type trial struct {
	v       Intervention
	windows []int
	only    int   // the one concept it is for, -1: all
	into    *sums // adds to it
}

// measure runs trials, many at a time. The plans of one call change one site each.
func (s *study) measure(ctx context.Context, trials []trial) error {
	var jobs []job
	bases := make([][][]float32, len(trials))
	for i, t := range trials {
		plan, err := Prepare(s.in.Model, []Intervention{t.v}, s.ref, s.labels)
		if err != nil {
			return err
		}
		if bases[i], err = s.baseOf(ctx, t.v.site()); err != nil {
			return err
		}
		for _, w := range t.windows {
			jobs = append(jobs, job{plan: plan, window: w, tag: i})
		}
	}
	deltas := make([][]float64, benchRows)
	for r := range deltas {
		deltas[r] = make([]float64, Window)
	}
	return s.bench.run(ctx, jobs, false, func(j job, row, i int, loss float32, _ []float32) {
		deltas[row][i] = float64(loss) - float64(bases[j.tag][j.window][i])
		if i == Window-1 {
			s.add(trials[j.tag], j.window, deltas[row])
		}
	})
}

func (s *study) add(t trial, w int, delta []float64) {
	t.into.ran[w] = true
	for c := range s.concepts {
		if t.only >= 0 && t.only != c {
			continue
		}
		t.into.p[c][w] = s.contrast[c].p.sum(w, delta)
		t.into.m[c][w] = s.contrast[c].m.sum(w, delta)
	}
	for k := range s.kinds {
		t.into.kinds[k][w] = s.kinds[k].sum(w, delta)
	}
}

// windowRange is the windows [lo,hi).
func windowRange(lo, hi int) []int {
	out := make([]int, 0, hi-lo)
	for w := lo; w < hi; w++ {
		out = append(out, w)
	}
	return out
}

// auroc is each unit's AUROC for a concept on validation.
func (s *study) auroc(c int, site string) []float64 {
	if s.ranks[site] == nil {
		s.ranks[site] = s.ref.ranks(site, s.opt.Workers)
	}
	return s.ref.auroc(s.concepts[c].Name, s.ranks[site])
}

func (s *study) rng(stream uint64) *rand.Rand { return rand.New(rand.NewPCG(s.opt.Seed, stream)) }

// index finds a concept of the study, -1 if it is not in it.
func (s *study) index(name string) int {
	return slices.IndexFunc(s.concepts, func(k concept.Concept) bool { return k.Name == name })
}
