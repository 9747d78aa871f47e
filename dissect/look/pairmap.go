package look

import (
	"cmp"
	"math"
	"slices"

	"github.com/rnnscope/rnnscope/specimen"
	"github.com/rnnscope/rnnscope/stat"
	"github.com/rnnscope/rnnscope/text"
)

const (
	mapWidth  = 120 // characters of the heatmap
	mapRows   = 24  // units
	mapStep   = 20  // characters between the stretches considered
	mapEnough = 4   // openers and closers that make a picture
)

// Depth is a depth concept with the unit chosen for it.
type Depth struct {
	Concept int // whose labels show it
	Name    string
	Site    int
	Unit    int
}

// AskMap asks for a stretch of text in which something is opened and closed again, over the units
// of one site that follow it most, one of them the memory unit: that of the first of the depths
// that open and close often enough to look at. table is what was counted at a site where units are
// chosen. finish is nil where nothing opens and closes.
func (l *Sample) AskMap(depths []Depth, table func(site int) *stat.Table) (finish func() *PairMap) {
	best, most, lo, hi := -1, 0, 0, 0
	for i, d := range depths {
		if most >= mapEnough {
			break
		}
		if n, from, to := l.busiest(d.Concept); n > most {
			best, most, lo, hi = i, n, from, to
		}
	}
	if best < 0 {
		return nil
	}
	for p := lo; p < hi; p++ {
		l.Ask.Row(p)
	}
	return func() *PairMap { return l.pairMap(depths[best], table(depths[best].Site), lo, hi) }
}

// busiest is the stretch with most openers and closers, up to mapEnough of each
// and then the one that nests deepest; every label in it is valid. The earliest
// wins a tie; n is 0 when there is none.
func (l *Sample) busiest(c int) (n, lo, hi int) {
	best := -1
	for _, b := range l.Labels {
		for from := b.Block.Lo; from < b.Block.Hi; from += mapStep {
			to := min(from+mapWidth, b.Block.Hi)
			opens, closes, deepest, ok := depthChanges(b, c, from, to)
			k := min(len(opens), len(closes), mapEnough)
			if score := k*100 + min(int(deepest), mapEnough); ok && k > 0 && score > best {
				best, n, lo, hi = score, k, from, to
			}
		}
	}
	return n, lo, hi
}

// depthChanges lists the offsets from lo at which the depth grew and fell, and the
// greatest depth; ok is false where a label is invalid.
func depthChanges(b *specimen.BlockLabels, c, lo, hi int) (opens, closes []int, deepest int32, ok bool) {
	opens, closes = []int{}, []int{}
	for p := lo; p < hi; p++ {
		y, valid := b.Value(c, p)
		if !valid {
			return nil, nil, 0, false
		}
		deepest = max(deepest, y)
		if p == b.Block.Lo {
			continue
		}
		before, _ := b.Value(c, p-1)
		switch {
		case y > before:
			opens = append(opens, p-lo)
		case y < before:
			closes = append(closes, p-lo)
		}
	}
	return opens, closes, deepest, true
}

func (l *Sample) pairMap(d Depth, table *stat.Table, lo, hi int) *PairMap {
	c, site := d.Concept, d.Site
	runes, of := l.Show(lo, hi)
	out := &PairMap{
		Concept: d.Name, Site: l.Sites[site].Name, Lo: lo, Text: string(runes),
		Units: followers(table, c), Memory: d.Unit,
	}
	b := l.BlockAt(lo)
	out.Opens, out.Closes, _, _ = depthChanges(b, c, lo, hi)
	for range out.Units {
		out.Values = append(out.Values, []float32{})
	}
	for p := lo; p < hi; p++ {
		y, _ := b.Value(c, p)
		out.Depth = append(out.Depth, y)
		row := l.Ask.RowAt(site, p)
		for i, u := range out.Units {
			out.Values[i] = append(out.Values[i], Rounded(row[u]))
		}
		out.Trace = append(out.Trace, Rounded(row[d.Unit]))
	}
	for i := range out.Values {
		out.Values[i] = text.OnRunes(of, out.Values[i])
	}
	out.Depth, out.Trace = text.OnRunes(of, out.Depth), text.OnRunes(of, out.Trace)
	out.Opens, out.Closes = text.LastRunes(of, out.Opens), text.LastRunes(of, out.Closes)
	return out
}

// followers are the units of a site that follow the concept most, as counted in table.
func followers(table *stat.Table, c int) []int {
	units := make([]int, table.U)
	score := make([]float64, table.U)
	for u := range units {
		auc, _ := table.AUROC(c, u)
		units[u], score[u] = u, math.Abs(auc-0.5)
	}
	slices.SortStableFunc(units, func(a, b int) int { return cmp.Compare(score[b], score[a]) })
	return units[:min(len(units), mapRows)]
}
