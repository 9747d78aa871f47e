package report

import (
	"strconv"

	"github.com/rnnscope/rnnscope/figure"
	"github.com/rnnscope/rnnscope/finding"
	"github.com/rnnscope/rnnscope/mistakes"
	"github.com/rnnscope/rnnscope/report/page"
	"github.com/rnnscope/rnnscope/text"
)

const (
	mistakesShown = 2 // examples a cause
	gainsShown    = 5 // characters at each end
)

// mistakes is what the network still gets wrong, and why.
func (b *builder) mistakes() *page.Section {
	r := b.D.Mistakes
	if r == nil {
		return nil
	}
	s := b.Section("mistakes")
	w := finding.LoadWords(b.W.Lang)
	s.Add(page.Prose(b.W.Say("mistakes.says", page.Integer(r.Wrong), page.Integer(r.Characters), perCent(r.Rate.Estimate), perCent(r.LossShare.Estimate), page.Number(r.Loss.Estimate, 3))))
	fig := &figure.Forest{XLabel: b.W.Say("mistakes.axis"), EstLabel: b.W.Say("mistakes.shapley"), NullLabel: b.W.Say("mistakes.ordered")}
	for _, c := range r.Causes {
		fig.Rows = append(fig.Rows, figure.ForestRow{
			Name: w.Kind("error_removed", c.Name), Verdict: perCent(c.Shapley.Estimate), Estimate: 100 * c.Shapley.Estimate, Lo: 100 * c.Shapley.Lo, Hi: 100 * c.Shapley.Hi,
			Null: 100 * c.Share.Estimate, Strong: true,
		})
		fig.Hi = max(fig.Hi, 105*c.Shapley.Hi, 105*c.Share.Estimate)
	}
	fig.Head = b.Head(b.W.Say("mistakes.figure"), b.W.Say("mistakes.what"))
	s.Add(b.Picture("mistakes", fig, fig.Title, b.Command("errors"), b.W.Say("mistakes.what")))
	s.Add(b.mistakesInContext(r, w), b.gains(r))
	return s
}

func perCent(x float64) string { return page.Number(100*x, 1) + " %" }

// small probabilities keep two digits.
func probability(p float64) string {
	if p >= .01 {
		return page.Number(p, 2)
	}
	return strconv.FormatFloat(p, 'e', 1, 64)
}

// mistakesInContext shows the costliest errors of every cause.
func (b *builder) mistakesInContext(r *mistakes.Result, w finding.Words) page.Block {
	t := &page.Table{Note: b.W.Say("mistakes.context")}
	for _, key := range []string{"cause", "text", "right", "expected", "q", "p"} {
		t.Head = append(t.Head, b.W.Say("mistakes.head."+key))
	}
	for _, c := range r.Causes {
		for _, e := range c.Worst[:min(mistakesShown, len(c.Worst))] {
			t.Rows = append(t.Rows, []string{
				w.Kind("error_removed", c.Name), "…" + page.Visible(e.Before), text.VisibleString(e.Char), text.VisibleString(e.Expected), probability(e.Q), probability(e.P),
			})
		}
	}
	return page.Block{Table: t, Fold: b.W.Say("mistakes.fold")}
}

// gains are the characters on which the network gains and loses most against the best n-gram model.
func (b *builder) gains(r *mistakes.Result) page.Block {
	t := &page.Table{Note: b.W.Say("mistakes.gains", page.Integer(r.Best), page.Number(r.NGramLoss.Estimate, 3))}
	for _, key := range []string{"char", "count", "network", "ngram", "gain"} {
		t.Head = append(t.Head, b.W.Say("mistakes.head."+key))
	}
	list := r.Gains
	if len(list) > 2*gainsShown {
		list = append(append([]mistakes.Gain{}, list[:gainsShown]...), list[len(list)-gainsShown:]...)
	}
	for _, g := range list {
		t.Rows = append(t.Rows, []string{text.VisibleString(g.Char), page.Integer(g.Count), page.Number(g.Network, 3), page.Number(g.NGram, 3), page.NoBreak(page.MilliInterval(g.Gain))})
	}
	return page.Block{Table: t}
}
