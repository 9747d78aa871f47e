package probe

import (
	"cmp"
	"context"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/rnnscope/rnnscope/concept"
	"github.com/rnnscope/rnnscope/internal/crew"
	"github.com/rnnscope/rnnscope/specimen"
	"github.com/rnnscope/rnnscope/stat"
	"github.com/rnnscope/rnnscope/text"
)

// Probe is what linear readers tell of a concept at one site. Fitted on the blocks
// that units are chosen on, measured on the report. Accuracy is balanced: the mean
// of the shares right among on and among off; one half is chance. Skill is
// 2 accuracy - 1.
type Probe struct {
	Site     string        `json:"site"`
	Units    int           `json:"units"`    // given to the full probe
	Fitted   int           `json:"fitted"`   // positions it was fitted on
	Measured int           `json:"measured"` // positions of the report
	Lambda   float64       `json:"lambda"`   // penalty .9 |w| + .05 |w|^2 times this, chosen on blocks held back
	Nonzero  int           `json:"nonzero"`  // units the full probe uses
	Accuracy stat.Interval `json:"accuracy"` // of the full probe; leave-one-block-out
	AUROC    stat.Number   `json:"auroc"`    // of the full probe
	Curve    []SparsePoint `json:"curve"`    // k = 1, 2, 4, ...
	K90      int           `json:"k90"`      // smallest k of the curve with 90 % of the full probe's skill, 0: none
	// Control is the mean accuracy on control tasks, labels that are a hash of the
	// last three characters; Selectivity is Accuracy less it.
	Control     stat.Number `json:"control"`
	Selectivity stat.Number `json:"selectivity"`
	// SelectivityInterval leaves out one block at a time of both, and adds the spread of
	// the control tasks; without an interval in results of versions that had none.
	SelectivityInterval stat.Interval `json:"selectivity_interval"`
	// Telegraph is the mean accuracy on random on/off labels with the concept's
	// dwell times, fitted and measured on alternate positions of the same text: what
	// a label gets for being slow alone. Defined for state concepts.
	Telegraph stat.Number `json:"telegraph"`
}

// SparsePoint is a probe of k units beside probes of k units drawn at random.
type SparsePoint struct {
	K          int         `json:"k"`
	Units      []int       `json:"units"` // the first 16, in the order they were taken
	Accuracy   float64     `json:"accuracy"`
	Skill      float64     `json:"skill"`
	RandomMean stat.Number `json:"random_mean"` // skill of random k-subsets
	Random95   stat.Number `json:"random_95"`   // its 95 % quantile
}

// Sizes of the probes.
const (
	ControlTasks  = 10   // control labels a probe is held against
	probeEach     = 2500 // most positions of each side of a label
	probeLeast    = 40   // fewer of a side, fitted or measured: no probe
	probeUnits    = 512  // a probe is given the best so many units by AUROC on validation
	greedyUnits   = 8    // units taken one by one; more follow the l1 path
	sparseUnits   = 128  // longest curve
	randomSubsets = 50
	sparseRidge   = 1e-3 // l2 of a sparse probe
	skillShare    = 0.9
	leastSkill    = 0.05 // of the full probe, below which no k90 is reported
	unitsShown    = 16
)

// prober fits the probes of one concept.
type prober struct {
	l           *Readers
	concept     int
	site        int
	units       []int // columns
	fit, held   *sampled
	measured    *sampled
	x, heldX, m *design
	task        task
	s           *solver
	rng         *rand.Rand
}

