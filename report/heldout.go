package report

import "github.com/rnnscope/rnnscope/evolve"

// heldOut lays the share of held-out items right beside their log probability.
func (b *builder) heldOut() []block {
	if len(b.d.HeldOut) == 0 {
		return nil
	}
	t := &table{Head: []string{b.w.say("heldout.measure"), b.w.say("heldout.n"), b.w.say("heldout.right"), b.w.say("heldout.came"),
		b.w.say("heldout.logp"), b.w.say("heldout.logpcame")}}
	for _, x := range b.d.HeldOut {
		title := x.Titles[b.w.lang]
		if title == "" {
			title = x.Name
		}
		t.Rows = append(t.Rows, []string{
			title, integer(x.Items),
			unbroken(b.w.say("heldout.from", percent(x.First.Right.Estimate), shares(x.Last.Right))), b.cameInShare(x.Came),
			unbroken(b.w.say("heldout.from", number(x.First.LogP.Estimate, 2), interval(x.Last.LogP, 2))), b.came(x.Came.LogP),
		})
	}
	return []block{{Heading: b.w.say("heldout.title")}, {Prose: []string{b.w.say("heldout.what")}}, {Table: t}}
}

// cameInShare says how a share came and, of a jump, whether the measure made it.
func (b *builder) cameInShare(p evolve.Pairing) string {
	came := b.came(p.Right)
	switch p.Metric {
	case evolve.MetricInduced:
		return b.w.say("heldout.induced", came)
	case evolve.AbruptInBoth:
		return b.w.say("heldout.both", came)
	case evolve.CannotTell:
		return b.w.say("heldout.cannot", came)
	}
	return came
}
