package report

import (
	"context"
	"fmt"
	"html/template"
	"io"
	"math"
	"os"
	"path/filepath"

	"github.com/rnnscope/rnnscope/checkpoint"
	"github.com/rnnscope/rnnscope/figure"
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
			if err := checkpoint.WriteFile(path, func(w io.Writer) error { return write(w, f.fig, fileWidth) }); err != nil {
				return fmt.Errorf("report: figure %s: %w", f.name, err)
			}
		}
	}
	return checkpoint.WriteFile(filepath.Join(dir, "report.html"), p.write)
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

func (b *laboratory) named(prefix, name string) string {
	if b.w.has(prefix + name) {
		return b.w.say(prefix + name)
	}
	return name
}

func (b *laboratory) verdicts() *section {
	s := b.section("verdicts")
	t := &table{Note: b.w.say("lab.verdicts.note")}
	for _, c := range []string{"language", "cell", "depth", "verdict", "votes", "loss", "within", "beyond", "kind", "cosine"} {
		t.Head = append(t.Head, b.w.say("lab.column."+c))
	}
	for _, g := range b.x.Groups {
		var votes []string
		for _, v := range g.Verdicts {
			votes = append(votes, b.verdict(v.Verdict)+" ×"+integer(v.N))
		}
		t.Rows = append(t.Rows, []string{
			b.language(g.Language), b.cell(g.Cell), integer(g.Depth), b.verdict(g.Verdict), b.w.list(votes), interval(g.Loss, 4),
			interval(g.Within, 2), interval(g.Beyond, 2), interval(g.Kind, 2), interval(g.Cosine, 2),
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
		t.Rows = append(t.Rows, []string{k[0], b.verdict(k[1]), k[2], integer(count[k])})
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
		t.Rows = append(t.Rows, []string{b.language(c.Language), integer(c.Depth), interval(c.Loss, 4), interval(c.Within, 2), interval(c.Beyond, 2), b.help(c)})
	}
	s.add(block{Table: t})
	return s
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

// counts draws the explicit count, or the depth reading, over text.
func (b *laboratory) counts() *section {
	s := b.section("counts")
	for _, want := range [][2]string{{"one kind", "elman + counter"}, {"one kind", "lstm"}, {"one kind", "gru"}, {"two kinds", "elman + counter"}} {
		e := b.deepest(want[0], want[1])
		if e == nil || e.Result.Trace == nil {
			continue
		}
		name := b.w.say("lab.counts.of", b.cell(e.Cell), b.language(e.Language), integer(e.Depth))
		s.add(b.picture("count-"+slug(e.Cell)+"-"+slug(e.Language), b.tracedEntry(e, name), name))
	}
	if len(s.Blocks) == 0 {
		return nil
	}
	return s
}

func (b *laboratory) tracedEntry(e *mechanism.Entry, title string) *figure.Pairs {
	fig := b.traced(e.Result.Trace)
	fig.Head = b.head(title, b.w.say("lab.counts.alt"))
	return fig
}

// traced is a passage with its quotes paired and one quantity below.
func (b *laboratory) traced(t *mechanism.Trace) *figure.Pairs {
	fig := &figure.Pairs{
		Text: t.Text, Limit: 1,
		Memory: b.w.say("lab.counts.reading"), Trace: t.Axis, OpenLabel: b.w.say("lab.opens"), CloseLabel: b.w.say("lab.closes"),
		MemoryLegend: b.w.say("lab.counts.axis"),
	}
	if t.Count != nil {
		fig.Memory, fig.Trace, fig.MemoryLegend = b.w.say("lab.counts.count"), t.Count, b.w.say("lab.counts.neuron")
	}
	var open []int
	for _, at := range t.Marks {
		before := 0
		if at > 0 {
			before = t.Depth[at-1]
		}
		if t.Depth[at] > before {
			open = append(open, at)
		} else if n := len(open); n > 0 {
			fig.Pairs = append(fig.Pairs, figure.Pair{Open: open[n-1], Close: at})
			open = open[:n-1]
		}
	}
	return fig
}

// deepest is the first network of a cell on a language at its greatest depth.
func (b *laboratory) deepest(language, cell string) *mechanism.Entry {
	var best *mechanism.Entry
	for i := range b.x.Entries {
		if e := &b.x.Entries[i]; e.Language == language && e.Cell == cell && (best == nil || e.Depth > best.Depth) {
			best = e
		}
	}
	return best
}

func slug(s string) string {
	out := []rune{}
	for _, r := range s {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			out = append(out, r)
		}
	}
	return string(out)
}

// toggles is what is held after the n-th straight mark.
func (b *laboratory) toggles() *section {
	s := b.section("toggles")
	fig := &figure.Lines{Head: b.head(b.w.say("lab.toggles.title"), b.w.say("lab.toggles.alt")), XLabel: b.w.say("lab.toggles.x"), YLabel: b.w.say("lab.toggles.y")}
	ink := 0
	var says []string
	for _, g := range b.x.Groups {
		if g.Language != "straight" {
			continue
		}
		first := true
		for _, e := range b.x.Entries {
			if e.Language != g.Language || e.Cell != g.Cell || e.Result.Toggle == nil {
				continue
			}
			c := figure.Curve{Ink: figure.Series(ink), Faint: !first}
			if first {
				c.Name, c.Dots = b.cell(e.Cell), true
			}
			for n, v := range e.Result.Toggle.Parity {
				c.X, c.Y = append(c.X, float64(n+1)), append(c.Y, v.Estimate)
			}
			if first {
				fig.Curves = append(fig.Curves, c)
			}
			first = false
		}
		ink++
		says = append(says, b.w.say("lab.toggles.says", b.cell(g.Cell), interval(figureOf(g, "toggle: parity share"), 2), interval(figureOf(g, "toggle: count share"), 2)))
	}
	if len(fig.Curves) == 0 {
		return nil
	}
	s.add(b.picture("toggles", fig, "", says...))
	return s
}

// figureOf is a figure of a group by name.
func figureOf(g mechanism.Group, name string) stat.Interval {
	for _, f := range g.Figures {
		if f.Name == name {
			return f.Interval
		}
	}
	return stat.Point(math.NaN(), 0)
}

// grids is known depth over depth and length, means over seeds.
func (b *laboratory) grids() *section {
	s := b.section("grids")
	for _, kind := range []bool{false, true} {
		fig := &figure.Matrices{XLabel: b.w.say("lab.grids.x"), YLabel: b.w.say("lab.grids.y"), Middle: .5}
		for _, g := range b.x.Groups {
			if m, ok := b.matrix(g, kind); ok {
				fig.Panels = append(fig.Panels, m)
			}
		}
		key := map[bool]string{false: "known", true: "kind"}[kind]
		if len(fig.Panels) > 0 {
			fig.Head = b.head(b.w.say("lab.grids."+key), b.w.say("lab.grids."+key))
			s.add(b.picture("grid-"+key, fig, fig.Title, b.w.say("lab.grids.says")))
		}
	}
	return s
}

// matrix is a group's grid at the text's own gaps; only of groups that nest.
func (b *laboratory) matrix(g mechanism.Group, kind bool) (figure.Matrix, bool) {
	m := figure.Matrix{Title: b.w.say("lab.grids.panel", b.language(g.Language), b.cell(g.Cell), integer(g.Depth))}
	row, column := map[int]int{}, map[int]int{}
	found := false
	for _, c := range g.Grid {
		if c.Gap >= 0 || g.Depth < 2 {
			continue
		}
		if _, ok := row[c.Extra]; !ok {
			row[c.Extra] = len(m.Rows)
			m.Rows, m.Values = append(m.Rows, "+"+integer(c.Extra)), append(m.Values, nil)
		}
		if _, ok := column[c.Depth]; !ok {
			column[c.Depth] = len(m.Columns)
			m.Columns = append(m.Columns, integer(c.Depth))
			if !c.Beyond {
				m.Border = len(m.Columns)
			}
		}
		v := c.Known.Estimate
		if kind {
			v = c.Kind.Estimate
		}
		found = found || !math.IsNaN(v)
		i := row[c.Extra]
		for len(m.Values[i]) <= column[c.Depth] {
			m.Values[i] = append(m.Values[i], math.NaN())
		}
		m.Values[i][column[c.Depth]] = v
	}
	for i := range m.Values {
		for len(m.Values[i]) < len(m.Columns) {
			m.Values[i] = append(m.Values[i], math.NaN())
		}
	}
	return m, found
}

// places is the geometry of the mean states.
func (b *laboratory) places() *section {
	s := b.section("places")
	fig := &figure.Places{Head: b.head(b.w.say("lab.places.title"), b.w.say("lab.places.alt"))}
	for _, g := range b.x.Groups {
		for i := range b.x.Entries {
			e := &b.x.Entries[i]
			if e.Language != g.Language || e.Cell != g.Cell || e.Depth != g.Depth || g.Depth < 2 || e.Result.Geometry == nil {
				continue
			}
			p := figure.Plane{Title: b.w.say("lab.grids.panel", b.language(g.Language), b.cell(g.Cell), integer(g.Depth)), Points: e.Result.Geometry.Place, Solid: g.Depth + 1}
			for _, d := range e.Result.Geometry.Depth {
				p.Names = append(p.Names, integer(d))
			}
			fig.Panels = append(fig.Panels, p)
			break
		}
	}
	if len(fig.Panels) == 0 {
		return nil
	}
	s.add(b.picture("places", fig, ""))
	return s
}

// growth is the way from random marks to the final mechanism.
func (b *laboratory) growth() *section {
	s := b.section("growth")
	for _, language := range []string{"one kind", "two kinds"} {
		known := &figure.Lines{XLabel: b.w.say("axis.step.log"), YLabel: b.w.say("lab.growth.known"), Steps: true}
		fits := &figure.Lines{XLabel: b.w.say("axis.step.log"), YLabel: b.w.say("lab.growth.fits"), Steps: true}
		var says []string
		ink := 0
		for _, cell := range []string{"elman", "gru", "lstm", "elman + counter"} {
			e := b.deepest(language, cell)
			if e == nil || len(e.Growth) == 0 {
				continue
			}
			a := figure.Curve{Name: b.cell(cell), Ink: figure.Series(ink), Dots: true}
			f, null := a, figure.Curve{Name: b.w.say("lab.growth.null", b.cell(cell)), Ink: figure.Series(ink), Faint: true}
			for _, m := range e.Growth {
				x := float64(m.Step)
				a.X, a.Y = append(a.X, x), append(a.Y, m.Nested.Estimate)
				f.X, f.Y = append(f.X, x), append(f.Y, m.Written.Fitting.Estimate)
				null.X, null.Y = append(null.X, x), append(null.Y, m.Written.Shuffled.Estimate)
			}
			known.Curves, fits.Curves = append(known.Curves, a), append(fits.Curves, f, null)
			says = append(says, b.grew(e))
			ink++
		}
		if ink == 0 {
			continue
		}
		title := b.language(language)
		known.Head = b.head(b.w.say("lab.growth.knowntitle", title), b.w.say("lab.growth.known"))
		fits.Head = b.head(b.w.say("lab.growth.fitstitle", title), b.w.say("lab.growth.fits"))
		s.add(b.picture("growth-known-"+slug(language), known, known.Title, says...), b.picture("growth-fits-"+slug(language), fits, fits.Title, b.w.say("lab.growth.says")))
	}
	if len(s.Blocks) == 0 {
		return nil
	}
	return s
}

// grew names the verdicts along one training.
func (b *laboratory) grew(e *mechanism.Entry) string {
	var parts []string
	last := ""
	for _, m := range e.Growth {
		if m.Verdict != last {
			parts = append(parts, b.w.say("lab.growth.at", b.verdict(m.Verdict), integer(m.Step)))
			last = m.Verdict
		}
	}
	return b.w.say("lab.growth.way", b.cell(e.Cell), b.w.list(parts))
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
	counting, lines := &table{Note: b.w.say("lab.reference.countnote")}, &table{Note: b.w.say("lab.reference.linenote")}
	for _, c := range []string{"language", "cell", "loss", "countsto"} {
		counting.Head = append(counting.Head, b.w.say("lab.column."+c))
	}
	for _, c := range []string{"language", "cell", "loss"} {
		lines.Head = append(lines.Head, b.w.say("lab.column."+c))
	}
	for _, k := range order {
		list := groups[k]
		row := []string{k.language, b.cell(k.cell), overSeeds(list, 4, func(r mechanism.Reference) float64 { return r.Loss })}
		if list[0].Most > 0 {
			var each []string
			for _, r := range list {
				each = append(each, integer(r.CountsTo))
			}
			counting.Rows = append(counting.Rows, append(row, b.w.list(each)))
			continue
		}
		for i, l := range list[0].Lines {
			if len(lines.Head) < 4+i {
				lines.Head = append(lines.Head, b.w.say("lab.column.marks", integer(l.Marks)))
			}
			row = append(row, overSeeds(list, 2, func(r mechanism.Reference) float64 { return r.Lines[i].Right.Estimate })+
				" / "+overSeeds(list, 3, func(r mechanism.Reference) float64 { return r.Lines[i].Each.Estimate }))
		}
		lines.Rows = append(lines.Rows, row)
	}
	s.add(block{Table: counting}, block{Table: lines})
	return s
}

// overSeeds writes the mean with its interval over networks.
func overSeeds(list []mechanism.Reference, decimals int, of func(r mechanism.Reference) float64) string {
	num, den := make([]float64, len(list)), make([]float64, len(list))
	for i, r := range list {
		num[i], den[i] = of(r), 1
	}
	return interval(stat.SegmentMean(num, den), decimals)
}

func (b *laboratory) made() *section {
	s := b.section("made")
	s.add(block{Prose: b.x.Settings}, block{Commands: []fact{{b.w.say("lab.made.command"), b.x.Command, ""}}})
	return s
}
