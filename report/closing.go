package report

import "strings"

// terms of the glossary, in the order in which the page uses them.
var terms = []string{"unit", "activation", "site", "step", "loss", "split", "sample", "concept", "auroc", "interval", "null", "untrained", "verdict", "pair", "causal"}

func (b *builder) glossary() *section {
	s := b.section("glossary")
	var list []fact
	for _, t := range terms {
		list = append(list, fact{Name: b.w.say("term." + t), Value: b.w.say("term." + t + ".is")})
	}
	s.add(block{Terms: list})
	return s
}

func (b *builder) provenance() *section {
	d, w := b.d, b.w
	s := b.section("provenance")
	list := []fact{
		{w.say("prov.version"), "rnnscope " + d.Version, ""},
		{w.say("prov.command"), d.Command, ""},
		{w.say("prov.seed"), integer(d.Seed), ""},
		{w.say("prov.text"), strings.Join(d.Sources, ", "), ""},
		{"SHA-256", d.SHA256, ""},
		{w.say("prov.split"), w.part(d.Split), ""},
		{w.say("prov.kernels"), d.Kernels, ""},
	}
	if r := d.Dissect; r != nil {
		list = append(list, fact{w.say("prov.dissect"), w.say("prov.dissected", r.Text, w.part(r.Split), integer(r.Chosen), integer(r.Reported)), ""})
	}
	list = append(list, b.elsewhere()...)
	var kept []fact
	for _, f := range list {
		if strings.TrimSpace(f.Value) != "" {
			kept = append(kept, f)
		}
	}
	s.add(block{Facts: kept})
	return s
}

// repeat lists the command behind every figure of the page.
func (b *builder) repeat() *section {
	w := b.w
	s := b.section("repeat")
	list := []fact{
		{w.say("repeat.run"), b.d.Command, ""},
		{w.say("repeat.evolution"), b.command("evolution"), ""},
		{w.say("repeat.dissect"), b.command("dissect"), ""},
		{w.say("repeat.report"), b.command("report") + " --lang " + w.lang, ""},
		{w.say("repeat.sample"), b.command("sample"), ""},
	}
	if b.d.Memory != nil {
		list = append(list, fact{w.say("repeat.memory"), b.command("memory"), ""})
	}
	s.add(block{Commands: list})
	return s
}
