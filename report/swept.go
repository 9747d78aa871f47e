package report

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/rnnscope/rnnscope/concept"
	"github.com/rnnscope/rnnscope/figure"
	"github.com/rnnscope/rnnscope/finding"
	"github.com/rnnscope/rnnscope/report/page"
	"github.com/rnnscope/rnnscope/sweep"
)

// swept builds the page of a sweep.
type swept struct {
	document
	s *sweep.Sweep
}

// WriteSwept writes index.html and the figure of a sweep into its directory: what is finished,
// and what failed. It says nothing of who did the work and when: the same grid gives the
// same bytes. Errors match page.ErrLanguage or those of the file system.
func WriteSwept(ctx context.Context, s *sweep.Sweep, outcomes []sweep.Outcome, failures []string, lang string) error {
	w, err := page.LoadWords(lang)
	if err != nil || len(outcomes) == 0 {
		return err
	}
	b := &swept{s: s, document: document{w: w, command: "rnnscope sweep grid.yaml", small: w.Say("swept.small", s.Kernels)}}
	p := b.start(b.say("page"), b.say("lead"))
	p.Facts = []page.Fact{
		{Name: b.say("fact.done"), Value: b.say("of", page.Integer(len(outcomes)), page.Integer(len(s.Cells())))},
		{Name: b.say("fact.failed"), Value: page.Integer(len(failures))},
		{Name: b.say("fact.kernels"), Value: s.Kernels},
	}
	groups := s.Groups(outcomes)
	p.Sections = append(p.Sections, b.losses(groups))
	for i, label := range s.Grid.Labels() {
		if m := s.Measured(label, outcomes); len(m) > 0 {
			p.Sections = append(p.Sections, b.measure(i, groups, m))
		}
	}
	p.Sections = append(p.Sections, b.runs(outcomes))
	if len(failures) > 0 {
		p.Sections = append(p.Sections, b.failed(failures))
	}
	return b.write(ctx, s.Dir, "index.html", p)
}

func (b *swept) say(key string, args ...string) string { return b.w.Say("swept."+key, args...) }

// losses shows the test loss of every setting over its seeds.
func (b *swept) losses(groups []sweep.Group) page.Section {
	s := page.Section{ID: "loss", Title: b.say("loss.title")}
	var names []string
	for _, a := range b.s.Grid.Axes() {
		if !sweep.IsSeed(a) {
			names = append(names, a)
		}
	}
	f := &figure.Forest{Lo: math.Inf(1), Hi: math.Inf(-1), Reference: math.NaN(), XLabel: b.say("loss.axis"), EstLabel: b.say("loss.key")}
	t := &page.Table{Head: append(names, b.say("column.runs"), b.say("column.mean"), b.say("column.least"), b.say("column.greatest"))}
	for _, g := range groups {
		name := strings.Join(g.Values, " ")
		if name == "" {
			name = b.say("all")
		}
		f.Rows = append(f.Rows, figure.ForestRow{Name: name, Verdict: b.say("loss.n", page.Integer(g.N)), Estimate: g.Mean, Lo: g.Lo, Hi: g.Hi, Null: math.NaN(), Strong: true})
		f.Lo, f.Hi = min(f.Lo, g.Lo), max(f.Hi, g.Hi)
		t.Rows = append(t.Rows, append(append([]string{}, g.Values...), page.Integer(g.N), page.Number(g.Mean, 4), page.Number(g.Lo, 4), page.Number(g.Hi, 4)))
	}
	pad := max(.02, .1*(f.Hi-f.Lo))
	says := b.say("loss.says", page.Integer(len(groups)), page.Number(f.Lo, 3), page.Number(f.Hi, 3))
	f.Lo, f.Hi = f.Lo-pad, f.Hi+pad
	f.Head = b.head(s.Title, says)
	s.Add(b.picture("loss", f, "", says), page.Block{Table: t})
	return s
}

// measure shows what a measure found: a row a figure, a column a setting.
func (b *swept) measure(i int, groups []sweep.Group, found []sweep.Measured) page.Section {
	s := page.Section{ID: fmt.Sprintf("measure-%d", i+1), Title: b.say("measure.title", b.s.Grid.Labels()[i])}
	if line := b.s.Grid.Measures[i]; line != b.s.Grid.Labels()[i] {
		s.Intro = append(s.Intro, line)
	}
	s.Intro = append(s.Intro, b.say("measure.intro"))
	t := &page.Table{Head: []string{b.say("column.figure")}, Wide: len(groups) > 3}
	for _, g := range groups {
		t.Head = append(t.Head, b.setting(g))
	}
	for _, m := range found {
		row := []string{b.figure(m.Name)}
		for _, x := range m.By {
			row = append(row, b.spread(x))
		}
		t.Rows = append(t.Rows, row)
	}
	s.Add(page.Block{Table: t})
	return s
}

