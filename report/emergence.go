package report

import (
	"math"
	"strings"

	"github.com/rnnscope/rnnscope/evolve"
	"github.com/rnnscope/rnnscope/stat"
)

// statements are the rows of docs/claims.md that a figure speaks of.
var statements = map[string]string{
	evolve.LossName: "S7", "words": "S2, S7", "quotes": "Q1, S7", "brackets": "S6, S7", "tags": "S7", "line-lengths": "S7",
	"verse": "S4, S7", "speakers": "S7", "sections": "S5, S7", "indentation": "S6, S7",
}

// emergence says of every figure how it came: suddenly, slowly, not at all, or not to tell.
func (b *builder) emergence() []block {
	if len(b.d.Emergence) == 0 {
		return nil
	}
	t := &table{Head: []string{b.w.say("emergence.figure"), b.w.say("emergence.first"), b.w.say("emergence.last"), b.w.say("emergence.reference"),
		b.w.say("emergence.came"), b.w.say("emergence.statement")}}
	for _, e := range b.d.Emergence {
		t.Rows = append(t.Rows, b.emergenceRow(e))
	}
	return []block{
		{Heading: b.w.say("emergence.title")},
		{Prose: []string{b.w.say("emergence.what"), b.emergenceCount()}},
		{Table: t},
		{Prose: []string{b.w.say("emergence.statements")}},
	}
}

func (b *builder) emergenceRow(e evolve.Emergence) []string {
	name, first, last, reference := b.w.say("emergence.loss"), "–", "–", "–"
	if from, to := ends(b.d.Validation); e.Name == evolve.LossName && !math.IsNaN(to) {
		first, last = b.w.say("emergence.bits", number(bits(from), 2)), b.w.say("emergence.bits", number(bits(to), 2))
	}
	for _, k := range b.d.Skills {
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
func (b *builder) skillInterval(k Skill, v *stat.Interval) string {
	if v == nil || v.N == 0 {
		return "–"
	}
	if k.Share {
		return unbroken(shares(*v)) + b.w.say("emergence.n", integer(v.N))
	}
	return unbroken(interval(*v, 1)) + b.w.say("emergence.over", integer(v.N))
}

// unbroken keeps a figure and its interval on one line.
func unbroken(s string) string { return strings.ReplaceAll(s, " ", "\u00a0") }

// came puts a verdict in words. Abrupt names the largest width the fit allows, gradual the smallest.
func (b *builder) came(e evolve.Emergence) string {
	middle := "–"
	if !math.IsNaN(e.X0.Estimate) {
		middle = integer(int64(math.Round(math.Pow(10, e.X0.Estimate))) - 1)
	}
	switch {
	case e.Verdict == evolve.Abrupt && !e.Trusted():
		return b.w.say("emergence.perhaps", middle, integer(e.Inside))
	case e.Verdict == evolve.Abrupt:
		return b.w.say("emergence.abrupt", middle, number(math.Pow(10, e.W.Hi), 1))
	case e.Verdict == evolve.MetricInduced:
		return b.w.say("emergence.metric", middle, number(math.Pow(10, e.W.Hi), 1))
	case e.Verdict == evolve.Gradual:
		return b.w.say("emergence.gradual", number(math.Pow(10, e.W.Lo), 0))
	case e.Verdict == evolve.Unchanged:
		return b.w.say("emergence.unchanged")
	}
	return b.w.say("emergence.unresolved")
}

// emergenceCount sums the verdicts up, the loss left out: statement S7 speaks of skills.
func (b *builder) emergenceCount() string {
	count := map[evolve.Verdict]int{}
	var abrupt []string
	for _, e := range b.d.Emergence {
		if e.Name == evolve.LossName {
			continue
		}
		if e.Verdict == evolve.Abrupt && !e.Trusted() {
			count[evolve.Unresolved]++
			continue
		}
		count[e.Verdict]++
		if e.Verdict == evolve.Abrupt {
			abrupt = append(abrupt, b.emergenceRow(e)[0])
		}
	}
	says := b.w.say("emergence.count", integer(len(b.d.Emergence)-1), integer(count[evolve.Abrupt]), integer(count[evolve.Gradual]),
		integer(count[evolve.Unresolved]+count[evolve.MetricInduced]), integer(count[evolve.Unchanged]))
	if len(abrupt) > 0 {
		says = b.w.sentences(says, b.w.say("emergence.which", strings.Join(abrupt, b.w.say("list.comma"))))
	}
	return says
}
