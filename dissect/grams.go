package dissect

import (
	"context"
	"math"
	"slices"

	"github.com/rnnscope/rnnscope/concept"
	"github.com/rnnscope/rnnscope/stat"
	"github.com/rnnscope/rnnscope/text"
)

// gramOrders are the k of the k-grams that are counted; gramShown those that a
// unit is compared with.
var (
	gramOrders = []int{1, 2, 3, 4, 5, 8}
	gramShown  = []int{1, 5, 8}
)

const (
	mostCounted = 1 << 19 // characters on which k-grams are counted
	tellsAt     = 0.99    // AUROC from which a k-gram is said to tell a concept
)

// gramIndex numbers the k-grams of the counted text, so that every concept counts
// into plain arrays.
type gramIndex struct {
	counted []text.Block
	on      [][]int8    // [asked] of the counted positions: 1, 0 or -1 for invalid
	ids     [][]int32   // [orders] of the counted positions
	kinds   []int       // [orders] k-grams
	seen    [][][]int32 // [orders][detail blocks] of the block's positions, -1: not among those counted
}

// countGrams labels and numbers up to half a million characters that do not
// belong to the report: those just before it for a network's own text, the blocks
// units are chosen on otherwise.
func (l *looker) countGrams(ctx context.Context, all []closerAsked) (*gramIndex, error) {
	g := &gramIndex{counted: l.countedBlocks(), on: make([][]int8, len(all))}
	g.ids, g.seen, g.kinds = make([][]int32, len(gramOrders)), make([][][]int32, len(gramOrders)), make([]int, len(gramOrders))
	err := parallel(ctx, len(gramOrders), l.walk.workers, func(i int) { l.number(g, i) })
	if err != nil {
		return nil, err
	}
	only := make([]rule, len(all))
	for i, a := range all {
		only[i] = l.walk.labels.rules[a.concept]
	}
	labels := newLabeller(l.in, only, l.walk.workers)
	labels.kept = nil
	for part := range slices.Chunk(g.counted, stripe) {
		labelled, err := labels.label(ctx, part)
		if err != nil {
			return nil, err
		}
		for _, b := range labelled {
			for i := range all {
				g.on[i] = append(g.on[i], labelStates(nil, len(b.Chars), &b.Labels[i])...)
			}
		}
	}
	return g, nil
}

func (l *looker) countedBlocks() []text.Block {
	choose, report := l.in.Choose, l.in.Report[0].Lo
	if choose[len(choose)-1].Hi > report {
		return upTo(choose, mostCounted)
	}
	return text.Grid{}.Blocks(text.Span{Lo: max(0, report-mostCounted), Hi: report})
}

// number gives every k-gram of one order its number.
func (l *looker) number(g *gramIndex, i int) {
	k, numbers := gramOrders[i], map[uint64]int32{}
	for _, b := range g.counted {
		for p := b.Lo; p < b.Hi; p++ {
			key := l.gram(p, k)
			n, ok := numbers[key]
			if !ok {
				n = int32(len(numbers))
				numbers[key] = n
			}
			g.ids[i] = append(g.ids[i], n)
		}
	}
	g.kinds[i] = len(numbers)
	for _, b := range l.labels {
		row := make([]int32, b.block.Len())
		for t := range row {
			n, ok := numbers[l.gram(b.block.Lo+t, k)]
			if !ok {
				n = -1
			}
			row[t] = n
		}
		g.seen[i] = append(g.seen[i], row)
	}
}

// gram is the last k characters up to a position as one key (a 64-bit mix:
// collisions are negligible beside the counts).
func (l *looker) gram(position, k int) uint64 {
	var key uint64
	for p := position; p > position-k; p-- {
		id := int32(-1) // before the text
		if p >= 0 {
			id = l.in.IDs[p]
		}
		key = (key ^ uint64(uint32(id)+1)) * 0x9e3779b97f4a7c15
		key ^= key >> 29
	}
	return key
}

// probabilitySteps is how finely P(on | k-gram) is binned before it is scored.
const probabilitySteps = 1 << 12

