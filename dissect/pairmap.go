package dissect

import (
	"cmp"
	"math"
	"slices"

	"github.com/rnnscope/rnnscope/specimen"
	"github.com/rnnscope/rnnscope/text"
)

const (
	mapWidth  = 120 // characters of the heatmap
	mapRows   = 24  // units
	mapStep   = 20  // characters between the stretches considered
	mapEnough = 4   // openers and closers that make a picture
)

// askMap asks for a stretch of text in which something is opened and closed
// again, over the units of one site that follow it most, one of them the memory
// unit: the unit chosen for the depth concept that a unit follows best among
// those that open and close often enough to look at.
func (l *looker) askMap() func() {
	var depths []int
	for c, k := range l.res.Concepts {
		if k.Best != nil && isDepth(l.opt.Concepts[c]) {
			depths = append(depths, c)
		}
	}
	slices.SortStableFunc(depths, func(a, b int) int {
		return cmp.Compare(l.res.Concepts[b].Best.Validation, l.res.Concepts[a].Best.Validation)
	})
	best, most, lo, hi := -1, 0, 0, 0
	for _, c := range depths {
		if most >= mapEnough {
			break
		}
		if n, from, to := l.busiest(c); n > most {
			best, most, lo, hi = c, n, from, to
		}
	}
	if best < 0 {
		return func() {}
	}
	for p := lo; p < hi; p++ {
		l.ask.Row(p)
	}
	return func() { l.res.Pairs.Map = l.pairMap(best, lo, hi) }
}

// busiest is the stretch with most openers and closers, up to mapEnough of each
// and then the one that nests deepest; every label in it is valid. The earliest
// wins a tie; n is 0 when there is none.
func (l *looker) busiest(c int) (n, lo, hi int) {
	best := -1
	for _, b := range l.labels {
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

func (l *looker) pairMap(c, lo, hi int) *PairMap {
	k := l.res.Concepts[c]
	site := l.siteIndex(k.Best.Site)
	runes, of := l.show(lo, hi)
	out := &PairMap{
		Concept: k.Concept, Site: k.Best.Site, Lo: lo, Text: string(runes),
		Units: l.followers(c, site), Memory: k.Best.Unit,
	}
	b := l.blockAt(lo)
	out.Opens, out.Closes, _, _ = depthChanges(b, c, lo, hi)
	for range out.Units {
		out.Values = append(out.Values, []float32{})
	}
	for p := lo; p < hi; p++ {
		y, _ := b.Value(c, p)
		out.Depth = append(out.Depth, y)
		row := l.ask.RowAt(site, p)
		for i, u := range out.Units {
			out.Values[i] = append(out.Values[i], rounded(row[u]))
		}
		out.Trace = append(out.Trace, rounded(row[k.Best.Unit]))
	}
	for i := range out.Values {
		out.Values[i] = text.OnRunes(of, out.Values[i])
	}
	out.Depth, out.Trace = text.OnRunes(of, out.Depth), text.OnRunes(of, out.Trace)
	out.Opens, out.Closes = text.LastRunes(of, out.Opens), text.LastRunes(of, out.Closes)
	return out
}

// followers are the units of a site that follow the concept most, on validation.
func (l *looker) followers(c, site int) []int {
	table := l.validation.tables[site]
	units := make([]int, table.U)
	score := make([]float64, table.U)
	for u := range units {
		auc, _ := table.AUROC(c, u)
		units[u], score[u] = u, math.Abs(auc-0.5)
	}
	slices.SortStableFunc(units, func(a, b int) int { return cmp.Compare(score[b], score[a]) })
	return units[:min(len(units), mapRows)]
}
