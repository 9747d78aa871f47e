package units

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/rnnscope/rnnscope/dissect"
	"github.com/rnnscope/rnnscope/figure"
	"github.com/rnnscope/rnnscope/intervene"
	"github.com/rnnscope/rnnscope/report/content"
	"github.com/rnnscope/rnnscope/report/page"
	"github.com/rnnscope/rnnscope/rnn"
)

const (
	peaksShown = 5
	cardTexts  = 3 // excerpts on a unit's card, or a concept's each
	unitsOpen  = 3 // units shown beside those that have a page alone
)

// Heatmap draws all units of one site over a passage.
func (b *Builder) Heatmap() *page.Section {
	p := b.D.Passage
	if p == nil || len(p.Text) == 0 {
		return nil
	}
	s := b.Section("heatmap")
	n := min(len(p.Text), content.PassageCharacters)
	fig := &figure.Heatmap{Text: p.Text[:n], Limit: 1, Legend: b.W.Say("heatmap.legend")}
	order := byBehaviour(p.Values, n)
	strong := 0
	for _, u := range order {
		row := make([]float64, n)
		peak := 0.0
		for t := range row {
			row[t] = float64(p.Values[u][t])
			peak = math.Max(peak, math.Abs(row[t]))
		}
		if peak > .9 {
			strong++
		}
		fig.Units, fig.Values = append(fig.Units, rnn.UnitName(p.Site, u)), append(fig.Values, row)
	}
	if peak := page.Limit(fig.Values); peak > 1 {
		fig.Limit = peak
	}
	says := b.W.Say("heatmap.says", page.Integer(len(order)), p.Site, page.Integer(n), page.Integer(strong))
	fig.Head = b.Head(b.W.Say("heatmap.title"), says)
	s.Add(b.Picture("heatmap", fig, "", b.Command("report"), b.W.Say("heatmap.what"), says))
	return s
}

// byBehaviour orders units so that neighbours behave alike: a chain that goes on to the most correlated unit left.
func byBehaviour(values [][]float32, n int) []int {
	unit := make([][]float64, len(values))
	for u, row := range values {
		unit[u] = standard(row[:n])
	}
	left := make([]int, len(values))
	for i := range left {
		left[i] = i
	}
	var order []int
	for len(left) > 0 {
		pick := 0
		if len(order) > 0 {
			best := math.Inf(-1)
			for i, u := range left {
				if r := dot(unit[order[len(order)-1]], unit[u]); r > best {
					pick, best = i, r
				}
			}
		}
		order = append(order, left[pick])
		left = slices.Delete(left, pick, pick+1)
	}
	return order
}

func standard(row []float32) []float64 {
	out := make([]float64, len(row))
	mean := 0.0
	for _, v := range row {
		mean += float64(v) / float64(len(row))
	}
	norm := 0.0
	for i, v := range row {
		out[i] = float64(v) - mean
		norm += out[i] * out[i]
	}
	if norm > 0 {
		for i := range out {
			out[i] /= math.Sqrt(norm)
		}
	}
	return out
}

func dot(a, b []float64) float64 {
	s := 0.0
	for i := range a {
		s += a[i] * b[i]
	}
	return s
}

// Gallery shows text coloured by single units.
func (b *Builder) Gallery() *page.Section {
	r := b.D.Dissect
	if r == nil || len(r.Gallery) == 0 {
		return nil
	}
	s := b.Section("gallery")
	var cards []page.UnitCard
	for _, g := range b.galleryByInterest(r.Gallery)[:min(unitsOpen, len(r.Gallery))] {
		cards = append(cards, b.Unit(g))
	}
	s.Add(page.Block{Prose: []string{b.W.Say("gallery.says", page.Integer(len(cards)))}}, page.Block{Units: cards})
	return s
}

func unitID(site string, unit int) string {
	return fmt.Sprintf("unit-%s-%d", strings.ReplaceAll(site, ".", "-"), unit)
}

