package intervene

import (
	"context"
	"fmt"
	"slices"

	"github.com/rnnscope/rnnscope/concept"
	"github.com/rnnscope/rnnscope/specimen"
	"github.com/rnnscope/rnnscope/stat"
)

// Calibration is how often units that nobody chose are called used.
type Calibration struct {
	Text     string        `json:"text"`
	Split    string        `json:"split"`
	Draws    int           `json:"draws"`    // concepts and units drawn at random
	Testable int           `json:"testable"` // concepts they were drawn from
	Used     stat.Interval `json:"used"`     // share called used, each draw a family of its own
	Small    stat.Interval `json:"small_p"`  // share with p < .05 alone
	Gate     stat.Interval `json:"gate"`     // share that passes the gate alone
}

// Calibrate draws concepts and units at random and judges each pair by itself, without
// the correction for many tests: the share called used must stay below Alpha. Errors are
// Run's.
func Calibrate(ctx context.Context, sp *specimen.Specimen, concepts []concept.Concept, draws int, opt Options, progress Progress) (*Calibration, error) {
	in, err := newInput(sp)
	if err != nil {
		return nil, err
	}
	if draws < 1 {
		return nil, fmt.Errorf("%w: %d draws", ErrText, draws)
	}
	s, err := newStudy(ctx, in, concepts, opt, progress)
	if err != nil {
		return nil, err
	}
	var testable []int
	for c := range concepts {
		if s.comparable(c, fewSegments) == "" {
			testable = append(testable, c)
		}
	}
	if len(testable) == 0 {
		return nil, fmt.Errorf("%w: no concept can be tested", ErrText)
	}
	j := newJudge(s)
	rng := s.seededStream(0xca11b)
	pairs := make([]asked, draws)
	for i := range pairs {
		site := s.opt.Sites[rng.IntN(len(s.opt.Sites))]
		pairs[i] = asked{testable[rng.IntN(len(testable))], Unit{Site: site, Unit: rng.IntN(unitsOf(in.Model, site))}}
		j.units[pairs[i].concept] = append(j.units[pairs[i].concept], pairs[i].unit)
	}
	if err := j.measureMeans(ctx); err != nil {
		return nil, err
	}
	return j.calibration(ctx, pairs, len(testable))
}

// measureMeans runs mean ablation alone; resampling follows for the few pairs that
// pass everything else.
func (j *steering) measureMeans(ctx context.Context) error {
	var trials []*trial
	for _, site := range j.sites() {
		for u := range unitsOf(j.in.Model, site) {
			k := Unit{Site: site, Unit: u}
			j.mean[k] = &sums{}
			t := &trial{v: ablation(k, Mean), into: j.mean[k]}
			for c, units := range j.units {
				if slices.Contains(units, k) {
					t.ask(c, len(j.windows[c]))
				} else if slices.ContainsFunc(units, func(o Unit) bool { return o.Site == site }) {
					t.ask(c, j.gateWindows(c))
				}
			}
			trials = append(trials, t)
		}
	}
	j.announce(trials)
	return j.measure(ctx, trials)
}

func (j *steering) calibration(ctx context.Context, pairs []asked, testable int) (*Calibration, error) {
	var used, small, gate int64
	for _, a := range pairs {
		p := Pair{Unit: a.unit, Mean: j.effectOf(a.concept, j.mean[a.unit]), Donors: j.donorShare(a.concept)}
		p.P = stat.Number(j.flip(a.concept, a.unit, j.mean[a.unit]))
		p.Adjusted = p.P
		p.Gate = j.gateFor(a.concept, a.unit, func(k Unit) *sums { return j.mean[k] })
		if float64(p.P) < Alpha {
			small++
		}
		if p.Gate.Passed {
			gate++
		}
		p.Resample.D.Estimate = 1 // until it is known
		if p.decide(""); p.Verdict == Used {
			t := &trial{v: j.resampling(a.concept, a.unit), into: &sums{}}
			t.ask(a.concept, len(j.windows[a.concept]))
			if err := j.measure(ctx, []*trial{t}); err != nil {
				return nil, err
			}
			p.Resample = j.effectOf(a.concept, t.into)
			p.decide("")
		}
		if p.Verdict == Used {
			used++
		}
	}
	n := int64(len(pairs))
	return &Calibration{
		Text: j.in.Name, Split: j.in.Split, Draws: len(pairs), Testable: testable,
		Used: stat.Wilson(used, n), Small: stat.Wilson(small, n), Gate: stat.Wilson(gate, n),
	}, nil
}
