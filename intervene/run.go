package intervene

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/rnnscope/rnnscope/concept"
	"github.com/rnnscope/rnnscope/stat"
)

// Candidate is a concept and units of which to ask whether they are used for it.
type Candidate struct {
	Concept concept.Concept
	Units   []Unit // asked about in any case; the best on validation are added up to Options.Top
	Beside  []Unit // asked about as well, whatever their number
}

// Run gives the causal verdict of every candidate's units. The result depends on the
// input and the options alone. Errors match ErrText, ErrUnit, rnn.ErrSite or the
// context's. progress may be nil.
func Run(ctx context.Context, in Input, candidates []Candidate, opt Options, progress Progress) (*Result, error) {
	if len(candidates) == 0 {
		return nil, fmt.Errorf("%w: no concept to ask about", ErrText)
	}
	var concepts []concept.Concept
	for _, k := range candidates {
		concepts = append(concepts, k.Concept)
		for _, u := range slices.Concat(k.Units, k.Beside) {
			if err := in.Model.CheckUnit(u); err != nil {
				return nil, err
			}
			if !slices.Contains(opt.withDefaults(in.Model).Sites, u.Site) {
				return nil, fmt.Errorf("%w: %s is not among the sites of this study", ErrUnit, u)
			}
		}
	}
	s, err := newStudy(ctx, in, concepts, opt, progress)
	if err != nil {
		return nil, err
	}
	j := &judge{study: s, units: make([][]Unit, len(concepts)), mean: map[Unit]*sums{}, zero: map[Unit]*sums{}, resample: map[asked]*sums{}}
	for c, k := range candidates {
		j.units[c] = s.choose(c, k.Units)
		for _, u := range k.Beside {
			if !slices.Contains(j.units[c], u) {
				j.units[c] = append(j.units[c], u)
			}
		}
	}
	if err := j.measureAll(ctx); err != nil {
		return nil, err
	}
	r := j.result()
	if s.opt.Steer {
		if err := j.steerAll(ctx, r); err != nil {
			return nil, err
		}
	}
	r.Characters = s.read
	return r, nil
}

// choose adds the units with the best AUROC on validation to those given, up to Top.
func (s *study) choose(c int, given []Unit) []Unit {
	type scored struct {
		u Unit
		a float64
	}
	var all []scored
	for _, site := range s.opt.Sites {
		for u, a := range s.auroc(c, site) {
			if !math.IsNaN(a) {
				all = append(all, scored{Unit{Site: site, Unit: u}, math.Abs(a - 0.5)})
			}
		}
	}
	slices.SortStableFunc(all, func(a, b scored) int { return cmp.Compare(b.a, a.a) })
	out := slices.Clone(given)
	for _, k := range all {
		if len(out) >= s.opt.Top {
			break
		}
		if !slices.Contains(out, k.u) {
			out = append(out, k.u)
		}
	}
	return out
}

// asked is a concept and a unit of the question.
type asked struct {
	concept int
	unit    Unit
}

// judge gathers what verdicts need.
type judge struct {
	*study
	units    [][]Unit // [C]
	mean     map[Unit]*sums
	zero     map[Unit]*sums
	resample map[asked]*sums
}

// measureAll runs every ablation: all units of the sites in the gate's windows, the
// candidates in all windows.
func (j *judge) measureAll(ctx context.Context) error {
	n := len(j.bench.starts)
	var trials []trial
	add := func(v Intervention, windows []int, only int, into *sums) {
		trials = append(trials, trial{v, windows, only, into})
	}
	for _, site := range j.sites() {
		for u := range unitsOf(j.in.Model, site) {
			j.mean[Unit{Site: site, Unit: u}] = j.newSums()
			add(ablation(Unit{Site: site, Unit: u}, Mean), windowRange(0, j.gate), -1, j.mean[Unit{Site: site, Unit: u}])
		}
	}
	for _, u := range j.distinct() {
		j.zero[u] = j.newSums()
		add(ablation(u, Mean), windowRange(j.gate, n), -1, j.mean[u])
		add(ablation(u, Zero), windowRange(0, n), -1, j.zero[u])
	}
	for c, units := range j.units {
		for _, u := range units {
			if j.testable(c) == "" {
				j.resample[asked{c, u}] = j.newSums()
				add(j.resampling(c, u), j.windowsWith(c), c, j.resample[asked{c, u}])
			}
		}
	}
	j.announce(trials)
	return j.measure(ctx, trials)
}

