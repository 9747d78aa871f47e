package report

import (
	"math"
	"strings"

	"github.com/rnnscope/rnnscope/evolve"
	"github.com/rnnscope/rnnscope/report/content"
	"github.com/rnnscope/rnnscope/report/page"
	"github.com/rnnscope/rnnscope/stat"
)

// statements are the rows of docs/claims.md that a figure speaks of.
var statements = map[string]string{
	evolve.LossName: "S7", "words": "S2, S7", "quotes": "Q1, S7", "brackets": "S6, S7", "tags": "S7", "line-lengths": "S7",
	"verse": "S4, S7", "speakers": "S7", "sections": "S5, S7", "indentation": "S6, S7",
}

// emergence says of every figure how it came: suddenly, slowly, not at all, or not to tell.
func (b *builder) emergence() []page.Block {
	if len(b.D.Emergence) == 0 {
		return nil
	}
	t := &page.Table{Head: []string{b.W.Say("emergence.figure"), b.W.Say("emergence.first"), b.W.Say("emergence.last"), b.W.Say("emergence.reference"),
		b.W.Say("emergence.came"), b.W.Say("emergence.statement")}}
	for _, e := range b.D.Emergence {
		t.Rows = append(t.Rows, b.emergenceRow(e))
	}
	return []page.Block{
		{Heading: b.W.Say("emergence.title")},
		{Prose: []string{b.W.Say("emergence.what"), b.emergenceCount()}},
		{Table: t},
		{Prose: []string{b.W.Say("emergence.statements")}},
	}
}

func (b *builder) emergenceRow(e evolve.Emergence) []string {
	name, first, last, reference := b.W.Say("emergence.loss"), "–", "–", "–"
	if from, to := page.Ends(b.D.Validation); e.Name == evolve.LossName && !math.IsNaN(to) {
		first, last = b.W.Say("emergence.bits", page.Number(page.Bits(from), 2)), b.W.Say("emergence.bits", page.Number(page.Bits(to), 2))
	}
	for _, k := range b.D.Skills {
		if k.Name == e.Name {
			name, first, last = b.skillTitle(k), b.skillInterval(k, &k.First), b.skillInterval(k, &k.Last)
			reference = b.skillInterval(k, k.Reference)
		}
	}
	statement := statements[e.Name]
	if statement == "" {
		statement = "–"
	}
	return []string{name, first, last, reference, b.came(e), statement}
}

// skillInterval writes a figure with its interval and what it is a share or mean of.
func (b *builder) skillInterval(k content.Skill, v *stat.Interval) string {
	if v == nil || v.N == 0 {
		return "–"
	}
	if k.Share {
		return page.NoBreak(page.Shares(*v)) + b.W.Say("emergence.n", page.Integer(v.N))
	}
	return page.NoBreak(page.Interval(*v, 1)) + b.W.Say("emergence.over", page.Integer(v.N))
}

// came puts a verdict in words. Abrupt names the largest width the fit allows, gradual the smallest.
func (b *builder) came(e evolve.Emergence) string {
	middle := "–"
	if !math.IsNaN(e.X0.Estimate) {
		middle = page.Integer(int64(math.Round(math.Pow(10, e.X0.Estimate))) - 1)
	}
	switch {
	case e.Verdict == evolve.Abrupt && !e.Trusted && e.Close():
		return b.W.Say("emergence.beside", middle, page.Integer(e.Before), page.Integer(e.After))
	case e.Verdict == evolve.Abrupt && !e.Trusted:
		return b.W.Say("emergence.perhaps", middle, page.Integer(e.Inside))
	case e.Verdict == evolve.Abrupt:
		return b.W.Say("emergence.abrupt", middle, page.Number(math.Pow(10, e.W.Hi), 1))
	case e.Verdict == evolve.Declined:
		return b.W.Say("emergence.declined")
	case e.Verdict == evolve.Gradual:
		return b.W.Say("emergence.gradual", page.Number(math.Pow(10, e.W.Lo), 0))
	case e.Verdict == evolve.Unchanged:
		return b.W.Say("emergence.unchanged")
	}
	return b.W.Say("emergence.unresolved")
}

// emergenceCount sums the verdicts up, the loss left out: statement S7 speaks of skills.
func (b *builder) emergenceCount() string {
	count := map[evolve.Verdict]int{}
	var abrupt []string
	for _, e := range b.D.Emergence {
		if e.Name == evolve.LossName {
			continue
		}
		if e.Verdict == evolve.Abrupt && !e.Trusted {
			count[evolve.Unresolved]++
			continue
		}
		count[e.Verdict]++
		if e.Verdict == evolve.Abrupt {
			abrupt = append(abrupt, b.emergenceRow(e)[0])
		}
	}
	says := b.W.Say("emergence.count", page.Integer(len(b.D.Emergence)-1), page.Integer(count[evolve.Abrupt]), page.Integer(count[evolve.Gradual]),
		page.Integer(count[evolve.Unresolved]), page.Integer(count[evolve.Unchanged]), page.Integer(count[evolve.Declined]))
	if len(abrupt) > 0 {
		says = b.W.Sentences(says, b.W.Say("emergence.which", strings.Join(abrupt, b.W.Say("list.comma"))))
	}
	return says
}
