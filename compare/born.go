package compare

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/rnnscope/rnnscope/births"
	"github.com/rnnscope/rnnscope/stat"
)

// BirthSpread is the births of a concept over runs.
type BirthSpread struct {
	Concept  string        `json:"concept"`
	Best     Spread        `json:"best"`     // step of the best unit's birth
	Survivor Spread        `json:"survivor"` // and of the unit that is best in the end
	Skill    string        `json:"skill"`    // that it serves
	Lag      stat.Interval `json:"lag"`      // behind it, decades; mean over runs, Student's interval
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

// birthsOf sums up the births of the runs that were asked alike.
func birthsOf(all []Views, alike []bool) []BirthSpread {
	best, survivor, lags := map[string][]float64{}, map[string][]float64{}, map[string][]float64{}
	skill := map[string]string{}
	var names []string
	asked := 0
	for i, v := range all {
		if !alike[i] {
			continue
		}
		asked++
		for _, c := range v.Births.Concepts {
			if _, known := best[c.Concept]; !known {
				names = append(names, c.Concept)
				best[c.Concept] = []float64{}
			}
			if c.Best.Birth != nil {
				best[c.Concept] = append(best[c.Concept], float64(*c.Best.Birth))
			}
			if c.Final.Birth != nil {
				survivor[c.Concept] = append(survivor[c.Concept], float64(*c.Final.Birth))
			}
			if !math.IsNaN(float64(c.Lag)) {
				lags[c.Concept], skill[c.Concept] = append(lags[c.Concept], float64(c.Lag)), c.Skill
			}
		}
	}
	out := []BirthSpread{}
	for _, n := range names {
		out = append(out, BirthSpread{n, spreadOf(best[n], asked), spreadOf(survivor[n], asked), skill[n], stat.MeanInterval(lags[n])})
	}
	slices.SortStableFunc(out, func(a, b BirthSpread) int { return cmp.Compare(a.Best.Median, b.Best.Median) })
	return out
}
