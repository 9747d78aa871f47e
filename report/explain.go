package report

import (
	"cmp"
	"math"
	"slices"

	"github.com/rnnscope/rnnscope/explain"
	"github.com/rnnscope/rnnscope/figure"
	"github.com/rnnscope/rnnscope/rnn"
	"github.com/rnnscope/rnnscope/stat"
)

// explain is every unit in words, and what the words are worth.
func (b *builder) explain() *section {
	r := b.d.Explain
	if r == nil {
		return nil
	}
	s := b.section("explain")
	command := b.command("explain")
	s.add(block{Prose: []string{b.w.say("explain.from", r.Text, b.w.part(r.Split), integer(r.Grown), integer(r.Held), integer(r.Reported))}})
	s.add(b.explainCurve(r, command))
	s.add(b.explainReach(r, command)...)
	s.add(b.explainWords(r)...)
	s.add(b.explainUnits(r)...)
	return s
}

// explainCurve is how much of a unit is said by how many leaves, beside untrained networks.
func (b *builder) explainCurve(r *explain.Result, command string) block {
	fig := &figure.Lines{XLabel: b.w.say("explain.axis.leaves"), YLabel: b.w.say("explain.axis.r2")}
	var says []string
	for i, site := range r.Sites {
		ink := figure.Series(i % mostCurves)
		if i < mostCurves {
			fig.Curves = append(fig.Curves, b.leavesCurve(site.Name, site.Median, ink, false))
			if f := site.Fresh; f != nil {
				fig.Curves = append(fig.Curves, b.leavesCurve(b.w.say("explain.untrained", site.Name), f.Median, ink, true))
			}
		}
		says = append(says, b.explainSite(site))
	}
	what := b.w.say("explain.curve.what")
	fig.Head = b.head(b.w.say("explain.curve.title"), what)
	return b.picture("explain-leaves", fig, fig.Title, command, append([]string{what}, says...)...)
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
	parts := []string{b.w.say("explain.site", s.Name, shares(s.Half[1]), shares(s.Half[2]), integer(len(s.Units)))}
	if f := s.Fresh; f != nil {
		parts = append(parts, b.w.say("explain.site.untrained", shares(f.Half[1]), shares(f.Half[2])))
		if s.Draws > 0 {
			parts = append(parts, b.w.say("explain.site.remember", shares(s.Remember), number(float64(f.Highest[explain.Sizes-1]), 3)))
		}
	}
	return b.w.sentences(parts...)
}

// explainReach is how much the last k characters fix.
func (b *builder) explainReach(r *explain.Result, command string) []block {
	if r.Memory == nil {
		return nil
	}
	fig := &figure.Lines{XLabel: b.w.say("explain.axis.k"), YLabel: b.w.say("explain.axis.fixed"), Steps: true}
	for i, of := range r.Memory.Median[:min(mostCurves, len(r.Memory.Median))] {
		c := figure.Curve{Name: of.Site, Ink: figure.Series(i), Dots: true}
		for k, v := range of.S {
			c.X, c.Y = append(c.X, float64(r.Memory.Ks[k])), append(c.Y, float64(v))
		}
		fig.Curves = append(fig.Curves, c)
	}
	what := b.w.say("explain.reach.what", integer(r.Memory.Places))
	fig.Head = b.head(b.w.say("explain.reach.title"), what)
	return []block{b.picture("explain-reach", fig, fig.Title, command, what)}
}

// explainWords is what is left of the network when its units are said in words.
func (b *builder) explainWords(r *explain.Result) []block {
	w := r.Words
	if w == nil {
		return nil
	}
	t := &table{Head: []string{b.w.say("explain.words.instead"), b.w.say("explain.words.loss"), "K", b.w.say("explain.words.cooled"), b.w.say("explain.words.k")}}
	add := func(name string, loss, k stat.Interval, cooled, cooledK *stat.Interval) {
		row := []string{name, number(loss.Estimate, 3), interval(k, 2), "", ""}
		if cooled != nil {
			row[3], row[4] = number(cooled.Estimate, 3), interval(*cooledK, 2)
		}
		t.Rows = append(t.Rows, row)
	}
	add(b.w.say("explain.words.network"), w.Network, stat.Point(1, 0), nil, nil)
	if n := w.NGram; n != nil {
		add(b.w.say("explain.words.ngram", integer(n.Order)), n.Loss, n.K, nil, nil)
	}
	add(b.w.say("explain.words.frequency"), w.Unigram, stat.Point(0, 0), nil, nil)
	for _, x := range w.Described {
		add(b.w.say("explain.words.described", integer(x.Leaves)), x.Loss, x.K, x.CooledLoss, x.CooledK)
	}
	for _, x := range w.Means {
		name := b.w.say("explain.words.mean")
		if x.Last > 0 {
			name = b.w.say("explain.words.means", integer(x.Last))
		}
		add(name, x.Loss, x.K, x.CooledLoss, x.CooledK)
	}
	for _, x := range w.Recurrent {
		add(b.w.say("explain.words.recurrent", integer(x.Leaves)), x.Loss, x.K, nil, nil)
	}
	return []block{{Heading: b.w.say("explain.words.title")}, {Prose: []string{b.w.say("explain.words.what", integer(w.Positions))}}, {Table: t}}
}

// explainShown is how many units of either end are told.
const explainShown = 10

func (b *builder) explainUnits(r *explain.Result) []block {
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
	rows := func(units []unit) *table {
		t := &table{Head: []string{b.w.say("explain.unit"), b.w.say("explain.unit.says"), "R²", b.w.say("explain.unit.beyond")}}
		for _, u := range units {
			says := u.Rules[0].Text[b.w.lang]
			if len(u.Rules) > 1 {
				says = says + "; " + u.Rules[1].Text[b.w.lang]
			}
			t.Rows = append(t.Rows, []string{rnn.UnitName(u.site, u.Unit.Unit), says, interval(u.R2[1], 2), interval(u.Beyond[explain.Sizes-1], 2)})
		}
		return t
	}
	if len(all) == 0 {
		return nil
	}
	n := min(explainShown, (len(all)+1)/2)
	return []block{
		{Heading: b.w.say("explain.best")}, {Prose: []string{b.w.say("explain.best.what")}}, {Table: rows(all[:n])},
		{Heading: b.w.say("explain.least")}, {Prose: []string{b.w.say("explain.least.what")}}, {Table: rows(all[len(all)-n:])},
	}
}
