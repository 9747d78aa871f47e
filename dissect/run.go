package dissect

import (
	"context"
	"slices"

	"github.com/rnnscope/rnnscope/concept"
	"github.com/rnnscope/rnnscope/dissect/swap"
	"github.com/rnnscope/rnnscope/probe"
	"github.com/rnnscope/rnnscope/specimen"
	"github.com/rnnscope/rnnscope/stat"
	"github.com/rnnscope/rnnscope/text"
)

// Run dissects a network: it chooses units on one part of the text and measures
// them on the other. The result depends on the input and the options alone,
// whatever the number of cores. Errors match ErrInput, rnn.ErrSite or the
// context's. progress may be nil.
func Run(ctx context.Context, s *specimen.Specimen, opt Options, progress Progress) (*Result, error) {
	in, opt, others, err := admit(ctx, s, opt)
	if err != nil {
		return nil, err
	}
	if len(opt.Concepts) == 0 && len(others) > 0 {
		return in.nothing(opt, others), nil
	}
	j, err := newJob(ctx, in, opt, progress)
	if err != nil {
		return nil, err
	}
	res, err := j.run(ctx)
	if res != nil {
		res.Others = others
	}
	return res, err
}

// admit fills the options in and leaves those concepts in them that are rules for the text.
func admit(ctx context.Context, s *specimen.Specimen, opt Options) (in *input, own Options, others []concept.Admission, err error) {
	if in, err = newInput(s); err != nil {
		return nil, opt, nil, err
	}
	opt = opt.withDefaults(s)
	if !opt.AnyRule {
		opt.Concepts, others, opt.cuts, err = in.admit(ctx, opt.Concepts, opt.Workers)
	}
	return in, opt, others, err
}

// withDefaults is the options with their defaults for a specimen.
func (opt Options) withDefaults(s *specimen.Specimen) Options {
	if len(opt.Sites) == 0 {
		opt.Sites = s.Sites()
	}
	opt.Untrained = s.Controls(opt.Untrained)
	if opt.Concepts == nil {
		opt.Concepts = concept.All()
	}
	if opt.Positions == 0 {
		opt.Positions = defaultPositions
	}
	return opt
}

// run is a dissection in one go: units are chosen, measured and held against the null.
func (j *job) run(ctx context.Context) (*Result, error) {
	w := j.walk
	swap, rare, err := j.settle(ctx)
	if err != nil {
		return nil, err
	}
	validation, err := tallyOver(ctx, w, j.in.Choose, j.symbols, j.url, j.asides(swap, rare)...)
	if err != nil {
		return nil, err
	}
	p := j.plan(validation, swap)
	blind := j.blind(rare)
	m, err := measureOver(ctx, w, p, swap)
	if err != nil {
		return nil, err
	}
	return j.conclude(ctx, &counted{validation, p, swap, blind, m})
}

// settle settles the bin borders, and what is looked at for the null and by untrained networks.
func (j *job) settle(ctx context.Context) (*swap.Plan, *rarities, error) {
	w := j.walk
	if own, ok := w.States.(*specimen.NetworkStates); ok {
		if err := own.Hold(ctx, j.sample, w.Workers, specimen.HoldMost); err != nil {
			return nil, nil, err
		}
	}
	var err error
	if w.Edges, err = specimen.SettleEdges(ctx, w.States, j.sample, w.Workers); err != nil {
		return nil, nil, err
	}
	if j.opt.Extent != FiguresOnly && j.opt.Extent != CloserOnly {
		w.Labels.Keep(probe.FittedBlocks(j.in.Choose))
	}
	searched, err := j.defaultSites()
	if err != nil {
		return nil, nil, err
	}
	return swap.New(j.in.Report, searched, len(w.Labels.Rules)), newRarities(j.untrainedBlocks, len(w.Labels.Rules)), nil
}

// plan chooses the units that are measured, and makes room for them.
func (j *job) plan(validation *tally, swap *swap.Plan) *plan {
	w := j.walk
	if own, ok := w.States.(*specimen.NetworkStates); ok {
		own.Release()
	}
	p := planReport(j.in.Report, swap.Length)
	p.choices, p.url, p.symbols = choose(validation), j.url, j.symbols
	swap.Allocate(w.States.Sites(), unitsOf(p.choices), validation.ranks)
	p.state = chooseState(validation, w.Labels.Rules)
	if j.url >= 0 {
		p.urlUnit, p.hasURL = chooseURL(validation, w.States.Sites(), j.url)
	}
	return p
}

