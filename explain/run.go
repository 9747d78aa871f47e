package explain

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"sync"

	"github.com/rnnscope/rnnscope/concept"
	"github.com/rnnscope/rnnscope/explain/vocabulary"
	"github.com/rnnscope/rnnscope/internal/crew"
	"github.com/rnnscope/rnnscope/specimen"
	"github.com/rnnscope/rnnscope/stat"
)

// Run explains the units of a network. The result depends on the specimen and the
// options alone, whatever the number of cores. Errors match specimen.ErrInput, rnn.ErrSite
// or the context's. What needs the network's weights is left out for recorded states.
func Run(ctx context.Context, sp *specimen.Specimen, opt Options, progress Progress) (*Result, error) {
	j, err := newJob(sp, opt)
	if err != nil {
		return nil, err
	}
	j.progress = progress
	return j.run(ctx)
}

// admit gives the concepts that are rules for this kind of text; of a category its
// frequent values.
func (j *job) admit(ctx context.Context) ([]concept.Concept, error) {
	of := j.opt.Concepts
	if of == nil {
		of = concept.All()
	}
	found, err := j.Survey(ctx, of, j.Parts(0), j.workers())
	if err != nil {
		return nil, err
	}
	var out []concept.Concept
	for i, a := range found {
		switch {
		case !a.Admitted:
		case of[i].Kind != concept.Category:
			out = append(out, of[i])
		default:
			for _, name := range a.Values {
				v, err := of[i].Value(name)
				if err != nil {
					return nil, err
				}
				out = append(out, v)
			}
		}
	}
	return out, nil
}

