package intervene

import (
	"slices"

	"github.com/rnnscope/rnnscope/concept"
	"github.com/rnnscope/rnnscope/text"
)

// states gives a concept's state at every position: 1 on, 0 off, -1 unknown. A depth or
// a kind is on above 0; a quantity above its median on choose, or above 0 where it
// mostly is 0.
func states(k concept.Concept, runes []rune, choose []text.Block) []int8 {
	labels := concept.LabelAll(k, runes)
	above := int32(0)
	if k.Kind == concept.Numeric {
		above = max(0, medianOf(labels, choose))
	}
	y := make([]int8, len(labels))
	for t, l := range labels {
		switch {
		case !l.Valid:
			y[t] = -1
		case l.Y > above:
			y[t] = 1
		}
	}
	return y
}

func medianOf(labels []concept.Label, on []text.Block) int32 {
	var values []int32
	for _, b := range on {
		for _, l := range labels[b.Lo:b.Hi] {
			if l.Valid {
				values = append(values, l.Y)
			}
		}
	}
	if len(values) == 0 {
		return 0
	}
	slices.Sort(values)
	return values[(len(values)-1)/2]
}
