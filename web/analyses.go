package web

import (
	"errors"
	"fmt"
	"slices"

	"github.com/rnnscope/rnnscope/concept"
	"github.com/rnnscope/rnnscope/dissect"
	"github.com/rnnscope/rnnscope/explain"
	"github.com/rnnscope/rnnscope/finding"
	"github.com/rnnscope/rnnscope/intervene"
	"github.com/rnnscope/rnnscope/memory"
	"github.com/rnnscope/rnnscope/run"
	"github.com/rnnscope/rnnscope/stat"
	"github.com/rnnscope/rnnscope/web/panel"
	"github.com/rnnscope/rnnscope/web/shelf"
)

// Subject is what a figure was measured on.
type Subject struct {
	Text  string `json:"text"`
	Split string `json:"split"`
	Step  int64  `json:"step" doc:"-1: not recorded."`
}

// testResult is what the dissection says of a unit and a concept it was chosen for.
type testResult struct {
	Subject
	Role      string        `json:"role" enum:"best,site,state" doc:"best: of all units; site: of its site; state: inside equal characters."`
	Verdict   string        `json:"verdict"`
	Holds     bool          `json:"holds"`
	AUROC     stat.Interval `json:"auroc"`
	P         stat.Number   `json:"p"`
	Untrained stat.Number   `json:"untrained" doc:"The best unit of the untrained networks: the null beside this maximum."`
	Networks  int           `json:"networks" doc:"Untrained networks."`
	Within    stat.Number   `json:"within" doc:"Correlation inside equal characters."`
	CouldShow stat.Number   `json:"could_show" doc:"The smallest AUROC that this text would have shown, in four texts of five; null: none; 0: an earlier version measured, which did not ask."`
}

// causal is what interventions say of a unit and a concept.
type causal struct {
	Subject
	Verdict  string        `json:"verdict"`
	D        stat.Interval `json:"d" doc:"Nats: by how much more its absence costs where the concept matters."`
	Resample stat.Interval `json:"resample"`
	P        stat.Number   `json:"p"`
	Gate     bool          `json:"gate" doc:"More than other units of the site."`
	Limit    stat.Number   `json:"limit" doc:"The 95 % quantile of the others' residuals: the null beside it."`
	Reasons  []string      `json:"reasons" doc:"What it lacks to be called used."`
	None     bool          `json:"equivalent_to_none" doc:"The whole interval of D lies within 2 thousandths of a nat: as good as no effect."`
}

// unitAnalyses is what the run's analyses hold of one unit beside its concepts.
type unitAnalyses struct {
	Times     *memory.Times         `json:"times" doc:"null: not measured."`
	Waiting   []waiting             `json:"waiting"`
	Steered   []*intervene.Curve    `json:"steered"`
	Ablated   *intervene.UnitResult `json:"ablated" doc:"Change of the loss by kind of next character, set to its mean."`
	Findings  []finding.Finding     `json:"findings"`
	Described *unitDescription      `json:"described" doc:"In words, with what the words are worth; null: not described."`
	Missing   []string              `json:"missing" doc:"Analyses that the run has not been asked for."`
}

// unitDescription is a unit in words, with what they predict of it.
type unitDescription struct {
	Subject
	Leaves [explain.Sizes]int      `json:"leaves" doc:"Most leaves of each size."`
	Unit   *explain.Unit           `json:"unit"`
	Median stat.Number             `json:"median" doc:"R2 at the middle size of the median unit of the site."`
	Fresh  *explain.UntrainedUnits `json:"fresh" doc:"The same of untrained networks: the null."`
}

type waiting struct {
	Kind string          `json:"kind"`
	Unit memory.WaitUnit `json:"unit"`
}

// analyses is the analyses of a run.
type analyses struct {
	dissect   *dissect.Result
	intervene *intervene.Result
	steered   []intervene.SteeredUnit
	memory    *memory.Result
	explain   *explain.Result
	findings  []finding.Finding

	dissected int64 // step of the dissection's weights
}

