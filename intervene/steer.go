package intervene

import (
	"context"
	"fmt"
	"maps"
	"math"
	"slices"

	"github.com/rnnscope/rnnscope/concept"
	"github.com/rnnscope/rnnscope/specimen"
	"github.com/rnnscope/rnnscope/stat"
)

// Doses are the quantiles of its own values that a unit is turned to.
var Doses = [...]float64{0.05, 0.20, 0.35, 0.50, 0.65, 0.80, 0.95}

const (
	steerWindows = 8
	steerOthers  = 20
)

// Curve is what turning a unit does to the prediction of a concept's characters.
type Curve struct {
	Concept  string      `json:"concept"`
	Unit     Unit        `json:"unit"`
	Predicts []string    `json:"predicts"` // the characters whose common probability is followed
	Doses    []Dose      `json:"doses"`
	N        int64       `json:"n"`        // positions where the concept matters
	Slope    stat.Number `json:"slope"`    // of the mean logit by dose, a standard deviation of the unit
	Spearman stat.Number `json:"spearman"` // of mean logit and dose
	Others   stat.Number `json:"others"`   // 95 % quantile of |slope| of units of the site drawn at random
	Compared int         `json:"compared"` // how many of them
	Steers   bool        `json:"steers"`   // monotone (|Spearman| >= .9) and steeper than the others
}

// Dose is one point of a curve.
type Dose struct {
	Quantile float64       `json:"quantile"` // of the unit's own values, NaN-free: -1 when a value was asked for
	Value    float64       `json:"value"`
	Logit    stat.Interval `json:"logit"` // mean log P/(1-P) of the predicted characters where the concept matters
	Share    float64       `json:"share"` // mean P
}

// turn is one unit at one dose with what was summed, by concept and window.
type turn struct {
	unit  Unit
	value float64
	logit [][]float64 // [C] by the first of the concept's windows
	share [][]float64
}

// steering is the windows in which a concept's curves are measured: its first.
func (s *study) steering(c int) []int { return s.windows[c][:min(steerWindows, len(s.windows[c]))] }

