package births

import (
	"context"
	"fmt"
	"slices"

	"github.com/rnnscope/rnnscope/concept"
	"github.com/rnnscope/rnnscope/evolve"
	"github.com/rnnscope/rnnscope/intervene"
	"github.com/rnnscope/rnnscope/memory"
	"github.com/rnnscope/rnnscope/rnn"
	"github.com/rnnscope/rnnscope/specimen"
	"github.com/rnnscope/rnnscope/stat"
	"github.com/rnnscope/rnnscope/text"
)

// Options of the question.
type Options struct {
	Concepts   []concept.Concept // default: concept.All()
	Characters int               // of each part of the text, at most; default 20,000
	Untrained  int               // networks of the same shape
	Used       []int64           // steps at which the causal verdict is asked of both units; it takes long
	Evolution  *evolve.History   // what the run keeps of its skills; nil: no lags
	Workers    int
	Version    string
}

// DefaultCharacters is how much of each part is read at a snapshot.
const DefaultCharacters = 20_000

// Snapshots are the networks of one training.
type Snapshots struct {
	Steps []int64 // ascending
	At    func(step int64) (*specimen.Specimen, error)
}

// Run follows the concepts through the snapshots. Errors are those of specimen.Check and
// intervene.Run, and of reading snapshots. progress may be nil; it counts untrained networks and
// snapshots.
func Run(ctx context.Context, s Snapshots, opt Options, progress func(done, total int64)) (*Result, error) {
	if opt.Characters == 0 {
		opt.Characters = DefaultCharacters
	}
	if len(s.Steps) == 0 {
		return nil, fmt.Errorf("%w: no snapshot", specimen.ErrInput)
	}
	last, err := s.At(s.Steps[len(s.Steps)-1])
	if err != nil {
		return nil, err
	}
	done, total := int64(0), int64(last.Controls(opt.Untrained)+len(s.Steps))
	tell := func() {
		if done++; progress != nil {
			progress(done, total)
		}
	}
	f, err := follow(ctx, last, opt, tell)
	if err != nil {
		return nil, err
	}
	final, _, err := f.look(ctx, last, nil)
	if err != nil {
		return nil, err
	}
	w := &walk{follower: f, opt: opt}
	for _, x := range final {
		w.final = append(w.final, x.unit)
	}
	res := &Result{Version: opt.Version, Symbols: last.Alphabet.Kind().ForResults(), Text: last.Text.Name, Split: last.Split, Steps: s.Steps, Chosen: int(specimen.Scored(text.BlockList(f.choose))), Reported: int(specimen.Scored(text.BlockList(f.report))), Untrained: f.networks}
	for c, name := range f.names {
		res.Concepts = append(res.Concepts, Concept{Concept: name, Untrained: stat.Number(f.untrained[c]), Skill: HeldOutItems(name)})
	}
	for _, step := range s.Steps {
		sp, err := s.At(step)
		if err != nil {
			return nil, err
		}
		if err := w.look(ctx, sp, step, res.Concepts); err != nil {
			return nil, err
		}
		tell()
	}
	res.settle(f, opt)
	return res, nil
}

// walk is what a look at a snapshot needs.
type walk struct {
	follower *follower
	opt      Options
	final    []rnn.Unit // by concept
}

// look adds the points of a step.
func (w *walk) look(ctx context.Context, sp *specimen.Specimen, step int64, all []Concept) error {
	best, final, err := w.follower.look(ctx, sp, w.final)
	if err != nil {
		return err
	}
	times, err := w.times(ctx, sp)
	if err != nil {
		return err
	}
	uses, err := w.uses(ctx, sp, step, best)
	if err != nil {
		return err
	}
	for c := range all {
		point := func(x followed) Point {
			return Point{Step: step, Unit: x.unit, AUROC: x.auroc, Times: times(x.unit), Used: uses[question{c, x.unit}]}
		}
		all[c].Best.Looks = append(all[c].Best.Looks, point(best[c]))
		all[c].Final.Looks = append(all[c].Final.Looks, point(final[c]))
	}
	return nil
}

// times gives the time constants of a unit, nil where only states are given.
func (w *walk) times(ctx context.Context, sp *specimen.Specimen) (func(rnn.Unit) *memory.Times, error) {
	if sp.Model == nil {
		return func(rnn.Unit) *memory.Times { return nil }, nil
	}
	all, err := memory.TimesOf(ctx, sp, w.follower.report, w.opt.Workers)
	if err != nil {
		return nil, err
	}
	return func(u rnn.Unit) *memory.Times {
		for _, t := range all {
			if t.Unit == u.Unit && fmt.Sprintf("l%d", t.Layer) == u.Site[:max(0, len(u.Site)-2)] {
				return &t
			}
		}
		return nil
	}, nil
}

// question is a concept and a unit of which the causal verdict is asked.
type question struct {
	concept int
	unit    rnn.Unit
}

// uses asks whether the network uses the two units of every concept, where that is wanted.
func (w *walk) uses(ctx context.Context, sp *specimen.Specimen, step int64, best []followed) (map[question]*Use, error) {
	if !slices.Contains(w.opt.Used, step) {
		return nil, nil
	}
	var candidates []intervene.Candidate
	var at []int
	for c, name := range w.follower.names {
		k, err := concept.Find(name)
		if err != nil || best[c].unit.Site == "" {
			continue // the caller's own, or a label that does not change
		}
		units := []rnn.Unit{w.final[c]}
		if best[c].unit != w.final[c] {
			units = append(units, best[c].unit)
		}
		candidates, at = append(candidates, intervene.Candidate{Concept: k, Units: units}), append(at, c)
	}
	if len(candidates) == 0 {
		return nil, nil
	}
	// on as much text as ablate reads: a verdict must not depend on the command that asks
	r, err := intervene.Run(ctx, sp, candidates, intervene.Options{Top: 1, Characters: intervene.DefaultCharacters, GateCharacters: intervene.DefaultGateCharacters, Workers: w.opt.Workers}, nil)
	if err != nil {
		return nil, err
	}
	out := map[question]*Use{}
	for i, k := range r.Concepts {
		for _, p := range k.Pairs {
			out[question{at[i], p.Unit}] = &Use{Verdict: p.Verdict, D: p.Mean.D}
		}
	}
	return out, nil
}

// settle finds the births and lags, and lists apart what was never born.
func (r *Result) settle(f *follower, opt Options) {
	var concepts []Concept
	r.Never = []string{}
	for c := range r.Concepts {
		x := r.Concepts[c]
		x.Best.Birth, x.Best.After = findBirth(x.Best.Looks, f.untrained[c])
		x.Final.Birth, x.Final.After = findBirth(x.Final.Looks, f.untrained[c])
		if x.Best.Birth == nil {
			if last := x.Best.Looks[len(x.Best.Looks)-1]; last.AUROC.Defined() { // else the text never has it
				r.Never = append(r.Never, x.Concept)
			}
			continue
		}
		x.SkillStep = SkillStep(opt.Evolution, x.Skill)
		x.Lag = Lag(x.Best.Birth, x.SkillStep)
		concepts = append(concepts, x)
	}
	byBirth(concepts)
	r.Concepts = concepts
	if r.Concepts == nil {
		r.Concepts = []Concept{}
	}
}