// analysesKey is a run as it was written at some time.
type analysesKey struct {
	dir     string
	written int64
}

// analysesMost is how many runs' analyses are kept at hand.
const analysesMost = 6

// analyses reads what there is, once until something is written.
func (s *Server) analyses(r *shelf.Run) (*analyses, error) {
	key := analysesKey{r.Dir(), r.ModTime().UnixNano()}
	if k, done, ok := s.analysisCache.Get(key); ok {
		done()
		return k, nil
	}
	k, err := readAnalyses(r)
	if err != nil {
		return nil, err
	}
	k, done := s.analysisCache.Put(key, k)
	done()
	return k, nil
}

// readAnalyses reads what there is. What was never asked for is nil.
func readAnalyses(r *shelf.Run) (*analyses, error) {
	k := &analyses{}
	var err error
	if k.findings, err = r.Findings("", run.Want{}); err != nil {
		return nil, err
	}
	var d dissect.Result
	var i intervene.Result
	var m memory.Result
	var e explain.Result
	for _, one := range []struct {
		name string
		to   any
		set  func()
	}{
		{dissect.ViewName, &d, func() { k.dissect = &d }},
		{intervene.ViewName, &i, func() { k.intervene = &i }},
		{memory.ViewName, &m, func() { k.memory = &m }},
		{explain.ViewName, &e, func() { k.explain = &e }},
		{intervene.SteeredViewName, &k.steered, func() {}},
	} {
		on, err := r.View(one.name, run.Want{}, one.to)
		if errors.Is(err, run.ErrNoView) {
			continue
		}
		if err != nil {
			return nil, err
		}
		if one.set(); one.name == dissect.ViewName {
			k.dissected = on.Step
		}
	}
	return k, nil
}

// testResult is nil where the dissection did not choose this unit for the concept.
func (k *analyses) testResult(site string, unit int, concept string) *testResult {
	if k.dissect == nil {
		return nil
	}
	for i := range k.dissect.Concepts {
		c := &k.dissect.Concepts[i]
		if c.Concept != concept {
			continue
		}
		if c.Best != nil && c.Best.Site == site && c.Best.Unit == unit {
			return k.score("best", c.Best, string(c.Verdict), c.Holds)
		}
		if u := c.State; u != nil && u.Score.Site == site && u.Score.Unit == unit {
			return k.score("state", &u.Score, string(u.Verdict), u.Holds)
		}
		for j := range c.Sites {
			if s := &c.Sites[j]; s.Site == site && s.Unit == unit {
				return k.score("site", s, string(s.Verdict), false)
			}
		}
	}
	return nil
}

// bestUnit is the unit that follows a concept best, with its verdict.
type bestUnit struct {
	Site    string `json:"site"`
	Unit    int    `json:"unit"`
	Verdict string `json:"verdict"`
}

// chosenFor are the concepts for which the dissection chose a unit.
func (k *analyses) chosenFor(site string, unit int) (names []string) {
	if k.dissect == nil {
		return nil
	}
	for i := range k.dissect.Concepts {
		if c := k.dissect.Concepts[i].Concept; k.testResult(site, unit, c) != nil {
			names = append(names, c)
		}
	}
	return names
}

// concept puts what analyses say of a unit and a concept beside what the sample says.
func (k *analyses) concept(c panel.Beside, site string, unit int) unitConcept {
	out := unitConcept{Beside: c, Tested: k.testResult(site, unit, c.Concept), Causal: k.causal(site, unit, c.Concept)}
	if out.Tested != nil || k.dissect == nil {
		return out
	}
	out.Other = slices.ContainsFunc(k.dissect.Others, func(a concept.Admission) bool { return a.Concept == c.Concept })
	for i := range k.dissect.Concepts {
		if x := &k.dissect.Concepts[i]; x.Concept == c.Concept && x.Best != nil {
			out.Chosen = &bestUnit{x.Best.Site, x.Best.Unit, string(x.Verdict)}
		}
	}
	return out
}

