package memory

import (
	"context"
	"math/rand/v2"
	"slices"

	"github.com/rnnscope/rnnscope/ngram"
	"github.com/rnnscope/rnnscope/rnn"
	"github.com/rnnscope/rnnscope/specimen"
	"github.com/rnnscope/rnnscope/trace"
)

// job is one measurement under way.
type job struct {
	in            *input
	opt           *Options
	res           *Result
	model         *ngram.Model
	foundA, found *found // pairs of the choosing and of the reported part
	askA, ask     *ask
	sampleA       []int
	sample        []int
	pairEnds      *pairEnds
	recall        *recaller
	reach         *reacher
	wait          *waiter
	chosen, seen  *snapshot
}

const sampleSize = 2000 // random places that give each unit's mean and spread

// Run measures everything. The same input and seed give the same result on any
// number of cores. Errors match ErrInput, or are ctx's or rnn's.
func Run(ctx context.Context, s *specimen.Specimen, opt Options, progress Progress) (*Result, error) {
	in, err := newInput(s)
	if err != nil {
		return nil, err
	}
	if err := opt.fill(); err != nil {
		return nil, err
	}
	j := &job{in: in, opt: &opt, ask: &ask{}, askA: &ask{}, res: &Result{
		Symbols: in.Alphabet.Kind().ForResults(), Text: in.Name, Split: in.Split, Chosen: scoredSymbols(in.Choose), Reported: scoredSymbols(in.Report),
		Segments: segmentSize, Baseline: in.Baseline, Counted: int64(len(in.Train)), Learned: int64(in.Learned), From: int64(in.IDs.from), Order: opt.Order, Keep: keepWords(in.Model.Config().Cell), Version: opt.Version,
	}}
	steps := []func(context.Context) error{j.match, j.plan, j.read, j.measureEnds, j.measureRecall, j.scoreSuites, j.measureReach, j.measureInfluence, j.measureTimes, j.searchWaiting, j.showPassage}
	for i, step := range steps {
		if progress != nil {
			progress(int64(i), int64(len(steps)))
		}
		if err := step(ctx); err != nil {
			return nil, err
		}
	}
	if progress != nil {
		progress(int64(len(steps)), int64(len(steps)))
	}
	return j.res, ctx.Err()
}

func keepWords(c rnn.Cell) string {
	switch c {
	case rnn.LSTM:
		return "-1/E[ln f], f the forget gate"
	case rnn.GRU:
		return "-1/E[ln z], z the part of h that is kept: h' = (1-z) n + z h"
	}
	return ""
}

// rng is the random stream of one part, apart from every other.
func (j *job) rng(part uint64) *rand.Rand { return rand.New(rand.NewPCG(j.opt.Seed, 7<<32+part)) }

func (j *job) match(ctx context.Context) (err error) {
	if j.foundA, err = findPairs(ctx, j.in, j.in.Choose, j.opt.Kinds, j.opt.Workers); err != nil {
		return err
	}
	if j.found, err = findPairs(ctx, j.in, j.in.Report, j.opt.Kinds, j.opt.Workers); err != nil {
		return err
	}
	j.model, err = ngram.Train(j.in.Train, j.in.Model.Config().Vocab, j.opt.Order)
	return err
}

// plan lets every part say which states it needs, so that one reading answers all.
func (j *job) plan(ctx context.Context) error {
	j.sample, j.sampleA = drawPositions(j.found, sampleSize, j.rng(1)), drawPositions(j.foundA, sampleSize, j.rng(2))
	j.ask.state(j.sample...)
	j.askA.state(j.sampleA...)
	c := j.in.Model.Config()
	j.pairEnds = newPairEnds(j.found, j.opt.Kinds, j.ask, j.sample, len(c.StateSites())*c.Hidden, j.rng(3))
	j.recall = newRecaller(j.in, j.opt, j.found, j.ask)
	j.recall.model = j.model
	j.recall.want()
	j.reach = newReacher(j.in, j.found, j.opt.Workers, j.ask, j.rng(4))
	j.wait = &waiter{
		in: j.in, workers: j.opt.Workers, sampleA: j.sampleA, sampleB: j.sample,
		askA: j.askA, askB: j.ask, recall: j.recall, foundA: j.foundA, found: j.found,
	}
	j.wait.choose(j.opt.Kinds, j.rng(5))
	return ctx.Err()
}

func (j *job) read(ctx context.Context) (err error) {
	if j.seen, err = gather(ctx, j.in, j.in.Report, j.opt.Workers, j.ask); err != nil {
		return err
	}
	if len(j.wait.kinds) > 0 {
		j.chosen, err = gather(ctx, j.in, j.in.Choose, j.opt.Workers, j.askA)
	}
	return err
}

func (j *job) measureEnds(ctx context.Context) error {
	j.res.Pairs, j.res.Examples = j.pairEnds.results(j.seen, scaleOf(j.seen, j.sample), j.rng(6))
	return ctx.Err()
}

