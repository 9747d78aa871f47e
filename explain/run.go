package explain

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"sync"

	"github.com/rnnscope/rnnscope/concept"
	"github.com/rnnscope/rnnscope/explain/vocabulary"
	"github.com/rnnscope/rnnscope/rnn"
	"github.com/rnnscope/rnnscope/stat"
)

// Run explains the units of a network. The result depends on the input and the
// options alone, whatever the number of cores. Errors match ErrInput, rnn.ErrSite
// or the context's.
func Run(ctx context.Context, in Input, opt Options, progress Progress) (*Result, error) {
	if err := in.check(); err != nil {
		return nil, err
	}
	if len(opt.Sites) == 0 {
		opt.Sites = DefaultSites(in.Model.Config())
	}
	for _, name := range opt.Sites {
		if _, err := in.Model.Site(name); err != nil {
			return nil, err
		}
	}
	return run(ctx, in, opt, &network{in.Model, in.Text}, progress)
}

func run(ctx context.Context, in Input, opt Options, src source, progress Progress) (*Result, error) {
	j := &job{in: &in, opt: opt, source: src, progress: progress}
	return j.run(ctx)
}

// job is one explanation under way.
type job struct {
	in       *Input
	opt      Options
	source   source
	plan     *plan
	base     *vocabulary.Base
	grams    *vocabulary.Grams
	progress Progress
	mu       sync.Mutex
}

func (j *job) workers() int {
	if j.opt.Workers > 0 {
		return j.opt.Workers
	}
	return runtime.GOMAXPROCS(0)
}

// stage is a function that counts one of n steps done.
func (j *job) stage(name string, n int) func() {
	done := int64(0)
	if j.progress != nil {
		j.progress(name, 0, int64(n))
	}
	return func() {
		if j.progress == nil {
			return
		}
		j.mu.Lock()
		defer j.mu.Unlock()
		done++
		j.progress(name, done, int64(n))
	}
}

// prepare settles the places and reads the vocabulary there.
func (j *job) prepare(ctx context.Context) error {
	var err error
	if j.plan, err = newPlan(j.in); err != nil {
		return err
	}
	concepts := j.opt.Concepts
	if concepts == nil {
		concepts = concept.All()
	}
	places := vocabulary.Places{At: j.plan.at, Decide: make([]int, j.plan.grow)}
	for r := range places.Decide {
		places.Decide[r] = r
	}
	j.base, err = vocabulary.Read(ctx, j.in.Text, places, vocabulary.Options{
		Alphabet: j.in.Alphabet, Symbols: j.in.Model.Config().Vocab, Concepts: concepts, Workers: j.workers(),
	})
	if err != nil {
		return err
	}
	j.grams = j.base.Grams()
	return nil
}

func (j *job) run(ctx context.Context) (*Result, error) {
	if err := j.prepare(ctx); err != nil {
		return nil, err
	}
	res := &Result{
		Version: j.opt.Version, Text: j.in.Name, Split: j.in.Split, Step: j.in.Step, Leaves: Leaves,
		Grown: j.plan.grow, Held: j.plan.report[0].lo - j.plan.grow, Reported: j.plan.reportRows(),
		Segments: len(j.plan.report), Swap: j.plan.swap, Untrained: j.opt.Untrained,
	}
	err := j.explainSites(ctx, res)
	return res, err
}

// explainSites explains site by site; what is asked of the network as a whole needs the
// studies of all its h.
func (j *job) explainSites(ctx context.Context, res *Result) error {
	memory, fixed, err := j.memory(ctx, j.opt.Sites)
	if err != nil {
		return err
	}
	res.Memory = memory
	config := j.in.Model.Config()
	layers := make([]*study, config.Layers)
	out := newReadout(j.in.Model)
	units := 0
	for _, name := range j.opt.Sites {
		units += j.source.units(name)
	}
	err = j.studies(ctx, j.source, j.opt.Sites, j.stage("growing descriptions", units), func(i int, s *study) error {
		site, err := j.site(ctx, s, j.opt.Sites[i])
		if err != nil {
			return err
		}
		if fixed != nil {
			for u, of := range fixed[i] {
				site.Units[u].Memory = of
			}
		}
		if l := layerOf(site.Name, config.Layers); l >= 0 {
			layers[l] = s
			if l == config.Layers-1 && out != nil {
				if res.Words, err = j.readout(ctx, s, out, &site); err != nil {
					return err
				}
			}
			s.col.q = nil
		}
		res.Sites = append(res.Sites, site)
		return nil
	})
	if err != nil {
		return err
	}
	if res.Words != nil && !slices.Contains(layers, nil) {
		if res.Words.Recurrent, err = j.recurrent(ctx, layers, j.unigram()); err != nil {
			return err
		}
	}
	if j.opt.Untrained > 0 {
		if err := j.untrained(ctx, res.Sites); err != nil {
			return err
		}
	}
	for i := range res.Sites {
		remember(&res.Sites[i])
	}
	return nil
}

