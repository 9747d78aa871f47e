package dissect

import (
	"cmp"
	"math"
	"slices"

	"github.com/rnnscope/rnnscope/concept"
	"github.com/rnnscope/rnnscope/specimen"
	"github.com/rnnscope/rnnscope/stat"
)

// gramShown are the k of the k-grams that a unit is compared with.
var gramShown = []int{1, 5, 8}

const tellsAt = 0.99 // AUROC from which a k-gram is said to tell a concept

// probabilitySteps is how finely P(on | k-gram) is binned before it is scored.
const probabilitySteps = 1 << 12

// grams scores P(on | last k characters) for a concept, each k backing off
// to the one before with one pseudocount, beside the AUROC of its unit. It also gives the smallest k up to 5 that tells the concept.
func (l *looker) grams(c int, unit float64) (out []GramScore, window int) {
	g := l.counted
	chances := g.base(c, l.labels)
	for o, k := range gramOrders {
		g.refine(chances, c, o)
		on, off := make([]int64, probabilitySteps+1), make([]int64, probabilitySteps+1)
		var state []int8
		for s, b := range l.labels {
			state = specimen.OnOff(state, len(b.Chars), &b.Labels[c])
			for t, y := range state {
				step := int(math.Round(float64(chances[s][t]) * probabilitySteps))
				switch y {
				case 1:
					on[step]++
				case 0:
					off[step]++
				}
			}
		}
		auc, _ := stat.AUROC(on, off)
		if window == 0 && k <= 5 && auc >= tellsAt {
			window = k
		}
		if slices.Contains(gramShown, k) {
			out = append(out, GramScore{K: k, AUROC: stat.Number(auc), Excess: stat.Number(unit - auc)})
		}
	}
	return out, window
}

// base is P(on), the same everywhere.
func (g *gramIndex) base(c int, labels []*specimen.BlockLabels) [][]float32 {
	var on, n float32
	for _, y := range g.on[c] {
		if y >= 0 {
			n++
			on += float32(y)
		}
	}
	p := (on + 0.5) / (n + 1)
	out := make([][]float32, len(labels))
	for s, b := range labels {
		out[s] = slices.Repeat([]float32{p}, b.Block.Len())
	}
	return out
}

// refine turns P(on | shorter) into P(on | k-gram of order o).
func (g *gramIndex) refine(chances [][]float32, c, o int) {
	counts := make([][2]int32, g.kinds[o])
	for p, id := range g.ids[o] {
		if y := g.on[c][p]; y >= 0 {
			counts[id][0] += int32(y)
			counts[id][1]++
		}
	}
	for s, row := range g.seen[o] {
		for t, id := range row {
			if id >= 0 {
				n := counts[id]
				chances[s][t] = (float32(n[0]) + chances[s][t]) / (float32(n[1]) + 1)
			}
		}
	}
}

// fits holds a unit against a quantity on each of its scales.
func (l *looker) fits(a closerAsked) []Fit {
	out := []Fit{}
	for _, scale := range l.walk.Labels.Rules[a.concept].Concept.Scales() {
		out = append(out, l.fit(a, scale))
	}
	return out
}

func (l *looker) fit(a closerAsked, scale concept.Scale) Fit {
	byValue := map[float64]*stat.Level{} // Y is a sum until all are added
	var n, sum, squares float64
	for s, b := range l.labels {
		labels := &b.Labels[a.concept]
		bad := labels.Invalid
		for t, v := range a.windows[s].Values {
			if len(bad) > 0 && int(bad[0]) == t {
				bad = bad[1:]
				continue
			}
			y := scale.Of(labels.Values[t])
			if byValue[y] == nil {
				byValue[y] = &stat.Level{X: y}
			}
			byValue[y].N++
			byValue[y].Y += float64(v)
			n, sum, squares = n+1, sum+float64(v), squares+float64(v)*float64(v)
		}
	}
	var levels []stat.Level
	for _, x := range byValue {
		levels = append(levels, stat.Level{X: x.X, Y: x.Y / x.N, N: x.N})
	}
	slices.SortFunc(levels, func(a, b stat.Level) int { return cmp.Compare(a.X, b.X) })
	total := squares - sum*sum/n
	if len(levels) < 2 || !(total > 1e-9) {
		return Fit{scale.Name, stat.Undefined(), stat.Undefined()}
	}
	explained, _ := stat.MonotoneFit(levels, total)
	return Fit{scale.Name, stat.Number(correlation(levels, n, sum, total)), stat.Number(explained)}
}

func correlation(levels []stat.Level, n, sum, total float64) float64 {
	var y, yy, ay float64
	for _, x := range levels {
		y += x.N * x.X
		yy += x.N * x.X * x.X
		ay += x.N * x.Y * x.X
	}
	return (ay - sum*y/n) / math.Sqrt(total*(yy-y*y/n))
}
