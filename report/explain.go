package report

import (
	"cmp"
	"math"
	"slices"

	"github.com/rnnscope/rnnscope/explain"
	"github.com/rnnscope/rnnscope/figure"
	"github.com/rnnscope/rnnscope/report/page"
	"github.com/rnnscope/rnnscope/rnn"
	"github.com/rnnscope/rnnscope/stat"
)

// explain is every unit in words, and what the words are worth.
func (b *builder) explain() *page.Section {
	r := b.D.Explain
	if r == nil {
		return nil
	}
	s := b.Section("explain")
	command := b.Command("explain")
	s.Add(page.Block{Prose: []string{b.W.Say("explain.from", r.Text, b.W.Part(r.Split), page.Integer(r.Grown), page.Integer(r.Held), page.Integer(r.Reported))}})
	s.Add(b.explainCurve(r, command))
	s.Add(b.explainReach(r, command)...)
	s.Add(b.explainWords(r)...)
	s.Add(b.explainUnits(r)...)
	return s
}

// explainCurve is how much of a unit is said by how many leaves, beside untrained networks.
func (b *builder) explainCurve(r *explain.Result, command string) page.Block {
	fig := &figure.Lines{XLabel: b.W.Say("explain.axis.leaves"), YLabel: b.W.Say("explain.axis.r2")}
	var says []string
	for i, site := range r.Sites {
		ink := figure.Series(i % mostCurves)
		if i < mostCurves {
			fig.Curves = append(fig.Curves, b.leavesCurve(site.Name, site.Median, ink, false))
			if f := site.Fresh; f != nil {
				fig.Curves = append(fig.Curves, b.leavesCurve(b.W.Say("explain.untrained", site.Name), f.Median, ink, true))
			}
		}
		says = append(says, b.explainSite(site))
	}
	what := b.W.Say("explain.curve.what")
	fig.Head = b.Head(b.W.Say("explain.curve.title"), what)
	return b.Picture("explain-leaves", fig, fig.Title, command, append([]string{what}, says...)...)
}

// leavesCurve is drawn over the logarithm of the leaves: each size is four times the last.
func (b *builder) leavesCurve(name string, y explain.Curve, ink figure.Ink, faint bool) figure.Curve {
	c := figure.Curve{Name: name, Ink: ink, Faint: faint, Dots: !faint}
	for i, k := range explain.Leaves {
		c.X, c.Y = append(c.X, math.Log2(float64(k))), append(c.Y, float64(y[i]))
	}
	return c
}

func (b *builder) explainSite(s explain.Site) string {
	parts := []string{b.W.Say("explain.site", s.Name, page.Shares(s.Half[1]), page.Shares(s.Half[2]), page.Integer(len(s.Units)))}
	if f := s.Fresh; f != nil {
		parts = append(parts, b.W.Say("explain.site.untrained", page.Shares(f.Half[1]), page.Shares(f.Half[2])))
		if s.Draws > 0 {
			parts = append(parts, b.W.Say("explain.site.remember", page.Shares(s.Remember), page.Number(float64(f.Highest[explain.Sizes-1]), 3)))
		}
	}
	return b.W.Sentences(parts...)
}

// explainReach is how much the last k characters fix.
func (b *builder) explainReach(r *explain.Result, command string) []page.Block {
	if r.Memory == nil {
		return nil
	}
	fig := &figure.Lines{XLabel: b.W.Say("explain.axis.k"), YLabel: b.W.Say("explain.axis.fixed"), Steps: true}
	for i, of := range r.Memory.Median[:min(mostCurves, len(r.Memory.Median))] {
		c := figure.Curve{Name: of.Site, Ink: figure.Series(i), Dots: true}
		for k, v := range of.S {
			c.X, c.Y = append(c.X, float64(r.Memory.Ks[k])), append(c.Y, float64(v))
		}
		fig.Curves = append(fig.Curves, c)
	}
	what := b.W.Say("explain.reach.what", page.Integer(r.Memory.Places))
	fig.Head = b.Head(b.W.Say("explain.reach.title"), what)
	return []page.Block{b.Picture("explain-reach", fig, fig.Title, command, what)}
}

