package units

import (
	"math"
	"strings"

	"github.com/rnnscope/rnnscope/concept"
	"github.com/rnnscope/rnnscope/dissect"
	"github.com/rnnscope/rnnscope/figure"
	"github.com/rnnscope/rnnscope/report/page"
	"github.com/rnnscope/rnnscope/rnn"
)

// verdictKeys name the verdicts in the catalogues and the stylesheet.
var verdictKeys = map[dissect.Verdict]string{
	dissect.NotInText: "absent", dissect.TooLittleText: "little", dissect.NotFound: "notfound",
	dissect.Associated: "associated", dissect.Learned: "learned",
}

func (b *Builder) verdict(v dissect.Verdict) string {
	if key, ok := verdictKeys[v]; ok {
		return b.W.Say("verdict." + key)
	}
	return string(v)
}

// Concepts lists the verdicts by what a unit must do to follow the concept, best first.
func (b *Builder) Concepts() *page.Section {
	r := b.D.Dissect
	if r == nil {
		return b.MissingSection("concepts", "dissect")
	}
	s := b.Section("concepts")
	s.Intro = append(s.Intro, b.conceptSummary(), b.nullSentence())
	s.Add(b.conceptGroups()...)
	var missing []string
	for _, c := range r.Concepts {
		if c.Verdict == dissect.NotInText {
			missing = append(missing, b.ConceptTitle(c.Concept))
		}
	}
	if len(missing) > 0 {
		s.Add(page.Block{Prose: []string{b.W.Say("concepts.missing", b.W.List(missing))}})
	}
	if others := b.otherRules(); len(others) > 0 {
		s.Add(page.Block{Prose: others, Fold: b.W.Say("concepts.others", page.Integer(len(others)))})
	}
	if defs := b.definitions(); len(defs) > 0 {
		s.Add(page.Block{Prose: defs, Fold: b.W.Say("concepts.definitions")})
	}
	if fig := b.forest(); fig != nil {
		p := b.Picture("concepts", fig, fig.Title, b.Command("dissect"), b.W.Say("forest.what"), b.conceptSummary())
		p.Picture.Folded = b.W.Say("concepts.folded")
		s.Add(p)
	}
	return s
}

// definitions are the exact rules of the labels, as the dissection carried them.
func (b *Builder) definitions() []string {
	var out []string
	for _, c := range ordered(b.D.Dissect.Concepts) {
		if c.Definition != "" && c.Verdict != dissect.NotInText {
			out = append(out, b.ConceptTitle(c.Concept)+": "+c.Definition)
		}
	}
	return out
}

// otherRules are the concepts whose rules are for other kinds of text, a sentence each.
func (b *Builder) otherRules() []string {
	var out []string
	for _, a := range b.D.Dissect.Others {
		c, err := concept.Find(a.Concept)
		if err != nil {
			continue
		}
		if a.Lost+a.Other == 0 && a.Here == a.Openings {
			continue // a category of one value
		}
		if a.Here == a.Openings {
			out = append(out, b.W.Say("concepts.other.spans", b.ConceptTitle(c.Name), page.Integer(int(a.Closed)), page.Integer(int(a.Closed+a.Lost+a.Other))))
		} else {
			out = append(out, b.W.Say("concepts.other.kind", b.ConceptTitle(c.Name), page.Integer(int(a.Openings-a.Here)), page.Integer(int(a.Openings))))
		}
	}
	return out
}

// conceptGroups are the rows under their headings, and folded what has nothing of its own to say here.
func (b *Builder) conceptGroups() []page.Block {
	r := b.D.Dissect
	byGroup := map[string][]page.ConceptRow{}
	var folded []page.ConceptRow
	for _, c := range ordered(r.Concepts) {
		switch {
		case c.Verdict == dissect.NotInText:
		case b.Aside(c):
			folded = append(folded, b.conceptRow(c))
		default:
			byGroup[group(c)] = append(byGroup[group(c)], b.conceptRow(c))
		}
	}
	var out []page.Block
	for _, name := range groups {
		if rows := byGroup[name]; len(rows) > 0 {
			out = append(out, page.Block{Heading: b.W.Say("concepts.group." + name)},
				page.Block{Prose: []string{b.W.Say("concepts.group." + name + ".is")}}, page.Block{Concepts: rows})
		}
	}
	if len(folded) > 0 {
		out = append(out, page.Block{Concepts: folded, Fold: b.W.Say("concepts.aside", page.Integer(len(folded)))})
	}
	if len(out) > 0 {
		out = append([]page.Block{{Prose: []string{b.W.Say("concepts.pair"), b.W.Say("concepts.key", page.Integer(r.Null.Untrained))}}}, out...)
	}
	return out
}

var verdictRank = map[dissect.Verdict]int{dissect.Learned: 0, dissect.Associated: 1, dissect.NotFound: 2, dissect.TooLittleText: 3, dissect.NotInText: 4}

// ordered puts the stronger verdicts first and keeps the order of concepts within one.
func ordered(cs []dissect.ConceptResult) []dissect.ConceptResult {
	var out []dissect.ConceptResult
	for rank := range len(verdictRank) {
		for _, c := range cs {
			if verdictRank[c.Verdict] == rank {
				out = append(out, c)
			}
		}
	}
	return out
}

func (b *Builder) conceptSummary() string {
	count, all := map[dissect.Verdict]int{}, 0
	for _, c := range b.D.Dissect.Concepts {
		if c.Verdict != dissect.NotInText && !b.Aside(c) {
			count[c.Verdict]++
			all++
		}
	}
	return b.W.Say("concepts.says", page.Integer(all), page.Integer(count[dissect.Learned]),
		page.Integer(count[dissect.Associated]), page.Integer(count[dissect.NotFound]), page.Integer(count[dissect.TooLittleText]))
}

