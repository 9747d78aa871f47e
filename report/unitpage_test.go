package report

import (
	"encoding/xml"
	"math"
	"strings"
	"testing"

	"github.com/rnnscope/rnnscope/dissect"
	"github.com/rnnscope/rnnscope/intervene"
	"github.com/rnnscope/rnnscope/probe"
	"github.com/rnnscope/rnnscope/report/content"
	"github.com/rnnscope/rnnscope/report/page"
	"github.com/rnnscope/rnnscope/rnn"
	"github.com/rnnscope/rnnscope/stat"
)

// fullAtlas is the fixture with everything a dissection and interventions can say of a unit.
func fullAtlas() *content.Data {
	d := fixture()
	d.Use = judged()
	lacking := d.Use.Concepts[0].Pairs[1]
	lacking.Unit, lacking.Reasons = rnn.Unit{Site: "l0.h", Unit: 41}, []string{"adjusted p is not below .05", "other units of the site do as much"}
	d.Use.Concepts[0].Pairs = append(d.Use.Concepts[0].Pairs, lacking)
	d.Use.Concepts[0].Samples = []intervene.SteeredText{{Text: "once <u>"}, {Dose: "l0.c[4] = 1", Text: "<b>\n"}}
	curve := func(event string) dissect.Response {
		r := dissect.Response{Event: event, Events: 61}
		for o := dissect.CurveLo; o <= dissect.CurveHi; o++ {
			v := math.Tanh(float64(o) / 4)
			r.Mean = append(r.Mean, interval3(v, v-.1, v+.1))
		}
		r.Mean[3] = stat.Point(math.NaN(), 0)
		return r
	}
	c := &d.Dissect.Concepts[0]
	c.Closer = &dissect.CloserLook{
		N: 9000, Within: interval3(.9, .85, .95), HeldWithin: interval3(.8, .75, .85), RWithin: interval3(.4, .3, .5),
		Grams:     []dissect.GramScore{{K: 1, AUROC: .6, Excess: .3}},
		Fits:      []dissect.Fit{{Scale: "raw", R: .5, Monotone: .3}},
		Responses: []dissect.Response{curve("on"), curve("\" off"), curve("<i>"), curve("line end")},
		Contexts:  []dissect.RangeContext{{Lo: -1, Hi: -.5, On: true, Place: dissect.Peak{Value: -.7, Before: "a <s>", Char: "\n", After: "b"}}},
	}
	state := *c.Best
	state.Unit = 17
	c.State = &dissect.StateUnit{Score: state, RWithin: interval3(.3, .2, .4), Untrained: .1, Verdict: dissect.Learned, Closer: c.Closer}
	c.Probe = &probe.Probe{Units: 128, Accuracy: interval3(.9, .8, .95), K90: 4, Control: .55, Selectivity: .35, Telegraph: stat.Undefined()}
	c.Rotated = &probe.Rotated{Draws: 20, Unit: .93, Mean: .8, Highest: .85}
	c.Depth = &probe.DepthRegression{R2: interval3(.5, .4, .6), MAE: interval3(.7, .6, .8), D0: 3, BeyondR2: -.2, BeyondR: .4}
	return d
}

// TestUnitPages: every row of the atlas leads to a page, the pages say what was measured and done, and what a text
// holds stays text.
func TestUnitPages(t *testing.T) {
	for _, lang := range page.Languages {
		d, w := fullAtlas(), loaded(t, lang)
		html := render(t, d, lang)
		ids := map[string]bool{}
		var links []string
		wellFormed(t, html, func(el xml.StartElement) {
			if el.Name.Local == "article" && attr(el, "class") == "page" {
				ids[attr(el, "id")] = true
			}
			if h := attr(el, "href"); strings.HasPrefix(h, "#unit-") {
				links = append(links, h[1:])
			}
		})
		for _, l := range links {
			if !ids[l] {
				t.Errorf("%s: no page %s", lang, l)
			}
		}
		for _, id := range []string{"unit-l0-h-41", "unit-l0-h-17", "unit-l0-c-4", "unit-l0-c-9", "unit-l0-c-99"} {
			if !ids[id] {
				t.Errorf("%s: %s has no page", lang, id)
			}
		}
		body := machine.ReplaceAllString(html, "")
		for _, want := range []string{
			w.Say("score.k90"), w.Say("score.rotated.value", "0.930", "0.800", "0.850"), w.Say("score.telegraph"), "data-causal=\"used\"",
			w.Say("event.on"), w.Say("event.mark.off", "&#34;"), w.Say("event.after", "&lt;i&gt;"), w.Say("event.line-end"), w.Say("page.state"), w.Say("reason.gate"),
			w.Say("page.others"), w.Say("use.kind.line-end"), "once &lt;u&gt;", "●", w.Say("page.where", w.Say("site.c"), "1", "1"),
		} {
			if strings.Contains(body, want) == (want == w.Say("score.telegraph")) {
				t.Errorf("%s: %q is rightly or wrongly there", lang, want)
			}
		}
		for _, bad := range []string{"%!", "%[", "NaN", "<nil>", "<u>", "<s>", "−0.0 ["} {
			if i := strings.Index(body, bad); i >= 0 {
				t.Errorf("%s: %q in the page: %s", lang, bad, body[max(0, i-60):min(len(body), i+40)])
			}
		}
	}
}
