package dissect

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"sync"

	"github.com/rnnscope/rnnscope/concept"
	"github.com/rnnscope/rnnscope/internal/crew"
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

// job is one dissection under way.
type job struct {
	in              *input
	opt             Options
	walk            *specimen.Pass
	untrainedBlocks []text.Block   // what untrained networks read
	sample          []text.Block   // what settles the bin borders
	detail          []text.Block   // looked at character by character
	counted         *gramIndex     // what the last characters tell, counted on the way; nil: not asked for
	pages           specimen.Pages // of text to be shown
	url             int            // index of the URL concept, -1 without
	symbols         int
	total           int64 // characters to be read, for progress
}

func newJob(ctx context.Context, in *input, opt Options, progress Progress) (*job, error) {
	if opt.Concepts == nil {
		opt.Concepts = concept.All()
	}
	if opt.Positions == 0 {
		opt.Positions = defaultPositions
	}
	if len(opt.Concepts) == 0 {
		return nil, fmt.Errorf("%w: no concept was asked for", ErrInput)
	}
	workers := specimen.WorkersOr(opt.Workers)
	states, err := in.States(opt.Sites)
	if err != nil {
		return nil, err
	}
	rs, err := in.NewRules(ctx, opt.Concepts, in.parts(), workers)
	if err != nil {
		return nil, err
	}
	for c := range rs {
		if rs[c].Concept.Kind == concept.Depth {
			rs[c].Above = opt.cuts[rs[c].Concept.Name]
		}
	}
	j := &job{
		in: in, opt: opt, symbols: in.Symbols(),
		walk:            &specimen.Pass{States: states, Labels: in.NewLabeller(rs, in.parts(), workers), Workers: workers},
		untrainedBlocks: upTo(in.Report, opt.Positions),
		sample:          specimen.ChooseBlocks(in.Choose, sampleBlocks),
		detail:          specimen.ChooseBlocks(in.Report, detailBlocks),
		url:             slices.IndexFunc(opt.Concepts, func(c concept.Concept) bool { return c.Name == "url" }),
	}
	j.pages.Source = in.Text.Source
	if opt.Extent != FiguresOnly {
		j.counted = newGramIndex(in, len(rs))
	}
	j.walk.Progress = j.counter(progress)
	return j, nil
}