// probe reads a concept at its best unit's site; nil with too few positions.
func (l *Readers) probe(c int, fitted, measured *side) *Probe {
	k := l.BestUnits[c]
	p := &prober{l: l, concept: c, site: k.Site, s: &solver{}, rng: l.Rand("probe", l.Concepts[c].Name)}
	p.fit, p.held = fitted.sample(c, false, probeEach).split()
	p.measured = measured.sample(c, false, probeEach)
	if !enoughOf(p.fit.on, probeLeast) || !enoughOf(p.held.on, 1) || !enoughOf(p.measured.on, probeLeast) {
		return nil
	}
	p.units = l.bestUnits(c, p.site, k.Unit)
	scale := newScaler(p.fit, p.site, p.units)
	p.x, p.heldX, p.m = scale.design(p.fit), scale.design(p.held), scale.design(p.measured)
	p.task, _ = newTask(p.fit.on)
	heldTask, _ := newTask(p.held.on)
	best, order := p.s.path(p.x, p.task, p.heldX, heldTask)
	out := &Probe{Site: l.Sites[k.Site].Name, Units: len(p.units), Fitted: p.x.n, Measured: p.m.n, Lambda: best.lambda}
	if best.w == nil {
		return nil
	}
	z := make([]float64, p.m.n)
	p.m.times(best.w, z)
	out.Accuracy = p.accuracyInterval(z)
	out.AUROC = stat.Number(stat.ExactAUROC(stat.SplitBy(z, p.measured.on)))
	for _, w := range best.w[:len(best.w)-1] {
		out.Nonzero += stat.Indicator(w != 0)
	}
	p.curve(out, p.order(best.w, order))
	controls := p.controls(best.lambda)
	out.SelectivityInterval = selectivity(p.hits(z, p.measured.on), controls)
	out.Selectivity = stat.Number(out.SelectivityInterval.Estimate)
	out.Control = stat.Number(out.Accuracy.Estimate) - out.Selectivity
	out.Telegraph = stat.Undefined()
	if l.Concepts[c].Class == concept.State {
		out.Telegraph = stat.Number(p.telegraphs(fitted, best.lambda))
	}
	return out
}

func enoughOf(on []bool, least int) bool {
	n := 0
	for _, y := range on {
		n += stat.Indicator(y)
	}
	return n >= least && len(on)-n >= least
}

// bestUnits are the units given to a probe, ascending, first among them always.
func (l *Readers) bestUnits(c, site, first int) []int {
	n := l.Sites[site].Units
	units, score := make([]int, n), make([]float64, n)
	for u := range units {
		units[u], score[u] = u, math.Abs(l.Score(c, site, u)-0.5)
	}
	score[first] = math.Inf(1)
	slices.SortStableFunc(units, func(a, b int) int { return cmp.Compare(score[b], score[a]) })
	units = units[:min(len(units), probeUnits)]
	slices.Sort(units)
	return units
}

// accuracy is the mean of the shares right among on and among off.
func accuracy(z []float64, on []bool) float64 {
	var right, n [2]float64
	for i, v := range z {
		side := stat.Indicator(on[i])
		n[side]++
		right[side] += float64(stat.Indicator((v > 0) == on[i]))
	}
	return (right[0]/n[0] + right[1]/n[1]) / 2
}

// accuracyInterval leaves out one block of the report at a time.
func (p *prober) accuracyInterval(z []float64) stat.Interval {
	t := p.hits(z, p.measured.on)
	var leave []float64
	for b := range t.n[0] {
		if a := t.without(b); !math.IsNaN(a) {
			leave = append(leave, a)
		}
	}
	ci := stat.Jackknife(accuracy(z, p.measured.on), leave)
	ci.Lo, ci.Hi, ci.N = max(0, ci.Lo), min(1, ci.Hi), int64(len(z))
	return ci
}

// order is the columns as sparse probes take them: the best unit on validation,
// then one by one that which lowers the loss fastest beside those taken (where an
// l1 path would let the next one in), then as the path took them, then by AUROC.
func (p *prober) order(w []float64, path []int) []int {
	first := slices.Index(p.units, p.l.BestUnits[p.concept].Unit)
	taken := []int{first}
	for len(taken) < min(greedyUnits, len(p.units)) {
		taken = append(taken, p.steepest(taken))
	}
	rest := slices.Clone(path)
	for j := range p.units {
		if !slices.Contains(path, j) {
			rest = append(rest, j)
		}
	}
	for _, j := range rest {
		if len(taken) < len(p.units) && !slices.Contains(taken, j) {
			taken = append(taken, j)
		}
	}
	return taken
}

// steepest is the column beside those taken along which the loss falls fastest.
func (p *prober) steepest(taken []int) int {
	d := p.x.columns(taken)
	w := make([]float64, d.p)
	p.s.fit(d, p.task, penalty{l2: sparseRidge}, w, pathFits)
	z := make([]float64, d.n)
	d.times(w, z)
	gradient := make([]float64, p.x.p)
	for i, v := range z {
		side := stat.Indicator(p.task.on[i])
		r := p.task.weight[side] * (logistic(v) - float64(side))
		for j, x := range p.x.x[i*p.x.p : (i+1)*p.x.p] {
			gradient[j] += r * float64(x)
		}
	}
	best := -1
	for j := range p.units {
		if !slices.Contains(taken, j) && (best < 0 || math.Abs(gradient[j]) > math.Abs(gradient[best])) {
			best = j
		}
	}
	return best
}

