package dissect

import (
	"math"
	"testing"

	"github.com/rnnscope/rnnscope/stat"
)

// TestStateUnitSettles: learned needs more than untrained networks have, associated more
// than one half, and holding a state needs it where the state is old.
func TestStateUnitSettles(t *testing.T) {
	between := func(lo, hi float64) stat.Interval {
		return stat.Interval{Estimate: (lo + hi) / 2, Lo: lo, Hi: hi}
	}
	for _, c := range []struct {
		name         string
		before       Verdict
		within, held stat.Interval
		untrained    float64
		networks     int
		want         Verdict
		holds        bool
	}{
		{"above untrained", Associated, between(0.7, 0.8), between(0.6, 0.8), 0.65, 19, Learned, true},
		{"untrained networks do as well", Associated, between(0.7, 0.8), between(0.6, 0.8), 0.75, 19, Associated, false},
		{"nothing beside the character", Associated, between(0.45, 0.8), between(0.6, 0.8), 0.4, 19, NotFound, false},
		{"not where the state is old", Associated, between(0.7, 0.8), between(0.54, 0.8), 0.65, 19, Learned, false},
		{"none compared", Associated, between(0.7, 0.8), between(0.6, 0.8), math.NaN(), 0, Associated, true},
		{"the null said no", NotFound, between(0.7, 0.8), between(0.6, 0.8), 0.5, 19, NotFound, false},
	} {
		u := &StateUnit{Verdict: c.before, Untrained: stat.Number(c.untrained)}
		u.settle(&CloserLook{Within: c.within, HeldWithin: c.held, RWithin: between(0.2, 0.3)}, c.networks)
		if u.Verdict != c.want || u.Holds != c.holds {
			t.Errorf("%s: %q, holds %v; want %q, %v", c.name, u.Verdict, u.Holds, c.want, c.holds)
		}
		if u.RWithin.Estimate != 0.25 {
			t.Errorf("%s: r_within %s", c.name, u.RWithin)
		}
	}
}
