package report

import (
	"math"

	"github.com/rnnscope/rnnscope/dissect"
	"github.com/rnnscope/rnnscope/explain"
	"github.com/rnnscope/rnnscope/intervene"
	"github.com/rnnscope/rnnscope/mechanism"
	"github.com/rnnscope/rnnscope/memory"
	"github.com/rnnscope/rnnscope/mistakes"
	"github.com/rnnscope/rnnscope/report/content"
	"github.com/rnnscope/rnnscope/report/page"
)

// build makes the page and its figures.
func build(d *content.Data, lang string) (page.Page, []page.FigureFile, error) {
	w, err := page.LoadWords(lang)
	if err != nil {
		return page.Page{}, nil, err
	}
	w = w.Of(d.Kind)
	b := newBuilder(d, w)
	p := page.Page{
		Lang: map[string]string{"en": "en", "zh": "zh-CN"}[w.Lang], Title: d.Name, Lead: b.lead(), Facts: b.facts(),
		Style: page.Style(), Script: page.ScriptJS(), Policy: page.Policy(), Words: w,
	}
	units := b.Linked()
	b.On(dissect.ViewName)
	p.Pages = b.Pages(units)
	for _, part := range []struct {
		view string // that it shows
		make func() *page.Section
	}{
		{"", b.opening}, {"", b.evolution}, {"", b.losses}, {"", b.births}, {"", b.Heatmap}, {dissect.ViewName, b.Concepts}, {dissect.ViewName, b.Gallery},
		{dissect.ViewName, func() *page.Section { return b.Atlas(units) }}, {dissect.ViewName, b.URLs}, {dissect.ViewName, b.Quotes},
		{mechanism.ViewName, b.mechanism}, {dissect.ViewName, b.Environment}, {dissect.ViewName, b.Pairs}, {intervene.ViewName, b.Use},
		{explain.ViewName, b.explain}, {memory.ViewName, b.memory}, {mistakes.ViewName, b.mistakes}, {"", b.glossary}, {"", b.provenance}, {"", b.repeat},
	} {
		b.On(part.view)
		if s := part.make(); s != nil {
			s.On = b.Subject(part.view)
			p.Sections = append(p.Sections, *s)
		}
	}
	return p, b.Figures, nil
}

func (b *builder) lead() string {
	if b.D.Cell == "" {
		return b.W.Say("lead.states", page.Integer(b.D.Characters))
	}
	key := "lead"
	if len(b.D.Validation) == 0 {
		key = "lead.plain" // imported: nobody here has seen it train
	}
	if b.D.Characters == 0 {
		return b.W.Say("lead.foreign", b.Network(), page.Integer(b.D.Parameters)) // with no text of its own
	}
	return b.W.Say(key, b.Network(), page.Integer(b.D.Parameters), page.Integer(b.D.Characters), page.Integer(b.D.Step))
}

func (b *builder) facts() []page.Fact {
	d, w := b.D, b.W
	_, last := page.Ends(d.Validation)
	if d.Cell == "" {
		return []page.Fact{{Name: w.Say("fact.network"), Value: b.Network()}, {Name: w.Say("fact.text"), Value: page.Integer(d.Characters), Hint: w.Say("fact.symbols", page.Integer(d.Symbols))}}
	}
	if d.Characters == 0 { // imported: it comes without a text and a history
		return []page.Fact{{Name: w.Say("fact.network"), Value: b.Network()}, {Name: w.Say("fact.parameters"), Value: page.Integer(d.Parameters)}, {Name: w.Say("fact.alphabet"), Value: page.Integer(d.Symbols), Hint: w.Say("fact.kind")}}
	}
	fs := []page.Fact{
		{Name: w.Say("fact.network"), Value: b.Network()},
		{Name: w.Say("fact.parameters"), Value: page.Integer(d.Parameters)},
		{Name: w.Say("fact.text"), Value: page.Integer(d.Characters), Hint: w.Say("fact.symbols", page.Integer(d.Symbols))},
		{Name: w.Say("fact.steps"), Value: page.Integer(d.Step)},
		{Name: w.Say("fact.validation"), Value: page.Number(page.Bits(last), 3), Hint: w.Say("fact.nats", page.Number(last, 3))},
	}
	if !math.IsNaN(d.Test) {
		fs = append(fs, page.Fact{Name: w.Say("fact.test"), Value: page.Number(page.Bits(d.Test), 3), Hint: w.Say("fact.nats", page.Number(d.Test, 3))})
	}
	return fs
}
