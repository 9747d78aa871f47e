package intervene

import (
	"context"
	"slices"

	"github.com/rnnscope/rnnscope/concept"
	"github.com/rnnscope/rnnscope/specimen"
	"github.com/rnnscope/rnnscope/text"
)

// depthCuts are the depths above which a depth concept counts as on, by name, where that is not 0: those at which dissect cuts
// it, by the same survey of the part that things are chosen on.
func depthCuts(ctx context.Context, s *specimen.Specimen, of []concept.Concept, workers int) (map[string]int32, error) {
	var depths []concept.Concept
	for _, k := range of {
		if k.Kind == concept.Depth {
			depths = append(depths, k)
		}
	}
	if len(depths) == 0 {
		return nil, nil
	}
	found, err := s.Survey(ctx, depths, s.Parts(text.DefaultBlock), workers)
	if err != nil {
		return nil, err
	}
	cuts := map[string]int32{}
	for _, a := range found {
		cuts[a.Concept] = a.Above
	}
	return cuts, nil
}

// states gives a concept's state at every position: 1 on, 0 off, -1 unknown. A depth is on
// above its cut, a kind above 0; a quantity above its median on choose, or above 0 where it
// mostly is 0.
func states(k concept.Concept, a *text.Alphabet, ids []int32, choose []text.Block, cut int32) []int8 {
	labels := concept.LabelSymbols(k, a, ids)
	above := cut
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