// setting names what differs from the other settings.
func (b *swept) setting(g sweep.Group) string {
	if len(g.Values) == 0 {
		return b.say("all")
	}
	return strings.Join(g.Values, " ")
}

// spread is a figure over the runs of a setting: of some of them that have one, a range and no mean, since the others are
// not like these (a concept that is never born, a horizon beyond the text).
func (b *swept) spread(x sweep.Spread) string {
	span := short(x.Lo)
	if x.Lo != x.Hi {
		span = fmt.Sprintf("[%s, %s]", short(x.Lo), short(x.Hi))
	}
	switch {
	case x.N == 0:
		return "–"
	case x.N < x.Of:
		return page.NoBreak(b.say("measure.some", span, page.Integer(x.N), page.Integer(x.Of)))
	case x.Lo != x.Hi:
		return page.NoBreak(short(x.Mean) + " " + span)
	}
	return span
}

// figure is what a figure of a measure is called: a word that the catalogue knows, and what it is of.
func (b *swept) figure(name string) string {
	first, rest, _ := strings.Cut(name, ".")
	said := b.w.Translate("swept.figure.", first)
	if v := finding.LoadWords(b.w.Lang).Verdict(finding.Verdict(first)); v != "" {
		said = v
	}
	if rest == "" {
		return said
	}
	return b.say("figure", said, b.of(first, rest))
}

// of is what a figure is of: a concept, a cause of errors, a kind of pair, a figure of samples, a site.
func (b *swept) of(first, rest string) string {
	if c, err := concept.Find(rest); err == nil {
		return c.Title(b.w.Lang)
	}
	if said := finding.LoadWords(b.w.Lang).Kind(first, rest); said != rest {
		return said
	}
	kind, more, ok := strings.Cut(rest, ".")
	if b.w.Has("pair." + kind) {
		kind = b.w.Say("pair." + kind)
	}
	if !ok {
		return kind
	}
	return kind + " " + b.w.Translate("swept.of.", more)
}

// short is a figure with the digits that somebody reads.
func short(v float64) string {
	switch size := math.Abs(v); {
	case v == math.Trunc(v) && size < 1e15:
		return page.Integer(int64(v))
	case size >= 1000:
		return page.Integer(int64(math.Round(v)))
	case size >= 100:
		return page.Number(v, 0)
	case size >= 10:
		return page.Number(v, 1)
	case size < .0005:
		return strings.Replace(strconv.FormatFloat(v, 'g', 2, 64), "-", "−", 2)
	}
	return page.Number(v, 3)
}

// mostFigures are shown of every run; of more there is the table by setting, and the file.
const mostFigures = 6

// runs is the table, a row a run.
func (b *swept) runs(outcomes []sweep.Outcome) page.Section {
	s := page.Section{ID: "runs", Title: b.say("runs.title"), Intro: []string{b.say("runs.intro")}}
	rows := b.s.Table(outcomes)
	columns := len(rows[0])
	if own := len(b.s.Grid.Axes()) + 4; columns > own+mostFigures {
		columns = own
		s.Intro = append(s.Intro, b.say("runs.more"))
	}
	t := &page.Table{Wide: true}
	for _, name := range rows[0][:columns] {
		t.Head = append(t.Head, b.w.Translate("swept.column.", name))
	}
	for _, row := range rows[1:] {
		cells := slices.Clone(row[:columns])
		for i := len(b.s.Grid.Axes()) + 1; i < len(cells); i++ {
			cells[i] = rounded(cells[i])
		}
		t.Rows = append(t.Rows, cells)
	}
	s.Add(page.Block{Table: t})
	return s
}

func (b *swept) failed(failures []string) page.Section {
	s := page.Section{ID: "failed", Title: b.say("failed.title"), Intro: []string{b.say("failed.intro")}}
	s.Add(page.Block{Prose: failures})
	return s
}

// rounded is a figure of the table with the digits that somebody reads.
func rounded(cell string) string {
	v, err := strconv.ParseFloat(cell, 64)
	if err != nil || v == math.Trunc(v) {
		return cell
	}
	return page.Number(v, 4)
}
