package memory

import (
	"cmp"
	"context"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/rnnscope/rnnscope/finding"
	"github.com/rnnscope/rnnscope/internal/crew"
	"github.com/rnnscope/rnnscope/stat"
)

// Verdicts and modes of a WaitUnit, and the criteria it can fail.
const (
	TriggerWait = finding.Waits
	Partial     = finding.Partial

	ModeHold  = "hold"
	ModeCount = "count"

	CriterionDormancy  = "dormancy"
	CriterionJump      = "jump"
	CriterionRetention = "retention"
	CriterionRelease   = "release"
	CriterionEffect    = "effect"
	CriterionTiming    = "timing"
)

// Limits of the six criteria (docs/methods.md, section 6).
const (
	dormantAt  = 0.10 // variance before a trigger / total variance, at most
	jumpShare  = 0.80 // of triggers (and of releases) with a jump of half the range
	retainedAt = 0.9  // AUROC against untriggered places, at least, in every range of g measured
	countsAt   = 0.7  // R^2 of a monotone function of g, which must also
	countMoves = 0.1  // move by this share of the unit's range: a latch's rounding drifts too
	leastRange = 0.01 // of q05..q95: a site that varies less is not looked at
	timingAt   = 5    // effect at release / effect while waiting
)

// Waiting is the search for units that sleep until a trigger, wait, and act at the
// release, for one kind of pair.
type Waiting struct {
	Kind   string     `json:"kind"`
	Trials int        `json:"trials"` // outermost pairs with a gap of at least 20
	Units  []WaitUnit `json:"units"`  // those that wait first, then the nearest misses
	// Named counts the units that wait; Observed the units of all sites that pass the
	// four criteria that need no intervention, Sham the same with random places
	// standing for triggers and releases.
	Named    int `json:"named"`
	Observed int `json:"observed"`
	Sham     int `json:"sham"`
	Searched int `json:"searched"` // units of all sites
}

// WaitUnit is what the six criteria say of one unit.
type WaitUnit struct {
	Site    string          `json:"site"`
	Unit    int             `json:"unit"`
	Verdict finding.Verdict `json:"verdict"`
	Mode    string          `json:"mode,omitempty"` // hold or count, where it retains
	Failed  []string        `json:"failed"`

	Dormancy  stat.Number `json:"dormancy"`  // variance before a trigger / total variance
	Jump      stat.Number `json:"jump"`      // share of triggers with a jump of half the range
	Retention stat.Number `json:"retention"` // least AUROC over the ranges of g measured
	Retained  int         `json:"retained"`  // upper end of the last range measured
	CountR2   stat.Number `json:"count_r2"`  // monotone in g; 0 where it hardly moves
	Release   stat.Number `json:"release"`   // share of closers with a jump of half the range back
	Effect    stat.Number `json:"effect"`    // LD at the closer lost by resampling it mid-gap, nats
	Others    stat.Number `json:"others"`    // 95 % quantile of that over the other units of its layer
	Timing    stat.Number `json:"timing"`    // KL at the release / mean KL while waiting
}

// best is the first unit that waits, or else the unit that retains best; there is one.
func (w *Waiting) best() *WaitUnit {
	best := &w.Units[0]
	for i := range w.Units[1:] {
		if u := &w.Units[1+i]; best.Verdict != TriggerWait && float64(u.Retention) > float64(best.Retention) {
			best = u
		}
	}
	return best
}

// observed are the figures of one unit that need no intervention.
type observed struct {
	dormancy, jump, retention, count, release float64
	retained                                  int
}

// retentionRanges are the ranges of g in which retention is measured.
var retentionRanges = [][2]int{{waitGap, 49}, {50, 99}, {100, waitLongest}}

// spreads are each unit's variance and the half of its q05..q95 range, 0 where the
// range is too small to be looked at.
type spreads struct{ variance, half []float64 } // [sites*H]

