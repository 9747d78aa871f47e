package report

import (
	"github.com/rnnscope/rnnscope/evolve"
	"github.com/rnnscope/rnnscope/report/page"
)

// heldOut lays the share of held-out items right beside their log probability.
func (b *builder) heldOut() []page.Block {
	if len(b.D.HeldOut) == 0 {
		return nil
	}
	t := &page.Table{Head: []string{b.W.Say("heldout.measure"), b.W.Say("heldout.n"), b.W.Say("heldout.right"), b.W.Say("heldout.came"),
		b.W.Say("heldout.logp"), b.W.Say("heldout.logpcame")}}
	for _, x := range b.D.HeldOut {
		title := x.Titles[b.W.Lang]
		if title == "" {
			title = x.Name
		}
		t.Rows = append(t.Rows, []string{
			title, page.Integer(x.Items),
			page.NoBreak(b.W.Say("heldout.from", page.Percent(x.First.Right.Estimate), page.Shares(x.Last.Right))), b.cameInShare(x.Came),
			page.NoBreak(b.W.Say("heldout.from", page.Number(x.First.LogP.Estimate, 2), page.Interval(x.Last.LogP, 2))), b.came(x.Came.LogP),
		})
	}
	return []page.Block{{Heading: b.W.Say("heldout.title")}, {Prose: []string{b.W.Say("heldout.what")}}, {Table: t}}
}

// cameInShare says how a share came and, of a jump, whether the measure made it.
func (b *builder) cameInShare(p evolve.Pairing) string {
	came := b.came(p.Right)
	switch p.Metric {
	case evolve.MetricInduced:
		return b.W.Say("heldout.induced", came)
	case evolve.AbruptInBoth:
		return b.W.Say("heldout.both", came)
	case evolve.CannotTell:
		return b.W.Say("heldout.cannot", came)
	}
	return came
}
