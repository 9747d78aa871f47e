package report

import (
	"context"
	"fmt"
	"html/template"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/rnnscope/rnnscope/figure"
	"github.com/rnnscope/rnnscope/internal/durable"
	"github.com/rnnscope/rnnscope/mechanism"
	"github.com/rnnscope/rnnscope/stat"
)

// laboratory builds the page of an experiment on how networks count quotation marks.
type laboratory struct {
	x       *mechanism.Experiment
	w       words
	figures []drawn
}

// WriteLaboratory writes report.html and the figures of an experiment into dir. Errors
// match ErrLanguage or those of the file system.
func WriteLaboratory(ctx context.Context, dir string, x *mechanism.Experiment, lang string) error {
	w, err := loadWords(lang)
	if err != nil {
		return err
	}
	b := &laboratory{x: x, w: w}
	p := b.page()
	if err := os.MkdirAll(filepath.Join(dir, "figures"), 0o777); err != nil {
		return fmt.Errorf("report: %w", err)
	}
	for _, f := range b.figures {
		if err := ctx.Err(); err != nil {
			return err
		}
		for ext, write := range map[string]func(io.Writer, figure.Figure, float64) error{
			".svg": figure.WriteSVG, ".png": figure.WritePNG, ".pdf": figure.WritePDF,
		} {
			path := filepath.Join(dir, "figures", f.name+ext)
			if err := durable.WriteFile(path, func(w io.Writer) error { return write(w, f.fig, fileWidth) }); err != nil {
				return fmt.Errorf("report: figure %s: %w", f.name, err)
			}
		}
	}
	return durable.WriteFile(filepath.Join(dir, "report.html"), p.write)
}

func (b *laboratory) page() page {
	p := page{
		Lang: map[string]string{"en": "en", "zh": "zh-CN"}[b.w.lang], Title: b.w.say("lab.page"),
		Lead: b.w.say("lab.lead", integer(len(b.x.Entries)), integer(len(b.x.Reference))), Style: style(), Script: scriptJS(), Policy: policy(), words: b.w,
		Facts: []fact{
			{b.w.say("lab.fact.networks"), integer(len(b.x.Entries) + len(b.x.Reference)), ""},
			{b.w.say("lab.fact.minutes"), number(b.x.Seconds/60, 1), ""},
			{b.w.say("lab.fact.kernels"), b.x.Kernels, ""},
		},
	}
	for _, make := range []func() *section{
		b.verdicts, b.tests, b.helped, b.counts, b.toggles, b.grids, b.places, b.growth, b.reference, b.made,
	} {
		if s := make(); s != nil {
			p.Sections = append(p.Sections, *s)
		}
	}
	return p
}

func (b *laboratory) section(id string) *section {
	return &section{ID: id, Title: b.w.say("lab." + id + ".title"), Intro: []string{b.w.say("lab." + id + ".intro")}}
}

// picture makes the block of a figure and keeps the figure for the files.
func (b *laboratory) picture(id string, fig figure.Figure, title string, says ...string) block {
	b.figures = append(b.figures, drawn{id, fig})
	p := &picture{ID: id, Title: title, Says: says, Small: b.small(), Command: b.x.Command}
	p.Wide = template.HTML(figure.Inline(fig, wideWidth, "wide"))
	if _, fixed := fig.(*figure.Pairs); fixed {
		p.Wide = template.HTML(figure.Inline(fig, wideWidth, "fixed"))
		return block{Picture: p}
	}
	p.Narrow = template.HTML(figure.Inline(fig, narrowWidth, "narrow"))
	return block{Picture: p}
}

func (b *laboratory) small() string {
	return b.w.say("lab.small", b.x.Version, integer(b.x.Seed), b.x.Kernels)
}

func (b *laboratory) head(title, alt string) figure.Head {
	return figure.Head{Title: title, Alt: alt, Provenance: b.small()}
}

// cell and language are the words for what the experiment names.
func (b *laboratory) cell(name string) string     { return b.named("lab.cell.", name) }
func (b *laboratory) language(name string) string { return b.named("lab.language.", name) }
func (b *laboratory) verdict(name string) string  { return b.named("lab.verdict.", name) }

func (b *laboratory) named(prefix, name string) string { return b.w.named(prefix, name) }

func (b *laboratory) verdicts() *section {
	s := b.section("verdicts")
	t := &table{Note: b.w.say("lab.verdicts.note"), Wide: true}
	for _, c := range []string{"language", "cell", "depth", "verdict", "votes", "within", "beyond", "kind", "cosine", "loss"} {
		t.Head = append(t.Head, b.w.say("lab.column."+c))
	}
	for _, g := range b.x.Groups {
		var votes []string
		for _, v := range g.Verdicts {
			votes = append(votes, b.verdict(v.Verdict)+"\u00a0×"+integer(v.N))
		}
		t.Rows = append(t.Rows, []string{
			b.language(g.Language), b.cell(g.Cell), integer(g.Depth), b.verdict(g.Verdict), strings.Join(votes, b.w.say("list.comma")),
			inColumn(g.Within, 2), inColumn(g.Beyond, 2), inColumn(g.Kind, 2), inColumn(g.Cosine, 2), inColumn(g.Loss, 4),
		})
	}
	s.add(block{Table: t})
	return s
}

