package dissect

import (
	"cmp"
	"math"
	"slices"
)

const (
	mapWidth = 120 // characters of the heatmap
	mapRows  = 24  // units
	mapStep  = 20  // characters between the stretches considered
)

// askMap asks for a stretch of text in which something is opened and closed
// again, over the units of one site that follow it most, one of them the memory
// unit: the unit chosen for the depth concept that a unit follows best.
func (l *looker) askMap() func() {
	best := -1
	for c, k := range l.res.Concepts {
		if k.Best == nil || !isDepth(l.opt.Concepts[c]) {
			continue
		}
		if best < 0 || k.Best.Validation > l.res.Concepts[best].Best.Validation {
			best = c
		}
	}
	if best < 0 {
		return func() {}
	}
	lo, hi := l.busiest(best)
	if lo == hi {
		return func() {}
	}
	for p := lo; p < hi; p++ {
		l.ask.want(p)
	}
	return func() { l.res.Pairs.Map = l.pairMap(best, lo, hi) }
}

// busiest is the stretch with the most openers and closers of which every label
// is valid; the earliest wins a tie. It is empty when there is none.
func (l *looker) busiest(c int) (lo, hi int) {
	most := 0
	for _, b := range l.labels {
		for from := b.block.Lo; from < b.block.Hi; from += mapStep {
			to := min(from+mapWidth, b.block.Hi)
			opens, closes, ok := b.changes(c, from, to)
			if n := min(len(opens), len(closes)); ok && n > most {
				most, lo, hi = n, from, to
			}
		}
	}
	return lo, hi
}

// changes lists the offsets from lo at which the depth grew and fell; ok is
// false where a label is invalid.
func (b *blockLabels) changes(c, lo, hi int) (opens, closes []int, ok bool) {
	opens, closes = []int{}, []int{}
	for p := lo; p < hi; p++ {
		y, valid := b.value(c, p)
		if !valid {
			return nil, nil, false
		}
		if p == b.block.Lo {
			continue
		}
		before, _ := b.value(c, p-1)
		switch {
		case y > before:
			opens = append(opens, p-lo)
		case y < before:
			closes = append(closes, p-lo)
		}
	}
	return opens, closes, true
}

func (l *looker) pairMap(c, lo, hi int) *PairMap {
	k := l.res.Concepts[c]
	site := l.siteIndex(k.Best.Site)
	out := &PairMap{
		Concept: k.Concept, Site: k.Best.Site, Lo: lo, Text: l.text(lo, hi),
		Units: l.followers(c, site), Memory: k.Best.Unit,
	}
	b := l.blockAt(lo)
	out.Opens, out.Closes, _ = b.changes(c, lo, hi)
	for range out.Units {
		out.Values = append(out.Values, []float32{})
	}
	for p := lo; p < hi; p++ {
		y, _ := b.value(c, p)
		out.Depth = append(out.Depth, y)
		row := l.ask.row(site, p)
		for i, u := range out.Units {
			out.Values[i] = append(out.Values[i], rounded(row[u]))
		}
		out.Trace = append(out.Trace, rounded(row[k.Best.Unit]))
	}
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
