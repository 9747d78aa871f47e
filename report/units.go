package report

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/rnnscope/rnnscope/concept"
	"github.com/rnnscope/rnnscope/dissect"
	"github.com/rnnscope/rnnscope/figure"
	"github.com/rnnscope/rnnscope/intervene"
	"github.com/rnnscope/rnnscope/rnn"
	"github.com/rnnscope/rnnscope/text"
)

const (
	heatCharacters = 220 // of the passage that the heatmap shows
	peaksShown     = 5
	unitsOpen      = 3 // units shown beside those that have a page alone
)

// heatmap draws all units of one site over a passage.
func (b *builder) heatmap() *section {
	p := b.d.Passage
	if p == nil || len(p.Text) == 0 {
		return nil
	}
	s := b.section("heatmap")
	n := min(len(p.Text), heatCharacters)
	fig := &figure.Heatmap{Text: p.Text[:n], Limit: 1, Legend: b.w.say("heatmap.legend")}
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
	if peak := limit(fig.Values); peak > 1 {
		fig.Limit = peak
	}
	says := b.w.say("heatmap.says", integer(len(order)), p.Site, integer(n), integer(strong))
	fig.Head = b.head(b.w.say("heatmap.title"), says)
	s.add(b.picture("heatmap", fig, "", b.command("report"), b.w.say("heatmap.what"), says))
	return s
}

// limit is the 99 % quantile of |v|, rounded up to one decimal.
func limit(values [][]float64) float64 { return quantile(values, 99) }

// quantile is a percentile of |v|, rounded up to one decimal, at least 0.1.
func quantile(values [][]float64, percent int) float64 {
	var all []float64
	for _, row := range values {
		for _, v := range row {
			all = append(all, math.Abs(v))
		}
	}
	if len(all) == 0 {
		return 1
	}
	slices.Sort(all)
	return math.Max(.1, math.Ceil(10*all[(len(all)-1)*percent/100])/10)
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

// gallery shows text coloured by single units.
func (b *builder) gallery() *section {
	r := b.d.Dissect
	if r == nil || len(r.Gallery) == 0 {
		return nil
	}
	s := b.section("gallery")
	var cards []unitCard
	for _, g := range b.byInterest(r.Gallery)[:min(unitsOpen, len(r.Gallery))] {
		cards = append(cards, b.unit(g))
	}
	s.add(block{Prose: []string{b.w.say("gallery.says", integer(len(cards)))}}, block{Units: cards})
	return s
}

func unitID(site string, unit int) string {
	return fmt.Sprintf("unit-%s-%d", strings.ReplaceAll(site, ".", "-"), unit)
}

func (b *builder) unit(g dissect.GalleryUnit) unitCard {
	c := unitCard{
		Page: unitID(g.Site, g.Unit), Name: rnn.UnitName(g.Site, g.Unit), Says: b.unitSays(g), More: b.w.say("gallery.more"),
		Legend: scaleLegend{"−" + number(g.Scale, 2), "+" + number(g.Scale, 2)},
	}
	for _, name := range b.own(g.Concepts) {
		if b.follows(name, g.Site, g.Unit) {
			c.Chips = append(c.Chips, b.conceptTitle(name))
		}
	}
	for _, e := range g.Excerpts {
		c.Excerpts = append(c.Excerpts, letters(e, g.Scale))
	}
	if len(c.Chips) == 0 {
		c.Chips = []string{b.w.say("unit.other")}
	}
	return c
}

// follows tells whether the dissection found that the unit follows a concept. The best candidate of a concept that was not
// found has its sentence, with the verdict, and no label: a label is read as an answer.
func (b *builder) follows(name, site string, unit int) bool {
	row, score := b.score(name, site, unit)
	return score != nil && (row.Verdict == dissect.Learned || row.Verdict == dissect.Associated)
}

// unitSays is one sentence a concept: how well the unit does, and whether the network uses it.
func (b *builder) unitSays(g dissect.GalleryUnit) string {
	var parts []string
	for _, name := range b.own(g.Concepts) {
		row, score := b.score(name, g.Site, g.Unit)
		if score == nil {
			continue
		}
		key := "unit.high"
		if score.Sign < 0 {
			key = "unit.low"
		}
		parts = append(parts, b.w.say(key, b.conceptTitle(name), interval(score.AUROC, 2), b.verdict(row.Verdict)))
		if p := b.pairOf(name, g.Site, g.Unit); p != nil {
			parts = append(parts, b.w.say("unit.causal", b.w.say(useVerdicts[p.Verdict])))
		}
	}
	if len(parts) == 0 {
		return b.w.say("unit.selective")
	}
	return b.w.sentences(parts...)
}

func (b *builder) score(name, site string, unit int) (*dissect.ConceptResult, *dissect.Score) {
	for i := range b.d.Dissect.Concepts {
		c := &b.d.Dissect.Concepts[i]
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

func peaks(p dissect.UnitPeaks) []peakRow {
	var rows []peakRow
	for _, k := range p.Top[:min(len(p.Top), peaksShown)] {
		rows = append(rows, peakRow{number(float64(k.Value), 2), visible(k.Before), visible(k.Char), visible(k.After)})
	}
	return rows
}

// visible shows a context on one line.
func visible(s string) string {
	var b strings.Builder
	for _, r := range s {
		switch r {
		case ' ', '\u3000':
			b.WriteRune(r)
		case '\n', '\t':
			b.WriteString(text.Visible(r))
		default:
			b.WriteString(unescapedLetter(r))
		}
	}
	return b.String()
}

func (b *builder) conceptTitle(name string) string {
	c, err := concept.Find(name)
	if err != nil {
		return name
	}
	return c.Title(b.w.lang)
}

func (b *builder) conceptPlain(name string) string {
	c, err := concept.Find(name)
	if err != nil {
		return ""
	}
	return c.Plain(b.w.lang)
}

// inGallery returns the link to a unit's page, "" where there is no text to see on it.
func (b *builder) inGallery(site string, unit int) string {
	for _, g := range b.d.Dissect.Gallery {
		if g.Site == site && g.Unit == unit {
			return unitID(site, unit)
		}
	}
	return ""
}

// pairOf is what interventions say of a concept and a unit; nil where nobody asked.
func (b *builder) pairOf(name, site string, unit int) *intervene.Pair {
	if b.d.Use == nil {
		return nil
	}
	for _, c := range b.d.Use.Concepts {
		for i, p := range c.Pairs {
			if c.Concept == name && p.Site == site && p.Unit.Unit == unit {
				return &c.Pairs[i]
			}
		}
	}
	return nil
}
