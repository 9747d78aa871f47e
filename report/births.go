package report

import (
	"cmp"
	"math"
	"strings"

	"github.com/rnnscope/rnnscope/births"
	"github.com/rnnscope/rnnscope/figure"
	"github.com/rnnscope/rnnscope/report/page"
	"github.com/rnnscope/rnnscope/stat"
)

// births tells when in the training each concept was born.
func (b *builder) births() *page.Section {
	r := b.D.Births
	if r == nil || len(r.Steps) == 0 {
		return nil
	}
	s := b.Section("births")
	s.Add(page.Prose(b.W.Say("births.says", page.Integer(int64(len(r.Concepts))), page.Integer(int64(len(r.Steps))), page.Integer(int64(r.Chosen)),
		page.Integer(int64(r.Reported)), page.Integer(int64(r.Untrained)))))
	if fig := b.birthFigure(r); len(fig.Rows) > 0 {
		s.Add(b.Picture("births", fig, fig.Title, b.Command("births"), b.W.Say("births.what"), b.W.Say("births.note")))
	}
	s.Add(b.birthTable(r))
	if len(r.Never) > 0 {
		var names []string
		for _, n := range r.Never {
			names = append(names, b.ConceptTitle(n))
		}
		s.Add(page.Prose(b.W.Say("births.never", strings.Join(names, b.W.Say("births.comma")))))
	}
	return s
}

// birthFigure has a row a concept: from the last snapshot before its birth to the first behind it.
func (b *builder) birthFigure(r *births.Result) *figure.Forest {
	fig := &figure.Forest{XLabel: b.W.Say("births.axis"), EstLabel: b.W.Say("births.born"), NullLabel: b.W.Say("births.skill")}
	at := func(step *int64) float64 {
		if step == nil {
			return math.NaN()
		}
		return math.Log10(1 + math.Max(0, float64(*step)))
	}
	for _, c := range r.Concepts {
		if c.Best.Birth == nil {
			continue
		}
		x := at(c.Best.Birth)
		lo := x
		if c.Best.After != nil {
			lo = at(c.Best.After)
		}
		fig.Rows = append(fig.Rows, figure.ForestRow{
			Name: b.ConceptTitle(c.Concept), Verdict: page.Integer(*c.Best.Birth), Estimate: x, Lo: min(lo, x), Hi: x, Null: at(c.SkillStep), Strong: true,
		})
		fig.Hi = max(fig.Hi, x+.3, cmp.Or(nanAsZero(at(c.SkillStep)), x)+.3)
	}
	fig.Head = b.Head(b.W.Say("births.figure"), b.W.Say("births.what"))
	return fig
}

func nanAsZero(x float64) float64 {
	if math.IsNaN(x) {
		return 0
	}
	return x
}

func (b *builder) birthTable(r *births.Result) page.Block {
	t := &page.Table{Wide: true}
	for _, key := range []string{"concept", "born", "after", "auroc", "untrained", "survivor", "from", "serves", "skill", "lag"} {
		t.Head = append(t.Head, b.W.Say("births.head."+key))
	}
	for _, c := range r.Concepts {
		if len(c.Best.Looks) == 0 || len(c.Final.Looks) == 0 {
			continue
		}
		last, survivor := c.Best.Looks[len(c.Best.Looks)-1], c.Final.Looks[len(c.Final.Looks)-1]
		t.Rows = append(t.Rows, []string{
			b.ConceptTitle(c.Concept), b.step(c.Best.Birth), b.step(c.Best.After), page.NoBreak(page.Interval(last.AUROC, 3)), figureOr(c.Untrained, 3),
			page.NoBreak(page.UnitName(survivor.Unit)), b.step(c.Final.Birth), b.served(c.Skill), b.step(c.SkillStep), figureOr(c.Lag, 2),
		})
	}
	return page.Block{Table: t}
}

// step is a step, or a dash.
func (b *builder) step(p *int64) string {
	if p == nil {
		return "–"
	}
	return page.Integer(*p)
}

func figureOr(x stat.Number, digits int) string {
	if math.IsNaN(float64(x)) {
		return "–"
	}
	return page.Number(float64(x), digits)
}

// served is the skill that a concept serves, as the held-out items call it.
func (b *builder) served(skill string) string {
	for _, x := range b.D.HeldOut {
		if x.Name == skill && x.Titles[b.W.Lang] != "" {
			return x.Titles[b.W.Lang]
		}
	}
	if skill == "" {
		return "–"
	}
	return strings.ReplaceAll(strings.TrimPrefix(skill, "held-out-"), "-", " ")
}
