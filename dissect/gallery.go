package dissect

import (
	"cmp"
	"math"
	"slices"

	"github.com/rnnscope/rnnscope/specimen"
	"github.com/rnnscope/rnnscope/stat"
)

const (
	galleryWindow   = 240 // characters of an excerpt
	galleryExcerpts = 3   // of a unit and concept
	gallerySelected = 6   // units shown for their selectivity alone
)

// pending is a gallery unit whose windows have been asked for.
type pending struct {
	unit    GalleryUnit
	at      specimen.UnitAt
	windows []pendingWindow
}

type pendingWindow struct {
	*specimen.Window
	concept int // whose labels are shown, -1 for none
	mark    [2]int
}

// askGallery asks for text to colour: for the chosen unit of every concept in
// the text, for its state unit, and for the most selective of the others. A unit
// chosen for several concepts shows text of each.
func (l *looker) askGallery() func() {
	var all []*pending
	byUnit := map[specimen.UnitAt]*pending{}
	spans := map[int][]span{}
	ask := func(c int, site string, unit int) {
		at := specimen.UnitAt{Site: l.SiteIndex(site), Unit: unit}
		p := byUnit[at]
		if p == nil {
			p = &pending{at: at, unit: GalleryUnit{Site: site, Unit: unit}}
			byUnit[at] = p
			all = append(all, p)
		}
		if spans[c] == nil {
			spans[c] = l.chooseSpans(c, galleryExcerpts)
		}
		p.unit.Concepts = append(p.unit.Concepts, l.res.Concepts[c].Concept)
		for _, s := range spans[c] {
			p.add(l, c, s)
		}
	}
	for c, k := range l.res.Concepts {
		if k.Best != nil {
			ask(c, k.Best.Site, k.Best.Unit)
		}
	}
	for c, k := range l.res.Concepts {
		if k.State != nil && !k.State.Same {
			ask(c, k.State.Score.Site, k.State.Score.Unit)
		}
	}
	for _, at := range l.selective(byUnit) {
		p := &pending{at: at, unit: GalleryUnit{Site: l.res.Sites[at.Site].Name, Unit: at.Unit, Concepts: []string{}}}
		for _, peak := range l.measured.peaks[at.Site][at.Unit].Best(galleryExcerpts) {
			p.add(l, -1, span{peak.Position, peak.Position + 1})
		}
		all = append(all, p)
	}
	return func() { l.finishGallery(all) }
}

func (l *looker) finishGallery(all []*pending) {
	for _, p := range all {
		p.unit.Scale = l.scale(p.at)
		p.unit.Excerpts = []Excerpt{}
		for _, w := range p.windows {
			p.unit.Excerpts = append(p.unit.Excerpts, l.excerpt(w.Window, w.concept, w.mark))
		}
		l.res.Gallery = append(l.res.Gallery, p.unit)
	}
}

// add asks for the window around a span of concept c, -1 for none: a third of it before, the rest from
// the span's beginning on, inside the block that scores it.
func (p *pending) add(l *looker, c int, s span) {
	b := l.in.Report.At(specimen.FirstBlockAfter(l.in.Report, s.lo))
	lo := max(b.Lo, s.lo-galleryWindow/3)
	hi := min(b.Hi, lo+galleryWindow)
	lo = max(b.Lo, hi-galleryWindow)
	p.windows = append(p.windows, pendingWindow{l.Ask.Window(p.at, lo, hi), c, [2]int{s.lo - lo, min(s.hi, hi) - lo}})
}

// chooseSpans chooses up to n runs of a concept by hash, far enough apart not to
// share an excerpt, in the order of the text.
func (l *looker) chooseSpans(c, n int) []span {
	var all []span
	for _, b := range l.Labels {
		all = append(all, spansOn(b, c)...)
	}
	slices.SortFunc(all, func(a, b span) int { return cmp.Compare(specimen.HashOf(a.lo), specimen.HashOf(b.lo)) })
	var out []span
	for _, s := range all {
		near := slices.ContainsFunc(out, func(o span) bool { return max(o.lo-s.lo, s.lo-o.lo) < galleryWindow })
		if !near && len(out) < n {
			out = append(out, s)
		}
	}
	slices.SortFunc(out, func(a, b span) int { return a.lo - b.lo })
	return out
}

// selective ranks the units not shown yet by their best AUROC on validation over
// all concepts.
func (l *looker) selective(shown map[specimen.UnitAt]*pending) []specimen.UnitAt {
	type ranked struct {
		at    specimen.UnitAt
		score float64
	}
	var all []ranked
	for s, table := range l.validation.tables {
		for u := range table.U {
			if shown[specimen.UnitAt{Site: s, Unit: u}] != nil {
				continue
			}
			best := 0.0
			for c := range table.C {
				if auc, _ := table.AUROC(c, u); !math.IsNaN(auc) {
					best = max(best, math.Abs(auc-0.5))
				}
			}
			all = append(all, ranked{specimen.UnitAt{Site: s, Unit: u}, best})
		}
	}
	slices.SortStableFunc(all, func(a, b ranked) int { return cmp.Compare(b.score, a.score) })
	var out []specimen.UnitAt
	for _, r := range all[:min(len(all), gallerySelected)] {
		out = append(out, r.at)
	}
	return out
}

// scale is the 99 % quantile of a unit's |activation| on the report, from its
// histogram: the border beyond which at most 1 % lie on both sides together.
func (l *looker) scale(at specimen.UnitAt) float64 {
	h := l.measured.tables[at.Site].Htot[at.Unit*stat.Bins : (at.Unit+1)*stat.Bins]
	e := l.walk.Edges.Of[at.Site][at.Unit]
	type border struct {
		size  float64
		count int64
	}
	var borders []border
	var total int64
	for b, n := range h {
		total += n
		lo, hi := e.Values[max(b-1, 0)], e.Values[min(b, stat.Bins-2)]
		borders = append(borders, border{math.Max(math.Abs(float64(lo)), math.Abs(float64(hi))), n})
	}
	slices.SortStableFunc(borders, func(a, b border) int { return cmp.Compare(b.size, a.size) })
	var beyond int64
	for _, b := range borders {
		if beyond += b.count; 100*beyond > total {
			return b.size
		}
	}
	return 1
}
