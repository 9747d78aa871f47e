package report

import (
	"html/template"
	"math"

	"github.com/rnnscope/rnnscope/dissect"
	"github.com/rnnscope/rnnscope/stat"
)

// scoreRow is one figure of a unit for a concept, with a picture where it is an AUROC.
type scoreRow struct {
	Name, Value, Hint string
	Forest            template.HTML
}

// scores gathers rows; what was not measured is left out.
type scores struct {
	b    *builder
	rows []scoreRow
}

func (s *scores) auroc(key string, i stat.Interval, null float64, args ...string) {
	if math.IsNaN(i.Estimate) {
		return
	}
	row := scoreRow{Name: s.b.w.say("score."+key, args...), Value: interval(i, 3), Forest: miniForest(i.Estimate, i.Lo, i.Hi, null)}
	if !math.IsNaN(null) {
		row.Hint = s.b.w.say("score.untrained", number(null, 3))
	}
	s.rows = append(s.rows, row)
}

func (s *scores) value(key, value string, args ...string) {
	if value != "–" {
		s.rows = append(s.rows, scoreRow{Name: s.b.w.say("score."+key, args...), Value: value})
	}
}

func (s *scores) number(key string, v stat.Number, args ...string) {
	s.value(key, number(float64(v), 3), args...)
}

// scoreRows lists everything the dissection knows of a unit and a concept.
func (b *builder) scoreRows(l *link) []scoreRow {
	s := &scores{b: b}
	nan := math.NaN()
	s.auroc("auroc", l.score.AUROC, float64(l.score.UntrainedMax))
	for _, h := range l.score.Held {
		s.auroc("held", h.AUROC, nan, integer(h.Gap))
	}
	if k := l.closer; k != nil {
		s.auroc("within", k.Within, nan)
		s.auroc("heldwithin", k.HeldWithin, nan)
	}
	b.withinRow(s, l)
	if p := float64(l.score.AdjustedP); !math.IsNaN(p) {
		s.value("p", pvalue(p))
	}
	s.number("f1", l.score.F1Skill)
	s.number("iou", l.score.IoUSkill)
	s.number("information", l.score.Information)
	if k := l.closer; k != nil {
		for _, g := range k.Grams {
			s.number("excess", g.Excess, integer(g.K))
		}
		for _, f := range k.Fits {
			s.value("fit", b.w.say("score.fit.value", number(float64(f.R), 2), number(float64(f.Monotone), 2)), b.w.say("scale."+f.Scale))
		}
	}
	if l.best {
		s.concept(l.concept)
	}
	return s.rows
}

// withinRow is the correlation inside each current character.
func (b *builder) withinRow(s *scores, l *link) {
	switch {
	case l.state != nil && l.state.RWithin.N > 0 && l.state.RWithin.Defined():
		row := scoreRow{Name: b.w.say("score.rwithin"), Value: interval(l.state.RWithin, 3)}
		if u := float64(l.state.Untrained); !math.IsNaN(u) {
			row.Hint = b.w.say("score.untrained", number(u, 3))
		}
		s.rows = append(s.rows, row)
	case l.closer != nil && l.closer.RWithin.N > 0 && l.closer.RWithin.Defined():
		s.value("rwithin", interval(l.closer.RWithin, 3))
	default:
		s.number("rwithin", l.score.RWithin)
	}
}

// concept adds what holds for the concept at the site of its best unit: probes, rotations, depth.
func (s *scores) concept(c *dissect.ConceptResult) {
	w := s.b.w
	if p := c.Probe; p != nil {
		s.value("probe", interval(p.Accuracy, 3), integer(p.Units))
		if p.K90 > 0 {
			s.value("k90", integer(p.K90))
		}
		if !math.IsNaN(float64(p.Selectivity)) {
			said := number(float64(p.Selectivity), 3)
			if p.SelectivityInterval.Defined() { // results of earlier versions have none
				said = interval(p.SelectivityInterval, 3)
			}
			s.value("selectivity", w.say("score.selectivity.value", said, number(float64(p.Control), 3)))
		}
		s.number("telegraph", p.Telegraph)
	}
	if r := c.Rotated; r != nil {
		s.value("rotated", w.say("score.rotated.value", number(r.Unit, 3), number(r.Mean, 3), number(r.Highest, 3)), integer(r.Draws))
	}
	if d := c.Depth; d != nil {
		s.value("depth", w.say("score.depth.value", interval(d.R2, 2), interval(d.MAE, 2)))
		if d.D0 > 0 {
			s.value("beyond", w.say("score.beyond.value", number(float64(d.BeyondR2), 2), number(float64(d.BeyondR), 2)), integer(d.D0))
		}
	}
}
