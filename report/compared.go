package report

import (
	"cmp"
	"context"
	"math"
	"slices"
	"strings"

	"github.com/rnnscope/rnnscope/compare"
	"github.com/rnnscope/rnnscope/concept"
	"github.com/rnnscope/rnnscope/evolve"
	"github.com/rnnscope/rnnscope/figure"
	"github.com/rnnscope/rnnscope/report/page"
	"github.com/rnnscope/rnnscope/rnn"
	"github.com/rnnscope/rnnscope/stat"
)

// ComparedPage is the page that WriteCompared writes.
const ComparedPage = "index.html"

// compared builds the page of a comparison of runs.
type compared struct {
	document
	r *compare.Result
}

// WriteCompared writes ComparedPage and the figures of a comparison into dir. Errors match
// page.ErrLanguage or those of the file system.
func WriteCompared(ctx context.Context, dir string, r *compare.Result, lang string) error {
	w, err := page.LoadWords(lang)
	if err != nil {
		return err
	}
	command := "rnnscope compare"
	for _, x := range r.Runs {
		command += " " + page.ShellQuote(x.Name)
	}
	b := &compared{r: r, document: document{w: w, command: command, small: w.Say("compared.small", r.Version)}}
	p := b.start(b.say("page", page.Integer(len(r.Runs))), b.say("lead"))
	p.Facts = b.facts()
	for _, build := range []func() *page.Section{b.runs, b.units, b.verdicts, b.births, b.emergences, b.horizons, b.missing} {
		if s := build(); s != nil {
			p.Sections = append(p.Sections, *s)
		}
	}
	return b.write(ctx, dir, ComparedPage, p)
}

func (b *compared) say(key string, args ...string) string { return b.w.Say("compared."+key, args...) }

func (b *compared) facts() []page.Fact {
	out := []page.Fact{{Name: b.say("fact.runs"), Value: page.Integer(len(b.r.Runs))}}
	if len(b.r.Mixed) > 0 {
		out = append(out, page.Fact{Name: b.say("fact.mixed"), Value: b.mixed()})
	}
	if len(b.r.Pairs) == 0 {
		return out
	}
	return append(out, page.Fact{Name: b.say("fact.text"), Value: b.r.Text}, page.Fact{Name: b.say("fact.characters"), Value: page.Integer(b.r.Characters)},
		page.Fact{Name: b.say("fact.untrained"), Value: page.Integer(b.r.Untrained)})
}

// mixed says in what the runs differ besides their seeds.
func (b *compared) mixed() string {
	var out []string
	for _, x := range b.r.Mixed {
		out = append(out, b.say("mixed."+x))
	}
	return strings.Join(out, b.w.Say("list.comma"))
}

// section has a title, what it says first, and a table's head.
func (b *compared) section(id string, columns ...string) (*page.Section, *page.Table) {
	s := &page.Section{ID: id, Title: b.say(id + ".title")}
	if b.w.Has("compared." + id + ".intro") {
		s.Intro = []string{b.say(id + ".intro")}
	}
	return s, b.heads(columns...)
}

// heads is a table without rows.
func (b *compared) heads(columns ...string) *page.Table {
	t := &page.Table{}
	for _, c := range columns {
		t.Head = append(t.Head, b.say("column."+c))
	}
	return t
}

func (b *compared) runs() *page.Section {
	s, t := b.section("runs", "run", "cell", "layers", "hidden", "seed", "step", "loss")
	for _, x := range b.r.Runs {
		t.Rows = append(t.Rows, []string{x.Name, b.w.Translate("lab.cell.", x.Cell), page.Integer(x.Layers), page.Integer(x.Hidden), page.Integer(x.Seed), page.Integer(x.Step),
			page.Number(float64(x.Loss), 3)})
	}
	s.Add(page.Block{Table: t})
	return s
}

// surestUnits are shown of each pair of runs.
const surestUnits = 5

