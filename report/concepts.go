package report

import (
	"math"
	"strings"

	"github.com/rnnscope/rnnscope/concept"

	"github.com/rnnscope/rnnscope/dissect"
	"github.com/rnnscope/rnnscope/figure"
	"github.com/rnnscope/rnnscope/rnn"
)

// verdictKeys name the verdicts in the catalogues and the stylesheet.
var verdictKeys = map[dissect.Verdict]string{
	dissect.NotInText: "absent", dissect.TooLittleText: "little", dissect.NotFound: "notfound",
	dissect.Associated: "associated", dissect.Learned: "learned",
}

func (b *builder) verdict(v dissect.Verdict) string {
	if key, ok := verdictKeys[v]; ok {
		return b.w.say("verdict." + key)
	}
	return string(v)
}

// concepts lists the verdicts by what a unit must do to follow the concept, best first.
func (b *builder) concepts() *section {
	r := b.d.Dissect
	if r == nil {
		return b.absent("concepts", "dissect")
	}
	s := b.section("concepts")
	s.Intro = append(s.Intro, b.conceptSummary(), b.nullSentence())
	s.add(b.conceptGroups()...)
	var missing []string
	for _, c := range r.Concepts {
		if c.Verdict == dissect.NotInText {
			missing = append(missing, b.conceptTitle(c.Concept))
		}
	}
	if len(missing) > 0 {
		s.add(block{Prose: []string{b.w.say("concepts.missing", b.w.list(missing))}})
	}
	if others := b.otherRules(); len(others) > 0 {
		s.add(block{Prose: others, Fold: b.w.say("concepts.others", integer(len(others)))})
	}
	if defs := b.definitions(); len(defs) > 0 {
		s.add(block{Prose: defs, Fold: b.w.say("concepts.definitions")})
	}
	if fig := b.forest(); fig != nil {
		p := b.picture("concepts", fig, fig.Title, b.command("dissect"), b.w.say("forest.what"), b.conceptSummary())
		p.Picture.Folded = b.w.say("concepts.folded")
		s.add(p)
	}
	return s
}

// definitions are the exact rules of the labels, as the dissection carried them.
func (b *builder) definitions() []string {
	var out []string
	for _, c := range ordered(b.d.Dissect.Concepts) {
		if c.Definition != "" && c.Verdict != dissect.NotInText {
			out = append(out, b.conceptTitle(c.Concept)+": "+c.Definition)
		}
	}
	return out
}

// otherRules are the concepts whose rules are for other kinds of text, a sentence each.
func (b *builder) otherRules() []string {
	var out []string
	for _, a := range b.d.Dissect.Others {
		c, err := concept.Find(a.Concept)
		if err != nil {
			continue
		}
		if a.Lost+a.Other == 0 && a.Here == a.Openings {
			continue // a category of one value
		}
		if a.Here == a.Openings {
			out = append(out, b.w.say("concepts.other.spans", b.conceptTitle(c.Name), integer(int(a.Closed)), integer(int(a.Closed+a.Lost+a.Other))))
		} else {
			out = append(out, b.w.say("concepts.other.kind", b.conceptTitle(c.Name), integer(int(a.Openings-a.Here)), integer(int(a.Openings))))
		}
	}
	return out
}

