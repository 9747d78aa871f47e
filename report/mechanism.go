package report

import (
	"strings"

	"github.com/rnnscope/rnnscope/figure"
	"github.com/rnnscope/rnnscope/mechanism"
	"github.com/rnnscope/rnnscope/rnn"
)

// mechanism is the six tests of how the network counts quotation marks.
func (b *builder) mechanism() *section {
	if b.d.Mechanism == nil || b.d.Mechanism.Result == nil {
		return nil
	}
	r := b.d.Mechanism.Result
	l := &laboratory{w: b.w}
	s := b.section("mech")
	s.add(block{Prose: []string{
		b.w.say("mech.says", l.verdict(r.Verdict), b.w.marks(r.Language), integer(r.Pairs), integer(r.Depth), interval(r.Inside.AUROC, 2), interval(r.Inside.Nats, 2)),
		b.w.say("mech.axis", rnn.UnitName(r.Axis.Site, r.Axis.Unit), interval(r.Axis.R, 2), interval(r.Axis.R2, 2)),
	}})
	if r.Inside.ByContent() {
		s.add(prose(b.w.say("mech.content", number(r.Inside.Unmarked.Estimate, 2))))
	}
	t := &table{Head: []string{b.w.say("lab.column.test"), b.w.say("mech.measured"), b.w.say("lab.column.excluded")}, Note: b.w.say("mech.note", b.w.part(b.d.Mechanism.Split))}
	for _, x := range r.Tests {
		row := []string{l.named("lab.test.", x.Name), b.w.say("mech.inapplicable", l.named("lab.why.", x.Why)), ""}
		if x.Applicable {
			var measured, excluded []string
			for _, f := range x.Figures {
				measured = append(measured, l.named("lab.figure.", f.Name)+" "+interval(f.Interval, 2))
			}
			for _, e := range x.Excludes {
				excluded = append(excluded, b.w.say("mech.excluded", l.verdict(string(e.Mechanism)), l.named("lab.because.", e.Because)))
			}
			row[1], row[2] = strings.Join(measured, b.w.say("list.semicolon")), strings.Join(excluded, b.w.say("list.semicolon"))
		}
		t.Rows = append(t.Rows, row)
	}
	s.add(block{Table: t})
	if r.Trace != nil {
		title := b.w.say("mech.trace")
		fig := l.traced(r.Trace)
		fig.Head = b.head(title, b.w.say("lab.counts.alt"))
		s.add(b.picture("mechanism-trace", fig, title, b.command("quotes")))
	}
	if len(b.d.Mechanism.Growth) > 1 {
		s.add(b.grown(b.d.Mechanism.Growth, l, r.Cell))
	}
	return s
}

// grown is the way to the final mechanism, snapshot by snapshot.
func (b *builder) grown(growth []mechanism.Moment, l *laboratory, cell string) block {
	fig := &figure.Lines{XLabel: b.w.say("axis.step.log"), YLabel: b.w.say("mech.grown.y"), Steps: true}
	inside := figure.Curve{Name: b.w.say("mech.grown.inside"), Ink: figure.Series(0), Dots: true}
	nested := figure.Curve{Name: b.w.say("mech.grown.nested"), Ink: figure.Series(1), Dots: true}
	for _, m := range growth {
		inside.X, inside.Y = append(inside.X, float64(m.Step)), append(inside.Y, m.Inside.Estimate)
		if m.Nested.Defined() {
			nested.X, nested.Y = append(nested.X, float64(m.Step)), append(nested.Y, m.Nested.Estimate)
		}
	}
	fig.Curves = append(fig.Curves, inside)
	if len(nested.X) > 0 {
		fig.Curves = append(fig.Curves, nested)
	}
	title := b.w.say("lab.growth.title")
	fig.Head = b.head(title, b.w.say("mech.grown.y"))
	return b.picture("mechanism-growth", fig, title, b.command("quotes")+" --growth", l.grew(&mechanism.Entry{Cell: cell, Growth: growth}))
}