func (k *analyses) score(role string, s *dissect.Score, verdict string, holds bool) *testResult {
	return &testResult{
		Subject: Subject{k.dissect.Text, k.dissect.Split, k.dissected}, Role: role, Verdict: verdict, Holds: holds, AUROC: s.AUROC,
		P: s.AdjustedP, Untrained: s.UntrainedMax, Networks: k.dissect.Null.Untrained, Within: s.RWithin, CouldShow: s.CouldShow,
	}
}

// causal is nil where nobody asked whether the network uses this unit for the concept.
func (k *analyses) causal(site string, unit int, concept string) *causal {
	if k.intervene == nil {
		return nil
	}
	for _, c := range k.intervene.Concepts {
		if c.Concept != concept {
			continue
		}
		for _, p := range c.Pairs {
			if p.Site == site && p.Unit.Unit == unit {
				return &causal{
					Subject: Subject{k.intervene.Text, k.intervene.Split, k.intervene.Step}, Verdict: string(p.Verdict),
					D: p.Mean.D, Resample: p.Resample.D, P: p.Adjusted, Gate: p.Gate.Passed, Limit: p.Gate.Limit, Reasons: p.Reasons, None: p.Equivalent,
				}
			}
		}
	}
	return nil
}

// unit gathers what is kept of one unit.
func (k *analyses) unit(site string, unit int) unitAnalyses {
	out := unitAnalyses{Waiting: []waiting{}, Steered: []*intervene.Curve{}, Findings: []finding.Finding{}, Missing: []string{}}
	if k.dissect == nil {
		out.Missing = append(out.Missing, "dissect")
	}
	if k.intervene == nil {
		out.Missing = append(out.Missing, "ablate")
	} else {
		for i := range k.intervene.Units {
			if u := &k.intervene.Units[i]; u.Site == site && u.Unit.Unit == unit {
				out.Ablated = u
			}
		}
		for _, c := range k.intervene.Concepts {
			if s := c.Steering; s != nil && s.Unit.Site == site && s.Unit.Unit == unit {
				out.Steered = append(out.Steered, s)
			}
		}
	}
	for _, s := range k.steered {
		if s.Curve != nil && s.Curve.Unit.Site == site && s.Curve.Unit.Unit == unit {
			out.Steered = append(out.Steered, s.Curve)
		}
	}
	if k.explain == nil {
		out.Missing = append(out.Missing, "explain")
	} else {
		k.describes(&out, site, unit)
	}
	if k.memory == nil {
		out.Missing = append(out.Missing, "memory")
	} else {
		k.remembers(&out, site, unit)
	}
	for _, f := range k.findings {
		if f.Site == site && f.Unit == unit {
			out.Findings = append(out.Findings, f)
		}
	}
	return out
}

func (k *analyses) describes(out *unitAnalyses, site string, unit int) {
	for i := range k.explain.Sites {
		at := &k.explain.Sites[i]
		if at.Name != site {
			continue
		}
		for j := range at.Units {
			if u := &at.Units[j]; u.Unit == unit {
				out.Described = &unitDescription{Subject{k.explain.Text, k.explain.Split, k.explain.Step}, k.explain.Leaves, u, at.Median[1], at.Fresh}
			}
		}
	}
}

func (k *analyses) remembers(out *unitAnalyses, site string, unit int) {
	for i := range k.memory.Times {
		t := &k.memory.Times[i]
		if fmt.Sprintf("l%d.h", t.Layer) == site && t.Unit == unit {
			out.Times = t
		}
	}
	for _, w := range k.memory.Waiting {
		for _, u := range w.Units {
			if u.Site == site && u.Unit == unit {
				out.Waiting = append(out.Waiting, waiting{w.Kind, u})
			}
		}
	}
}
