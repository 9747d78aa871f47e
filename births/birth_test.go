package births

import (
	"math"
	"slices"
	"testing"

	"github.com/rnnscope/rnnscope/concept"
	"github.com/rnnscope/rnnscope/evolve"
	"github.com/rnnscope/rnnscope/stat"
)

func looks(lows ...float64) []Point {
	var out []Point
	for i, lo := range lows {
		out = append(out, Point{Step: int64(i * i), AUROC: stat.Interval{Estimate: lo + .05, Lo: lo, Hi: lo + .1, N: 9}})
	}
	return out
}

// TestBorn: a birth is where the lower bound goes above untrained for good, not for the first time.
func TestBorn(t *testing.T) {
	nan := math.NaN()
	for name, c := range map[string]struct {
		lows         []float64
		untrained    float64
		birth, after int64 // -1: none
	}{
		"at once":       {[]float64{.8, .9}, .7, 0, -1},
		"later":         {[]float64{.5, .6, .75, .8}, .7, 4, 1},
		"relapse":       {[]float64{.5, .8, .6, .8, .9}, .7, 9, 4},
		"lost":          {[]float64{.5, .8, .9, .6}, .7, -1, -1},
		"on the border": {[]float64{.5, .7}, .7, -1, -1},
		"undefined":     {[]float64{.8, nan, .8}, .7, 4, 1},
		"no untrained":  {[]float64{.4, .6}, nan, 1, 0},
	} {
		birth, after := findBirth(looks(c.lows...), c.untrained)
		if got := orNone(birth); got != c.birth {
			t.Errorf("%s: born at %d, want %d", name, got, c.birth)
		}
		if got := orNone(after); got != c.after {
			t.Errorf("%s: after %d, want %d", name, got, c.after)
		}
	}
}

func orNone(p *int64) int64 {
	if p == nil {
		return -1
	}
	return *p
}

// TestSkillStep: from which on the log probability stays above its middle.
func TestSkillStep(t *testing.T) {
	history := func(values ...float64) *evolve.History {
		h := &evolve.History{}
		for i, v := range values {
			h.Snapshots = append(h.Snapshots, evolve.Snapshot{Step: int64(10 * i), HeldOut: []evolve.HeldOut{{Name: "m", LogP: stat.Point(v, 9)}}})
		}
		return h
	}
	for _, c := range []struct {
		h    *evolve.History
		want int64
	}{
		{history(-4, -3.5, -1, -.5), 20}, {history(-4, -1, -3, -1, -.5), 30}, {history(-1, -2), -1}, {history(-1), -1}, {nil, -1},
	} {
		if got := orNone(SkillStep(c.h, "m")); got != c.want {
			t.Errorf("skill at %d, want %d", got, c.want)
		}
	}
	nine, ninetyNine := int64(9), int64(99)
	if lag := Lag(&ninetyNine, &nine); math.Abs(float64(lag)-1) > 1e-12 || !math.IsNaN(float64(Lag(nil, &nine))) {
		t.Errorf("a lag of %v decades", lag)
	}
}

// TestServesNamesWhatThereIs: concepts and kinds of items of the fixed table exist.
func TestServesNamesWhatThereIs(t *testing.T) {
	kinds := evolve.MeasureNames()
	for name, items := range heldOutItems {
		if !slices.Contains(concept.Names(), name) {
			t.Errorf("no concept is called %s", name)
		}
		if !slices.Contains(kinds, items) {
			t.Errorf("no held-out items are called %s", items)
		}
	}
}

// TestServesThoughNotKnown: which skill a concept serves is a fixed table; where nobody knows when the
// skill came, only the lag is undefined.
func TestServesThoughNotKnown(t *testing.T) {
	r := &Result{Concepts: []Concept{{Concept: "in-quote", Skill: HeldOutItems("in-quote"), Best: Track{Looks: looks(.5, .8)}, Final: Track{Looks: looks(.5, .8)}}}}
	r.settle(&follower{untrained: []float64{.6}}, Options{})
	if c := r.Concepts[0]; c.Skill != "held-out-quotes" || c.SkillStep != nil || !math.IsNaN(float64(c.Lag)) || c.Best.Birth == nil {
		t.Errorf("%+v", c)
	}
}