// tests counts why mechanisms were excluded.
func (b *laboratory) tests() *section {
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
	t := &table{Note: b.w.say("lab.tests.note", integer(total))}
	for _, c := range []string{"test", "excluded", "because", "networks"} {
		t.Head = append(t.Head, b.w.say("lab.column."+c))
	}
	for _, k := range order {
		t.Rows = append(t.Rows, []string{b.named("lab.test.", k[0]), b.verdict(k[1]), b.named("lab.because.", k[2]), integer(count[k])})
	}
	s.add(block{Table: t})
	return s
}

// helped says whether the explicit counter helps.
func (b *laboratory) helped() *section {
	if len(b.x.Compared) == 0 {
		return nil
	}
	s := b.section("helped")
	t := &table{Note: b.w.say("lab.helped.note")}
	for _, c := range []string{"language", "depth", "dloss", "dwithin", "dbeyond", "says"} {
		t.Head = append(t.Head, b.w.say("lab.column."+c))
	}
	for _, c := range b.x.Compared {
		t.Rows = append(t.Rows, []string{b.language(c.Language), integer(c.Depth), inColumn(c.Loss, 4), inColumn(c.Within, 2), inColumn(c.Beyond, 2), b.help(c)})
	}
	s.add(block{Table: t})
	return s
}

// inColumn is interval for narrow columns: a line may break before the bracket only.
func inColumn(i stat.Interval, decimals int) string {
	return strings.Replace(interval(i, decimals), ", ", ",\u00a0", 1)
}

func (b *laboratory) help(c mechanism.Comparison) string {
	switch {
	case c.Loss.Below(0):
		return b.w.say("lab.helped.yes")
	case c.Loss.Above(0):
		return b.w.say("lab.helped.no")
	}
	return b.w.say("lab.helped.open")
}

// reference is the experiments of the literature, means over seeds.
func (b *laboratory) reference() *section {
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
	counting, lines := &table{}, &table{Wide: true}
	for _, c := range []string{"language", "cell", "loss", "counted", "countsto"} {
		counting.Head = append(counting.Head, b.w.say("lab.column."+c))
	}
	for _, c := range []string{"language", "cell", "loss"} {
		lines.Head = append(lines.Head, b.w.say("lab.column."+c))
	}
	for _, k := range order {
		list := groups[k]
		row := []string{strings.ReplaceAll(k.language, "-", "\u2011"), b.cell(k.cell), overSeeds(list, 4, func(r mechanism.Reference) float64 { return r.Loss })}
		if list[0].Most > 0 {
			counting.Note = b.w.say("lab.reference.countnote", integer(list[0].Trained), integer(list[0].Most))
			var each []string
			for _, r := range list {
				each = append(each, integer(r.CountsTo))
			}
			row = append(row, shareOverSeeds(list, func(r mechanism.Reference) float64 { return r.Counted.Estimate }))
			counting.Rows = append(counting.Rows, append(row, b.w.list(each)))
			continue
		}
		lines.Note = b.w.say("lab.reference.linenote", integer(list[0].Trained))
		for i, l := range list[0].Lines {
			if len(lines.Head) < 4+i {
				lines.Head = append(lines.Head, b.w.say("lab.column.marks", integer(l.Marks)))
			}
			row = append(row, shareOverSeeds(list, func(r mechanism.Reference) float64 { return r.Lines[i].Right.Estimate })+
				" / "+number(meanOver(list, func(r mechanism.Reference) float64 { return r.Lines[i].Each.Estimate }).Estimate, 3))
		}
		lines.Rows = append(lines.Rows, row)
	}
	for _, t := range []*table{counting, lines} {
		if len(t.Rows) > 0 {
			s.add(block{Table: t})
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

func (b *laboratory) made() *section {
	s := b.section("made")
	s.add(block{Prose: b.settings()}, block{Commands: []fact{{b.w.say("lab.made.command"), b.x.Command, ""}}})
	return s
}

// settings says how the networks were trained, a paragraph a sort.
func (b *laboratory) settings() []string {
	x := b.x.Settings
	training := func(key string, t mechanism.Training) string {
		return b.w.say(key, integer(t.Hidden), integer(t.Updates), fmt.Sprint(t.Rate), integer(t.Batch), integer(t.Seq))
	}
	return []string{
		training("lab.made.grid", x.Grid),
		b.w.say("lab.made.texts", integer(x.Text), integer(x.Gap), x.Filler),
		training("lab.made.reference", x.Reference),
	}
}