// counter adds up what was read and tells progress, one call at a time.
func (j *job) counter(progress Progress) func(int) {
	if progress == nil {
		return nil
	}
	j.total = specimen.Scored(j.in.Choose) + specimen.Scored(j.in.Report) + int64(j.opt.Untrained)*specimen.Scored(text.BlockList(j.untrainedBlocks)) + specimen.Scored(text.BlockList(j.detail))
	var mu sync.Mutex
	var done int64
	return func(n int) {
		mu.Lock()
		defer mu.Unlock()
		done += int64(n)
		progress(done, j.total)
	}
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

// asides are what the pass over the blocks units are chosen on looks at besides: the
// labels of the report, and those that k-grams are counted on.
func (j *job) asides(swap *swapPlan, rare *rarities) []specimen.Aside {
	out := []specimen.Aside{{Blocks: j.in.Report, See: func(i int, b *specimen.BlockLabels) {
		swap.collect(i, b)
		rare.see(i, b)
	}}}
	if j.counted != nil {
		out = append(out, specimen.Aside{Blocks: text.BlockList(j.counted.blocks), See: j.counted.see, Once: true})
	}
	return out
}

// setUntrainedBlocks settles what untrained networks read, and has its labels and those of the
// closer look kept when the report is labelled for the last time.
func (j *job) setUntrainedBlocks(blocks []text.Block) {
	j.total += int64(j.opt.Untrained) * (specimen.Scored(text.BlockList(blocks)) - specimen.Scored(text.BlockList(j.untrainedBlocks)))
	j.untrainedBlocks = blocks
	if j.opt.Untrained > 0 {
		j.walk.Labels.Keep(j.untrainedBlocks)
	}
	if j.opt.Extent != FiguresOnly {
		j.walk.Labels.Keep(j.detail)
	}
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

// tested is the local-4 swap of one concept at one site.
type tested struct {
	swap        *stat.SwapTest
	cross       []int64
	family      int
	draws       int
	on, all     int64 // positions of the kept groups
	information float64
	rng         func(unit int) *rand.Rand
}

// testAll runs the null for every concept and site, each from its own random
// stream, so that the order of the work does not matter.
func (j *job) testAll(ctx context.Context, swap *swapPlan) ([][]*tested, error) {
	sites := j.walk.States.Sites()
	out := make([][]*tested, len(j.opt.Concepts))
	for c := range out {
		out[c] = make([]*tested, len(sites))
	}
	if swap.length == 0 {
		return out, nil
	}
	err := crew.ForEach(ctx, len(out)*len(sites), j.walk.Workers, func(i int) {
		c, s := i/len(sites), i%len(sites)
		if swap.cross[s][c] == nil {
			return
		}
		name, site := j.opt.Concepts[c].Name, sites[s]
		t := &tested{cross: swap.cross[s][c], family: j.family(site.Name)}
		t.draws = j.draws(t.family)
		t.swap = stat.LocalSwap(t.cross, site.Units, min(siteDraws, t.draws), j.rngOf("site", name, site.Name))
		t.information = swap.information(swap.bins[c][s], j.rngOf("information", name, site.Name))
		t.on, t.all = swap.counts(c)
		t.rng = func(unit int) *rand.Rand { return j.rngOf("swap", name, site.Name, strconv.Itoa(unit)) }
		out[c][s] = t
	})
	return out, err
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

// against fills what the null says of one unit.
func (s *Score) against(t *tested, unit int) {
	s.Z, s.Spread, s.SiteP = stat.Number(t.swap.Z[unit]), stat.Number(t.swap.Spread), stat.Number(t.swap.P)
	s.P, s.Tests = stat.Number(t.swap.OwnSwap(t.cross, unit, t.draws, t.rng(unit))), t.family
	s.AdjustedP = stat.Number(min(1, float64(s.P)*float64(t.family)))
	if least := t.swap.CouldShow(unit, t.on, t.all, Alpha/float64(t.family)); least <= 1 {
		s.CouldShow = stat.Number(least)
	}
}

// leastSpread is in how many segments a label must be on to be judged at all: a
// concept seen in fewer places says nothing about the next one.
const leastSpread = 4

// spread is the number of segments in which the label is on.
func (p *pairTally) spread() int {
	on, _ := p.counts()
	n := 0
	for _, k := range on {
		if k > 0 {
			n++
		}
	}
	return n
}

func (j *job) score(c, s int, pair *pairTally, table *stat.Table) Score {
	ch, edges := pair.choice, j.walk.Edges.Of[s][pair.choice.unit]
	ci, binning := pair.bins.AUROC()
	if ch.sign < 0 {
		ci.Estimate, ci.Lo, ci.Hi = 1-ci.Estimate, 1-ci.Hi, 1-ci.Lo
	}
	on, off := pair.bins.Totals()
	f1, iou := ch.detector.Skills(on, off)
	onN, offN := pair.counts()
	out := Score{
		Site: j.walk.States.Sites()[s].Name, Unit: ch.unit, Sign: ch.sign,
		Threshold:  float64(edges.Values[min(max(ch.detector.Bin, 1), stat.Bins-1)-1]),
		Validation: ch.validation, AUROC: ci, Binning: binning,
		R:       stat.Number(table.Moments(c, ch.unit).R()),
		RWithin: stat.Number(table.RWithin(c, ch.unit)),
		F1Skill: stat.Number(f1), IoUSkill: stat.Number(iou),
		Information: stat.Undefined(), Z: stat.Undefined(), Spread: stat.Undefined(), P: stat.Undefined(),
		AdjustedP: stat.Undefined(), SiteP: stat.Undefined(), FalseDiscovery: stat.Undefined(), CouldShow: stat.Undefined(), UntrainedMax: stat.Undefined(),
		MeanOn:  stat.SegmentMean(activations(pair.onSum), onN),
		MeanOff: stat.SegmentMean(activations(pair.offSum), offN),
	}
	out.Held = heldScores(pair)
	out.OnBins, out.OffBins, out.BinEdges = coarse(on, edges), coarse(off, edges), coarseEdges(edges)
	return out
}

// heldScores are the scores on S_g; only that of g = 20 has an interval.
func heldScores(p *pairTally) []HeldScore {
	out := []HeldScore{}
	if p.held == nil {
		return out
	}
	for i, g := range specimen.HeldGaps {
		on, off := p.held.at(i + 1)
		auc, _ := stat.AUROC(on, off)
		var n int64
		for b := range on {
			n += on[b] + off[b]
		}
		ci := stat.Point(auc, n)
		if i+1 == farLevel {
			ci, _ = p.held.far.AUROC()
		}
		if p.choice.sign < 0 {
			ci.Estimate, ci.Lo, ci.Hi = 1-ci.Estimate, 1-ci.Hi, 1-ci.Lo
		}
		out = append(out, HeldScore{Gap: int(g), AUROC: ci})
	}
	return out
}

func (p *pairTally) counts() (on, off []float64) {
	for s := range p.onSum {
		var n1, n0 int64
		for b := range stat.Bins {
			n1 += p.bins.On[s*stat.Bins+b]
			n0 += p.bins.Off[s*stat.Bins+b]
		}
		on, off = append(on, float64(n1)), append(off, float64(n0))
	}
	return on, off
}

// activations turns fixed-point sums into sums of activations.
func activations(fixed []int64) []float64 {
	out := make([]float64, len(fixed))
	for i, q := range fixed {
		out[i] = float64(q) / stat.FixedOne
	}
	return out
}

// coarseBins is how many bins a reported distribution has.
const coarseBins = 16

// coarseEdges are the borders of bins of equal width over all but the outermost
// of the unit's fine bins.
func coarseEdges(e *stat.Edges) []float64 {
	lo, hi := float64(e.Values[0]), float64(e.Values[stat.Bins-2])
	out := make([]float64, coarseBins-1)
	for i := range out {
		out[i] = lo + (hi-lo)*float64(i+1)/coarseBins
	}
	return out
}

// coarse is the share of counts in each bin of equal width; a fine bin that
// reaches over several is spread over them evenly.
func coarse(h []int64, e *stat.Edges) []float64 {
	lo, hi := float64(e.Values[0]), float64(e.Values[stat.Bins-2])
	width := math.Max(1e-12, (hi-lo)/coarseBins)
	out := make([]float64, coarseBins)
	var total float64
	for b, n := range h {
		from := (float64(e.Values[max(b-1, 0)]) - lo) / width
		to := (float64(e.Values[min(b, stat.Bins-2)]) - lo) / width
		spread(out, from, to, float64(n))
		total += float64(n)
	}
	for i := range out {
		out[i] = round(out[i]/math.Max(1, total), 1e-6)
	}
	return out
}

// spread adds n to the bins between from and to, in bin widths.
func spread(out []float64, from, to, n float64) {
	if to-from < 1e-9 {
		out[min(max(int(from), 0), len(out)-1)] += n
		return
	}
	for i := range out {
		overlap := math.Min(to, float64(i+1)) - math.Max(from, float64(i))
		if overlap > 0 {
			out[i] += n * overlap / (to - from)
		}
	}
}

func round(x, step float64) float64 { return math.Round(x/step) * step }

// Alpha is the error allowed over all tests of a family.
const Alpha = 0.05

// adjust gives the verdict of every site's unit. A concept's verdict is the best of its
// sites', see settleBest.
func adjust(res *Result, enough bool) {
	for c := range res.Concepts {
		k := &res.Concepts[c]
		for s := range k.Sites {
			k.Sites[s].Verdict = TooLittleText
			if k.Verdict != TooLittleText {
				k.Sites[s].Verdict = verdict(&k.Sites[s], enough)
			}
		}
		if k.State != nil {
			k.State.adjust(k.Verdict == TooLittleText)
		}
	}
}

// settleBest gives every concept the best of its sites' verdicts, and for its unit that of the
// sites with this verdict whose unit did best on validation.
func (res *Result) settleBest() {
	for c := range res.Concepts {
		k := &res.Concepts[c]
		if len(k.Sites) == 0 {
			continue
		}
		best := &k.Sites[0]
		for s := range k.Sites {
			x := &k.Sites[s]
			if r, b := rank(x.Verdict), rank(best.Verdict); r > b || r == b && x.Validation > best.Validation {
				best = x
			}
		}
		own := *best
		k.Best, k.Verdict = &own, own.Verdict
		if s := k.State; s != nil {
			s.Same = s.Score.Site == own.Site && s.Score.Unit == own.Unit && s.Score.Sign == own.Sign
		}
	}
	res.BySite = siteSummaries(res)
}

// rank orders verdicts by how much they say.
func rank(v Verdict) int {
	return slices.Index([]Verdict{NotInText, TooLittleText, NotFound, Associated, Learned}, v)
}

// verdict of a concept whose label changes in the text.
func verdict(best *Score, enough bool) Verdict {
	switch {
	case !enough, !best.AUROC.Defined(), !best.P.Defined():
		return TooLittleText
	case best.AdjustedP > Alpha, !best.AUROC.Above(0.5):
		return NotFound
	case best.UntrainedMax.Defined() && best.AUROC.Above(float64(best.UntrainedMax)):
		return Learned
	}
	return Associated
}
