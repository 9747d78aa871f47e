package units

import (
	"strings"

	"github.com/rnnscope/rnnscope/intervene"
	"github.com/rnnscope/rnnscope/report/page"
)

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
func (b *Builder) reasons(list []string) string {
	var out []string
	for _, r := range list {
		if key := reasonKeys[r]; key != "" {
			r = b.W.Say("reason." + key)
		}
		out = append(out, r)
	}
	return strings.Join(out, b.W.Say("list.semicolon"))
}

// causal is the verdict on a unit and a concept; nil where nobody asked.
func (b *Builder) causal(l *link) *page.CausalRow {
	p := l.pair
	if p == nil {
		return nil
	}
	out := &page.CausalRow{Verdict: b.W.Say(useVerdicts[p.Verdict]), Class: causalClasses[p.Verdict]}
	if p.Verdict == intervene.Untestable {
		out.Sentence = b.W.Say("causal.untestable", b.reasons(p.Reasons))
		return out
	}
	key := "causal.used"
	if p.Verdict == intervene.Encoded {
		key = "causal.encoded"
	}
	out.Sentence = b.W.Say(key, page.Number(1000*p.Mean.P.Estimate, 1), page.Number(1000*p.Mean.M.Estimate, 1), b.reasons(p.Reasons))
	if p.Verdict == intervene.Encoded && p.Equivalent {
		out.Sentence = b.W.Sentences(out.Sentence, b.W.Say("causal.equivalent"))
	}
	out.Effects = []page.Fact{
		{Name: b.W.Say("causal.mean"), Value: page.MilliInterval(p.Mean.D), Hint: b.W.Say("causal.p", strings.TrimPrefix(page.Pvalue(float64(p.Adjusted)), "p "))},
		{Name: b.W.Say("causal.resample"), Value: page.MilliInterval(p.Resample.D)},
		{Name: b.W.Say("causal.zero"), Value: page.MilliInterval(p.Zero.D), Hint: b.W.Say("causal.told")},
	}
	return out
}

// causalLead says for what the unit is used, "" where nobody asked.
func (b *Builder) causalLead(u *linkedUnit) string {
	var used []string
	asked := 0
	for _, l := range u.links {
		if l.pair == nil {
			continue
		}
		asked++
		if l.pair.Verdict == intervene.Used {
			used = append(used, b.W.Say("quoted", b.ConceptTitle(l.name)))
		}
	}
	switch {
	case asked == 0:
		return ""
	case len(used) == 0:
		return b.W.Say("causal.lead.none", page.Integer(asked))
	}
	return b.W.Say("causal.lead.used", b.W.List(used))
}

// unitUse is nil where nothing was done to the unit.
func (b *Builder) unitUse(u *linkedUnit) *page.UnitUse {
	out := &page.UnitUse{}
	if r := b.D.Use; r != nil {
		for _, k := range r.Units {
			if k.Unit == u.unit {
				out.Kinds = b.kindsOf(k)
			}
		}
		for _, c := range r.Concepts {
			if c.Steering != nil && c.Steering.Unit == u.unit && !b.AsideNamed(c.Concept) {
				out.Doses = append(out.Doses, b.dosePlot(c.Steering))
				out.AddSamples(b.samples("", c.Samples))
			}
		}
	}
	for _, s := range b.D.Steered {
		if s.Curve.Unit == u.unit {
			out.Doses = append(out.Doses, b.dosePlot(s.Curve))
			out.AddSamples(b.samples(s.Prompt, s.Samples))
		}
	}
	if out.Kinds == nil && len(out.Doses) == 0 {
		return nil
	}
	return out
}

// kindsOf is what the unit's absence does to each kind of next character.
func (b *Builder) kindsOf(u intervene.UnitResult) *page.Table {
	t := &page.Table{Head: []string{b.W.Say("causal.next"), b.W.Say("causal.change")}}
	t.Rows = append(t.Rows, []string{b.W.Say("use.kind.all"), page.MilliInterval(u.All)})
	for _, k := range u.Kinds {
		t.Rows = append(t.Rows, []string{b.W.Say("use.kind." + strings.ReplaceAll(k.Kind, " ", "-")), page.MilliInterval(k.Change)})
	}
	return t
}

// steerSentence says what turning a unit does.
func (b *Builder) steerSentence(k *intervene.Curve) string {
	key := "use.steers"
	if !k.Steers {
		key = "use.still"
	}
	return b.W.Say(key, k.Unit.String(), b.ConceptTitle(k.Concept), page.Number(float64(k.Slope), 3), page.Number(float64(k.Others), 3), visibles(k.Predicts))
}