// skillOf is the skill on the report of a probe of some columns.
func (p *prober) skillOf(columns []int) float64 {
	d, m := p.x.columns(columns), p.m.columns(columns)
	w, z := make([]float64, d.p), make([]float64, m.n)
	p.s.fit(d, p.task, penalty{l2: sparseRidge}, w, pathFits)
	m.times(w, z)
	return 2*accuracy(z, p.measured.on) - 1
}

// curve fits sparse probes until one has 90 % of the full skill, and one more.
func (p *prober) curve(out *Probe, order []int) {
	out.Curve = []SparsePoint{}
	full := 2*out.Accuracy.Estimate - 1
	for k := 1; k <= min(sparseUnits, len(order)); k *= 2 {
		skill := p.skillOf(order[:k])
		point := SparsePoint{K: k, Accuracy: (skill + 1) / 2, Skill: skill, RandomMean: stat.Undefined(), Random95: stat.Undefined()}
		for _, j := range order[:min(k, unitsShown)] {
			point.Units = append(point.Units, p.units[j])
		}
		if k < len(order) {
			random := p.randomSkills(k)
			point.RandomMean, point.Random95 = stat.Number(stat.Mean(random)), stat.Number(stat.Quantile(random, 0.95))
		}
		out.Curve = append(out.Curve, point)
		if out.K90 > 0 {
			return
		}
		if full >= leastSkill && skill >= skillShare*full {
			out.K90 = k
		}
	}
}

// randomSkills are the skills of random subsets of k units, ascending.
func (p *prober) randomSkills(k int) []float64 {
	var out []float64
	for range randomSubsets {
		out = append(out, p.skillOf(p.rng.Perm(len(p.units))[:k]))
	}
	slices.Sort(out)
	return out
}

// controls is what the probe gets right on labels that are a hash of the last three
// characters, on about as often as the concept in what it was fitted on, by task; a
// task of which one side is missing is left out.
func (p *prober) controls(lambda float64) []hits {
	share := 0.0
	for _, y := range p.fit.on {
		share += float64(stat.Indicator(y)) / float64(len(p.fit.on))
	}
	var all []hits
	for range ControlTasks {
		seed := p.rng.Uint64()
		label := func(s *sampled) []bool {
			on := make([]bool, len(s.places))
			for i, at := range s.places {
				on[i] = float64(stat.Hash(at.type3^seed)>>11)/(1<<53) < share
			}
			return on
		}
		on := label(p.measured)
		if z := p.fitControl(p.x, label(p.fit), p.m, on, lambda); z != nil {
			all = append(all, p.hits(z, on))
		}
	}
	return all
}

// fitControl fits the probe to another label and gives its scores where it is
// measured; nil where a side is missing.
func (p *prober) fitControl(x *design, on []bool, m *design, measured []bool, lambda float64) []float64 {
	t, ok := newTask(on)
	if !ok || !enoughOf(measured, 1) {
		return nil
	}
	w, z := make([]float64, x.p), make([]float64, m.n)
	p.s.fit(x, t, penaltyAt(lambda), w, pathFits)
	m.times(w, z)
	return z
}

// telegraphs is the mean accuracy on random labels that switch as often as the
// concept, fitted and measured on alternate positions of the same text, so that a
// probe may use that neighbours have like states.
func (p *prober) telegraphs(s *side, lambda float64) float64 {
	on, off := dwellTimes(s.labels, p.concept)
	even := s.sample(p.concept, false, probeEach)
	first, second := even.where(func(i int) bool { return i%2 == 0 }), even.where(func(i int) bool { return i%2 == 1 })
	scale := newScaler(first, p.site, p.units)
	x, m := scale.design(first), scale.design(second)
	var all []float64
	for range ControlTasks {
		label := telegraph(s.labels, on, off, p.rng)
		on := label(second)
		share := 0.5
		if z := p.fitControl(x, label(first), m, on, lambda); z != nil {
			share = accuracy(z, on)
		}
		all = append(all, share)
	}
	return stat.Mean(all)
}

