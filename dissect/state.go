package dissect

import (
	"math"

	"github.com/rnnscope/rnnscope/stat"
)

// stateUnit scores the state unit of a concept like any chosen unit.
func (j *job) stateUnit(c int, pair *pairTally, m *measured, tests [][]*tested, untrained *heights) *StateUnit {
	ch := pair.choice
	out := &StateUnit{
		Score: j.score(c, ch.site, pair, m.tables[ch.site]), Validation: ch.within,
		RWithin: stat.Point(math.NaN(), 0), Untrained: stat.Number(untrained.within[c][ch.site]),
	}
	out.Score.UntrainedMax = stat.Number(untrained.auroc[c][ch.site])
	if t := tests[c][ch.site]; t != nil {
		out.Score.against(t, ch.unit)
	}
	return out
}

// adjust gives what can be said before the closer look.
func (u *StateUnit) adjust(tooLittle bool) {
	switch {
	case tooLittle || !u.Score.P.Defined():
		u.Verdict = TooLittleText
		return
	case u.Score.AdjustedP <= Alpha:
		u.Verdict = Associated
	default:
		u.Verdict = NotFound
	}
	u.Score.Verdict = u.Verdict
}

// settle gives the verdict once the closer look has its intervals.
func (u *StateUnit) settle(k *CloserLook, untrained int) {
	u.RWithin = k.RWithin
	if u.Verdict != Associated {
		return
	}
	switch {
	case !k.Within.Above(0.5):
		u.Verdict = NotFound
	case u.Untrained.Defined() && k.Within.Above(float64(u.Untrained)):
		u.Verdict = Learned
	}
	u.Score.Verdict = u.Verdict
	found := u.Verdict == Learned || u.Verdict == Associated && untrained == 0
	u.Holds = found && k.HeldWithin.Above(stateLeast)
}
