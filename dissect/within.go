package dissect

import (
	"maps"
	"math"
	"slices"

	"github.com/rnnscope/rnnscope/specimen"
	"github.com/rnnscope/rnnscope/stat"
)

// withinCharacters is r_within of a unit over the detail blocks, in the direction
// of its sign, leaving out one block at a time.
func (l *looker) withinCharacters(a closerAsked) stat.Interval {
	blocks := make([]map[int32]*stat.CrossSums, len(l.Labels))
	all := map[int32]*stat.CrossSums{}
	var n int64
	for s, b := range l.Labels {
		blocks[s] = map[int32]*stat.CrossSums{}
		n += l.addWithin(blocks[s], a, s, b)
		for v, x := range blocks[s] {
			if all[v] == nil {
				all[v] = &stat.CrossSums{}
			}
			*all[v] = all[v].Plus(*x)
		}
	}
	chars := slices.Sorted(maps.Keys(all)) // sums in one order, whatever a map's
	var leave []float64
	for _, b := range blocks {
		if len(b) > 0 {
			leave = append(leave, leaveOut(chars, all, b))
		}
	}
	ci := stat.Jackknife(leaveOut(chars, all, nil), leave)
	ci.N = n
	if a.unit.Sign < 0 {
		ci.Estimate, ci.Lo, ci.Hi = -ci.Estimate, -ci.Hi, -ci.Lo
	}
	return ci
}

// addWithin adds one block, by current character, and returns its valid positions.
func (l *looker) addWithin(sums map[int32]*stat.CrossSums, a closerAsked, s int, b *specimen.BlockLabels) (n int64) {
	labels := &b.Labels[a.concept]
	for t, y := range specimen.OnOff(nil, len(b.Chars), labels) {
		if y < 0 {
			continue
		}
		v, value := b.Chars[t], float64(y)
		if labels.Values != nil {
			value = float64(labels.Values[t])
		}
		if sums[v] == nil {
			sums[v] = &stat.CrossSums{}
		}
		sums[v].Add(float64(a.windows[s].Values[t]), value)
		n++
	}
	return n
}

// leaveOut is r_within of all sums less those of one block.
func leaveOut(chars []int32, all, block map[int32]*stat.CrossSums) float64 {
	var saa, syy, say float64
	for _, v := range chars {
		rest := *all[v]
		if o := block[v]; o != nil {
			rest = rest.Less(*o)
		}
		aa, yy, ay := rest.Scatter()
		saa, syy, say = saa+aa, syy+yy, say+ay
	}
	if !(saa > 1e-9) || !(syy > 1e-9) {
		return math.NaN()
	}
	return max(-1, min(1, say/math.Sqrt(saa*syy)))
}
