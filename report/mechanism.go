package report

import (
	"strings"

	"github.com/rnnscope/rnnscope/figure"
	"github.com/rnnscope/rnnscope/mechanism"
	"github.com/rnnscope/rnnscope/report/page"
	"github.com/rnnscope/rnnscope/rnn"
)

// mechanism is the six tests of how the network counts quotation marks.
func (b *builder) mechanism() *page.Section {
	if b.D.Mechanism == nil || b.D.Mechanism.Result == nil {
		return nil
	}
	r := b.D.Mechanism.Result
	l := &laboratory{document: document{w: b.W}}
	s := b.Section("mech")
	s.Add(page.Block{Prose: []string{
		b.W.Say("mech.says", l.verdict(r.Verdict), b.W.Marks(r.Language), page.Integer(r.Pairs), page.Integer(r.Depth), page.Interval(r.Inside.AUROC, 2), page.Interval(r.Inside.Nats, 2)),
		b.W.Say("mech.axis", rnn.UnitName(r.Axis.Site, r.Axis.Unit), page.Interval(r.Axis.R, 2), page.Interval(r.Axis.R2, 2)),
	}})
	if r.Inside.ByContent() {
		s.Add(page.Prose(b.W.Say("mech.content", page.Number(r.Inside.Unmarked.Estimate, 2))))
	}
	t := &page.Table{Head: []string{b.W.Say("lab.column.test"), b.W.Say("mech.measured"), b.W.Say("lab.column.excluded")}, Note: b.W.Say("mech.note", b.W.Part(b.D.Mechanism.Split))}
	for _, x := range r.Tests {
		row := []string{l.named("lab.test.", x.Name), b.W.Say("mech.inapplicable", l.named("lab.why.", x.Why)), ""}
		if x.Applicable {
			var measured, excluded []string
			for _, f := range x.Figures {
				measured = append(measured, l.named("lab.figure.", f.Name)+" "+page.Interval(f.Interval, 2))
			}
			for _, e := range x.Excludes {
				excluded = append(excluded, b.W.Say("mech.excluded", l.verdict(string(e.Mechanism)), l.named("lab.because.", e.Because)))
			}
			row[1], row[2] = strings.Join(measured, b.W.Say("list.semicolon")), strings.Join(excluded, b.W.Say("list.semicolon"))
		}
		t.Rows = append(t.Rows, row)
	}
	s.Add(page.Block{Table: t})
	if r.Trace != nil {
		title := b.W.Say("mech.trace")
		fig := l.traced(r.Trace)
		fig.Head = b.Head(title, b.W.Say("lab.counts.alt"))
		s.Add(b.Picture("mechanism-trace", fig, title, b.Command("quotes")))
	}
	if len(b.D.Mechanism.Growth) > 1 {
		s.Add(b.grown(b.D.Mechanism.Growth, l, r.Cell))
	}
	return s
}

// grown is the way to the final mechanism, snapshot by snapshot.
func (b *builder) grown(growth []mechanism.Moment, l *laboratory, cell string) page.Block {
	fig := &figure.Lines{XLabel: b.W.Say("axis.step.log"), YLabel: b.W.Say("mech.grown.y"), Steps: true}
	inside := figure.Curve{Name: b.W.Say("mech.grown.inside"), Ink: figure.Series(0), Dots: true}
	nested := figure.Curve{Name: b.W.Say("mech.grown.nested"), Ink: figure.Series(1), Dots: true}
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
	title := b.W.Say("lab.growth.title")
	fig.Head = b.Head(title, b.W.Say("mech.grown.y"))
	return b.Picture("mechanism-growth", fig, title, b.Command("quotes")+" --growth", l.grew(&mechanism.Entry{Cell: cell, Growth: growth}))
}
