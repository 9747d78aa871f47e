package specimen

import (
	"context"

	"github.com/rnnscope/rnnscope/concept"
)

// NewRules decides when the labels of each concept count as on. A depth or a kind
// does above 0; a quantity above its median on the blocks units are chosen on, or
// above 0 where it mostly is 0.
func (s *Specimen) NewRules(ctx context.Context, concepts []concept.Concept, parts Parts, workers int) ([]Rule, error) {
	out := make([]Rule, len(concepts))
	var numeric []int
	for c, k := range concepts {
		out[c] = RuleOf(k)
		if k.Kind == concept.Numeric {
			numeric = append(numeric, c)
		}
	}
	if len(numeric) == 0 {
		return out, nil
	}
	only := make([]Rule, len(numeric))
	for i, c := range numeric {
		only[i] = out[c]
	}
	l := s.NewLabeller(only, parts, workers)
	l.KeepAll = false
	counts := make([][]int64, len(numeric)) // of values from -maxValue on
	for i := range counts {
		counts[i] = make([]int64, 2*maxValue+1)
	}
	for _, blocks := range Stripes(parts.Choose) {
		labelled, err := l.Label(ctx, blocks)
		if err != nil {
			return nil, err
		}
		for _, b := range labelled {
			countValues(counts, b)
		}
		l.Release(labelled)
	}
	for i, c := range numeric {
		out[c].Above = max(0, medianOf(counts[i]))
	}
	return out, nil
}

// countValues counts the valid values of a block.
func countValues(counts [][]int64, b *BlockLabels) {
	for i := range counts {
		for _, y := range b.Labels[i].Values {
			counts[i][maxValue+y]++
		}
		counts[i][maxValue] -= int64(len(b.Labels[i].Invalid)) // they read 0
	}
}

// medianOf is the lowest value that half of them do not exceed.
func medianOf(counts []int64) int32 {
	var n, below int64
	for _, k := range counts {
		n += k
	}
	for y, k := range counts {
		if below += k; k > 0 && 2*below >= n {
			return int32(y) - maxValue
		}
	}
	return 0
}
