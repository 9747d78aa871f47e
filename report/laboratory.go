package report

import (
	"context"
	"fmt"
	"strings"

	"github.com/rnnscope/rnnscope/mechanism"
	"github.com/rnnscope/rnnscope/report/page"
	"github.com/rnnscope/rnnscope/stat"
)

// laboratory builds the page of an experiment on how networks count quotation marks.
type laboratory struct {
	document
	x *mechanism.Experiment
}

// WriteLaboratory writes report.html and the figures of an experiment into dir. Errors
// match ErrLanguage or those of the file system.
func WriteLaboratory(ctx context.Context, dir string, x *mechanism.Experiment, lang string) error {
	w, err := page.LoadWords(lang)
	if err != nil {
		return err
	}
	b := &laboratory{x: x, document: document{w: w, command: x.Command, small: w.Say("lab.small", x.Version, page.Integer(x.Seed), x.Kernels)}}
	p := b.page()
	return b.write(ctx, dir, "report.html", p)
}

func (b *laboratory) page() page.Page {
	p := b.start(b.w.Say("lab.page"), b.w.Say("lab.lead", page.Integer(len(b.x.Entries)), page.Integer(len(b.x.Reference))))
	p.Facts = []page.Fact{
		{Name: b.w.Say("lab.fact.networks"), Value: page.Integer(len(b.x.Entries) + len(b.x.Reference))},
		{Name: b.w.Say("lab.fact.minutes"), Value: page.Number(b.x.Seconds/60, 1)},
		{Name: b.w.Say("lab.fact.kernels"), Value: b.x.Kernels},
	}
	for _, make := range []func() *page.Section{
		b.verdicts, b.tests, b.helped, b.counts, b.toggles, b.grids, b.places, b.growth, b.reference, b.made,
	} {
		if s := make(); s != nil {
			p.Sections = append(p.Sections, *s)
		}
	}
	return p
}

func (b *laboratory) section(id string) *page.Section {
	return &page.Section{ID: id, Title: b.w.Say("lab." + id + ".title"), Intro: []string{b.w.Say("lab." + id + ".intro")}}
}

// cell and language are the words for what the experiment names.
func (b *laboratory) cell(name string) string     { return b.named("lab.cell.", name) }
func (b *laboratory) language(name string) string { return b.named("lab.language.", name) }
func (b *laboratory) verdict(name string) string  { return b.named("lab.verdict.", name) }

func (b *laboratory) named(prefix, name string) string { return b.w.Translate(prefix, name) }

func (b *laboratory) verdicts() *page.Section {
	s := b.section("verdicts")
	t := &page.Table{Note: b.w.Say("lab.verdicts.note"), Wide: true}
	for _, c := range []string{"language", "cell", "depth", "verdict", "votes", "within", "beyond", "kind", "cosine", "loss"} {
		t.Head = append(t.Head, b.w.Say("lab.column."+c))
	}
	for _, g := range b.x.Groups {
		var votes []string
		for _, v := range g.Verdicts {
			votes = append(votes, b.verdict(v.Verdict)+"\u00a0×"+page.Integer(v.N))
		}
		t.Rows = append(t.Rows, []string{
			b.language(g.Language), b.cell(g.Cell), page.Integer(g.Depth), b.verdict(g.Verdict), strings.Join(votes, b.w.Say("list.comma")),
			inColumn(g.Within, 2), inColumn(g.Beyond, 2), inColumn(g.Kind, 2), inColumn(g.Cosine, 2), inColumn(g.Loss, 4),
		})
	}
	s.Add(page.Block{Table: t})
	return s
}

// tests counts why mechanisms were excluded.
func (b *laboratory) tests() *page.Section {
	s := b.section("tests")
	count := map[[3]string]int{}
	var order [][3]string
	total := 0
	for _, e := range b.x.Entries {
		if e.Result.Verdict == mechanism.None {
			continue
		}
		total++
		for _, t := range e.Result.Tests {
			for _, x := range t.Excludes {
				key := [3]string{t.Name, string(x.Mechanism), x.Because}
				if count[key] == 0 {
					order = append(order, key)
				}
				count[key]++
			}
		}
	}
	t := &page.Table{Note: b.w.Say("lab.tests.note", page.Integer(total))}
	for _, c := range []string{"test", "excluded", "because", "networks"} {
		t.Head = append(t.Head, b.w.Say("lab.column."+c))
	}
	for _, k := range order {
		t.Rows = append(t.Rows, []string{b.named("lab.test.", k[0]), b.verdict(k[1]), b.named("lab.because.", k[2]), page.Integer(count[k])})
	}
	s.Add(page.Block{Table: t})
	return s
}

// helped says whether the explicit counter helps.
func (b *laboratory) helped() *page.Section {
	if len(b.x.Compared) == 0 {
		return nil
	}
	s := b.section("helped")
	t := &page.Table{Note: b.w.Say("lab.helped.note")}
	for _, c := range []string{"language", "depth", "dloss", "dwithin", "dbeyond", "says"} {
		t.Head = append(t.Head, b.w.Say("lab.column."+c))
	}
	for _, c := range b.x.Compared {
		t.Rows = append(t.Rows, []string{b.language(c.Language), page.Integer(c.Depth), inColumn(c.Loss, 4), inColumn(c.Within, 2), inColumn(c.Beyond, 2), b.help(c)})
	}
	s.Add(page.Block{Table: t})
	return s
}