// grams scores P(on | last k characters) for the i-th concept asked for, each k
// backing off to the one before with one pseudocount, beside the AUROC of its
// unit. It also gives the smallest k up to 5 that tells the concept.
func (l *looker) grams(c int, g *gramIndex, i int, unit float64) (out []GramScore, window int) {
	chances := g.base(i, l.labels)
	for o, k := range gramOrders {
		g.refine(chances, i, o)
		on, off := make([]int64, probabilitySteps+1), make([]int64, probabilitySteps+1)
		var state []int8
		for s, b := range l.labels {
			state = labelStates(state, len(b.Chars), &b.Labels[c])
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
func (g *gramIndex) base(i int, labels []*blockLabels) [][]float32 {
	var on, n float32
	for _, y := range g.on[i] {
		if y >= 0 {
			n++
			on += float32(y)
		}
	}
	p := (on + 0.5) / (n + 1)
	out := make([][]float32, len(labels))
	for s, b := range labels {
		out[s] = slices.Repeat([]float32{p}, b.block.Len())
	}
	return out
}

// refine turns P(on | shorter) into P(on | k-gram of order o).
func (g *gramIndex) refine(chances [][]float32, i, o int) {
	counts := make([][2]int32, g.kinds[o])
	for p, id := range g.ids[o] {
		if y := g.on[i][p]; y >= 0 {
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
	for _, scale := range l.walk.labels.rules[a.concept].concept.Scales() {
		out = append(out, l.fit(a, scale))
	}
	return out
}

// level is the unit at one value of a scaled quantity.
type level struct{ y, n, sum float64 }

func (l *looker) fit(a closerAsked, scale concept.Scale) Fit {
	byValue := map[float64]*level{}
	var n, sum, squares float64
	for s, b := range l.labels {
		labels := &b.Labels[a.concept]
		bad := labels.Invalid
		for t, v := range a.windows[s].values {
			if len(bad) > 0 && int(bad[0]) == t {
				bad = bad[1:]
				continue
			}
			y := scale.Of(labels.Values[t])
			if byValue[y] == nil {
				byValue[y] = &level{y: y}
			}
			byValue[y].n++
			byValue[y].sum += float64(v)
			n, sum, squares = n+1, sum+float64(v), squares+float64(v)*float64(v)
		}
	}
	var levels []level
	for _, x := range byValue {
		levels = append(levels, *x)
	}
	slices.SortFunc(levels, func(a, b level) int {
		if a.y < b.y {
			return -1
		}
		return 1
	})
	total := squares - sum*sum/n
	if len(levels) < 2 || !(total > 1e-9) {
		return Fit{scale.Name, stat.Undefined(), stat.Undefined()}
	}
	return Fit{scale.Name, stat.Number(correlation(levels, n, sum, total)), stat.Number(max(monotone(levels, n, sum), monotone(falling(levels), n, -sum)) / total)}
}

func correlation(levels []level, n, sum, total float64) float64 {
	var y, yy, ay float64
	for _, x := range levels {
		y += x.n * x.y
		yy += x.n * x.y * x.y
		ay += x.sum * x.y
	}
	return (ay - sum*y/n) / math.Sqrt(total*(yy-y*y/n))
}

func falling(levels []level) []level {
	out := slices.Clone(levels)
	for i := range out {
		out[i].sum = -out[i].sum
	}
	return out
}

// monotone is the sum of squares that the best rising function of the levels
// explains: neighbours that fall are pooled (Ayer et al. 1955).
func monotone(levels []level, n, sum float64) float64 {
	var pools []level
	for _, x := range levels {
		pools = append(pools, x)
		for k := len(pools); k > 1 && pools[k-2].sum*pools[k-1].n >= pools[k-1].sum*pools[k-2].n; k = len(pools) {
			pools[k-2].n += pools[k-1].n
			pools[k-2].sum += pools[k-1].sum
			pools = pools[:k-1]
		}
	}
	explained := -sum * sum / n
	for _, p := range pools {
		explained += p.sum * p.sum / p.n
	}
	return explained
}
