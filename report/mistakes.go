package report

import (
	"strconv"

	"github.com/rnnscope/rnnscope/figure"
	"github.com/rnnscope/rnnscope/finding"
	"github.com/rnnscope/rnnscope/mistakes"
	"github.com/rnnscope/rnnscope/text"
)

const (
	mistakesShown = 2 // examples a cause
	gainsShown    = 5 // characters at each end
)

// mistakes is what the network still gets wrong, and why.
func (b *builder) mistakes() *section {
	r := b.d.Mistakes
	if r == nil {
		return nil
	}
	s := b.section("mistakes")
	w := finding.LoadWords(b.w.lang)
	s.add(prose(b.w.say("mistakes.says", integer(r.Wrong), integer(r.Characters), perCent(r.Rate.Estimate), perCent(r.LossShare.Estimate), number(r.Loss.Estimate, 3))))
	fig := &figure.Forest{XLabel: b.w.say("mistakes.axis"), EstLabel: b.w.say("mistakes.shapley"), NullLabel: b.w.say("mistakes.ordered")}
	for _, c := range r.Causes {
		fig.Rows = append(fig.Rows, figure.ForestRow{
			Name: w.Kind("error_removed", c.Name), Verdict: perCent(c.Shapley.Estimate), Estimate: 100 * c.Shapley.Estimate, Lo: 100 * c.Shapley.Lo, Hi: 100 * c.Shapley.Hi,
			Null: 100 * c.Share.Estimate, Strong: true,
		})
		fig.Hi = max(fig.Hi, 105*c.Shapley.Hi, 105*c.Share.Estimate)
	}
	fig.Head = b.head(b.w.say("mistakes.figure"), b.w.say("mistakes.what"))
	s.add(b.picture("mistakes", fig, fig.Title, b.command("errors"), b.w.say("mistakes.what")))
	s.add(b.mistakesInContext(r, w), b.gains(r))
	return s
}

func perCent(x float64) string { return number(100*x, 1) + " %" }

// small probabilities keep two digits.
func probability(p float64) string {
	if p >= .01 {
		return number(p, 2)
	}
	return strconv.FormatFloat(p, 'e', 1, 64)
}

// mistakesInContext shows the costliest errors of every cause.
func (b *builder) mistakesInContext(r *mistakes.Result, w finding.Words) block {
	t := &table{Note: b.w.say("mistakes.context")}
	for _, key := range []string{"cause", "text", "right", "expected", "q", "p"} {
		t.Head = append(t.Head, b.w.say("mistakes.head."+key))
	}
	for _, c := range r.Causes {
		for _, e := range c.Worst[:min(mistakesShown, len(c.Worst))] {
			t.Rows = append(t.Rows, []string{
				w.Kind("error_removed", c.Name), "…" + visible(e.Before), text.VisibleString(e.Char), text.VisibleString(e.Expected), probability(e.Q), probability(e.P),
			})
		}
	}
	return block{Table: t, Fold: b.w.say("mistakes.fold")}
}

// gains are the characters on which the network gains and loses most against the best n-gram model.
func (b *builder) gains(r *mistakes.Result) block {
	t := &table{Note: b.w.say("mistakes.gains", integer(r.Best), number(r.NGramLoss.Estimate, 3))}
	for _, key := range []string{"char", "count", "network", "ngram", "gain"} {
		t.Head = append(t.Head, b.w.say("mistakes.head."+key))
	}
	list := r.Gains
	if len(list) > 2*gainsShown {
		list = append(append([]mistakes.Gain{}, list[:gainsShown]...), list[len(list)-gainsShown:]...)
	}
	for _, g := range list {
		t.Rows = append(t.Rows, []string{text.VisibleString(g.Char), integer(g.Count), number(g.Network, 3), number(g.NGram, 3), unbroken(milliInterval(g.Gain))})
	}
	return block{Table: t}
}
