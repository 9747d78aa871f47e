package report

import (
	"math"

	"github.com/rnnscope/rnnscope/figure"
	"github.com/rnnscope/rnnscope/mechanism"
	"github.com/rnnscope/rnnscope/report/page"
	"github.com/rnnscope/rnnscope/stat"
)

// counts draws the explicit count, or the depth reading, over text.
func (b *laboratory) counts() *page.Section {
	s := b.section("counts")
	for _, want := range [][2]string{{"one kind", "elman + counter"}, {"one kind", "lstm"}, {"one kind", "gru"}, {"two kinds", "elman + counter"}} {
		e := b.deepest(want[0], want[1])
		if e == nil || e.Result.Trace == nil {
			continue
		}
		name := b.w.Say("lab.counts.of", b.cell(e.Cell), b.language(e.Language), page.Integer(e.Depth))
		s.Add(b.picture("count-"+slug(e.Cell)+"-"+slug(e.Language), b.tracedEntry(e, name), name))
	}
	if len(s.Blocks) == 0 {
		return nil
	}
	return s
}

func (b *laboratory) tracedEntry(e *mechanism.Entry, title string) *figure.Pairs {
	fig := b.traced(e.Result.Trace)
	fig.Head = b.head(title, b.w.Say("lab.counts.alt"))
	return fig
}

// traced is a passage with its quotes paired and one quantity below.
func (b *laboratory) traced(t *mechanism.Trace) *figure.Pairs {
	fig := &figure.Pairs{
		Text: t.Text, Limit: 1,
		Memory: b.w.Say("lab.counts.reading"), Trace: t.Axis, OpenLabel: b.w.Say("lab.opens"), CloseLabel: b.w.Say("lab.closes"),
		MemoryLegend: b.w.Say("lab.counts.axis"),
	}
	if t.Count != nil {
		fig.Memory, fig.Trace, fig.MemoryLegend = b.w.Say("lab.counts.count"), t.Count, b.w.Say("lab.counts.neuron")
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
func (b *laboratory) toggles() *page.Section {
	s := b.section("toggles")
	fig := &figure.Lines{Head: b.head(b.w.Say("lab.toggles.title"), b.w.Say("lab.toggles.alt")), XLabel: b.w.Say("lab.toggles.x"), YLabel: b.w.Say("lab.toggles.y")}
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
		says = append(says, b.w.Say("lab.toggles.says", b.cell(g.Cell), page.Interval(figureOf(g, "toggle: parity share"), 2), page.Interval(figureOf(g, "toggle: count share"), 2)))
	}
	if len(fig.Curves) == 0 {
		return nil
	}
	s.Add(b.picture("toggles", fig, "", says...))
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
func (b *laboratory) grids() *page.Section {
	s := b.section("grids")
	for _, kind := range []bool{false, true} {
		fig := &figure.Matrices{XLabel: b.w.Say("lab.grids.x"), YLabel: b.w.Say("lab.grids.y"), Middle: .5}
		for _, g := range b.x.Groups {
			if m, ok := b.matrix(g, kind); ok {
				fig.Panels = append(fig.Panels, m)
			}
		}
		key := map[bool]string{false: "known", true: "kind"}[kind]
		if len(fig.Panels) > 0 {
			fig.Head = b.head(b.w.Say("lab.grids."+key), b.w.Say("lab.grids."+key))
			s.Add(b.picture("grid-"+key, fig, fig.Title, b.w.Say("lab.grids.says")))
		}
	}
	return s
}

// matrix is a group's grid at the text's own gaps; only of groups that nest.
func (b *laboratory) matrix(g mechanism.Group, kind bool) (figure.Matrix, bool) {
	m := figure.Matrix{Title: b.w.Say("lab.grids.panel", b.language(g.Language), b.cell(g.Cell), page.Integer(g.Depth))}
	row, column := map[int]int{}, map[int]int{}
	found := false
	for _, c := range g.Grid {
		if c.Gap >= 0 || g.Depth < 2 {
			continue
		}
		if _, ok := row[c.Extra]; !ok {
			row[c.Extra] = len(m.Rows)
			m.Rows, m.Values = append(m.Rows, "+"+page.Integer(c.Extra)), append(m.Values, nil)
		}
		if _, ok := column[c.Depth]; !ok {
			column[c.Depth] = len(m.Columns)
			m.Columns = append(m.Columns, page.Integer(c.Depth))
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
func (b *laboratory) places() *page.Section {
	s := b.section("places")
	fig := &figure.Places{Head: b.head(b.w.Say("lab.places.title"), b.w.Say("lab.places.alt"))}
	for _, g := range b.x.Groups {
		for i := range b.x.Entries {
			e := &b.x.Entries[i]
			if e.Language != g.Language || e.Cell != g.Cell || e.Depth != g.Depth || g.Depth < 2 || e.Result.Geometry == nil {
				continue
			}
			p := figure.Plane{Group: b.language(g.Language), Title: b.w.Say("lab.places.panel", b.cell(g.Cell), page.Integer(g.Depth)), Points: e.Result.Geometry.Place, Solid: g.Depth + 1}
			for _, d := range e.Result.Geometry.Depth {
				p.Names = append(p.Names, page.Integer(d))
			}
			fig.Panels = append(fig.Panels, p)
			break
		}
	}
	if len(fig.Panels) == 0 {
		return nil
	}
	s.Add(b.picture("places", fig, ""))
	return s
}

// growth is the way from random marks to the final mechanism.
func (b *laboratory) growth() *page.Section {
	s := b.section("growth")
	for _, language := range []string{"one kind", "two kinds"} {
		known := &figure.Lines{XLabel: b.w.Say("axis.step.log"), YLabel: b.w.Say("lab.growth.known"), Steps: true}
		fits := &figure.Lines{XLabel: b.w.Say("axis.step.log"), YLabel: b.w.Say("lab.growth.fits"), Steps: true}
		var says []string
		ink := 0
		for _, cell := range []string{"elman", "gru", "lstm", "elman + counter"} {
			e := b.deepest(language, cell)
			if e == nil || len(e.Growth) == 0 {
				continue
			}
			a := figure.Curve{Name: b.cell(cell), Ink: figure.Series(ink), Dots: true}
			f, null := a, figure.Curve{Name: b.w.Say("lab.growth.null", b.cell(cell)), Ink: figure.Series(ink), Faint: true}
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
		known.Head = b.head(b.w.Say("lab.growth.knowntitle", title), b.w.Say("lab.growth.known"))
		fits.Head = b.head(b.w.Say("lab.growth.fitstitle", title), b.w.Say("lab.growth.fits"))
		s.Add(b.picture("growth-known-"+slug(language), known, known.Title, says...), b.picture("growth-fits-"+slug(language), fits, fits.Title, b.w.Say("lab.growth.says")))
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
			parts = append(parts, b.w.Say("lab.growth.at", b.verdict(m.Verdict), page.Integer(m.Step)))
			last = m.Verdict
		}
	}
	return b.w.Say("lab.growth.way", b.cell(e.Cell), b.w.List(parts))
}
