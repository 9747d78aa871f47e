package report

import (
	"context"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/rnnscope/rnnscope/figure"
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
	p.Sections = append(p.Sections, b.losses(groups), b.runs(outcomes))
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

// runs is the whole table, a row a run.
func (b *swept) runs(outcomes []sweep.Outcome) page.Section {
	s := page.Section{ID: "runs", Title: b.say("runs.title"), Intro: []string{b.say("runs.intro")}}
	rows := b.s.Table(outcomes)
	t := &page.Table{Wide: true}
	for _, name := range rows[0] {
		t.Head = append(t.Head, b.w.Translate("swept.column.", name))
	}
	for _, row := range rows[1:] {
		cells := slices.Clone(row)
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