// steeringAt is the windows of the bench in which units of a site are turned: those of the
// concepts whose first unit it has.
func (j *steering) steeringAt(site string) []int {
	var out []int
	for c, units := range j.units {
		if j.testable(c) == "" && len(units) > 0 && units[0].Site == site {
			out = append(out, j.steering(c)...)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// steeringCost is the characters that steerAll reads at most.
func (j *steering) steeringCost() int64 {
	n := 0
	for _, site := range j.sites() {
		n += len(j.turnedUnits(site)) * len(Doses) * len(j.steeringAt(site))
	}
	return int64(n * Window)
}

// turnedUnits is the units of a site that are turned: each testable concept's first, and others to
// compare with.
func (j *steering) turnedUnits(site string) []Unit {
	if len(j.steeringAt(site)) == 0 {
		return nil
	}
	out := j.others(site)
	for c, units := range j.units {
		if j.testable(c) == "" && len(units) > 0 && units[0].Site == site && !slices.Contains(out, units[0]) {
			out = append(out, units[0])
		}
	}
	return out
}

// others draws units of a site to compare slopes with, the same for every concept.
func (s *study) others(site string) []Unit {
	h := unitsOf(s.in.Model, site)
	rng := s.rng("steer", site)
	var out []Unit
	for _, u := range rng.Perm(h)[:min(steerOthers, h)] {
		out = append(out, Unit{Site: site, Unit: u})
	}
	return out
}

// steerAll turns the first unit of every testable concept.
func (j *steering) steerAll(ctx context.Context, r *Result) error {
	curves := map[Unit][]turn{}
	for _, site := range j.sites() {
		at, err := j.turnAll(ctx, j.turnedUnits(site), nil, j.steeringAt(site))
		if err != nil {
			return err
		}
		maps.Copy(curves, at)
	}
	for c := range j.concepts {
		if j.testable(c) == "" && len(j.units[c]) > 0 {
			r.Concepts[c].Steering = j.curve(c, j.units[c][0], curves)
		}
	}
	return nil
}

// turnAll measures units of one site at every dose, or at the given values, in some windows
// of the bench.
func (s *study) turnAll(ctx context.Context, units []Unit, values []float64, windows []int) (map[Unit][]turn, error) {
	out := map[Unit][]turn{}
	var turns []*turn
	var jobs []job
	for _, u := range units {
		if _, done := out[u]; done {
			continue
		}
		doses := values
		if doses == nil {
			doses = s.ref.Quantiles(u, Doses[:])
		}
		out[u] = make([]turn, len(doses))
		for i, v := range doses {
			t := &out[u][i]
			*t = turn{unit: u, value: v, logit: make([][]float64, len(s.concepts)), share: make([][]float64, len(s.concepts))}
			for c := range s.concepts {
				n := len(s.steering(c))
				t.logit[c], t.share[c] = make([]float64, n), make([]float64, n)
			}
			plan, err := Prepare(s.in.Model, []Intervention{{Site: u.Site, Units: []int{u.Unit}, Mode: Clamp, Value: v}}, s.ref, nil)
			if err != nil {
				return nil, err
			}
			for _, w := range windows {
				jobs = append(jobs, job{plan: plan, window: w, tag: len(turns)})
			}
			turns = append(turns, t)
		}
	}
	vocab := s.in.Model.Config().Vocab
	p := make([]float64, len(s.bench.lanes)*vocab)
	err := s.bench.run(ctx, jobs, true, func(j job, row, i int, _ float32, logits []float32) {
		lane := row / benchRows
		s.follow(turns[j.tag], j.window, i, logits, p[lane*vocab:(lane+1)*vocab])
	})
	return out, err
}

// follow adds one position to every concept that matters there.
func (s *study) follow(t *turn, w, i int, logits []float32, p []float64) {
	ready := false
	for c := range s.concepts {
		k, ok := s.place[c][w]
		if !ok || k >= len(t.logit[c]) || s.on[c][k][i] != 1 {
			continue
		}
		if !ready {
			softmax(p, logits)
			ready = true
		}
		in := 0.0
		for _, v := range s.class[c] {
			in += p[v]
		}
		in = min(max(in, 1e-12), 1-1e-12)
		t.logit[c][k] += math.Log(in / (1 - in))
		t.share[c][k] += in
	}
}

func softmax(p []float64, logits []float32) {
	most := slices.Max(logits)
	sum := 0.0
	for i, l := range logits {
		p[i] = math.Exp(float64(l - most))
		sum += p[i]
	}
	for i := range p {
		p[i] /= sum
	}
}

// curve sums up the turns of a unit for a concept, beside the other units of its site.
func (s *study) curve(c int, u Unit, turns map[Unit][]turn) *Curve {
	k := &Curve{Concept: s.concepts[c].Name, Unit: u, Predicts: s.predicts(c), Slope: stat.Undefined(), Spearman: stat.Undefined(), Others: stat.Undefined()}
	count := make([]float64, len(s.steering(c)))
	for w := range count {
		for _, p := range s.on[c][w] {
			if p == 1 {
				count[w]++
			}
		}
	}
	for i, t := range turns[u] {
		d := Dose{Quantile: -1, Value: t.value, Logit: stat.SegmentMean(t.logit[c], count), Share: stat.SegmentMean(t.share[c], count).Estimate}
		if len(turns[u]) == len(Doses) {
			d.Quantile = Doses[i]
		}
		k.Doses = append(k.Doses, d)
		k.N = d.Logit.N
	}
	slope, spearman := s.slope(c, turns[u], count)
	k.Slope, k.Spearman = stat.Number(slope), stat.Number(spearman)
	var others []float64
	for _, o := range s.others(u.Site) {
		if t, ok := turns[o]; ok && o != u {
			if b, _ := s.slope(c, t, count); !math.IsNaN(b) {
				others = append(others, math.Abs(b))
			}
		}
	}
	slices.Sort(others)
	k.Others, k.Compared = stat.Number(stat.Quantile(others, 0.95)), len(others)
	k.Steers = math.Abs(spearman) >= 0.9 && math.Abs(slope) > float64(k.Others)
	return k
}

// slope is the least-squares slope of the mean logit by dose, in standard deviations of
// the unit, and the rank correlation of the two. NaN for a unit that never moves.
func (s *study) slope(c int, turns []turn, count []float64) (slope, spearman float64) {
	var x, y []float64
	for _, t := range turns {
		x = append(x, t.value/s.ref.Deviation(t.unit))
		y = append(y, stat.SegmentMean(t.logit[c], count).Estimate)
	}
	mx, my := stat.Mean(x), stat.Mean(y)
	var sxy, sxx float64
	for i := range x {
		sxy += (x[i] - mx) * (y[i] - my)
		sxx += (x[i] - mx) * (x[i] - mx)
	}
	return sxy / sxx, stat.Spearman(x, y)
}

// Steering is a unit to be turned for a concept. Values, if any, are the doses instead of the
// seven quantiles.
type Steering struct {
	Concept concept.Concept
	Unit    Unit
	Values  []float64
}

// Steer turns one unit for one concept. Errors are Run's, and ErrDose.
func Steer(ctx context.Context, sp *specimen.Specimen, how Steering, opt Options, progress Progress) (*Curve, error) {
	k, u, values := how.Concept, how.Unit, how.Values
	in, err := newInput(sp)
	if err != nil {
		return nil, err
	}
	if err := in.Model.CheckUnit(u); err != nil {
		return nil, err
	}
	for _, v := range values {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return nil, fmt.Errorf("%w: %v", ErrDose, v)
		}
	}
	opt.Sites = []string{u.Site}
	s, err := newStudy(ctx, in, []concept.Concept{k}, opt, progress)
	if err != nil {
		return nil, err
	}
	if s.contrast[0].positions == 0 {
		return nil, fmt.Errorf("%w: there is no place in it where %s matters for the next character", ErrText, k.Name)
	}
	others := s.others(u.Site)
	s.total = int64((len(others)*len(Doses) + max(len(Doses), len(values))) * len(s.steering(0)) * Window)
	turns, err := s.turnAll(ctx, others, nil, s.steering(0))
	if err != nil {
		return nil, err
	}
	own, err := s.turnAll(ctx, []Unit{u}, values, s.steering(0))
	if err != nil {
		return nil, err
	}
	turns[u] = own[u]
	return s.curve(0, u, turns), nil
}
