package units

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/rnnscope/rnnscope/dissect"
	"github.com/rnnscope/rnnscope/intervene"
	"github.com/rnnscope/rnnscope/report/page"
	"github.com/rnnscope/rnnscope/rnn"
)

// link is one concept a unit was scored for. Exactly what was measured is not nil.
type link struct {
	concept *dissect.ConceptResult // nil: the dissection did not score the unit for it
	name    string
	score   *dissect.Score
	closer  *dissect.CloserLook
	state   *dissect.StateUnit // set if the unit is the concept's state unit
	verdict dissect.Verdict
	best    bool
	pair    *intervene.Pair
}

// linkedUnit is a unit with all its concepts.
type linkedUnit struct {
	unit  rnn.Unit
	links []*link
}

// Linked gathers every unit that was chosen, scored or intervened on, in the order of layers, sites and units.
func (b *Builder) Linked() []*linkedUnit {
	units := map[rnn.Unit]*linkedUnit{}
	at := func(site string, unit int) *linkedUnit {
		u := rnn.Unit{Site: site, Unit: unit}
		if units[u] == nil {
			units[u] = &linkedUnit{unit: u}
		}
		return units[u]
	}
	if r := b.D.Dissect; r != nil {
		for i := range r.Concepts {
			if c := &r.Concepts[i]; c.Best != nil && !b.Aside(*c) {
				b.linkConcept(c, at)
			}
		}
		for _, g := range r.Gallery {
			at(g.Site, g.Unit)
		}
	}
	b.linkUse(at)
	var out []*linkedUnit
	for _, u := range units {
		out = append(out, u)
	}
	slices.SortFunc(out, func(x, y *linkedUnit) int {
		return cmp.Or(compareSites(x.unit.Site, y.unit.Site), x.unit.Unit-y.unit.Unit)
	})
	return out
}

// compareSites orders sites by layer, l2 before l10, and then by name.
func compareSites(a, b string) int {
	layer := func(site string) (n int) {
		if _, err := fmt.Sscanf(site, "l%d.", &n); err != nil {
			return -1
		}
		return n
	}
	return cmp.Or(cmp.Compare(layer(a), layer(b)), strings.Compare(a, b))
}

// linkConcept ties a concept to its best unit, its state unit and the best unit of every site.
func (b *Builder) linkConcept(c *dissect.ConceptResult, at func(string, int) *linkedUnit) {
	at(c.Best.Site, c.Best.Unit).add(&link{concept: c, name: c.Concept, score: c.Best, closer: c.Closer, verdict: c.Verdict, best: true})
	if s := c.State; s != nil {
		closer := s.Closer
		if s.Same {
			closer = c.Closer
		}
		at(s.Score.Site, s.Score.Unit).add(&link{concept: c, name: c.Concept, score: &s.Score, closer: closer, state: s, verdict: s.Verdict})
	}
	for i := range c.Sites {
		s := &c.Sites[i]
		at(s.Site, s.Unit).add(&link{concept: c, name: c.Concept, score: s, verdict: s.Verdict})
	}
}

// linkUse ties units to the concepts that interventions asked about.
func (b *Builder) linkUse(at func(string, int) *linkedUnit) {
	if r := b.D.Use; r != nil {
		for i := range r.Concepts {
			c := &r.Concepts[i]
			if b.AsideNamed(c.Concept) {
				continue
			}
			for k := range c.Pairs {
				p := &c.Pairs[k]
				at(p.Site, p.Unit.Unit).add(&link{name: c.Concept, pair: p})
			}
		}
	}
	for _, s := range b.D.Steered {
		at(s.Curve.Unit.Site, s.Curve.Unit.Unit)
	}
}

// add joins what is known of one concept.
func (u *linkedUnit) add(l *link) {
	for _, o := range u.links {
		if o.name != l.name {
			continue
		}
		if o.score == nil {
			o.concept, o.score, o.verdict, o.best = l.concept, l.score, l.verdict, l.best
		}
		if o.closer == nil {
			o.closer = l.closer
		}
		if o.state == nil {
			o.state = l.state
		}
		if o.pair == nil {
			o.pair = l.pair
		}
		return
	}
	u.links = append(u.links, l)
}

// Pages makes a page for every unit.
func (b *Builder) Pages(units []*linkedUnit) []page.UnitPage {
	var out []page.UnitPage
	for _, u := range units {
		out = append(out, b.unitPage(u))
	}
	for i := range out {
		out[i].Back = page.PageLink{ID: "atlas", Name: b.W.Say("page.back")}
		if i > 0 {
			out[i].Prev = page.PageLink{ID: out[i-1].ID, Name: out[i-1].Name}
		}
		if i+1 < len(out) {
			out[i].Next = page.PageLink{ID: out[i+1].ID, Name: out[i+1].Name}
		}
	}
	return out
}

func (b *Builder) unitPage(u *linkedUnit) page.UnitPage {
	p := page.UnitPage{ID: unitID(u.unit.Site, u.unit.Unit), Name: u.unit.String(), Where: b.where(u.unit.Site), Small: b.Small(),
		TextTitle: b.W.Say("page.text"), PlacesTitle: b.W.Say("page.places"), DoseTitle: b.W.Say("use.doses.title"), DoseWords: b.W.Say("page.doses"),
		KindTitle: b.W.Say("page.kinds"), KindWords: b.W.Say("use.kinds.what")}
	if r := b.D.Dissect; r != nil {
		b.unitText(&p, r, u)
	}
	for _, l := range u.links {
		if l.score != nil {
			p.Concepts = append(p.Concepts, b.unitConcept(l))
		}
	}
	p.Others, p.OtherTitle = b.others(u), b.W.Say("page.others")
	p.Use = b.unitUse(u)
	p.Says = b.unitLead(u)
	return p
}