func spreadsOf(s *snapshot, sample []int) *spreads {
	width := len(s.sites) * s.units
	out := &spreads{variance: make([]float64, width), half: make([]float64, width)}
	c := scaleOf(s, sample)
	values := make([]float64, len(sample))
	for k := range s.sites {
		for u := range s.units {
			for i, p := range sample {
				values[i] = float64(s.state(p, k)[u])
			}
			slices.Sort(values)
			out.variance[k*s.units+u] = c.sd[k][u] * c.sd[k][u]
			if q := stat.Quantile(values, 0.95) - stat.Quantile(values, 0.05); q >= leastRange {
				out.half[k*s.units+u] = q / 2
			}
		}
	}
	return out
}

// observe takes the figures of unit u of site k over the trials.
func observe(s *snapshot, sp *spreads, trials []trial, k, u int) observed {
	at := func(p int) float64 { return float64(s.state(p, k)[u]) }
	w := k*s.units + u
	half := sp.half[w]
	var before, gaps, waiting []float64
	ranges := make([][2][]float64, len(retentionRanges))
	up, jumps := 0, 0
	for i := range trials {
		t := &trials[i]
		for _, p := range t.before {
			before = append(before, at(p))
		}
		if d := at(t.post) - at(t.pre); math.Abs(d) >= half && half > 0 {
			jumps++
			if d > 0 {
				up++
			}
		}
		for _, x := range t.waiting {
			gaps, waiting = append(gaps, float64(x.gap)), append(waiting, at(x.at))
			for r, lim := range retentionRanges {
				if lim[0] <= x.gap && x.gap <= lim[1] {
					ranges[r][0], ranges[r][1] = append(ranges[r][0], at(x.at)), append(ranges[r][1], at(x.match))
				}
			}
		}
	}
	o := observed{jump: float64(jumps) / float64(len(trials)), dormancy: math.NaN()}
	if r2, moves := stat.MonotoneFit(stat.LevelsOf(gaps, waiting)); moves >= 2*half*countMoves {
		o.count = r2
	}
	if half > 0 {
		o.dormancy = variance(before) / sp.variance[w]
	}
	sign := 1.0
	if 2*up < jumps {
		sign = -1
	}
	back := 0
	for i := range trials {
		if half > 0 && sign*(at(trials[i].preEnd)-at(trials[i].end)) >= half {
			back++
		}
	}
	o.release = float64(back) / float64(len(trials))
	o.retention, o.retained = retention(ranges, sign)
	return o
}

// retention is the least AUROC over the ranges that hold enough places; sign says
// which way the unit jumped at its triggers.
func retention(ranges [][2][]float64, sign float64) (least float64, upTo int) {
	least = math.NaN()
	for r, v := range ranges {
		if len(v[0]) < waitLeast {
			continue
		}
		a := stat.ExactAUROC(v[0], v[1])
		if sign < 0 {
			a = 1 - a
		}
		if !(a >= least) { // also where least is not a number yet
			least = a
		}
		upTo = retentionRanges[r][1]
	}
	return least, upTo
}

func variance(x []float64) float64 {
	mean := stat.Mean(x)
	sum := 0.0
	for _, v := range x {
		sum += (v - mean) * (v - mean)
	}
	return sum / float64(len(x))
}

// unmetCriteria lists which of the four observed criteria are not met.
func (o observed) unmetCriteria() []string {
	out := []string{}
	if !(o.dormancy <= dormantAt) {
		out = append(out, CriterionDormancy)
	}
	if !(o.jump >= jumpShare) {
		out = append(out, CriterionJump)
	}
	if !(o.retention >= retainedAt) {
		out = append(out, CriterionRetention)
	}
	if !(o.release >= jumpShare) {
		out = append(out, CriterionRelease)
	}
	return out
}

// observeAll observes every unit of every site.
func observeAll(s *snapshot, sp *spreads, trials []trial, workers int) []observed {
	out := make([]observed, len(s.sites)*s.units)
	_ = crew.ForEach(context.Background(), len(out), workers, func(i int) { out[i] = observe(s, sp, trials, i/s.units, i%s.units) })
	return out
}