// prepare settles the places and reads the vocabulary there.
func (j *job) prepare(ctx context.Context) error {
	var err error
	if j.plan, err = newPlan(j.Specimen); err != nil {
		return err
	}
	concepts, err := j.admit(ctx)
	if err != nil {
		return err
	}
	places := vocabulary.Places{At: j.plan.at, Decide: make([]int, j.plan.grow)}
	for r := range places.Decide {
		places.Decide[r] = r
	}
	j.base, err = vocabulary.Read(ctx, j.Text.Source, places, vocabulary.Options{
		Alphabet: j.Alphabet, Symbols: j.Symbols(), Concepts: concepts, Workers: j.workers(),
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
		Version: j.opt.Version, Symbols: j.Alphabet.Kind().ForResults(), Text: j.Text.Name, Split: j.Split, Step: j.Step, Leaves: Leaves,
		Grown: j.plan.grow, Held: j.plan.report[0].lo - j.plan.grow, Reported: j.plan.reportRows(),
		Segments: len(j.plan.report), Swap: j.plan.swap, Untrained: j.Controls(j.opt.Untrained),
	}
	err := j.explainSites(ctx, res)
	return res, err
}

// explainSites explains site by site; what is asked of the network as a whole needs the
// studies of all its h.
func (j *job) explainSites(ctx context.Context, res *Result) error {
	w := &whole{res: res}
	if j.Model != nil {
		var err error
		if res.Memory, w.fixed, err = j.memory(ctx, j.opt.Sites); err != nil {
			return err
		}
		if w.gates, err = gateTimes(ctx, j.Specimen, j.plan); err != nil {
			return err
		}
		w.layers, w.readout = make([]*study, j.Model.Config().Layers), newReadout(j.Model)
	} else {
		var err error
		if res.Memory, w.fixed, err = j.sameContext(ctx); err != nil {
			return err
		}
	}
	units := 0
	for _, site := range j.states.Sites() {
		units += site.Units
	}
	err := j.studies(ctx, j.states, j.plan.report, j.stage("growing descriptions", units), func(i int, s *study) error { return j.explainSite(ctx, w, i, s) })
	if err != nil {
		return err
	}
	if res.Words != nil && !slices.Contains(w.layers, nil) {
		if res.Words.Recurrent, err = j.recurrent(ctx, w.layers, j.unigram()); err != nil {
			return err
		}
	}
	if res.Untrained > 0 {
		if err := j.scoreUntrained(ctx, res.Sites, units); err != nil {
			return err
		}
	}
	for i := range res.Sites {
		remember(&res.Sites[i])
	}
	return nil
}

// whole is what is asked of the network as a whole, site by site.
type whole struct {
	res     *Result
	fixed   [][][]stat.Interval // S_k by site and unit; nil where it cannot be measured
	gates   [][]stat.Number     // time constants of gates by layer and unit; nil without
	layers  []*study            // of h, by layer, as far as h is among the sites
	readout *readout
}

func (j *job) explainSite(ctx context.Context, w *whole, i int, s *study) error {
	site, err := j.site(ctx, s, j.states.Sites()[i].Name)
	if err != nil {
		return err
	}
	times, err := timesOf(ctx, j.plan, s.col, j.workers())
	if err != nil {
		return err
	}
	for u := range times {
		if l := layerOfState(site.Name, len(w.gates)); l >= 0 {
			times[u].Gate = w.gates[l][u]
		}
		site.Units[u].Times = &times[u]
	}
	if w.fixed != nil {
		for u, of := range w.fixed[i] {
			site.Units[u].Memory = of
		}
	}
	if l := layerOf(site.Name, len(w.layers)); l >= 0 {
		w.layers[l] = s
		if l == len(w.layers)-1 && w.readout != nil {
			if w.res.Words, err = j.readout(ctx, s, w.readout, &site); err != nil {
				return err
			}
		}
		s.col.q = nil
	}
	w.res.Sites = append(w.res.Sites, site)
	return nil
}

// layerOfState is the layer whose h or c a site is; -1: it is neither.
func layerOfState(site string, layers int) int {
	for l := range layers {
		if site == fmt.Sprintf("l%d.h", l) || site == fmt.Sprintf("l%d.c", l) {
			return l
		}
	}
	return -1
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
func (j *job) readout(ctx context.Context, s *study, r *readout, site *Site) (*DescribedNetwork, error) {
	advance := j.stage("fidelity "+site.Name, len(site.Units))
	if err := s.fidelity(ctx, r, site, j.workers(), advance); err != nil {
		return nil, err
	}
	return j.describedNetwork(ctx, s, r)
}

// site turns the study of a site into figures, all but those that other networks give.
func (j *job) site(ctx context.Context, s *study, name string) (Site, error) {
	out := s.site(name)
	if err := s.families(ctx, &out, j.workers()); err != nil {
		return out, err
	}
	if err := j.addPlaces(s, &out); err != nil {
		return out, err
	}
	if j.plan.swap == 0 {
		return out, nil
	}
	out.Draws = s.draws()
	p, err := j.swapAll(ctx, s, j.stage("permuting "+name, len(s.units)))
	for u := range p {
		out.Units[u].P = stat.Number(p[u])
	}
	return out, err
}

// swapAll draws the null of every unit, each from its own random stream; NaN where a
// description asks nothing beyond the last five characters.
func (j *job) swapAll(ctx context.Context, s *study, advance func()) ([]float64, error) {
	p := make([]float64, len(s.units))
	orders := orders4()
	workers := sync.Pool{New: func() any { return s.newWalker() }}
	err := crew.ForEach(ctx, len(p), j.workers(), func(u int) {
		w := workers.Get().(*worker)
		p[u] = math.NaN()
		if t := w.swap(s, u); t != nil && j.plan.swap > 0 {
			p[u] = t.p(orders, s.draws(), rand.New(rand.NewPCG(j.opt.Seed, uint64(u)+1)))
		}
		workers.Put(w)
		advance()
	})
	return p, err
}

// draws are enough for a unit to pass the correction over all units of the site.
func (s *study) draws() int { return swapDraws * len(s.units) }

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
		u.Remembers = counts(u.Beyond[Sizes-1], float64(u.P), float64(s.Fresh.Highest[Sizes-1]), len(s.Units))
		if u.Remembers {
			n++
		}
	}
	s.Remember = stat.Wilson(n, int64(len(s.Units)))
}

// counts is the verdict on a beyond-score: its whole interval lies above every unit of
// untrained networks, and p passes Bonferroni's correction over the site's units.
func counts(beyond stat.Interval, p, untrained float64, units int) bool {
	return beyond.Above(untrained) && p <= alpha/float64(units)
}