// where names a site: cell state of layer 1.
func (b *Builder) where(site string) string {
	layer, part, ok := strings.Cut(strings.TrimPrefix(site, "l"), ".")
	if !ok || !b.W.Has("site."+part) {
		return site
	}
	n := 0
	for _, d := range layer {
		n = 10*n + int(d-'0')
	}
	return b.W.Say("page.where", b.W.Say("site."+part), page.Integer(n+1), page.Integer(b.D.Layers))
}

// unitText fills in coloured text, peaks and places across the range.
func (b *Builder) unitText(p *page.UnitPage, r *dissect.Result, u *linkedUnit) {
	for _, g := range r.Gallery {
		if g.Site != u.unit.Site || g.Unit != u.unit.Unit {
			continue
		}
		p.Legend = page.ScaleLegend{Lo: "−" + page.Number(g.Scale, 2), Hi: "+" + page.Number(g.Scale, 2)}
		p.Texts = b.UnitTexts(g, b.byInterest(g), len(g.Excerpts))
	}
	for _, k := range r.Peaks {
		if k.Site == u.unit.Site && k.Unit == u.unit.Unit {
			p.Peaks, p.PeakText = peaks(k), b.W.Say("gallery.peaks", page.Number(k.P90, 2), page.Integer(k.Above))
		}
	}
	for _, l := range u.links {
		if l.closer == nil || len(l.closer.Contexts) == 0 {
			continue
		}
		for _, c := range l.closer.Contexts {
			p.Bands = append(p.Bands, page.BandRow{Band: page.Number(c.Lo, 2) + " … " + page.Number(c.Hi, 2),
				PeakRow: page.PeakRow{Value: page.Number(float64(c.Place.Value), 2), Before: page.Visible(c.Place.Before), Char: page.Visible(c.Place.Char), After: page.Visible(c.Place.After)}, On: c.On})
		}
		p.BandText = b.W.Say("page.bands", b.ConceptTitle(l.name))
		return
	}
}

// unitLead says in a sentence or two what the unit is.
func (b *Builder) unitLead(u *linkedUnit) []string {
	var follows []string
	links := slices.Clone(u.links)
	slices.SortStableFunc(links, func(x, y *link) int { return verdictRank[x.verdict] - verdictRank[y.verdict] })
	for _, l := range links {
		if l.score == nil || !(l.best || l.state != nil) {
			continue
		}
		key := "unit.high"
		if l.score.Sign < 0 {
			key = "unit.low"
		}
		follows = append(follows, b.W.Say(key, b.ConceptTitle(l.name), page.Interval(l.score.AUROC, 2), b.verdict(l.verdict)))
	}
	if len(follows) == 0 {
		follows = []string{b.W.Say("page.nobest")}
	}
	out := []string{b.W.Sentences(follows[:min(3, len(follows))]...)}
	if s := b.causalLead(u); s != "" {
		out = append(out, s)
	}
	return out
}

// others are concepts that interventions asked about beyond those the unit was chosen for; nil without any.
func (b *Builder) others(u *linkedUnit) *page.Table {
	t := &page.Table{Note: b.W.Say("page.others.what")}
	for _, key := range []string{"concept", "validation", "causal", "d"} {
		t.Head = append(t.Head, b.W.Say("page.others."+key))
	}
	for _, l := range u.links {
		if l.score != nil {
			continue
		}
		d := "–"
		if l.pair.Verdict != intervene.Untestable {
			d = page.NoBreak(page.MilliInterval(l.pair.Mean.D))
		}
		t.Rows = append(t.Rows, []string{b.ConceptTitle(l.name), page.Number(float64(l.pair.AUROC), 2), b.W.Say(useVerdicts[l.pair.Verdict]), d})
	}
	if len(t.Rows) == 0 {
		return nil
	}
	return t
}

// AsideNamed is aside by name; concepts that were not dissected have something to say.
func (b *Builder) AsideNamed(name string) bool {
	return b.D.Dissect != nil && slices.ContainsFunc(b.D.Dissect.Concepts, func(c dissect.ConceptResult) bool { return c.Concept == name && b.Aside(c) })
}

func (b *Builder) unitConcept(l *link) page.UnitConcept {
	out := page.UnitConcept{Title: b.ConceptTitle(l.name), Causal: b.causal(l)}
	out.Verdict, out.Class = b.verdict(l.verdict), verdictKeys[l.verdict]
	switch {
	case l.best && l.state != nil && l.state.Same:
		out.Sentence = b.W.Say("page.bestandstate")
	case l.best:
		out.Sentence = b.W.Say("page.best")
	case l.state != nil:
		out.Sentence = b.W.Say("page.state")
	default:
		out.Sentence = b.W.Say("page.sitebest", l.score.Site)
	}
	out.Sentence = b.W.Sentences(b.ConceptPlain(l.name), out.Sentence)
	out.Split = spreadPlot(l.score)
	out.SplitWords = b.W.Say("concept.spread", rnn.UnitName(l.score.Site, l.score.Unit), page.Interval(l.score.MeanOn, 2), page.Interval(l.score.MeanOff, 2))
	if len(l.score.BinEdges) > 0 {
		out.SplitWords = b.W.Sentences(out.SplitWords, b.W.Say("page.threshold", page.Number(l.score.Threshold, 2)))
	}
	out.Scores = b.scoreRows(l)
	if l.closer != nil {
		out.Curves = b.responsePlots(l.closer.Responses)
		out.CurveTitle, out.CurveWords = b.W.Say("page.curves"), b.W.Say("page.curves.what")
	}
	return out
}
