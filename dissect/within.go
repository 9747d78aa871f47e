package dissect

import (
	"maps"
	"math"
	"slices"

	"github.com/rnnscope/rnnscope/specimen"
	"github.com/rnnscope/rnnscope/stat"
)

// crossSums are the sums behind a correlation of activation and label.
type crossSums struct{ n, a, y, aa, yy, ay float64 }

func (s *crossSums) add(a, y float64) {
	s.n++
	s.a += a
	s.y += y
	s.aa += a * a
	s.yy += y * y
	s.ay += a * y
}

func (s crossSums) less(o crossSums) crossSums {
	return crossSums{s.n - o.n, s.a - o.a, s.y - o.y, s.aa - o.aa, s.yy - o.yy, s.ay - o.ay}
}

// scatter is what is left around the means.
func (s crossSums) scatter() (aa, yy, ay float64) {
	if s.n < 1 {
		return 0, 0, 0
	}
	return s.aa - s.a*s.a/s.n, s.yy - s.y*s.y/s.n, s.ay - s.a*s.y/s.n
}

// withinCharacters is r_within of a unit over the detail blocks, in the direction
// of its sign, leaving out one block at a time.
func (l *looker) withinCharacters(a closerAsked) stat.Interval {
	blocks := make([]map[int32]*crossSums, len(l.labels))
	all := map[int32]*crossSums{}
	var n int64
	for s, b := range l.labels {
		blocks[s] = map[int32]*crossSums{}
		n += l.addWithin(blocks[s], a, s, b)
		for v, x := range blocks[s] {
			if all[v] == nil {
				all[v] = &crossSums{}
			}
			*all[v] = all[v].less(crossSums{-x.n, -x.a, -x.y, -x.aa, -x.yy, -x.ay})
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
func (l *looker) addWithin(sums map[int32]*crossSums, a closerAsked, s int, b *specimen.BlockLabels) (n int64) {
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
			sums[v] = &crossSums{}
		}
		sums[v].add(float64(a.windows[s].Values[t]), value)
		n++
	}
	return n
}

// leaveOut is r_within of all sums less those of one block.
func leaveOut(chars []int32, all, block map[int32]*crossSums) float64 {
	var saa, syy, say float64
	for _, v := range chars {
		rest := *all[v]
		if o := block[v]; o != nil {
			rest = rest.less(*o)
		}
		aa, yy, ay := rest.scatter()
		saa, syy, say = saa+aa, syy+yy, say+ay
	}
	if !(saa > 1e-9) || !(syy > 1e-9) {
		return math.NaN()
	}
	return max(-1, min(1, say/math.Sqrt(saa*syy)))
}
