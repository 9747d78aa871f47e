package dissect

import (
	"cmp"
	"context"
	"errors"
	"math"
	"slices"

	"github.com/rnnscope/rnnscope/concept"
	"github.com/rnnscope/rnnscope/internal/crew"
	"github.com/rnnscope/rnnscope/specimen"
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
	blocks []text.Block
	start  func(block int) int
	on     [][]int8    // [C] of the counted positions: 1, 0 or -1 for invalid
	ids    [][]int32   // [orders] of the counted positions
	kinds  []int       // [orders] k-grams
	seen   [][][]int32 // [orders][detail blocks] of the block's positions, -1: not among those counted
}

// newGramIndex chooses up to half a million characters that do not belong to the
// report: those just before it for a network's own text, the blocks units are chosen
// on otherwise. see takes their labels.
func newGramIndex(in *input, concepts int) *gramIndex {
	g := &gramIndex{blocks: countedBlocks(in), on: make([][]int8, concepts)}
	g.start = specimen.Numbering(text.BlockList(g.blocks))
	n := specimen.Scored(text.BlockList(g.blocks))
	for c := range g.on {
		g.on[c] = make([]int8, n)
	}
	return g
}

func countedBlocks(in *input) []text.Block {
	report := in.Report.At(0).Lo
	if in.Choose.At(in.Choose.Len()-1).Hi > report {
		return upTo(in.Choose, mostCounted)
	}
	return text.Grid{}.Blocks(text.Span{Lo: max(0, report-mostCounted), Hi: report})
}

// see takes the labels of the i-th counted block.
func (g *gramIndex) see(i int, b *specimen.BlockLabels) {
	for c := range g.on {
		row := g.on[c][g.start(i) : g.start(i)+len(b.Chars)]
		for _, t := range b.Labels[c].Positive {
			row[t] = 1
		}
		for _, t := range b.Labels[c].Invalid {
			row[t] = -1
		}
	}
}

// numberAll numbers the k-grams of every order.
func (g *gramIndex) numberAll(ctx context.Context, l *looker) error {
	g.ids, g.seen, g.kinds = make([][]int32, len(gramOrders)), make([][][]int32, len(gramOrders)), make([]int, len(gramOrders))
	errs := make([]error, len(gramOrders))
	err := crew.ForEach(ctx, len(gramOrders), l.walk.Workers, func(i int) { errs[i] = g.number(l, i) })
	return errors.Join(append(errs, err)...)
}

// number gives every k-gram of one order its number.
func (g *gramIndex) number(l *looker, i int) error {
	k, numbers := gramOrders[i], map[uint64]int32{}
	for _, b := range g.blocks {
		err := eachGram(l.in.Text.Source, b, k, func(_ int, key uint64) {
			n, ok := numbers[key]
			if !ok {
				n = int32(len(numbers))
				numbers[key] = n
			}
			g.ids[i] = append(g.ids[i], n)
		})
		if err != nil {
			return err
		}
	}
	g.kinds[i] = len(numbers)
	for _, b := range l.labels {
		row := make([]int32, b.Block.Len())
		err := eachGram(l.in.Text.Source, b.Block, k, func(t int, key uint64) {
			n, ok := numbers[key]
			if !ok {
				n = -1
			}
			row[t] = n
		})
		if err != nil {
			return err
		}
		g.seen[i] = append(g.seen[i], row)
	}
	return nil
}

// eachGram visits the positions of a block with their last k characters as one key
// (a 64-bit mix: collisions are negligible beside the counts).
func eachGram(src text.Source, b text.Block, k int, visit func(t int, key uint64)) error {
	from := max(0, b.Lo-k+1)
	ids := make([]int32, b.Hi-from)
	if err := src.Read(ids, from); err != nil {
		return err
	}
	for p := b.Lo; p < b.Hi; p++ {
		var key uint64
		for q := p; q > p-k; q-- {
			id := int32(-1) // before the text
			if q >= 0 {
				id = ids[q-from]
			}
			key = (key ^ uint64(uint32(id)+1)) * 0x9e3779b97f4a7c15
			key ^= key >> 29
		}
		visit(p-b.Lo, key)
	}
	return nil
}

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