func (b *Builder) Unit(g dissect.GalleryUnit) page.UnitCard {
	c := page.UnitCard{
		Page: unitID(g.Site, g.Unit), Name: rnn.UnitName(g.Site, g.Unit), Says: b.unitSays(g), More: b.W.Say("gallery.more"),
		Legend: page.ScaleLegend{Lo: "−" + page.Number(g.Scale, 2), Hi: "+" + page.Number(g.Scale, 2)},
	}
	names := b.byInterest(g)
	for _, name := range names {
		if b.follows(name, g.Site, g.Unit) {
			c.Chips = append(c.Chips, b.ConceptTitle(name))
		}
	}
	c.Texts = b.UnitTexts(g, names[:min(len(names), cardTexts)], max(1, cardTexts/max(1, len(names))))
	if len(c.Chips) == 0 {
		c.Chips = []string{b.W.Say("unit.other")}
	}
	return c
}

// UnitTexts are up to n excerpts for each of some concepts of a unit, or of a unit chosen for none. A concept is named where
// there are several.
func (b *Builder) UnitTexts(g dissect.GalleryUnit, names []string, n int) []page.UnitText {
	if len(names) == 0 {
		names = []string{""}
	}
	var out []page.UnitText
	for _, name := range names {
		excerpts := g.TextFor(name)
		if len(excerpts) == 0 {
			continue
		}
		t := page.UnitText{}
		if len(names) > 1 {
			t.Concept = b.ConceptTitle(name)
		}
		for _, e := range excerpts[:min(n, len(excerpts))] {
			t.Letters = append(t.Letters, page.Letters(e, g.Scale))
		}
		out = append(out, t)
	}
	return out
}

// follows tells whether the dissection found that the unit follows a concept. The best candidate of a concept that was not
// found has its sentence, with the verdict, and no label: a label is read as an answer.
func (b *Builder) follows(name, site string, unit int) bool {
	row, score := b.score(name, site, unit)
	return score != nil && (row.Verdict == dissect.Learned || row.Verdict == dissect.Associated)
}

// unitSays is one sentence a concept: how well the unit does, and whether the network uses it.
func (b *Builder) unitSays(g dissect.GalleryUnit) string {
	var parts []string
	for _, name := range b.byInterest(g) {
		row, score := b.score(name, g.Site, g.Unit)
		if score == nil {
			continue
		}
		key := "unit.high"
		if score.Sign < 0 {
			key = "unit.low"
		}
		parts = append(parts, b.W.Say(key, b.ConceptTitle(name), page.Interval(score.AUROC, 2), b.verdict(row.Verdict)))
		if p := b.pairOf(name, g.Site, g.Unit); p != nil {
			parts = append(parts, b.W.Say("unit.causal", b.W.Say(useVerdicts[p.Verdict])))
		}
	}
	if len(parts) == 0 {
		return b.W.Say("unit.selective")
	}
	return b.W.Sentences(parts...)
}

func (b *Builder) score(name, site string, unit int) (*dissect.ConceptResult, *dissect.Score) {
	for i := range b.D.Dissect.Concepts {
		c := &b.D.Dissect.Concepts[i]
		if c.Concept != name {
			continue
		}
		for j := range c.Sites {
			if c.Sites[j].Site == site && c.Sites[j].Unit == unit {
				return c, &c.Sites[j]
			}
		}
	}
	return nil, nil
}

func peaks(p dissect.UnitPeaks) []page.PeakRow {
	var rows []page.PeakRow
	for _, k := range p.Top[:min(len(p.Top), peaksShown)] {
		rows = append(rows, page.PeakRow{Value: page.Number(float64(k.Value), 2), Before: page.Visible(k.Before), Char: page.Visible(k.Char), After: page.Visible(k.After)})
	}
	return rows
}

// inGallery returns the link to a unit's page, "" where there is no text to see on it.
func (b *Builder) inGallery(site string, unit int) string {
	for _, g := range b.D.Dissect.Gallery {
		if g.Site == site && g.Unit == unit {
			return unitID(site, unit)
		}
	}
	return ""
}

// pairOf is what interventions say of a concept and a unit; nil where nobody asked.
func (b *Builder) pairOf(name, site string, unit int) *intervene.Pair {
	if b.D.Use == nil {
		return nil
	}
	for _, c := range b.D.Use.Concepts {
		for i, p := range c.Pairs {
			if c.Concept == name && p.Site == site && p.Unit.Unit == unit {
				return &c.Pairs[i]
			}
		}
	}
	return nil
}