// layerOf is the layer whose h a site is; -1: it is none.
func layerOf(site string, layers int) int {
	for l := range layers {
		if site == fmt.Sprintf("l%d.h", l) {
			return l
		}
	}
	return -1
}

// readout asks what the loss says of the top layer's descriptions.
func (j *job) readout(ctx context.Context, s *study, r *readout, site *Site) (*InWords, error) {
	told := j.stage("fidelity "+site.Name, len(site.Units))
	if err := s.fidelity(ctx, r, site, j.workers(), told); err != nil {
		return nil, err
	}
	return j.inWords(ctx, s, r)
}

// site turns the study of a site into figures, all but those that other networks give.
func (j *job) site(ctx context.Context, s *study, name string) (Site, error) {
	out := s.site(name)
	if err := s.families(ctx, &out, j.workers()); err != nil {
		return out, err
	}
	return out, j.swapAll(ctx, s, &out)
}

// oneStudy reads and grows one site.
func (j *job) oneStudy(ctx context.Context, site string) (*study, error) {
	var out *study
	err := j.studies(ctx, j.source, []string{site}, func() {}, func(_ int, s *study) error {
		out = s
		return nil
	})
	return out, err
}

// swapAll draws the null of every unit, each from its own random stream.
func (j *job) swapAll(ctx context.Context, s *study, out *Site) error {
	if j.plan.swap == 0 {
		return nil
	}
	out.Draws = swapDraws * len(out.Units)
	orders, told := orders4(), j.stage("permuting "+out.Name, len(out.Units))
	workers := sync.Pool{New: func() any { return s.newWalker() }}
	return forEach(ctx, len(out.Units), j.workers(), func(u int) {
		w := workers.Get().(*worker)
		if t := w.swap(s, u); t != nil {
			out.Units[u].P = stat.Number(t.p(orders, out.Draws, rand.New(rand.NewPCG(j.opt.Seed, uint64(u)+1))))
		}
		workers.Put(w)
		told()
	})
}

// untrained grows the same descriptions for networks with PyTorch's initial weights.
func (j *job) untrained(ctx context.Context, sites []Site) error {
	var names []string
	units := 0
	for i := range sites {
		names = append(names, sites[i].Name)
		units += len(sites[i].Units)
		sites[i].Fresh = &Fresh{Networks: j.opt.Untrained, Highest: Curve{stat.Undefined(), stat.Undefined(), stat.Undefined()}}
	}
	told := j.stage(fmt.Sprintf("%d untrained networks", j.opt.Untrained), j.opt.Untrained*units)
	all := make([][]Unit, len(sites))
	for k := range j.opt.Untrained {
		m, err := rnn.New(j.in.Model.Config())
		if err != nil {
			return err
		}
		m.Init(rand.New(rand.NewPCG(j.opt.Seed, uint64(k))))
		err = j.studies(ctx, &network{m, j.in.Text}, names, told, func(i int, s *study) error {
			for u := range s.units {
				var unit Unit
				unit.R2, _ = s.units[u].full.score()
				unit.Beyond = s.units[u].beyond()
				raise(&sites[i].Fresh.Highest, unit.Beyond)
				all[i] = append(all[i], unit)
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	for i := range sites {
		sites[i].Fresh.Median, sites[i].Fresh.Half = summary(all[i])
	}
	return nil
}

// raise lifts the highest scores to those of one more unit.
func raise(highest *Curve, beyond [Sizes]stat.Interval) {
	for i, b := range beyond {
		if h := float64(highest[i]); !math.IsNaN(b.Estimate) && !(h >= b.Estimate) {
			highest[i] = stat.Number(b.Estimate)
		}
	}
}

// alpha is the error rate of the null, over all units of a site.
const alpha = 0.05

// remember decides which beyond-scores count.
func remember(s *Site) {
	if s.Fresh == nil || s.Draws == 0 {
		s.Remember = stat.Point(math.NaN(), 0)
		return
	}
	n := int64(0)
	for i := range s.Units {
		u := &s.Units[i]
		u.Remembers = u.Beyond[Sizes-1].Above(float64(s.Fresh.Highest[Sizes-1])) &&
			u.P.Defined() && float64(u.P) <= alpha/float64(len(s.Units))
		if u.Remembers {
			n++
		}
	}
	s.Remember = stat.Wilson(n, int64(len(s.Units)))
}
