package dissect

import (
	"cmp"
	"math"
	"slices"

	"github.com/rnnscope/rnnscope/concept"
	"github.com/rnnscope/rnnscope/dissect/gram"
	"github.com/rnnscope/rnnscope/stat"
	"github.com/rnnscope/rnnscope/text"
)

// gramShown are the k of the k-grams that a unit is compared with.
var gramShown = []int{1, 5, 8}

const (
	mostCounted = 1 << 19 // characters on which k-grams are counted
	tellsAt     = 0.99    // AUROC from which a k-gram is said to tell a concept
)

// grams is what the last k characters tell of a concept, beside the AUROC of its unit, and the
// smallest k up to 5 that tells the concept.
func (l *looker) grams(c int, unit float64) (out []GramScore, window int) {
	for o, auc := range l.counted.AUROC(c, l.Labels) {
		k := gram.Orders[o]
		if window == 0 && k <= 5 && auc >= tellsAt {
			window = k
		}
		if slices.Contains(gramShown, k) {
			out = append(out, GramScore{K: k, AUROC: stat.Number(auc), Excess: stat.Number(unit - auc)})
		}
	}
	return out, window
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
	for s, b := range l.Labels {
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

// countedBlocks chooses up to half a million characters that do not belong to the report: those
// just before it for a network's own text, the blocks units are chosen on otherwise.
func countedBlocks(in *input) []text.Block {
	report := in.Report.At(0).Lo
	if in.Choose.At(in.Choose.Len()-1).Hi > report {
		return upTo(in.Choose, mostCounted)
	}
	return text.Grid{}.Blocks(text.Span{Lo: max(0, report-mostCounted), Hi: report})
}
