package report

import (
	"strings"

	"github.com/rnnscope/rnnscope/intervene"
)

// causalRow is what interventions say of a unit and a concept.
type causalRow struct {
	Verdict, Class, Sentence string
	Effects                  []fact // D by mode
}

// unitUse is what becomes of the network without the unit, or with it turned.
type unitUse struct {
	Kinds   *table
	Doses   []smallPlot
	Samples []*table
}

var causalClasses = map[intervene.Verdict]string{
	intervene.Used: "used", intervene.Encoded: "encoded", intervene.Untestable: "untestable",
}

// reasonKeys name in the catalogues what a verdict says it lacks.
var reasonKeys = map[string]string{
	"adjusted p is not below .05":                                         "p",
	"the interval of D reaches 0":                                         "interval",
	"resampling does not agree":                                           "resample",
	"other units of the site do as much":                                  "gate",
	"the site has too few units to compare with":                          "few",
	"no place with the same character and the opposite state":             "donors",
	"there is no place where it matters for the next character":           "nowhere",
	"it matters in too few places that have a like one where it does not": "places",
	"too few like places where it does not matter":                        "like",
	"it matters in too few windows of the text":                           "windows",
}

// reasons puts what a verdict lacks in the page's language.
func (b *builder) reasons(list []string) string {
	var out []string
	for _, r := range list {
		if key := reasonKeys[r]; key != "" {
			r = b.w.say("reason." + key)
		}
		out = append(out, r)
	}
	return strings.Join(out, b.w.say("list.semicolon"))
}

// causal is the verdict on a unit and a concept; nil where nobody asked.
func (b *builder) causal(l *link) *causalRow {
	p := l.pair
	if p == nil {
		return nil
	}
	out := &causalRow{Verdict: b.w.say(useVerdicts[p.Verdict]), Class: causalClasses[p.Verdict]}
	if p.Verdict == intervene.Untestable {
		out.Sentence = b.w.say("causal.untestable", b.reasons(p.Reasons))
		return out
	}
	key := "causal.used"
	if p.Verdict == intervene.Encoded {
		key = "causal.encoded"
	}
	out.Sentence = b.w.say(key, number(1000*p.Mean.P.Estimate, 1), number(1000*p.Mean.M.Estimate, 1), b.reasons(p.Reasons))
	out.Effects = []fact{
		{b.w.say("causal.mean"), milliInterval(p.Mean.D), b.w.say("causal.p", strings.TrimPrefix(pvalue(float64(p.Adjusted)), "p "))},
		{b.w.say("causal.resample"), milliInterval(p.Resample.D), ""},
		{b.w.say("causal.zero"), milliInterval(p.Zero.D), b.w.say("causal.told")},
	}
	return out
}

// causalLead says for what the unit is used, "" where nobody asked.
func (b *builder) causalLead(u *linkedUnit) string {
	var used []string
	asked := 0
	for _, l := range u.links {
		if l.pair == nil {
			continue
		}
		asked++
		if l.pair.Verdict == intervene.Used {
			used = append(used, b.w.say("quoted", b.conceptTitle(l.name)))
		}
	}
	switch {
	case asked == 0:
		return ""
	case len(used) == 0:
		return b.w.say("causal.lead.none", integer(asked))
	}
	return b.w.say("causal.lead.used", b.w.list(used))
}

// unitUse is nil where nothing was done to the unit.
func (b *builder) unitUse(u *linkedUnit) *unitUse {
	out := &unitUse{}
	if r := b.d.Use; r != nil {
		for _, k := range r.Units {
			if k.Unit == u.unit {
				out.Kinds = b.kindsOf(k)
			}
		}
		for _, c := range r.Concepts {
			if c.Steering != nil && c.Steering.Unit == u.unit && !b.asideNamed(c.Concept) {
				out.Doses = append(out.Doses, b.dosePlot(c.Steering))
				out.addSamples(b.samples("", c.Samples))
			}
		}
	}
	for _, s := range b.d.Steered {
		if s.Curve.Unit == u.unit {
			out.Doses = append(out.Doses, b.dosePlot(s.Curve))
			out.addSamples(b.samples(s.Prompt, s.Samples))
		}
	}
	if out.Kinds == nil && len(out.Doses) == 0 {
		return nil
	}
	return out
}

// addSamples keeps one table for equal texts: several concepts may have turned the unit alike.
func (u *unitUse) addSamples(t *table) {
	if t == nil {
		return
	}
	for _, o := range u.Samples {
		if len(o.Rows) == len(t.Rows) && o.Rows[len(o.Rows)-1][1] == t.Rows[len(t.Rows)-1][1] {
			return
		}
	}
	u.Samples = append(u.Samples, t)
}

// kindsOf is what the unit's absence does to each kind of next character.
func (b *builder) kindsOf(u intervene.UnitResult) *table {
	t := &table{Head: []string{b.w.say("causal.next"), b.w.say("causal.change")}}
	t.Rows = append(t.Rows, []string{b.w.say("use.kind.all"), milliInterval(u.All)})
	for _, k := range u.Kinds {
		t.Rows = append(t.Rows, []string{b.w.say("use.kind." + strings.ReplaceAll(k.Kind, " ", "-")), milliInterval(k.Change)})
	}
	return t
}

// steerSentence says what turning a unit does.
func (b *builder) steerSentence(k *intervene.Curve) string {
	key := "use.steers"
	if !k.Steers {
		key = "use.still"
	}
	return b.w.say(key, k.Unit.String(), b.conceptTitle(k.Concept), number(float64(k.Slope), 3), number(float64(k.Others), 3), visibles(k.Predicts))
}