// explainWords is what is left of the network when its units are said in words.
func (b *builder) explainWords(r *explain.Result) []page.Block {
	w := r.Words
	if w == nil {
		return nil
	}
	t := &page.Table{Head: []string{b.W.Say("explain.words.instead"), b.W.Say("explain.words.loss"), "K", b.W.Say("explain.words.cooled"), b.W.Say("explain.words.k")}}
	add := func(name string, loss, k stat.Interval, cooled, cooledK *stat.Interval) {
		row := []string{name, page.Number(loss.Estimate, 3), page.Interval(k, 2), "", ""}
		if cooled != nil {
			row[3], row[4] = page.Number(cooled.Estimate, 3), page.Interval(*cooledK, 2)
		}
		t.Rows = append(t.Rows, row)
	}
	add(b.W.Say("explain.words.network"), w.Network, stat.Point(1, 0), nil, nil)
	if n := w.NGram; n != nil {
		add(b.W.Say("explain.words.ngram", page.Integer(n.Order)), n.Loss, n.K, nil, nil)
	}
	add(b.W.Say("explain.words.frequency"), w.Unigram, stat.Point(0, 0), nil, nil)
	for _, x := range w.Described {
		add(b.W.Say("explain.words.described", page.Integer(x.Leaves)), x.Loss, x.K, x.CooledLoss, x.CooledK)
	}
	for _, x := range w.Means {
		name := b.W.Say("explain.words.mean")
		if x.Last > 0 {
			name = b.W.Say("explain.words.means", page.Integer(x.Last))
		}
		add(name, x.Loss, x.K, x.CooledLoss, x.CooledK)
	}
	for _, x := range w.Recurrent {
		add(b.W.Say("explain.words.recurrent", page.Integer(x.Leaves)), x.Loss, x.K, nil, nil)
	}
	return []page.Block{{Heading: b.W.Say("explain.words.title")}, {Prose: []string{b.W.Say("explain.words.what", page.Integer(w.Positions))}}, {Table: t}}
}

// explainShown is how many units of either end are shown.
const explainShown = 10

func (b *builder) explainUnits(r *explain.Result) []page.Block {
	type unit struct {
		site string
		explain.Unit
	}
	var all []unit
	for _, s := range r.Sites {
		for _, u := range s.Units {
			if u.Family == u.Unit && u.R2[1].Estimate == u.R2[1].Estimate && len(u.Rules) > 0 {
				all = append(all, unit{s.Name, u})
			}
		}
	}
	slices.SortStableFunc(all, func(x, y unit) int { return cmp.Compare(y.R2[1].Estimate, x.R2[1].Estimate) })
	rows := func(units []unit) *page.Table {
		t := &page.Table{Head: []string{b.W.Say("explain.unit"), b.W.Say("explain.unit.says"), "R²", b.W.Say("explain.unit.beyond")}}
		for _, u := range units {
			says := u.Rules[0].Text[b.W.Lang]
			if len(u.Rules) > 1 {
				says = says + "; " + u.Rules[1].Text[b.W.Lang]
			}
			t.Rows = append(t.Rows, []string{rnn.UnitName(u.site, u.Unit.Unit), says, page.Interval(u.R2[1], 2), page.Interval(u.Beyond[explain.Sizes-1], 2)})
		}
		return t
	}
	if len(all) == 0 {
		return nil
	}
	n := min(explainShown, (len(all)+1)/2)
	return []page.Block{
		{Heading: b.W.Say("explain.best")}, {Prose: []string{b.W.Say("explain.best.what")}}, {Table: rows(all[:n])},
		{Heading: b.W.Say("explain.least")}, {Prose: []string{b.W.Say("explain.least.what")}}, {Table: rows(all[len(all)-n:])},
	}
}