// announce tells how much is to be read.
func (j *judge) announce(trials []trial) {
	windows := len(j.sites()) * len(j.bench.starts)
	for _, t := range trials {
		windows += len(t.windows)
	}
	total := int64(windows * Window)
	j.read, j.total = 0, total
	if j.opt.Steer {
		j.total += j.steeringCost()
	}
	if j.opt.Estimate != nil {
		j.opt.Estimate(j.total, j.speed)
	}
}

func ablation(u Unit, m Mode) Intervention {
	return Intervention{Site: u.Site, Units: []int{u.Unit}, Mode: m}
}

func (s *study) resampling(c int, u Unit) Intervention {
	v := ablation(u, Resample)
	v.Concept, v.Seed = s.concepts[c].Name, s.opt.Seed
	return v
}

// windowsWith is the windows in which a concept matters anywhere.
func (s *study) windowsWith(c int) []int {
	var out []int
	for w := range s.bench.starts {
		if s.contrast[c].p.total(w) > 0 {
			out = append(out, w)
		}
	}
	return out
}

// sites is those that some candidate is a unit of.
func (j *judge) sites() []string {
	var out []string
	for _, u := range j.distinct() {
		if !slices.Contains(out, u.Site) {
			out = append(out, u.Site)
		}
	}
	return out
}

// distinct is every candidate unit once.
func (j *judge) distinct() []Unit {
	var out []Unit
	for _, units := range j.units {
		for _, u := range units {
			if !slices.Contains(out, u) {
				out = append(out, u)
			}
		}
	}
	return out
}

func (j *judge) result() *Result {
	r := &Result{
		Version: j.opt.Version, Text: j.in.Name, SHA256: j.in.SHA256, Split: j.in.Split,
		Windows: len(j.bench.starts), Window: Window, Gate: j.gate,
	}
	var family []float64
	place := map[asked]int{} // of a pair in the family
	for c, k := range j.concepts {
		row := ConceptResult{Concept: k.Name, Positions: j.contrast[c].positions, Partnered: j.contrast[c].partnered, Effective: j.contrast[c].effective, Predicts: j.predicts(c)}
		for _, u := range j.units[c] {
			p := j.pair(c, u)
			if q := (asked{j.first(c), u}); p.P.Defined() {
				at, known := place[q]
				if !known {
					at = len(family)
					family = append(family, float64(p.P))
				}
				p.P = stat.Number(family[at])
				place[asked{c, u}] = at
			}
			row.Pairs = append(row.Pairs, p)
		}
		r.Concepts = append(r.Concepts, row)
	}
	r.Tests = len(family)
	adjusted := stat.Holm(family)
	for c := range r.Concepts {
		for k := range r.Concepts[c].Pairs {
			p := &r.Concepts[c].Pairs[k]
			p.Adjusted, p.Tests = stat.Undefined(), r.Tests
			if at, ok := place[asked{c, p.Unit}]; ok {
				p.Adjusted = stat.Number(adjusted[at])
			}
			p.judge(j.testable(c))
		}
	}
	for _, u := range j.distinct() {
		r.Units = append(r.Units, j.unitResult(u, j.mean[u]))
	}
	return r
}

// first is the earliest concept with the same states and the same P_c here: the same
// question under another name, which is asked once.
func (s *study) first(c int) int {
	for o := range c {
		if slices.Equal(s.state[o], s.state[c]) && slices.EqualFunc(s.on[o], s.on[c], slices.Equal[[]int8]) {
			return o
		}
	}
	return c
}

func (s *study) predicts(c int) []string {
	out := []string{}
	for _, v := range s.class[c] {
		out = append(out, s.in.Alphabet.Symbol(v))
	}
	return out
}