const waitCandidates = 6 // units of a kind that are reported

// candidates are the units that meet most of the observed criteria on the part
// where units are chosen; the better retention wins a tie.
func candidates(all []observed) []int {
	order := make([]int, len(all))
	for i := range order {
		order[i] = i
	}
	score := func(o observed) float64 {
		r := o.retention
		if math.IsNaN(r) {
			r = 0
		}
		return float64(4-len(o.unmetCriteria())) + r
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(score(all[b]), score(all[a])) })
	return order[:min(len(order), waitCandidates)]
}

// waiter searches the waiting units of all kinds.
type waiter struct {
	in            *input
	workers       int
	chosen, real  map[string][]trial // on the choosing and the reported part
	sham          map[string][]trial
	sampleA       []int // random places of the choosing part
	sampleB       []int // and of the reported part
	askA, askB    *ask
	kinds         []string
	recall        *recaller
	foundA, found *found
}

// choose draws the trials of each kind and asks for the states they need.
func (w *waiter) choose(kinds []string, rng *rand.Rand) {
	w.chosen, w.real, w.sham = map[string][]trial{}, map[string][]trial{}, map[string][]trial{}
	for _, kind := range kinds {
		chosen, real := trialsOf(w.foundA, kind, rng), trialsOf(w.found, kind, rng)
		if chosen == nil || real == nil {
			continue
		}
		w.kinds = append(w.kinds, kind)
		w.chosen[kind], w.real[kind], w.sham[kind] = chosen, real, sham(w.found, kind, real, rng)
	}
	slices.SortStableFunc(w.kinds, func(a, b string) int { return cmp.Compare(len(w.real[b]), len(w.real[a])) })
	w.kinds = w.kinds[:min(len(w.kinds), waitKinds)]
	for _, kind := range w.kinds {
		for _, part := range []struct {
			trials []trial
			ask    *ask
		}{{w.chosen[kind], w.askA}, {w.real[kind], w.askB}, {w.sham[kind], w.askB}} {
			for i := range part.trials {
				part.trials[i].want(part.ask)
			}
		}
	}
}

const waitKinds = 4 // kinds of pairs that are searched, those with most trials

func passing(all []observed) int {
	n := 0
	for _, o := range all {
		if len(o.unmetCriteria()) == 0 {
			n++
		}
	}
	return n
}

// unit judges one unit by all six criteria.
func (o observed) unit(s *snapshot, index int, e effects) WaitUnit {
	layer := layerOf(s, index/s.units)
	u := WaitUnit{
		Site: s.sites[index/s.units], Unit: index % s.units, Failed: o.unmetCriteria(), Verdict: TriggerWait,
		Dormancy: stat.Number(o.dormancy), Jump: stat.Number(o.jump), Retention: stat.Number(o.retention), Retained: o.retained,
		CountR2: stat.Number(o.count), Release: stat.Number(o.release),
		Effect: stat.Number(e.lost[layer][index%s.units]), Others: stat.Number(e.othersOf(layer, index%s.units)),
		Timing: stat.Number(e.timing(layer, index%s.units)),
	}
	if o.retention >= retainedAt {
		u.Mode = ModeHold
		if o.count >= countsAt {
			u.Mode = ModeCount
		}
	}
	if !(u.Effect > 0 && u.Effect > u.Others) {
		u.Failed = append(u.Failed, CriterionEffect)
	}
	if !(u.Timing >= timingAt) {
		u.Failed = append(u.Failed, CriterionTiming)
	}
	if len(u.Failed) > 0 {
		u.Verdict = Partial
	}
	return u
}

// layerOf is the layer a site of the state belongs to.
func layerOf(s *snapshot, site int) int {
	layer := 0
	for _, name := range s.sites[:site+1] {
		if name[len(name)-2:] == ".h" {
			layer++
		}
	}
	return layer - 1
}
