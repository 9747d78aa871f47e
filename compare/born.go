package compare

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/rnnscope/rnnscope/births"
	"github.com/rnnscope/rnnscope/evolve"
	"github.com/rnnscope/rnnscope/stat"
)

// BirthSpread is the births of a concept over the runs that were asked about it.
type BirthSpread struct {
	Concept  string `json:"concept"`
	Best     Spread `json:"best"`     // step of the best unit's birth
	Survivor Spread `json:"survivor"` // and of the unit that is best in the end
	Skill    string `json:"skill"`    // that it serves
	// Lag is how far behind it, in decades of 1+step: mean over the runs with Student's interval. Null where the concept was
	// not born in a run: a mean over the others would be too low.
	Lag       stat.Interval `json:"lag"`
	LagSpread Spread        `json:"lag_spread"` // the same, median and range; where the concept was not born, above that of a birth at the last step
}

// settings is what a birth depends on besides the network: a coarser schedule finds it later, more
// untrained networks lie higher, and more text narrows the interval.
func settings(r *births.Result) string {
	return fmt.Sprint(r.Steps, r.Chosen, r.Reported, r.Untrained)
}

// bornAlike tells which runs were asked for births with the settings that most of them share; where
// two settings are as frequent, those with more snapshots. Births of others are not the same quantity.
func bornAlike(all []Views) []bool {
	count := map[string]int{}
	var most *births.Result
	for _, v := range all {
		if v.Births != nil {
			count[settings(v.Births)]++
		}
	}
	for _, v := range all {
		if b := v.Births; b != nil && (most == nil || cmp.Or(cmp.Compare(count[settings(b)], count[settings(most)]), cmp.Compare(len(b.Steps), len(most.Steps))) > 0) {
			most = b
		}
	}
	out := make([]bool, len(all))
	for i, v := range all {
		out[i] = v.Births != nil && settings(v.Births) == settings(most)
	}
	return out
}

// birthsCommand is how the runs that are summed up were asked.
func birthsCommand(all []Views, alike []bool) string {
	b := all[slices.Index(alike, true)].Births
	var steps []string
	for _, s := range b.Steps {
		steps = append(steps, fmt.Sprint(s))
	}
	return fmt.Sprintf("births --untrained %d --characters %d --steps %s", b.Untrained, max(b.Chosen, b.Reported), strings.Join(steps, ","))
}

// askedLess tells whether a run was asked about fewer concepts than another on the same text.
func askedLess(of *births.Result, all []Views, alike []bool) bool {
	asked := of.Asked()
	for i, v := range all {
		if alike[i] && v.Births.Text == of.Text && slices.ContainsFunc(v.Births.Asked(), func(c string) bool { return !slices.Contains(asked, c) }) {
			return true
		}
	}
	return false
}

// birthRow gathers the births of a concept, one for every run that was asked about it.
type birthRow struct {
	best, survivor []stat.Censored
	lags           []stat.Censored // of the runs that have the skill
	skill          string
}

// birthsOf sums up the births of the runs that were asked alike. A concept counts over those of them
// that were asked about it; where it was not born, its birth lies above the last step.
func birthsOf(all []Views, alike []bool) []BirthSpread {
	rows := map[string]*birthRow{}
	var names []string
	row := func(concept string) *birthRow {
		if rows[concept] == nil {
			rows[concept], names = &birthRow{}, append(names, concept)
		}
		return rows[concept]
	}
	for i, v := range all {
		if !alike[i] {
			continue
		}
		last := lastStep(v.Births)
		skills := skillSteps(v.Births)
		for _, c := range v.Births.Concepts {
			row(c.Concept).born(c, last)
		}
		for _, c := range v.Births.Never {
			row(c).never(births.HeldOutItems(c), skills, v.Evolution, last)
		}
	}
	out := []BirthSpread{}
	for _, n := range names {
		out = append(out, rows[n].spread(n))
	}
	slices.SortStableFunc(out, func(a, b BirthSpread) int { return a.Best.compare(b.Best) })
	return out
}

func lastStep(r *births.Result) int64 {
	if len(r.Steps) == 0 {
		return 0
	}
	return r.Steps[len(r.Steps)-1]
}

// skillSteps are those that the concepts that were born tell.
func skillSteps(r *births.Result) map[string]*int64 {
	out := map[string]*int64{}
	for _, c := range r.Concepts {
		if c.SkillStep != nil {
			out[c.Skill] = c.SkillStep
		}
	}
	return out
}

func (r *birthRow) born(c births.Concept, last int64) {
	r.best, r.survivor = append(r.best, birth(c.Best.Birth, last)), append(r.survivor, birth(c.Final.Birth, last))
	if c.Skill != "" {
		r.skill = c.Skill // also where its lag is not known
	}
	if lag := float64(c.Lag); !math.IsNaN(lag) {
		r.lags = append(r.lags, stat.Censored{Value: lag})
	}
}

// never adds a run in which the concept was not born. Its lag is above that of a birth at the last step.
func (r *birthRow) never(skill string, known map[string]*int64, h *evolve.History, last int64) {
	r.best, r.survivor = append(r.best, birth(nil, last)), append(r.survivor, birth(nil, last))
	step := known[skill]
	if step == nil {
		step = births.SkillStep(h, skill)
	}
	if lag := births.Lag(&last, step); lag.Defined() {
		r.lags, r.skill = append(r.lags, stat.Censored{Value: float64(lag), Above: true}), skill
	}
}

// birth is a step; without one it lies above the last that was looked at.
func birth(step *int64, last int64) stat.Censored {
	if step == nil {
		return stat.Censored{Value: float64(last), Above: true}
	}
	return stat.Censored{Value: float64(*step)}
}

func (r *birthRow) spread(name string) BirthSpread {
	asked := len(r.best)
	b := BirthSpread{name, spreadOf(r.best, asked), spreadOf(r.survivor, asked), r.skill, stat.Point(math.NaN(), 0), spreadOf(r.lags, asked)}
	if b.Best.Beyond > 0 {
		return b
	}
	var lags []float64
	for _, l := range r.lags {
		lags = append(lags, l.Value)
	}
	b.Lag = stat.MeanInterval(lags)
	return b
}
