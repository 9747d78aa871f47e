package intervene

import (
	"context"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"runtime"
	"slices"
	"time"

	"github.com/rnnscope/rnnscope/concept"
	"github.com/rnnscope/rnnscope/internal/crew"
	"github.com/rnnscope/rnnscope/rnn"
	"github.com/rnnscope/rnnscope/specimen"
	"github.com/rnnscope/rnnscope/text"
)

// input is a specimen as interventions read it: the text held.
type input struct {
	*specimen.Specimen
	Name   string       // of the text
	IDs    []int32      // the whole text
	Choose []text.Block // where units, means, quantiles and places to resample from are taken
	Report []text.Block // where what changes nothing is measured
}

// newInput holds the text of a specimen. Errors match ErrText or
// specimen.ErrNoWeights, or are those of the text's medium.
func newInput(s *specimen.Specimen) (*input, error) {
	if _, err := s.Weights("intervening"); err != nil {
		return nil, err
	}
	ids, err := s.IDs()
	if err != nil {
		return nil, err
	}
	parts := s.Parts(0)
	return &input{s, s.Text.Name, ids, specimen.List(parts.Choose), specimen.List(parts.Report)}, nil
}

// starts are the windows of Report.
func (in *input) starts() []int {
	var out []int
	for _, s := range in.Measure {
		out = append(out, windowsOf(max(s.Lo, text.WarmUp), min(s.Hi, len(in.IDs)-1))...)
	}
	return out
}

// check says what is missing of a text to intervene on.
func (in *input) check() error {
	train, choose, report := 0, 0, 0
	for _, s := range in.Learn {
		train += s.Len()
	}
	for _, b := range in.Choose {
		choose += b.Len()
	}
	for _, s := range in.Measure {
		report += s.Len()
	}
	if train >= 2 && choose > 0 && len(in.starts()) > 0 {
		return nil
	}
	return fmt.Errorf("%w: of %d characters %d serve to learn contexts, %d to choose and %d to measure on; give a longer text", ErrText, len(in.IDs), train, choose, report)
}

// Defaults of Options.
const (
	DefaultTop            = 2
	DefaultCharacters     = 60_000
	DefaultGateCharacters = 12_000
)