// dwellTimes are the mean numbers of characters for which a label stays on and off.
func dwellTimes(labels []*specimen.BlockLabels, c int) (on, off float64) {
	var n, runs [2]float64
	var state []int8
	for _, b := range labels {
		state = specimen.OnOff(state, len(b.Chars), &b.Labels[c])
		last := int8(-1)
		for _, y := range state {
			if y >= 0 {
				n[y]++
				if y != last {
					runs[y]++
				}
			}
			last = y
		}
	}
	return max(1, n[1]/max(1, runs[1])), max(1, n[0]/max(1, runs[0]))
}

// telegraph draws an on/off process over the blocks, its dwell times exponential,
// and gives its labels at places.
func telegraph(labels []*specimen.BlockLabels, on, off float64, rng *rand.Rand) func(*sampled) []bool {
	states := make([][]bool, len(labels))
	for i, b := range labels {
		states[i] = make([]bool, b.Block.Len())
		y := rng.Float64() < on/(on+off)
		for t := range states[i] {
			states[i][t] = y
			leave := 1 / off
			if y {
				leave = 1 / on
			}
			if rng.Float64() < leave {
				y = !y
			}
		}
	}
	return func(s *sampled) []bool {
		out := make([]bool, len(s.places))
		for i, p := range s.places {
			out[i] = states[p.block][p.position-labels[p.block].Block.Lo]
		}
		return out
	}
}

func byWeight(columns []int, w []float64) {
	slices.SortStableFunc(columns, func(a, b int) int { return cmp.Compare(math.Abs(w[b]), math.Abs(w[a])) })
}

func rootOf(x float64) float64 { return math.Sqrt(max(0, x)) }

// Readers are the linear readers of a dissection: fitted on the blocks that units are chosen on,
// measured on the blocks that are looked at.
type Readers struct {
	Pass      *specimen.Pass
	Sites     []specimen.Site
	Choose    text.Blocks                           // where units are chosen
	Concepts  []concept.Concept                     //
	BestUnits []*BestUnit                           // by concept; nil: not to be read
	Score     func(concept, site, unit int) float64 // AUROC on Choose
	Text      func(lo, hi int) ([]rune, []int)      // the symbols [lo,hi) as text.Alphabet.Show has them
	Rand      func(names ...string) *rand.Rand      // a random stream that the text and the names alone decide

	Answers  []Answer // by concept, filled by Read
	fitted   *side
	measured *side
}

// BestUnit is where a concept is read: its best unit, and the index of that unit's site.
type BestUnit struct{ Site, Unit int }

// Answer is what linear readers tell of one concept; nil where there are too few positions.
type Answer struct {
	Probe   *Probe
	Rotated *Rotated
	Depth   *DepthRegression
}

// FittedBlocks is the blocks that readers are fitted on, of those units are chosen on.
func FittedBlocks(choose text.Blocks) []text.Block { return specimen.ChooseBlocks(choose, probeBlocks) }

// Ask asks for the states that readers are measured on, at places of the labelled blocks,
// and for those they are fitted on.
func (l *Readers) Ask(ctx context.Context, measured []*specimen.BlockLabels, ask *specimen.Request) (err error) {
	l.Answers = make([]Answer, len(l.BestUnits))
	if l.measured, err = l.askSide(ctx, measured, probeMeasured, ask); err != nil {
		return err
	}
	labels, err := l.Pass.Labels.Label(ctx, FittedBlocks(l.Choose))
	if err != nil {
		return err
	}
	l.fitted, err = l.askSide(ctx, labels, probeFitted, &specimen.Request{})
	return err
}

// Read reads the states readers are fitted on, fits and measures, once what was asked for has
// been read.
func (l *Readers) Read(ctx context.Context) error {
	if err := l.fitted.ask.Read(ctx, l.Pass, l.Choose); err != nil {
		return err
	}
	l.Pass.Idle()
	if err := l.rotations(ctx, l.measured); err != nil {
		return err
	}
	return crew.ForEach(ctx, len(l.BestUnits), l.Pass.Workers, func(c int) {
		if l.BestUnits[c] == nil {
			return
		}
		l.Answers[c].Probe = l.probe(c, l.fitted, l.measured)
		if l.Concepts[c].Kind == concept.Depth {
			l.Answers[c].Depth = l.depthRegression(c, l.fitted, l.measured)
		}
	})
}