func (b *Builder) nullSentence() string {
	n := b.D.Dissect.Null
	if n.Groups == 0 {
		return b.W.Say("concepts.nonull")
	}
	return b.W.Say("concepts.null", page.Integer(n.Draws), page.Integer(n.Groups), page.Integer(n.SegmentLength), page.Integer(n.Untrained))
}

func (b *Builder) conceptRow(c dissect.ConceptResult) page.ConceptRow {
	row := page.ConceptRow{
		Title: b.ConceptTitle(c.Concept), Plain: b.ConceptPlain(c.Concept),
		Verdict: b.verdict(c.Verdict), Class: verdictKeys[c.Verdict], Sentence: b.conceptSentence(c),
	}
	if c.Best == nil {
		return row
	}
	s := c.Best
	row.Forest = miniForest(s.AUROC.Estimate, s.AUROC.Lo, s.AUROC.Hi, float64(s.UntrainedMax))
	row.Score = page.Interval(s.AUROC, 2)
	row.Split = spreadPlot(s)
	row.SplitWords = b.W.Say("concept.spread", rnn.UnitName(s.Site, s.Unit), page.Interval(s.MeanOn, 2), page.Interval(s.MeanOff, 2))
	row.Link = b.inGallery(s.Site, s.Unit)
	row.See = b.W.Say("concept.see")
	return row
}

// conceptSentence is the verdict in words with what qualifies it.
func (b *Builder) conceptSentence(c dissect.ConceptResult) string {
	key := verdictKeys[c.Verdict]
	if c.Best == nil || key == "little" || key == "" {
		return b.W.Say("concept.little", page.Integer(c.Positive))
	}
	s := c.Best
	switch {
	case key == "associated" && math.IsNaN(float64(s.UntrainedMax)):
		key = "alone"
	case key == "notfound" && float64(s.AdjustedP) <= dissect.Alpha:
		key = "wide"
	}
	says := b.W.Say("concept."+key, rnn.UnitName(s.Site, s.Unit), page.Percent(s.AUROC.Estimate),
		page.Pvalue(float64(s.AdjustedP)), page.Percent(float64(s.UntrainedMax)))
	parts := []string{b.rule(c), says}
	if key == "notfound" || key == "wide" {
		parts = append(parts, b.couldShow(s))
	}
	return b.W.Sentences(append(parts, b.qualified(c)...)...)
}

// couldShow says how good a unit the text would have shown, "" in a result of a version that did not ask.
func (b *Builder) couldShow(s *dissect.Score) string {
	switch {
	case s.CouldShow > 0.5:
		return b.W.Say("concept.power", page.Percent(float64(s.CouldShow)))
	case !s.CouldShow.Defined():
		return b.W.Say("concept.nopower")
	}
	return ""
}

// qualified says what else must be known to read a verdict.
func (b *Builder) qualified(c dissect.ConceptResult) (parts []string) {
	if c.Class == "surface" {
		parts = append(parts, b.W.Say("concept.surface"))
	}
	if c.Verdict != dissect.NotFound {
		parts = append(parts, b.heldSentence(c.Best))
	}
	if c.Kind == "depth" || c.Kind == "numeric" {
		parts = append(parts, b.W.Say("concept.r", page.Number(float64(c.Best.R), 2)))
	}
	if b.D.Foreign(c.Concept) {
		parts = append(parts, b.W.Say("concept.foreign"))
	}
	if twin := b.twin(c); twin != "" {
		parts = append(parts, b.W.Say("concept.same", b.ConceptTitle(twin)))
	}
	return parts
}

// rule says when a label that is more than on or off counts as on.
func (b *Builder) rule(c dissect.ConceptResult) string {
	switch c.Kind {
	case "category":
		return b.W.Say("concept.rule.category")
	case "depth":
		if above, ok := strings.CutPrefix(c.Rule, "depth > "); ok && above != "0" {
			return b.W.Say("concept.rule.deeper", above)
		}
		return b.W.Say("concept.rule.depth")
	case "numeric":
		if above, ok := strings.CutPrefix(c.Rule, "value > "); ok {
			return b.W.Say("concept.rule.numeric", above)
		}
	}
	return ""
}

// heldSentence says whether the unit still knows when nothing has happened for a while; "" where that was not asked.
func (b *Builder) heldSentence(s *dissect.Score) string {
	for _, h := range s.Held {
		if !h.AUROC.Defined() {
			continue
		}
		key := "concept.unheld"
		if h.AUROC.Above(.5) {
			key = "concept.held"
		}
		return b.W.Say(key, page.Integer(h.Gap), page.Shares(h.AUROC))
	}
	return ""
}

func (b *Builder) forest() *figure.Forest {
	f := &figure.Forest{Lo: .4, Hi: 1, Reference: .5, XLabel: b.W.Say("forest.axis"),
		EstLabel: b.W.Say("forest.estimate"), NullLabel: b.W.Say("forest.null", page.Integer(b.D.Dissect.Null.Untrained))}
	for _, c := range ordered(b.D.Dissect.Concepts) {
		if c.Best == nil || b.Aside(c) {
			continue
		}
		s := c.Best
		f.Rows = append(f.Rows, figure.ForestRow{Name: b.ConceptTitle(c.Concept), Verdict: b.verdict(c.Verdict),
			Estimate: s.AUROC.Estimate, Lo: s.AUROC.Lo, Hi: s.AUROC.Hi, Null: float64(s.UntrainedMax), Strong: c.Verdict == dissect.Learned})
	}
	if len(f.Rows) == 0 {
		return nil
	}
	f.Head = b.Head(b.W.Say("forest.title"), b.conceptSummary())
	return f
}