func (b *compared) units() *page.Section {
	if len(b.r.Pairs) == 0 {
		return nil
	}
	s, t := b.section("units", "of", "in", "site", "again", "single", "median")
	f := b.forest("share")
	surest := b.heads("of", "unit", "in", "partner", "r", "untrained", "moved")
	surest.Wide = true
	for _, p := range b.r.Pairs {
		for _, x := range p.Sites {
			f.Rows = append(f.Rows, forestRow(b.say("units.row", p.A, p.B, x.Site), x.Replicated, b.say("units.single", page.Number(x.OneToOne.Estimate, 2))))
			t.Rows = append(t.Rows, []string{p.A, p.B, x.Site, inTable(x.Replicated, 2), inTable(x.OneToOne, 2), page.Number(float64(x.Median), 2)})
		}
		for _, u := range p.Units[:min(surestUnits, len(p.Units))] {
			if u.Replicated {
				surest.Rows = append(surest.Rows, []string{p.A, rnn.UnitName(u.Site, u.Unit), p.B, rnn.UnitName(u.InSite, u.Partner), inTable(u.R, 3),
					page.Number(float64(u.Untrained), 3), page.Number(float64(u.Misplaced), 3)})
			}
		}
	}
	b.drawn(s, "units", f)
	s.Add(page.Block{Table: t})
	if len(surest.Rows) > 0 {
		s.Add(page.Block{Heading: b.say("units.surest", page.Integer(surestUnits))}, page.Block{Table: surest})
	}
	return s
}

func (b *compared) verdicts() *page.Section {
	all := slices.Concat(b.r.Verdicts, b.r.Mechanisms)
	if len(all) == 0 {
		return nil
	}
	s, t := b.section("verdicts", "what", "verdict", "holds", "share")
	f := b.forest("share")
	row := func(name, verdict string, v compare.VerdictCount) {
		of := b.of(int(v.Runs), int(v.Share.N))
		f.Rows = append(f.Rows, forestRow(name, v.Share, b.say("verdicts.row", verdict, of)))
		t.Rows = append(t.Rows, []string{name, verdict, of, inTable(v.Share, 2)})
	}
	for _, v := range b.r.Verdicts {
		row(b.concept(v.Name), b.w.Translate("verdict.", v.Verdict), v)
	}
	for _, v := range b.r.Mechanisms {
		row(b.say("marks"), b.w.Translate("lab.verdict.", v.Verdict), v)
	}
	b.drawn(s, "verdicts", f)
	s.Add(page.Block{Table: t})
	return s
}

func (b *compared) births() *page.Section {
	if len(b.r.Births) == 0 {
		return nil
	}
	s, t := b.section("births", "concept", "born", "born.in", "survivor")
	lagged := b.heads("concept", "serves", "lag", "lag.in", "lag.mean")
	f := b.forest("births")
	at := func(v stat.Number) float64 { return math.Log10(1 + float64(v)) }
	for _, x := range b.r.Births {
		if x.Best.N > 0 {
			i := stat.Interval{Estimate: at(x.Best.Median), Lo: at(x.Best.Lo), Hi: at(x.Best.Hi)}
			if x.Best.Beyond > 0 {
				i.Hi = math.Inf(1) // to the edge
			}
			f.Rows = append(f.Rows, forestRow(b.concept(x.Concept), i, b.say("births.row", b.of(x.Best.N, x.Best.Of))))
			for _, v := range []stat.Number{x.Best.Hi, x.Best.HiAbove} {
				if v.Defined() {
					f.Hi = max(f.Hi, at(v)+.2)
				}
			}
		}
		in := func(s compare.Spread) string { return page.NoBreak(b.of(s.N, s.Of)) }
		// the survivor is above in as many runs: in the end it is the best unit
		t.Rows = append(t.Rows, []string{b.concept(x.Concept), spread(x.Best), in(x.Best), spread(x.Survivor)})
		if x.LagSpread.N+x.LagSpread.Beyond > 0 {
			lagged.Rows = append(lagged.Rows, []string{b.concept(x.Concept), b.figure(x.Skill), lags(x.LagSpread), in(x.LagSpread), inTable(x.Lag, 2)})
		}
	}
	b.drawn(s, "births", f)
	s.Add(page.Block{Table: t})
	if len(lagged.Rows) > 0 {
		s.Add(page.Block{Heading: b.say("births.lags")}, page.Prose(b.say("births.lags.what")), page.Block{Table: lagged})
	}
	return s
}

