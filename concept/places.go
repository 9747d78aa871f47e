package concept

import (
	"math/rand/v2"
	"slices"
)

// nearMark is how far from one of its marks a place is off and worth reading.
const nearMark = 3

// Places draws up to n places at which a concept is on, and up to n at which it is
// off within three characters of one of its marks (of a change of its label, for a
// concept without marks), for a reader to judge. Invalid labels are no places. The
// same seed draws the same places; they are in the order of the text.
func Places(c Concept, rs []rune, n int, seed uint64) (on, off []int) {
	labels := LabelAll(c, rs)
	near := marksNear(c, rs, labels)
	rng := rand.New(rand.NewPCG(seed, uint64(len(rs))))
	draw := func(keep func(t int) bool) []int {
		var drawn []int
		seen := 0
		for t := range labels {
			if !labels[t].Valid || !keep(t) {
				continue
			}
			seen++
			if len(drawn) < n {
				drawn = append(drawn, t)
			} else if i := rng.IntN(seen); i < n {
				drawn[i] = t
			}
		}
		slices.Sort(drawn)
		return drawn
	}
	on = draw(func(t int) bool { return labels[t].Y > 0 })
	off = draw(func(t int) bool { return labels[t].Y == 0 && near[t] })
	return on, off
}

// marksNear says which characters stand within nearMark of a mark.
func marksNear(c Concept, rs []rune, labels []Label) []bool {
	near := make([]bool, len(rs))
	events := c.NewEvents().Write(nil, rs)
	none := len(c.EventTexts()) == 0
	for t := range rs {
		mark := events[t] != NoEvent
		if none {
			mark = t > 0 && labels[t].Y != labels[t-1].Y
		}
		if !mark {
			continue
		}
		for i := max(0, t-nearMark); i <= min(len(rs)-1, t+nearMark); i++ {
			near[i] = true
		}
	}
	return near
}