// Options of a study; the zero value asks for the defaults.
type Options struct {
	Sites          []string // default: h of every layer and, for the LSTM, c
	Top            int      // units a concept, the best on validation first
	Characters     int      // of test text a unit is measured on for a concept, at most
	GateCharacters int      // of them for the units that only serve to compare
	Steer          bool     // also turn each concept's first unit
	Seed           uint64   // of what is drawn to calibrate or to compare groups; verdicts have seeds of their own
	Workers        int      // goroutines, 0: one a core; no result depends on it
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

// study is what every measurement on one network and text shares. Each concept has windows
// of its own, which the text and the concept alone decide; W of them are read once for all.
type study struct {
	in       *input
	opt      Options
	text     uint64 // seed, of the text
	ref      *Reference
	concepts []concept.Concept
	state    [][]int8   // [C] from the first character of Report to the last
	class    [][]int32  // [C] characters the concept predicts
	contrast []contrast // [C]
	on       [][][]int8 // [C] by the concept's windows: 1 in P_c
	bench    *bench
	windows  [][]int                // [C] windows of the bench, the gate's first
	place    []map[int]int          // [C] and back
	plain    []int                  // windows of the bench in which all kinds of characters are counted
	ofPlain  map[int]int            // and back
	kinds    []set                  // by plain windows
	base     map[string][][]float32 // by site: losses [S,W] of the untouched network, nil where not yet read
	ranks    map[string][]float32
	speed    float64 // characters a second

	read, total int64
	progress    Progress
}

// newStudy prepares: labels, contexts, windows, their entry states and the untouched losses.
func newStudy(ctx context.Context, in *input, concepts []concept.Concept, opt Options, progress Progress) (*study, error) {
	opt = opt.withDefaults(in.Model)
	for _, s := range opt.Sites {
		if _, err := in.Model.Site(s); err != nil {
			return nil, err
		}
	}
	if err := in.check(); err != nil {
		return nil, err
	}
	s := &study{in: in, opt: opt, text: in.seed(), concepts: concepts, base: map[string][][]float32{}, ranks: map[string][]float32{}, progress: progress}
	var err error
	if s.ref, err = NewReference(ctx, in.Model, in.IDs, in.Choose, opt.Sites, opt.Workers); err != nil {
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
	known := newContexts(in.IDs, in.Learn)
	paths := make([][][longestContext + 1]int32, len(starts))
	for w, start := range starts {
		paths[w] = known.paths(in.IDs, start, start+Window)
	}
	cuts, err := depthCuts(ctx, in.Specimen, s.concepts, s.opt.Workers)
	if err != nil {
		return err
	}
	first, last := s.reportBounds()
	s.state, s.class, s.on = make([][]int8, n), make([][]int32, n), make([][][]int8, n)
	sampled := make([]func(), n)
	err = crew.ForEach(ctx, n, s.opt.Workers, func(c int) {
		y := states(s.concepts[c], in.Alphabet, in.IDs, in.Choose, cuts[s.concepts[c].Name])
		rel := known.relevance(y, in.Model.Config().Vocab)
		s.state[c] = slices.Clone(y[first:last])
		s.class[c] = rel.predictedSymbols()
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

// gateOf is how many of a concept's windows serve to compare all units.
func (s *study) gateWindows(c int) int {
	return min(len(s.windows[c]), max(1, s.opt.GateCharacters/Window))
}

// matterIn counts the places of every window where concept c matters.
func (s *study) matterIn(c int) []int {
	count := make([]int, len(s.on[c]))
	for w := range count {
		for _, p := range s.on[c][w] {
			if p == 1 {
				count[w]++
			}
		}
	}
	return count
}

// enter chooses windows, brings the network to their starts and reads them untouched.
func (s *study) enter(ctx context.Context, starts []int) error {
	order, most := shuffle(starts, s.text), max(1, s.opt.Characters/Window)
	s.windows, s.place = make([][]int, len(s.concepts)), make([]map[int]int, len(s.concepts))
	s.plain = slices.Clone(order[:min(most, len(order))])
	for c := range s.concepts {
		s.windows[c] = choose(s.matterIn(c), order, most)
		on := make([][]int8, len(s.windows[c]))
		for k, w := range s.windows[c] {
			on[k] = s.on[c][w]
		}
		s.on[c] = on
	}
	at := s.number(starts)
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
	s.contrast = make([]contrast, len(s.concepts))
	for c := range s.concepts {
		chars, loss := make([][]int32, len(s.windows[c])), make([][]float32, len(s.windows[c]))
		for k, w := range s.windows[c] {
			chars[k], loss[k] = s.in.IDs[at[w]:at[w]+Window], clean[w]
		}
		s.contrast[c] = match(s.on[c], strataOf(chars, loss))
	}
	s.kinds = kindSets(s.in.Alphabet, s.in.IDs, s.startsOf(s.plain))
	s.bench.done = func(n int) {
		s.read += int64(n)
		if s.progress != nil && s.total > 0 {
			s.progress(min(s.read, s.total), s.total)
		}
	}
	return nil
}

// number gives the windows that any concept or none was given numbers of the bench, in the
// order of the text, and returns their starts.
func (s *study) number(starts []int) []int {
	all := slices.Concat(append(slices.Clone(s.windows), s.plain)...)
	slices.Sort(all)
	all = slices.Compact(all)
	number, at := map[int]int{}, make([]int, len(all))
	for i, w := range all {
		number[w], at[i] = i, starts[w]
	}
	back := func(windows []int) map[int]int {
		place := map[int]int{}
		for k, w := range windows {
			windows[k] = number[w]
			place[number[w]] = k
		}
		return place
	}
	for c := range s.windows {
		s.place[c] = back(s.windows[c])
	}
	s.ofPlain = back(s.plain)
	return at
}

// startsOf is the first characters of windows of the bench, once it stands.
func (s *study) startsOf(windows []int) []int {
	out := make([]int, len(windows))
	for k, w := range windows {
		out[k] = s.bench.starts[w]
	}
	return out
}

// reportBounds are the bounds of Report.
func (s *study) reportBounds() (lo, hi int) {
	return s.in.Measure[0].Lo, s.in.Measure[len(s.in.Measure)-1].Hi
}

// labels is the state of a concept by position, for Prepare.
func (s *study) labels(name string) func(position int) int8 {
	c := s.index(name)
	if c < 0 {
		return nil
	}
	lo, _ := s.reportBounds()
	state := s.state[c]
	return func(position int) int8 {
		if position < lo || position >= lo+len(state) {
			return -1
		}
		return state[position-lo]
	}
}

// baseOf is the losses in some windows of the untouched network, by the arithmetic of a
// change at site.
func (s *study) baseOf(ctx context.Context, site string, windows []int) ([][]float32, error) {
	base := s.base[site]
	if base == nil {
		base = make([][]float32, len(s.bench.starts))
		s.base[site] = base
	}
	var jobs []job
	plan := touch(site)
	for _, w := range windows {
		if base[w] == nil {
			base[w] = make([]float32, Window)
			jobs = append(jobs, job{plan: plan, window: w})
		}
	}
	err := s.bench.run(ctx, jobs, false, func(j job, _, i int, loss float32, _ []float32) { base[j.window][i] = loss })
	return base, err
}

// auroc is each unit's AUROC for a concept on the blocks of validation whose values are kept:
// it chooses and is never reported.
func (s *study) auroc(c int, site string) []float64 {
	if s.ranks[site] == nil {
		s.ranks[site] = s.ref.ranks(site, s.opt.Workers)
	}
	return s.ref.auroc(s.concepts[c].Name, s.ranks[site])
}

// seedOf mixes names into a seed.
func seedOf(names ...string) uint64 {
	h := fnv.New64a()
	for _, n := range names {
		_, _ = h.Write(append([]byte(n), 0)) // never fails
	}
	return h.Sum64()
}

// seed is that of the text: its digest's, or where it has none its symbols'.
func (in *input) seed() uint64 {
	if in.Text.SHA256 != "" {
		return seedOf(in.Text.SHA256)
	}
	h := fnv.New64a()
	for _, id := range in.IDs {
		_, _ = h.Write([]byte{byte(id), byte(id >> 8), byte(id >> 16), byte(id >> 24)})
	}
	return h.Sum64()
}

// rng is a stream of its own for a text and a purpose.
func (s *study) rng(names ...string) *rand.Rand {
	return rand.New(rand.NewPCG(s.text, seedOf(names...)))
}

// seededStream is a stream for what Options.Seed may change.
func (s *study) seededStream(stream uint64) *rand.Rand {
	return rand.New(rand.NewPCG(s.opt.Seed, stream))
}

// index finds a concept of the study, -1 if it is not in it.
func (s *study) index(name string) int {
	return slices.IndexFunc(s.concepts, func(k concept.Concept) bool { return k.Name == name })
}