// inColumn is interval for narrow columns: a line may break before the bracket only.
func inColumn(i stat.Interval, decimals int) string {
	return strings.Replace(page.Interval(i, decimals), ", ", ",\u00a0", 1)
}

func (b *laboratory) help(c mechanism.Comparison) string {
	switch {
	case c.Loss.Below(0):
		return b.w.Say("lab.helped.yes")
	case c.Loss.Above(0):
		return b.w.Say("lab.helped.no")
	}
	return b.w.Say("lab.helped.open")
}

// reference is the experiments of the literature, means over seeds.
func (b *laboratory) reference() *page.Section {
	if len(b.x.Reference) == 0 {
		return nil
	}
	s := b.section("reference")
	type key struct{ language, cell string }
	var order []key
	groups := map[key][]mechanism.Reference{}
	for _, r := range b.x.Reference {
		k := key{r.Language, r.Cell}
		if groups[k] == nil {
			order = append(order, k)
		}
		groups[k] = append(groups[k], r)
	}
	counting, lines := &page.Table{}, &page.Table{Wide: true}
	for _, c := range []string{"language", "cell", "loss", "counted", "countsto"} {
		counting.Head = append(counting.Head, b.w.Say("lab.column."+c))
	}
	for _, c := range []string{"language", "cell", "loss"} {
		lines.Head = append(lines.Head, b.w.Say("lab.column."+c))
	}
	for _, k := range order {
		list := groups[k]
		row := []string{strings.ReplaceAll(k.language, "-", "\u2011"), b.cell(k.cell), overSeeds(list, 4, func(r mechanism.Reference) float64 { return r.Loss })}
		if list[0].Most > 0 {
			counting.Note = b.w.Say("lab.reference.countnote", page.Integer(list[0].Trained), page.Integer(list[0].Most))
			var each []string
			for _, r := range list {
				each = append(each, page.Integer(r.CountsTo))
			}
			row = append(row, shareOverSeeds(list, func(r mechanism.Reference) float64 { return r.Counted.Estimate }))
			counting.Rows = append(counting.Rows, append(row, b.w.List(each)))
			continue
		}
		lines.Note = b.w.Say("lab.reference.linenote", page.Integer(list[0].Trained))
		for i, l := range list[0].Lines {
			if len(lines.Head) < 4+i {
				lines.Head = append(lines.Head, b.w.Say("lab.column.marks", page.Integer(l.Marks)))
			}
			row = append(row, shareOverSeeds(list, func(r mechanism.Reference) float64 { return r.Lines[i].Right.Estimate })+
				" / "+page.Number(meanOver(list, func(r mechanism.Reference) float64 { return r.Lines[i].Each.Estimate }).Estimate, 3))
		}
		lines.Rows = append(lines.Rows, row)
	}
	for _, t := range []*page.Table{counting, lines} {
		if len(t.Rows) > 0 {
			s.Add(page.Block{Table: t})
		}
	}
	return s
}

// meanOver is the mean over networks with its interval.
func meanOver(list []mechanism.Reference, of func(r mechanism.Reference) float64) stat.Interval {
	num, den := make([]float64, len(list)), make([]float64, len(list))
	for i, r := range list {
		num[i], den[i] = of(r), 1
	}
	return stat.SegmentMean(num, den)
}

// overSeeds writes the mean with its interval over networks.
func overSeeds(list []mechanism.Reference, decimals int, of func(r mechanism.Reference) float64) string {
	return inColumn(meanOver(list, of), decimals)
}

// shareOverSeeds is overSeeds of a share, whose interval ends at 0 and 1.
func shareOverSeeds(list []mechanism.Reference, of func(r mechanism.Reference) float64) string {
	v := meanOver(list, of)
	v.Lo, v.Hi = max(v.Lo, 0), min(v.Hi, 1)
	return inColumn(v, 2)
}

func (b *laboratory) made() *page.Section {
	s := b.section("made")
	s.Add(page.Block{Prose: b.settings()}, page.Block{Commands: []page.Fact{{Name: b.w.Say("lab.made.command"), Value: b.x.Command}}})
	return s
}

// settings says how the networks were trained, a paragraph a sort.
func (b *laboratory) settings() []string {
	x := b.x.Settings
	training := func(key string, t mechanism.Training) string {
		return b.w.Say(key, page.Integer(t.Hidden), page.Integer(t.Updates), fmt.Sprint(t.Rate), page.Integer(t.Batch), page.Integer(t.Seq))
	}
	return []string{
		training("lab.made.grid", x.Grid),
		b.w.Say("lab.made.texts", page.Integer(x.Text), page.Integer(x.Gap), x.Filler),
		training("lab.made.reference", x.Reference),
	}
}