// conceptGroups are the rows under their headings, and folded what has nothing of its own to say here.
func (b *builder) conceptGroups() []block {
	r := b.d.Dissect
	byGroup := map[string][]conceptRow{}
	var folded []conceptRow
	for _, c := range ordered(r.Concepts) {
		switch {
		case c.Verdict == dissect.NotInText:
		case b.aside(c):
			folded = append(folded, b.conceptRow(c))
		default:
			byGroup[group(c)] = append(byGroup[group(c)], b.conceptRow(c))
		}
	}
	var out []block
	for _, name := range groups {
		if rows := byGroup[name]; len(rows) > 0 {
			out = append(out, block{Heading: b.w.say("concepts.group." + name)},
				block{Prose: []string{b.w.say("concepts.group." + name + ".is")}}, block{Concepts: rows})
		}
	}
	if len(folded) > 0 {
		out = append(out, block{Concepts: folded, Fold: b.w.say("concepts.aside", integer(len(folded)))})
	}
	if len(out) > 0 {
		out = append([]block{{Prose: []string{b.w.say("concepts.pair"), b.w.say("concepts.key", integer(r.Null.Untrained))}}}, out...)
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

func (b *builder) conceptSummary() string {
	count, all := map[dissect.Verdict]int{}, 0
	for _, c := range b.d.Dissect.Concepts {
		if c.Verdict != dissect.NotInText && !b.aside(c) {
			count[c.Verdict]++
			all++
		}
	}
	return b.w.say("concepts.says", integer(all), integer(count[dissect.Learned]),
		integer(count[dissect.Associated]), integer(count[dissect.NotFound]), integer(count[dissect.TooLittleText]))
}

func (b *builder) nullSentence() string {
	n := b.d.Dissect.Null
	if n.Groups == 0 {
		return b.w.say("concepts.nonull")
	}
	return b.w.say("concepts.null", integer(n.Draws), integer(n.Groups), integer(n.SegmentLength), integer(n.Untrained))
}

func (b *builder) conceptRow(c dissect.ConceptResult) conceptRow {
	row := conceptRow{
		Title: b.conceptTitle(c.Concept), Plain: b.conceptPlain(c.Concept),
		Verdict: b.verdict(c.Verdict), Class: verdictKeys[c.Verdict], Sentence: b.conceptSentence(c),
	}
	if c.Best == nil {
		return row
	}
	s := c.Best
	row.Forest = miniForest(s.AUROC.Estimate, s.AUROC.Lo, s.AUROC.Hi, float64(s.UntrainedMax))
	row.Score = interval(s.AUROC, 2)
	row.Split = spread(s)
	row.SplitWords = b.w.say("concept.spread", rnn.UnitName(s.Site, s.Unit), interval(s.MeanOn, 2), interval(s.MeanOff, 2))
	row.Link = b.inGallery(s.Site, s.Unit)
	row.See = b.w.say("concept.see")
	return row
}

// conceptSentence is the verdict in words with what qualifies it.
func (b *builder) conceptSentence(c dissect.ConceptResult) string {
	key := verdictKeys[c.Verdict]
	if c.Best == nil || key == "little" || key == "" {
		return b.w.say("concept.little", integer(c.Positive))
	}
	s := c.Best
	switch {
	case key == "associated" && math.IsNaN(float64(s.UntrainedMax)):
		key = "alone"
	case key == "notfound" && float64(s.AdjustedP) <= dissect.Alpha:
		key = "wide"
	}
	says := b.w.say("concept."+key, rnn.UnitName(s.Site, s.Unit), percent(s.AUROC.Estimate),
		pvalue(float64(s.AdjustedP)), percent(float64(s.UntrainedMax)))
	parts := []string{b.rule(c), says}
	if key == "notfound" && s.CouldShow > 0.5 {
		parts = append(parts, b.w.say("concept.power", percent(float64(s.CouldShow))))
	}
	return b.w.sentences(append(parts, b.qualified(c)...)...)
}

// qualified says what else must be known to read a verdict.
func (b *builder) qualified(c dissect.ConceptResult) (parts []string) {
	if c.Class == "surface" {
		parts = append(parts, b.w.say("concept.surface"))
	}
	if c.Verdict != dissect.NotFound {
		parts = append(parts, b.heldSentence(c.Best))
	}
	if c.Kind == "depth" || c.Kind == "numeric" {
		parts = append(parts, b.w.say("concept.r", number(float64(c.Best.R), 2)))
	}
	if b.d.foreign(c.Concept) {
		parts = append(parts, b.w.say("concept.foreign"))
	}
	if twin := b.twin(c); twin != "" {
		parts = append(parts, b.w.say("concept.same", b.conceptTitle(twin)))
	}
	return parts
}

// rule says when a label that is more than on or off counts as on.
func (b *builder) rule(c dissect.ConceptResult) string {
	switch c.Kind {
	case "depth", "category":
		return b.w.say("concept.rule." + c.Kind)
	case "numeric":
		if above, ok := strings.CutPrefix(c.Rule, "value > "); ok {
			return b.w.say("concept.rule.numeric", above)
		}
	}
	return ""
}

// heldSentence says whether the unit still knows when nothing has happened for a while; "" where that was not asked.
func (b *builder) heldSentence(s *dissect.Score) string {
	for _, h := range s.Held {
		if !h.AUROC.Defined() {
			continue
		}
		key := "concept.unheld"
		if h.AUROC.Above(.5) {
			key = "concept.held"
		}
		return b.w.say(key, integer(h.Gap), shares(h.AUROC))
	}
	return ""
}

func pvalue(p float64) string {
	switch {
	case math.IsNaN(p):
		return "p –"
	case p < .001:
		return "p < 0.001"
	}
	return "p = " + number(p, 3)
}

func (b *builder) forest() *figure.Forest {
	f := &figure.Forest{Lo: .4, Hi: 1, Reference: .5, XLabel: b.w.say("forest.axis"),
		EstLabel: b.w.say("forest.estimate"), NullLabel: b.w.say("forest.null", integer(b.d.Dissect.Null.Untrained))}
	for _, c := range ordered(b.d.Dissect.Concepts) {
		if c.Best == nil || b.aside(c) {
			continue
		}
		s := c.Best
		f.Rows = append(f.Rows, figure.ForestRow{Name: b.conceptTitle(c.Concept), Verdict: b.verdict(c.Verdict),
			Estimate: s.AUROC.Estimate, Lo: s.AUROC.Lo, Hi: s.AUROC.Hi, Null: float64(s.UntrainedMax), Strong: c.Verdict == dissect.Learned})
	}
	if len(f.Rows) == 0 {
		return nil
	}
	f.Head = b.head(b.w.say("forest.title"), b.conceptSummary())
	return f
}