func (j *job) measureRecall(ctx context.Context) error {
	err := j.recall.answer(ctx, j.seen)
	j.res.Recall = j.recall.results(j.rng(7))
	return err
}

func (j *job) scoreSuites(ctx context.Context) error {
	j.res.Minimal = []SuiteResult{}
	list, err := j.opt.suites(j.in, j.rng(8))
	if err != nil {
		return err
	}
	if len(j.opt.Suites) == 0 || slices.Contains(j.opt.Suites, SuiteAll) {
		names := func(kind string) []string { return j.recall.names[kind] }
		list = append(swapSuites(j.in, j.found, names, j.rng(12)), list...)
	}
	scorer := Scorer{Model: j.in.Model, Alphabet: j.in.Alphabet, NGram: j.model, Workers: j.opt.Workers}
	for _, s := range list {
		r, err := scorer.Score(ctx, s, j.rng(9))
		if err != nil {
			return err
		}
		if r.N > 0 {
			j.res.Minimal = append(j.res.Minimal, r)
		}
	}
	return nil
}

func (j *job) measureReach(ctx context.Context) (err error) {
	j.res.Reach, err = j.reach.curves(ctx, j.seen, j.rng(10))
	return err
}

func (j *job) measureInfluence(ctx context.Context) error {
	j.res.Influence = []Influence{}
	if len(j.opt.At) > 0 {
		for _, at := range j.opt.At {
			f, err := influenceAt(ctx, j.in, at, j.opt.Workers, j.rng(11))
			if err != nil {
				return err
			}
			j.res.Influence = append(j.res.Influence, f)
		}
		return nil
	}
	for _, p := range influenceChoice(j.found) {
		at := j.recall.question(p)
		if at < 1 {
			continue
		}
		f, err := influenceAt(ctx, j.in, at, j.opt.Workers, j.rng(11))
		if err != nil {
			return err
		}
		f.Why, f.Opener = p.Kind, opener(p)
		j.res.Influence = append(j.res.Influence, f)
	}
	return nil
}

func (j *job) measureTimes(ctx context.Context) (err error) {
	j.res.Times, j.res.Saturation, err = timesOf(ctx, j.in, j.in.Report, j.opt.Workers)
	return err
}

func (j *job) searchWaiting(ctx context.Context) (err error) {
	j.res.Waiting, err = j.wait.search(ctx, j.chosen, j.seen)
	return err
}

const (
	passageLength = 300
	passageUnits  = 12
)

// showPassage shows the stretch around the longest example that fits.
func (j *job) showPassage(ctx context.Context) error {
	var best *Example
	for i := range j.res.Examples {
		e := &j.res.Examples[i]
		if n := e.Close - e.OpenStart; n <= passageLength-60 && (best == nil || n > best.Close-best.OpenStart) {
			best = e
		}
	}
	if best == nil {
		return ctx.Err()
	}
	lo := max(j.in.IDs.from, best.OpenStart-30)
	hi := min(j.in.IDs.end(), lo+passageLength)
	runes, of := j.in.Alphabet.Show(j.in.IDs.span(lo, hi))
	out := &Passage{Lo: lo, Text: string(runes), Of: of, Pairs: []Example{}}
	for _, kind := range j.opt.Kinds {
		for i := range j.found.byKind[kind] {
			if p := &j.found.byKind[kind][i]; int(p.OpenStart) >= lo && int(p.Close) < hi {
				out.Pairs = append(out.Pairs, exampleOf(p))
			}
		}
	}
	from := max(j.in.IDs.from, lo-influenceLead)
	t, err := trace.Passage(ctx, j.in.Model, j.in.IDs.span(from, hi), trace.Options{Sites: j.in.Model.Config().StateSites(), Workers: j.opt.Workers})
	if err != nil {
		return err
	}
	unit := func(site string, u int) PassageUnit {
		v := PassageUnit{Site: site, Unit: u}
		h := t.Site(site)
		for i := lo - from; i < hi-from; i++ {
			v.Values = append(v.Values, h[i*t.Units+u])
		}
		return v
	}
	for _, k := range j.res.Pairs {
		if k.Kind == best.Kind {
			for _, u := range k.Units {
				out.Units = append(out.Units, unit(u.Site, u.Unit))
			}
		}
	}
	if m := j.nearest(best.Kind); m != nil {
		u := unit(m.Site, m.Unit)
		out.Memory = &u
	}
	out.Units = out.Units[:min(len(out.Units), passageUnits)]
	j.res.Passage = out
	return nil
}

// nearest is the unit that waits for pairs of a kind, or of any; if none does, the one
// that retains best.
func (j *job) nearest(kind string) *WaitUnit {
	var any *WaitUnit
	for i := range j.res.Waiting {
		w := &j.res.Waiting[i]
		if len(w.Units) == 0 {
			continue
		}
		best := w.best()
		if w.Kind == kind {
			return best
		}
		if any == nil {
			any = best
		}
	}
	return any
}