func (b *compared) emergences() *page.Section {
	if len(b.r.Emergences) == 0 {
		return nil
	}
	s, t := b.section("emergences", "skill", "middle", "middle.in", "came")
	for _, x := range b.r.Emergences {
		name := b.figure(x.Figure)
		if x.Of != "" {
			name = b.say("emergences.of", name, b.say("of."+x.Of))
		}
		came := b.came(x.Verdicts)
		if len(x.Metric) > 0 {
			came = b.say("emergences.jumps", came, b.came(x.Metric))
		}
		t.Rows = append(t.Rows, []string{name, spread(x.Middle), b.of(x.Middle.N, x.Middle.Of), came})
	}
	s.Add(page.Block{Table: t})
	return s
}

// came counts verdicts in words, the commonest first.
func (b *compared) came(m map[evolve.Verdict]int) string {
	var out []string
	for _, n := range compare.Commonest(m) {
		out = append(out, b.w.Translate("compared.came.", string(n))+"\u00a0"+page.Integer(m[n]))
	}
	return strings.Join(out, b.w.Say("list.comma"))
}

func (b *compared) horizons() *page.Section {
	if len(b.r.Horizons) == 0 {
		return nil
	}
	s, t := b.section("horizons", "closers", "asked", "horizon", "horizon.in", "beyond", "none")
	for _, x := range b.r.Horizons {
		t.Rows = append(t.Rows, []string{b.w.Translate("pair.", x.Kind), b.w.Translate("compared.asked.", x.Asked), spread(x.Spread), b.of(x.N, x.Of), page.Integer(x.Beyond), page.Integer(x.Of - x.N - x.Beyond)})
	}
	s.Add(page.Block{Table: t})
	return s
}

// missing lists what would complete the comparison, a line a command.
func (b *compared) missing() *page.Section {
	if len(b.r.Missing) == 0 {
		return nil
	}
	s, t := b.section("missing", "command", "missing")
	at := map[string]int{}
	for _, m := range b.r.Missing {
		k, known := at[m.Command]
		if !known {
			k, at[m.Command] = len(t.Rows), len(t.Rows)
			t.Rows = append(t.Rows, []string{"rnnscope " + m.Command + " …", ""})
		}
		if t.Rows[k][1] != "" {
			t.Rows[k][1] += b.w.Say("list.comma")
		}
		t.Rows[k][1] += m.Run
	}
	s.Add(page.Block{Table: t})
	return s
}

// forest is a figure of intervals from 0 to 1.
func (b *compared) forest(kind string) *figure.Forest {
	return &figure.Forest{Lo: 0, Hi: 1, Reference: math.NaN(), XLabel: b.say("axis." + kind), EstLabel: b.say("key." + kind)}
}

// drawn adds a figure that has rows.
func (b *compared) drawn(s *page.Section, id string, f *figure.Forest) {
	if len(f.Rows) == 0 {
		return
	}
	f.Head = b.head(s.Title, b.say(id+".figure"))
	s.Add(b.picture(id, f, "", b.say(id+".figure")))
}

func forestRow(name string, x stat.Interval, says string) figure.ForestRow {
	return figure.ForestRow{Name: name, Verdict: says, Estimate: x.Estimate, Lo: x.Lo, Hi: x.Hi, Null: math.NaN(), Strong: true}
}

// of says in how many of the runs.
func (b *compared) of(n, of int) string { return b.say("of", page.Integer(n), page.Integer(of)) }

func (b *compared) concept(name string) string {
	c, err := concept.Find(name)
	if err != nil {
		return name
	}
	return c.Title(b.w.Lang)
}

// figure is what a figure of samples or a kind of held-out items is called.
func (b *compared) figure(name string) string {
	switch {
	case name == "":
		return "–"
	case name == evolve.LossName:
		return b.w.Say("emergence.loss")
	case b.r.Titles[name][b.w.Lang] != "":
		return b.r.Titles[name][b.w.Lang]
	}
	return strings.ReplaceAll(strings.TrimPrefix(name, "held-out-"), "-", " ")
}

// inTable is an interval that does not break.
func inTable(i stat.Interval, digits int) string { return page.NoBreak(page.Interval(i, digits)) }

// spread is a median with its range, whole numbers.
func spread(s compare.Spread) string { return spreadOf(s, whole) }

// lags is a median of lags with its range.
func lags(s compare.Spread) string {
	return spreadOf(s, func(v stat.Number) string { return page.Number(float64(v), 2) })
}

func spreadOf(s compare.Spread, number func(stat.Number) string) string {
	return page.NoBreak(cmp.Or(s.Words(number), "–"))
}

func whole(v stat.Number) string { return page.Integer(int64(math.Round(float64(v)))) }
