package report

import (
	"strings"

	"github.com/rnnscope/rnnscope/report/page"
)

// terms of the glossary, in the order in which the page uses them.
var terms = []string{"unit", "activation", "site", "step", "loss", "split", "sample", "concept", "auroc", "interval", "null", "untrained", "verdict", "pair", "causal"}

func (b *builder) glossary() *page.Section {
	s := b.Section("glossary")
	var list []page.Fact
	for _, t := range terms {
		is := b.W.Say("term." + t + ".is")
		if t == "concept" && b.D.Kind.ForResults() != "" {
			is = b.W.Sentences(is, b.W.Say("symbols.label"))
		}
		list = append(list, page.Fact{Name: b.W.Say("term." + t), Value: is})
	}
	s.Add(page.Block{Terms: list})
	return s
}

func (b *builder) provenance() *page.Section {
	d, w := b.D, b.W
	s := b.Section("provenance")
	list := []page.Fact{
		{Name: w.Say("prov.version"), Value: "rnnscope " + d.Version},
		{Name: w.Say("prov.command"), Value: d.Command},
		{Name: w.Say("prov.seed"), Value: page.Integer(d.Seed)},
		{Name: w.Say("prov.text"), Value: strings.Join(d.Sources, ", ")},
		{Name: "SHA-256", Value: d.SHA256},
		{Name: w.Say("prov.split"), Value: w.Part(d.Split)},
		{Name: w.Say("prov.kernels"), Value: d.Kernels},
	}
	if r := d.Dissect; r != nil {
		list = append(list, page.Fact{Name: w.Say("prov.dissect"), Value: w.Say("prov.dissected", r.Text, w.Part(r.Split), page.Integer(r.Chosen), page.Integer(r.Reported))})
	}
	list = append(list, b.elsewhere()...)
	var facts []page.Fact
	for _, f := range list {
		if strings.TrimSpace(f.Value) != "" {
			facts = append(facts, f)
		}
	}
	s.Add(page.Block{Facts: facts})
	return s
}

// repeat lists the command behind every figure of the page.
func (b *builder) repeat() *page.Section {
	w := b.W
	s := b.Section("repeat")
	list := []page.Fact{
		{Name: w.Say("repeat.run"), Value: b.D.Command},
		{Name: w.Say("repeat.evolution"), Value: b.Command("evolution")},
		{Name: w.Say("repeat.dissect"), Value: b.Command("dissect")},
		{Name: w.Say("repeat.report"), Value: b.Command("report") + " --lang " + w.Lang},
		{Name: w.Say("repeat.sample"), Value: b.Command("sample")},
	}
	if b.D.Memory != nil {
		list = append(list, page.Fact{Name: w.Say("repeat.memory"), Value: b.Command("memory")})
	}
	s.Add(page.Block{Commands: list})
	return s
}

// elsewhere says what else was measured, by command and subject.
func (b *builder) elsewhere() []page.Fact {
	var out []page.Fact
	for _, o := range b.D.Others {
		out = append(out, page.Fact{Name: b.W.Say("prov.other", o.View), Value: o.Subject.String()})
	}
	return out
}
