package report

import (
	"math"
	"strconv"
	"strings"

	"github.com/rnnscope/rnnscope/dissect"
	"github.com/rnnscope/rnnscope/intervene"
	"github.com/rnnscope/rnnscope/stat"
)

// atlasTable lists every unit beside every concept it was scored for, to be sorted and filtered.
type atlasTable struct {
	Head   []atlasHead
	Rows   []atlasRow
	Search string // the label of the field to type into
	Any    string // "all", the first choice of every filter
	Count  string // "%1 of %2 rows", filled in by the script
	Choose []atlasChoice
}

// atlasHead is a column; Key is the attribute its rows are sorted by.
type atlasHead struct{ Name, Key string }

// atlasChoice is one filter: rows whose attribute is the chosen value stay.
type atlasChoice struct {
	Name, Key string
	Options   []pageLink // value and word
}

type atlasRow struct {
	Link, Unit, Concept    string
	Layer, Class, Causal   string // what filters go by
	Verdict, CausalWord    string
	AUROC, Held, Within, D string
	Keys                   [7]string // by column: what it is sorted by
}

// atlas is the index of all units.
func (b *builder) atlas(units []*linkedUnit) *section {
	if b.d.Dissect == nil || len(units) == 0 {
		return nil
	}
	s := b.section("atlas")
	t := &atlasTable{Search: b.w.say("atlas.search"), Any: b.w.say("atlas.any"), Count: b.w.say("atlas.count")}
	for _, key := range []string{"unit", "concept", "verdict", "auroc", "held", "within", "causal"} {
		t.Head = append(t.Head, atlasHead{b.w.say("atlas.head." + key), key})
	}
	for order, u := range units {
		for _, l := range u.links {
			t.Rows = append(t.Rows, b.atlasRow(order, u, l))
		}
	}
	t.Choose = b.atlasChoices(units)
	s.add(block{Prose: []string{b.w.say("atlas.says", integer(len(units)), integer(len(t.Rows)))}}, block{Atlas: t},
		block{Prose: []string{b.w.say("atlas.what")}})
	return s
}

func (b *builder) atlasChoices(units []*linkedUnit) []atlasChoice {
	site := atlasChoice{Name: b.w.say("atlas.site"), Key: "layer"}
	seen := map[string]bool{}
	for _, u := range units {
		if s := u.unit.Site; !seen[s] {
			seen[s] = true
			site.Options = append(site.Options, pageLink{s, s})
		}
	}
	verdict := atlasChoice{Name: b.w.say("atlas.head.verdict"), Key: "verdict"}
	for _, v := range []dissect.Verdict{dissect.Learned, dissect.Associated, dissect.NotFound, dissect.TooLittleText} {
		verdict.Options = append(verdict.Options, pageLink{verdictKeys[v], b.verdict(v)})
	}
	out := []atlasChoice{site, verdict}
	if b.d.Use == nil {
		return out
	}
	causal := atlasChoice{Name: b.w.say("atlas.head.causal"), Key: "causal"}
	for _, v := range []intervene.Verdict{intervene.Used, intervene.Encoded, intervene.Untestable} {
		causal.Options = append(causal.Options, pageLink{causalClasses[v], b.w.say(useVerdicts[v])})
	}
	return append(out, causal)
}

func (b *builder) atlasRow(order int, u *linkedUnit, l *link) atlasRow {
	r := atlasRow{Link: unitID(u.unit.Site, u.unit.Unit), Unit: unitName(u.unit), Concept: b.conceptTitle(l.name), Layer: u.unit.Site,
		AUROC: "–", Held: "–", Within: "–", CausalWord: "–"}
	rank := len(verdictRank)
	r.Keys[0], r.Keys[1] = strconv.Itoa(order), strings.ToLower(r.Concept)
	if l.score != nil {
		r.Class, r.Verdict = verdictKeys[l.verdict], b.verdict(l.verdict)
		rank = verdictRank[l.verdict]
		r.AUROC, r.Keys[3] = interval(l.score.AUROC, 2), sortable(l.score.AUROC.Estimate)
		for _, h := range l.score.Held {
			if h.Gap == 20 && h.AUROC.Defined() {
				r.Held, r.Keys[4] = number(h.AUROC.Estimate, 2), sortable(h.AUROC.Estimate)
			}
		}
	}
	if l.closer != nil && l.closer.Within.Defined() {
		r.Within, r.Keys[5] = interval(l.closer.Within, 2), sortable(l.closer.Within.Estimate)
	}
	r.Keys[2] = strconv.Itoa(rank)
	if p := l.pair; p != nil {
		r.Causal, r.CausalWord = causalClasses[p.Verdict], b.w.say("causal.short."+causalClasses[p.Verdict])
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
	s := milliInterval(i)
	if math.Max(math.Abs(i.Lo), math.Abs(i.Hi)) >= 0.1 {
		s = interval(stat.Interval{Estimate: 1000 * i.Estimate, Lo: 1000 * i.Lo, Hi: 1000 * i.Hi, N: i.N}, 0)
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
