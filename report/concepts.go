package report

import (
	"math"

	"github.com/rnnscope/rnnscope/dissect"
	"github.com/rnnscope/rnnscope/figure"
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

// concepts is the table of verdicts, best first.
func (b *builder) concepts() *section {
	r := b.d.Dissect
	if r == nil {
		return b.absent("concepts", "dissect")
	}
	s := b.section("concepts")
	s.Intro = append(s.Intro, b.conceptSummary(), b.nullSentence())
	var rows []conceptRow
	var missing []string
	for _, c := range ordered(r.Concepts) {
		if c.Verdict == dissect.NotInText {
			missing = append(missing, b.conceptTitle(c.Concept))
			continue
		}
		rows = append(rows, b.conceptRow(c))
	}
	if len(rows) > 0 {
		s.add(block{Prose: []string{b.w.say("concepts.key", integer(r.Null.Untrained))}}, block{Concepts: rows})
	}
	if len(missing) > 0 {
		s.add(block{Prose: []string{b.w.say("concepts.missing", b.w.list(missing))}})
	}
	if fig := b.forest(); fig != nil {
		p := b.picture("concepts", fig, fig.Title, b.command("dissect"), b.w.say("forest.what"), b.conceptSummary())
		p.Picture.Folded = b.w.say("concepts.folded")
		s.add(p)
	}
	return s
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
	count := map[dissect.Verdict]int{}
	for _, c := range b.d.Dissect.Concepts {
		count[c.Verdict]++
	}
	return b.w.say("concepts.says", integer(len(b.d.Dissect.Concepts)-count[dissect.NotInText]), integer(count[dissect.Learned]),
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
	row.SplitWords = b.w.say("concept.spread", figure.UnitName(s.Site, s.Unit), interval(s.MeanOn, 2), interval(s.MeanOff, 2))
	row.Link = b.inGallery(s.Site, s.Unit)
	row.See = b.w.say("concept.see")
	return row
}

func (b *builder) conceptSentence(c dissect.ConceptResult) string {
	key := verdictKeys[c.Verdict]
	if c.Best == nil || key == "little" || key == "" {
		return b.w.say("concept.little", integer(c.Positive))
	}
	s := c.Best
	if math.IsNaN(float64(s.UntrainedMax)) && key == "associated" {
		key = "alone"
	}
	return b.w.say("concept."+key, figure.UnitName(s.Site, s.Unit), percent(s.AUROC.Estimate), pvalue(float64(s.AdjustedP)),
		percent(float64(s.UntrainedMax)))
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
		if c.Best == nil {
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