// blind is what untrained networks read.
func (j *job) blind(rare *rarities) *controlText {
	blind := &controlText{common: j.untrainedBlocks, own: rare.blocks(j.in.Report)}
	j.setUntrainedBlocks(blind.all())
	return blind
}

// counted is what the passes over the text leave.
type counted struct {
	validation *tally
	plan       *plan
	swap       *swap.Plan
	blind      *controlText
	measured   *measured
}

// conclude gives the verdicts, and looks at a sample of the report.
func (j *job) conclude(ctx context.Context, n *counted) (*Result, error) {
	w := j.walk
	w.Idle()
	untrained := newHeights(len(w.Labels.Rules), len(w.States.Sites()))
	if j.opt.Untrained > 0 {
		var err error
		untrained, err = untrainedMax(ctx, w, j.control, j.opt.Untrained, n.blind, j.symbols)
		if err != nil {
			return nil, err
		}
	}
	tests, err := j.testAll(ctx, n.swap)
	if err != nil {
		return nil, err
	}
	res := j.result(n.swap, n.measured)
	for c := range w.Labels.Rules {
		res.Concepts = append(res.Concepts, j.conceptResult(c, n.validation, n.measured, n.swap, tests, untrained))
	}
	adjust(res, n.swap.Length > 0)
	falseDiscovery(res, j.opt.Concepts)
	res.settleBest()
	n.measured.pairs, n.measured.state, n.measured.units = nil, nil, nil
	w.Labels.KeepOnly(slices.Concat(j.detail, probe.FittedBlocks(j.in.Choose)))
	return res, j.look(ctx, res, n.validation, n.measured, n.plan)
}

func (j *job) result(swap *swap.Plan, m *measured) *Result {
	res := &Result{
		Version: j.opt.Version, Symbols: j.in.Alphabet.Kind().ForResults(), Text: j.in.Text.Name, Split: j.in.Split,
		Chosen: specimen.Scored(j.in.Choose), Reported: specimen.Scored(j.in.Report),
		Sites: j.walk.States.Sites(),
		Null: NullInfo{
			SegmentLength: swap.Length, Groups: swap.Groups, List: concept.FamilyVersion,
			Family: concept.FamilySize() * len(j.in.Sites()), Untrained: j.opt.Untrained,
		},
	}
	res.Null.Draws = j.draws(res.Null.Family)
	if j.opt.Untrained > 0 {
		res.Null.Positions = int(specimen.Scored(text.BlockList(j.untrainedBlocks)))
	}
	return res
}

func (j *job) conceptResult(c int, validation *tally, m *measured, swap *swap.Plan, tests [][]*tested, untrained *heights) ConceptResult {
	k := j.opt.Concepts[c]
	out := ConceptResult{
		Concept: k.Name, Kind: string(k.Kind), Class: string(k.Class), Rule: j.walk.Labels.Rules[c].String(),
		Definition: k.Definition, Verdict: NotInText, Surface: stat.Undefined(), Sites: []Score{},
	}
	table := m.tables[0]
	out.N, out.Positive = table.Count(c)
	if out.Positive == 0 || out.Positive == out.N || m.pairs[c][0] == nil {
		return out
	}
	out.Surface = stat.Number(table.SurfaceAUROC(c, validation.tables[0]))
	for s, pair := range m.pairs[c] {
		score := j.score(c, s, pair, m.tables[s])
		score.UntrainedMax = stat.Number(untrained.auroc[c][s])
		if t := tests[c][s]; t != nil {
			score.against(t, pair.choice.unit)
			score.Information = stat.Number(t.information)
		}
		out.Sites = append(out.Sites, score)
		if out.Best == nil || score.Validation > out.Best.Validation {
			out.Best = &out.Sites[len(out.Sites)-1]
		}
	}
	best := *out.Best // Sites may have moved while it grew
	out.Best = &best
	if pair := m.state[c]; pair != nil {
		out.State = j.stateUnit(c, pair, m, tests, untrained)
	}
	if m.pairs[c][0].spread() < leastSpread {
		out.Verdict = TooLittleText
	}
	return out
}
