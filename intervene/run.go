package intervene

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/rnnscope/rnnscope/concept"
	"github.com/rnnscope/rnnscope/specimen"
	"github.com/rnnscope/rnnscope/stat"
)

// Candidate is a concept and units of which to ask whether they are used for it.
type Candidate struct {
	Concept concept.Concept
	Units   []Unit // asked about in any case; the best on validation are added up to Options.Top
	Beside  []Unit // asked about as well, whatever their number
}

// Run gives the causal verdict of every candidate's units. A verdict depends on the network,
// the text, the unit and the concept, and on how many characters are read; not on what
// else was asked. Errors match ErrText, ErrUnit, rnn.ErrSite or the
// context's. progress may be nil.
func Run(ctx context.Context, sp *specimen.Specimen, candidates []Candidate, opt Options, progress Progress) (*Result, error) {
	in, err := newInput(sp)
	if err != nil {
		return nil, err
	}
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
	j := newJudge(s)
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
	if err := j.gates(ctx, r); err != nil {
		return nil, err
	}
	if err := j.reportAUROC(ctx, r); err != nil {
		return nil, err
	}
	if s.opt.Steer {
		if err := j.steerAll(ctx, r); err != nil {
			return nil, err
		}
		for i := range r.Concepts {
			k := &r.Concepts[i]
			if k.Samples, err = SteeredTexts(ctx, sp, k.Steering, Writing{Length: SteeredLength, Seed: opt.Seed}); err != nil {
				return nil, err
			}
		}
	}
	r.Characters, r.Step = s.read, sp.Subject().Step
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

// steering gathers what verdicts need.
type steering struct {
	*study
	units    [][]Unit // [C]
	mean     map[Unit]*sums
	zero     map[Unit]*sums
	resample map[asked]*sums
}

func newJudge(s *study) *steering {
	return &steering{study: s, units: make([][]Unit, len(s.concepts)), mean: map[Unit]*sums{}, zero: map[Unit]*sums{}, resample: map[asked]*sums{}}
}

// measureAll runs every ablation of the candidates; the other units of a site are read
// when a candidate passes all else, see gates.
func (j *steering) measureAll(ctx context.Context) error {
	trials := j.ablations()
	for c, units := range j.units {
		for _, u := range units {
			if j.testable(c) == "" && j.resample[asked{c, u}] == nil {
				j.resample[asked{c, u}] = &sums{}
				t := &trial{v: j.resampling(c, u), into: j.resample[asked{c, u}]}
				t.ask(c, len(j.windows[c]))
				trials = append(trials, t)
			}
		}
	}
	j.announce(trials)
	return j.measure(ctx, trials)
}

// ablations are each candidate unit at its mean and at zero, in the windows of all
// concepts it is a candidate for.
func (j *steering) ablations() []*trial {
	var trials []*trial
	for _, u := range j.distinct() {
		j.mean[u], j.zero[u] = &sums{}, &sums{}
		mean := &trial{v: ablation(u, Mean), into: j.mean[u], kinds: true}
		zero := &trial{v: ablation(u, Zero), into: j.zero[u]}
		for c, units := range j.units {
			if slices.Contains(units, u) {
				mean.ask(c, len(j.windows[c]))
				zero.ask(c, len(j.windows[c]))
			}
		}
		trials = append(trials, mean, zero)
	}
	return trials
}

// announce tells how much is to be read.
func (j *steering) announce(trials []*trial) {
	windows, sites := 0, map[string]bool{}
	for _, t := range trials {
		windows += len(j.windowsOf(t))
		if site := t.v.site(); !sites[site] && j.base[site] == nil {
			sites[site] = true
			windows += len(j.bench.starts)
		}
	}
	j.read, j.total = 0, int64(windows*Window)
	if j.opt.Steer {
		j.total += j.steeringCost()
	}
	if j.opt.Estimate != nil && j.total > 0 {
		j.opt.Estimate(j.total, j.speed)
	}
}

// gates compares the units that pass all else with the other units of their sites: the
// widest reading, and needless for the rest.
func (j *steering) gates(ctx context.Context, r *Result) error {
	asked := make([]map[string]bool, len(j.concepts)) // sites by concept
	var trials []*trial
	for c := range j.concepts {
		asked[c] = map[string]bool{}
		for i := range r.Concepts[c].Pairs {
			if p := &r.Concepts[c].Pairs[i]; j.testable(c) == "" && len(p.lacks()) == 0 {
				asked[c][p.Site] = true
			}
		}
	}
	gate := map[Unit]*sums{}
	for _, site := range j.opt.Sites {
		for u := range unitsOf(j.in.Model, site) {
			if t := j.gateTrial(Unit{Site: site, Unit: u}, asked); t != nil {
				gate[Unit{Site: site, Unit: u}] = t.into
				trials = append(trials, t)
			}
		}
	}
	if len(trials) > 0 {
		steer := j.opt.Steer
		j.opt.Steer = false // counted already
		j.announce(trials)
		j.opt.Steer = steer
	}
	if err := j.measure(ctx, trials); err != nil {
		return err
	}
	for c := range j.concepts {
		for i := range r.Concepts[c].Pairs {
			p := &r.Concepts[c].Pairs[i]
			if asked[c][p.Site] && len(p.lacks()) == 0 {
				p.Gate = j.gateFor(c, p.Unit, func(k Unit) *sums { return gate[k] })
			}
			p.decide(j.testable(c))
		}
	}
	return nil
}

// gateTrial is one unit at its mean in the gate's windows of the concepts asked about at its
// site; nil where there is none.
func (j *steering) gateTrial(u Unit, asked []map[string]bool) *trial {
	t := &trial{v: ablation(u, Mean), into: &sums{}}
	for c := range j.concepts {
		if asked[c][u.Site] {
			t.ask(c, j.gateWindows(c))
		}
	}
	if len(t.of) == 0 {
		return nil
	}
	return t
}

func ablation(u Unit, m Mode) Intervention {
	return Intervention{Site: u.Site, Units: []int{u.Unit}, Mode: m}
}

func (s *study) resampling(c int, u Unit) Intervention {
	v := ablation(u, Resample)
	v.Concept, v.Seed = s.concepts[c].Name, s.text^seedOf(s.concepts[c].Name)
	return v
}

// sites is those that some candidate is a unit of.
func (j *steering) sites() []string {
	var out []string
	for _, u := range j.distinct() {
		if !slices.Contains(out, u.Site) {
			out = append(out, u.Site)
		}
	}
	return out
}

// distinct is every candidate unit once.
func (j *steering) distinct() []Unit {
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

// family is the number of tests that p is corrected for: all built-in concepts, at every
// site that is searched by default, times the units asked of each by default, whatever was
// asked. Sites beyond those count as all the sites there are; a user's own concept is judged as
// one of the built-in ones, however many are named.
func (s *study) family(site string) int {
	sites := Options{}.withDefaults(s.in.Model).Sites
	n := len(sites)
	if !slices.Contains(sites, site) {
		n = len(s.in.Model.Sites())
	}
	return concept.FamilySize() * n * DefaultTop
}

func (j *steering) result() *Result {
	r := &Result{
		Version: j.opt.Version, Symbols: j.in.Alphabet.Kind().ForResults(), Text: j.in.Name, SHA256: j.in.Text.SHA256, Split: j.in.Split, Rules: Rules, Family: concept.FamilyVersion,
		Windows: len(j.plain), Window: Window,
	}
	for c, k := range j.concepts {
		row := ConceptResult{
			Concept: k.Name, Windows: len(j.windows[c]), Gate: j.gateWindows(c),
			Positions: j.contrast[c].positions, Partnered: j.contrast[c].partnered, Effective: j.contrast[c].effective, Predicts: j.predicts(c),
		}
		for _, u := range j.units[c] {
			row.Pairs = append(row.Pairs, j.pair(c, u))
			r.Tests = max(r.Tests, j.family(u.Site))
		}
		r.Concepts = append(r.Concepts, row)
	}
	for _, u := range j.distinct() {
		r.Units = append(r.Units, j.unitResult(u, j.mean[u].kinds))
	}
	return r
}

func (s *study) predicts(c int) []string {
	out := []string{}
	for _, v := range s.class[c] {
		out = append(out, s.in.Alphabet.Symbol(v))
	}
	return out
}

// pair measures one concept and unit; gate, AUROC and verdict come later.
func (j *steering) pair(c int, u Unit) Pair {
	p := Pair{Unit: u, P: stat.Undefined(), AUROC: stat.Undefined(), Adjusted: stat.Undefined(), Tests: j.family(u.Site)}
	p.Mean, p.Zero = j.effectOf(c, j.mean[u]), j.effectOf(c, j.zero[u])
	p.Resample = Effect{stat.Point(math.NaN(), 0), stat.Point(math.NaN(), 0), stat.Point(math.NaN(), 0)}
	p.Gate = Gate{Residual: stat.Undefined(), Limit: stat.Undefined()}
	if j.testable(c) != "" {
		return p
	}
	p.Resample = j.effectOf(c, j.resample[asked{c, u}])
	p.Donors = j.donorShare(c)
	p.P = stat.Number(j.flip(c, u, j.mean[u]))
	p.Adjusted = stat.Number(min(1, float64(p.P)*float64(p.Tests)))
	d := p.Mean.D
	p.Equivalent = d.Above(-idleEffect) && d.Below(idleEffect)
	return p
}

// flip is the p of one unit: sign flips of what each window adds to D, from a stream that
// text, concept and unit alone decide.
func (s *study) flip(c int, u Unit, x *sums) float64 {
	rng := s.rng("flips", s.concepts[c].Name, u.String())
	return stat.SignFlip(s.bySegment(c, x), max(flips, 40*s.family(u.Site)), rng).Greater
}

// donorShare is the share of P_c's positions that have a place to resample from.
func (s *study) donorShare(c int) float64 {
	donors, name := s.ref.donors[s.concepts[c].Name], s.concepts[c].Name
	state := s.labels(name)
	have, n := 0, 0
	for k, at := range s.contrast[c].p.at {
		for _, i := range at {
			p := s.bench.starts[s.windows[c][k]] + int(i)
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
		d[k] = s.pooledContrast(c, of(Unit{Site: u.Site, Unit: k}), s.gateWindows(c))
		sd := s.ref.Deviation(Unit{Site: u.Site, Unit: k})
		variance[k] = sd * sd
	}
	site, err := s.in.Model.Site(u.Site)
	if err != nil {
		panic(err.Error()) // checked by newStudy
	}
	return gateOf(u.Unit, d, logFloor(variance), logFloor(outgoing(s.in.Model, site.Layer)))
}

// lacks is what a pair lacks to be used before it is compared with other units.
func (p *Pair) lacks() []string {
	out := []string{}
	lacks := func(missing bool, why string) {
		if missing {
			out = append(out, why)
		}
	}
	lacks(p.Donors == 0, noDonors)
	lacks(!(float64(p.Adjusted) < Alpha), "adjusted p is not below .05")
	lacks(!p.Mean.D.Above(0), "the interval of D reaches 0")
	lacks(!(p.Resample.D.Estimate > 0), "resampling does not agree")
	return out
}

const noDonors = "no place with the same character and the opposite state"

// decide gives the verdict and says what it lacks to be "used". A pair that lacks something
// is not compared with the other units of its site.
func (p *Pair) decide(untestable string) {
	if untestable == "" && p.Donors == 0 {
		untestable = noDonors
	}
	if untestable != "" {
		p.Verdict, p.Reasons = Untestable, []string{untestable}
		return
	}
	p.Reasons = p.lacks()
	switch {
	case len(p.Reasons) > 0:
	case !p.Gate.Limit.Defined():
		p.Reasons = append(p.Reasons, "the site has too few units to compare with")
	case !p.Gate.Passed:
		p.Reasons = append(p.Reasons, "other units of the site do as much")
	}
	p.Verdict = Used
	if len(p.Reasons) > 0 {
		p.Verdict = Encoded
	}
}

// unitResult sums up what happened in the plain windows, [kinds,plain].
func (s *study) unitResult(u Unit, kinds [][]float64) UnitResult {
	out := UnitResult{Unit: u}
	n := len(s.plain)
	all, count := make([]float64, n), make([]float64, n)
	for k, name := range kindNames {
		den := make([]float64, n)
		for w := range n {
			den[w] = s.kinds[k].total(w)
			all[w] += kinds[k][w]
			count[w] += den[w]
		}
		if i := stat.SegmentMean(kinds[k], den); i.N > 0 {
			out.Kinds = append(out.Kinds, KindEffect{name, i})
		}
	}
	out.All = stat.SegmentMean(all, count)
	return out
}