// pair measures one concept and unit; the verdict comes later.
func (j *judge) pair(c int, u Unit) Pair {
	p := Pair{Unit: u, P: stat.Undefined(), AUROC: stat.Undefined()}
	if a := j.auroc(c, u.Site)[u.Unit]; !math.IsNaN(a) {
		p.AUROC = stat.Number(min(1, max(a, 1-a)))
	}
	p.Mean, p.Zero = j.effectOf(c, j.mean[u]), j.effectOf(c, j.zero[u])
	p.Resample = Effect{stat.Point(math.NaN(), 0), stat.Point(math.NaN(), 0), stat.Point(math.NaN(), 0)}
	p.Gate = Gate{Residual: stat.Undefined(), Limit: stat.Undefined()}
	if j.testable(c) != "" {
		return p
	}
	p.Resample = j.effectOf(c, j.resample[asked{c, u}])
	p.Donors = j.donorShare(c)
	p.P = stat.Number(stat.SignFlip(j.bySegment(c, j.mean[u]), flips, j.rng(uint64(c)<<32|uint64(u.Unit))).Greater)
	p.Gate = j.gateFor(c, u, func(k Unit) *sums { return j.mean[k] })
	return p
}

// donorShare is the share of P_c's positions that have a place to resample from.
func (s *study) donorShare(c int) float64 {
	donors, name := s.ref.donors[s.concepts[c].Name], s.concepts[c].Name
	state := s.labels(name)
	have, n := 0, 0
	for w, at := range s.contrast[c].p.at {
		for _, i := range at {
			p := s.bench.starts[w] + int(i)
			n++
			if len(donors[donorKey(s.in.IDs[p], 1-state(p))]) > 0 {
				have++
			}
		}
	}
	return float64(have) / float64(max(1, n))
}

func (s *study) gateFor(c int, u Unit, of func(Unit) *sums) Gate {
	h := unitsOf(s.in.Model, u.Site)
	d, variance := make([]float64, h), make([]float64, h)
	for k := range h {
		d[k] = s.pooled(c, of(Unit{Site: u.Site, Unit: k}), s.gate)
		sd := s.ref.Deviation(Unit{Site: u.Site, Unit: k})
		variance[k] = sd * sd
	}
	site, err := s.in.Model.Site(u.Site)
	if err != nil {
		panic(err.Error()) // checked by newStudy
	}
	return gateOf(u.Unit, d, logFloor(variance), logFloor(outgoing(s.in.Model, site.Layer)))
}

// judge decides the verdict and says what it lacks to be "used".
func (p *Pair) judge(untestable string) {
	if untestable == "" && p.Donors == 0 {
		untestable = "no place with the same character and the opposite state"
	}
	if untestable != "" {
		p.Verdict, p.Reasons = Untestable, []string{untestable}
		return
	}
	p.Reasons = []string{}
	lacks := func(missing bool, why string) {
		if missing {
			p.Reasons = append(p.Reasons, why)
		}
	}
	lacks(!(float64(p.Adjusted) < Alpha), "adjusted p is not below .05")
	lacks(!p.Mean.D.Above(0), "the interval of D reaches 0")
	lacks(!(p.Resample.D.Estimate > 0), "resampling does not agree")
	if p.Gate.Limit.Defined() {
		lacks(!p.Gate.Passed, "other units of the site do as much")
	} else {
		lacks(true, "the site has too few units to compare with")
	}
	p.Verdict = Used
	if len(p.Reasons) > 0 {
		p.Verdict = Encoded
	}
}

func (s *study) unitResult(u Unit, x *sums) UnitResult {
	out := UnitResult{Unit: u}
	n := len(s.bench.starts)
	all, count := make([]float64, n), make([]float64, n)
	for k, name := range kindNames {
		den := make([]float64, n)
		for w := range n {
			if x.ran[w] {
				den[w] = s.kinds[k].total(w)
				all[w] += x.kinds[k][w]
				count[w] += den[w]
			}
		}
		if i := stat.SegmentMean(x.kinds[k], den); i.N > 0 {
			out.Kinds = append(out.Kinds, KindEffect{name, i})
		}
	}
	out.All = stat.SegmentMean(all, count)
	return out
}
