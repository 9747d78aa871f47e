package units

import (
	"math"

	"github.com/rnnscope/rnnscope/dissect"
	"github.com/rnnscope/rnnscope/report/page"
	"github.com/rnnscope/rnnscope/stat"
)

// scores gathers rows; what was not measured is left out.
type scores struct {
	b    *Builder
	rows []page.ScoreRow
}

func (s *scores) auroc(key string, i stat.Interval, null float64, args ...string) {
	if math.IsNaN(i.Estimate) {
		return
	}
	row := page.ScoreRow{Name: s.b.W.Say("score."+key, args...), Value: page.Interval(i, 3), Forest: miniForest(i.Estimate, i.Lo, i.Hi, null)}
	if !math.IsNaN(null) {
		row.Hint = s.b.W.Say("score.untrained", page.Number(null, 3))
	}
	s.rows = append(s.rows, row)
}

func (s *scores) value(key, value string, args ...string) {
	if value != "–" {
		s.rows = append(s.rows, page.ScoreRow{Name: s.b.W.Say("score."+key, args...), Value: value})
	}
}

func (s *scores) number(key string, v stat.Number, args ...string) {
	s.value(key, page.Number(float64(v), 3), args...)
}

// scoreRows lists everything the dissection knows of a unit and a concept.
func (b *Builder) scoreRows(l *link) []page.ScoreRow {
	s := &scores{b: b}
	nan := math.NaN()
	s.auroc("auroc", l.score.AUROC, float64(l.score.UntrainedMax))
	for _, h := range l.score.Held {
		s.auroc("held", h.AUROC, nan, page.Integer(h.Gap))
	}
	if k := l.closer; k != nil {
		s.auroc("within", k.Within, nan)
		s.auroc("heldwithin", k.HeldWithin, nan)
	}
	b.withinRow(s, l)
	if p := float64(l.score.AdjustedP); !math.IsNaN(p) {
		s.value("p", page.Pvalue(p))
	}
	s.number("f1", l.score.F1Skill)
	s.number("iou", l.score.IoUSkill)
	s.number("information", l.score.Information)
	if k := l.closer; k != nil {
		for _, g := range k.Grams {
			s.number("excess", g.Excess, page.Integer(g.K))
		}
		for _, f := range k.Fits {
			s.value("fit", b.W.Say("score.fit.value", page.Number(float64(f.R), 2), page.Number(float64(f.Monotone), 2)), b.W.Say("scale."+f.Scale))
		}
	}
	if l.best {
		s.concept(l.concept)
	}
	return s.rows
}

// withinRow is the correlation inside each current character.
func (b *Builder) withinRow(s *scores, l *link) {
	switch {
	case l.state != nil && l.state.RWithin.N > 0 && l.state.RWithin.Defined():
		row := page.ScoreRow{Name: b.W.Say("score.rwithin"), Value: page.Interval(l.state.RWithin, 3)}
		if u := float64(l.state.Untrained); !math.IsNaN(u) {
			row.Hint = b.W.Say("score.untrained", page.Number(u, 3))
		}
		s.rows = append(s.rows, row)
	case l.closer != nil && l.closer.RWithin.N > 0 && l.closer.RWithin.Defined():
		s.value("rwithin", page.Interval(l.closer.RWithin, 3))
	default:
		s.number("rwithin", l.score.RWithin)
	}
}

// concept adds what holds for the concept at the site of its best unit: probes, rotations, depth.
func (s *scores) concept(c *dissect.ConceptResult) {
	w := s.b.W
	if p := c.Probe; p != nil {
		s.value("probe", page.Interval(p.Accuracy, 3), page.Integer(p.Units))
		if p.K90 > 0 {
			s.value("k90", page.Integer(p.K90))
		}
		if !math.IsNaN(float64(p.Selectivity)) {
			said := page.Number(float64(p.Selectivity), 3)
			if p.SelectivityInterval.Defined() { // results of earlier versions have none
				said = page.Interval(p.SelectivityInterval, 3)
			}
			s.value("selectivity", w.Say("score.selectivity.value", said, page.Number(float64(p.Control), 3)))
		}
		s.number("telegraph", p.Telegraph)
	}
	if r := c.Rotated; r != nil {
		s.value("rotated", w.Say("score.rotated.value", page.Number(r.Unit, 3), page.Number(r.Mean, 3), page.Number(r.Highest, 3)), page.Integer(r.Draws))
	}
	if d := c.Depth; d != nil {
		s.value("depth", w.Say("score.depth.value", page.Interval(d.R2, 2), page.Interval(d.MAE, 2)))
		if d.D0 > 0 {
			s.value("beyond", w.Say("score.beyond.value", page.Number(float64(d.BeyondR2), 2), page.Number(float64(d.BeyondR), 2)), page.Integer(d.D0))
		}
	}
}
