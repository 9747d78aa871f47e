package dissect

import (
	"context"
	"slices"

	"github.com/rnnscope/rnnscope/concept"
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
	in, err := newInput(s)
	if err != nil {
		return nil, err
	}
	if len(opt.Sites) == 0 {
		opt.Sites = s.Sites()
	}
	opt.Untrained = s.Controls(opt.Untrained)
	if opt.Concepts == nil {
		opt.Concepts = concept.All()
	}
	asked := len(opt.Concepts)
	var others []concept.Admission
	if !opt.AnyRule {
		if opt.Concepts, others, opt.cuts, err = in.admit(ctx, opt.Concepts, opt.Workers); err != nil {
			return nil, err
		}
	}
	if asked > 0 && len(opt.Concepts) == 0 {
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

func (j *job) run(ctx context.Context) (*Result, error) {
	w := j.walk
	var err error
	own, ofModel := w.States.(*specimen.Computed)
	if ofModel {
		if err := own.Hold(ctx, j.sample, w.Workers, specimen.HoldMost); err != nil {
			return nil, err
		}
	}
	if w.Edges, err = specimen.SettleEdges(ctx, w.States, j.sample, w.Workers); err != nil {
		return nil, err
	}
	if j.opt.Extent != FiguresOnly && j.opt.Extent != CloserOnly {
		w.Labels.Keep(probe.FittedBlocks(j.in.Choose))
	}
	searched, err := j.searched()
	if err != nil {
		return nil, err
	}
	swap, rare := planSwap(w, j.in.Report, searched), newRarities(j.untrainedBlocks, len(w.Labels.Rules))
	validation, err := tallyOver(ctx, w, j.in.Choose, j.symbols, j.url, j.asides(swap, rare)...)
	if err != nil {
		return nil, err
	}
	if ofModel {
		own.Release()
	}
	p := planReport(j.in.Report, swap.length)
	p.choices, p.url, p.symbols = choose(validation), j.url, j.symbols
	swap.allocate(w.States.Sites(), len(w.Labels.Rules), validation, p.choices)
	blind := &blindText{common: j.untrainedBlocks, own: rare.blocks(j.in.Report)}
	j.setUntrainedBlocks(blind.all())
	p.state = chooseState(validation, w.Labels.Rules)
	if j.url >= 0 {
		p.urlUnit, p.hasURL = chooseURL(validation, w.States.Sites(), j.url)
	}
	m, err := measureOver(ctx, w, p, swap)
	if err != nil {
		return nil, err
	}
	w.Idle()
	untrained := newHeights(len(w.Labels.Rules), len(w.States.Sites()))
	if j.opt.Untrained > 0 {
		untrained, err = untrainedMax(ctx, w, j.control, j.opt.Untrained, blind, j.symbols)
		if err != nil {
			return nil, err
		}
	}
	tests, err := j.testAll(ctx, swap)
	if err != nil {
		return nil, err
	}
	res := j.result(swap, m)
	for c := range w.Labels.Rules {
		res.Concepts = append(res.Concepts, j.conceptResult(c, validation, m, swap, tests, untrained))
	}
	adjust(res, swap.length > 0)
	falseDiscovery(res, j.opt.Concepts)
	res.settleBest()
	m.pairs, m.state, m.units = nil, nil, nil
	w.Labels.KeepOnly(slices.Concat(j.detail, probe.FittedBlocks(j.in.Choose)))
	return res, j.look(ctx, res, validation, m, p)
}

func (j *job) result(swap *swapPlan, m *measured) *Result {
	res := &Result{
		Version: j.opt.Version, Text: j.in.Text.Name, Split: j.in.Split,
		Chosen: specimen.Scored(j.in.Choose), Reported: specimen.Scored(j.in.Report),
		Sites: j.walk.States.Sites(),
		Null: NullInfo{
			SegmentLength: swap.length, Groups: swap.groups, List: concept.FamilyVersion,
			Family: concept.FamilySize() * len(j.in.Sites()), Untrained: j.opt.Untrained,
		},
	}
	res.Null.Draws = j.draws(res.Null.Family)
	if j.opt.Untrained > 0 {
		res.Null.Positions = int(specimen.Scored(text.BlockList(j.untrainedBlocks)))
	}
	return res
}

func (j *job) conceptResult(c int, validation *tally, m *measured, swap *swapPlan, tests [][]*tested, untrained *heights) ConceptResult {
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
