package units

import (
	"math"
	"strconv"
	"strings"

	"github.com/rnnscope/rnnscope/dissect"
	"github.com/rnnscope/rnnscope/intervene"
	"github.com/rnnscope/rnnscope/report/page"
	"github.com/rnnscope/rnnscope/stat"
)

// Atlas is the index of all units.
func (b *Builder) Atlas(units []*linkedUnit) *page.Section {
	if b.D.Dissect == nil || len(units) == 0 {
		return nil
	}
	s := b.Section("atlas")
	t := &page.AtlasTable{Search: b.W.Say("atlas.search"), Any: b.W.Say("atlas.any"), Count: b.W.Say("atlas.count")}
	for _, key := range []string{"unit", "concept", "verdict", "auroc", "held", "within", "causal"} {
		t.Head = append(t.Head, page.AtlasHead{Name: b.W.Say("atlas.head." + key), Key: key})
	}
	for order, u := range units {
		for _, l := range u.links {
			t.Rows = append(t.Rows, b.atlasRow(order, u, l))
		}
	}
	t.Choose = b.atlasChoices(units)
	s.Add(page.Block{Prose: []string{b.W.Say("atlas.says", page.Integer(len(units)), page.Integer(len(t.Rows)))}}, page.Block{Atlas: t},
		page.Block{Prose: []string{b.W.Say("atlas.what")}})
	return s
}

func (b *Builder) atlasChoices(units []*linkedUnit) []page.AtlasChoice {
	site := page.AtlasChoice{Name: b.W.Say("atlas.site"), Key: "layer"}
	seen := map[string]bool{}
	for _, u := range units {
		if s := u.unit.Site; !seen[s] {
			seen[s] = true
			site.Options = append(site.Options, page.PageLink{ID: s, Name: s})
		}
	}
	verdict := page.AtlasChoice{Name: b.W.Say("atlas.head.verdict"), Key: "verdict"}
	for _, v := range []dissect.Verdict{dissect.Learned, dissect.Associated, dissect.NotFound, dissect.TooLittleText} {
		verdict.Options = append(verdict.Options, page.PageLink{ID: verdictKeys[v], Name: b.verdict(v)})
	}
	out := []page.AtlasChoice{site, verdict}
	if b.D.Use == nil {
		return out
	}
	causal := page.AtlasChoice{Name: b.W.Say("atlas.head.causal"), Key: "causal"}
	for _, v := range []intervene.Verdict{intervene.Used, intervene.Encoded, intervene.Untestable} {
		causal.Options = append(causal.Options, page.PageLink{ID: causalClasses[v], Name: b.W.Say(useVerdicts[v])})
	}
	return append(out, causal)
}

func (b *Builder) atlasRow(order int, u *linkedUnit, l *link) page.AtlasRow {
	r := page.AtlasRow{Link: unitID(u.unit.Site, u.unit.Unit), Unit: page.UnitName(u.unit), Concept: b.ConceptTitle(l.name), Layer: u.unit.Site,
		AUROC: "–", Held: "–", Within: "–", CausalWord: "–"}
	rank := len(verdictRank)
	r.Keys[0], r.Keys[1] = strconv.Itoa(order), strings.ToLower(r.Concept)
	if l.score != nil {
		r.Class, r.Verdict = verdictKeys[l.verdict], b.verdict(l.verdict)
		rank = verdictRank[l.verdict]
		r.AUROC, r.Keys[3] = page.Interval(l.score.AUROC, 2), sortable(l.score.AUROC.Estimate)
		for _, h := range l.score.Held {
			if h.Gap == 20 && h.AUROC.Defined() {
				r.Held, r.Keys[4] = page.Number(h.AUROC.Estimate, 2), sortable(h.AUROC.Estimate)
			}
		}
	}
	if l.closer != nil && l.closer.Within.Defined() {
		r.Within, r.Keys[5] = page.Interval(l.closer.Within, 2), sortable(l.closer.Within.Estimate)
	}
	r.Keys[2] = strconv.Itoa(rank)
	if p := l.pair; p != nil {
		r.Causal, r.CausalWord = causalClasses[p.Verdict], b.W.Say("causal.short."+causalClasses[p.Verdict])
		r.Keys[6] = sortable(causalOrder(p))
		if p.Verdict != intervene.Untestable {
			r.D = shortMilli(p.Mean.D)
		}
	}
	return r
}

// shortMilli is milliInterval for a narrow column: no decimals beside hundreds, and where it
// must break it does before the interval.
func shortMilli(i stat.Interval) string {
	s := page.MilliInterval(i)
	if math.Max(math.Abs(i.Lo), math.Abs(i.Hi)) >= 0.1 {
		s = page.Interval(stat.Interval{Estimate: 1000 * i.Estimate, Lo: 1000 * i.Lo, Hi: 1000 * i.Hi, N: i.N}, 0)
	}
	return strings.ReplaceAll(s, ", ", ",\u00a0")
}

// causalOrder puts used units first, each kind by its effect.
func causalOrder(p *intervene.Pair) float64 {
	d := math.Max(-1, math.Min(1, orZero(p.Mean.D)))
	switch p.Verdict {
	case intervene.Used:
		return 10 + d
	case intervene.Encoded:
		return d
	}
	return -10
}

func orZero(i stat.Interval) float64 {
	if !i.Defined() {
		return 0
	}
	return i.Estimate
}

// sortable writes a number for the script, "" where there is none.
func sortable(v float64) string {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return ""
	}
	return strconv.FormatFloat(v, 'f', 4, 64)
}
