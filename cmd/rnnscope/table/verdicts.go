package table

import (
	"fmt"
	"io"
	"math"
	"strings"

	"github.com/rnnscope/rnnscope/concept"
	"github.com/rnnscope/rnnscope/dissect"
	"github.com/rnnscope/rnnscope/finding"
	"github.com/rnnscope/rnnscope/rnn"
	"github.com/rnnscope/rnnscope/text"
)

// Verdicts prints the table of concepts, the strongest verdicts first, with what the words mean below; with
// details also what linear readers tell.
func Verdicts(w io.Writer, r *dissect.Result, details bool) error {
	var b strings.Builder
	fmt.Fprintf(&b, r.Symbols.Say("%s, %s: chosen on %s characters, measured on %s\n\n"), r.Text, r.Symbols.Say(r.Split), Grouped(int(r.Chosen)), Grouped(int(r.Reported)))
	table := [][]string{{"concept", "verdict", "unit", "AUROC", "95 % interval", "S_20", "untrained", "p"}}
	for _, v := range []dissect.Verdict{dissect.Learned, dissect.Associated, dissect.NotFound, dissect.TooLittleText} {
		for _, c := range r.Concepts {
			if c.Verdict == v {
				table = append(table, verdictRow(c))
			}
		}
	}
	b.WriteString(Aligned(table, 3))
	b.WriteString(absentConcepts(r) + otherRules(r, details) + "\n" + verdictLegend(r))
	b.WriteString(Layers(r))
	if details {
		b.WriteString(Readers(r))
	}
	b.WriteString("\n" + verdictSentences(r))
	_, err := fmt.Fprint(w, b.String())
	return err
}

// absentConcepts names the concepts that the text does not have, in one paragraph.
func absentConcepts(r *dissect.Result) string {
	var names []string
	for _, c := range r.Concepts {
		if c.Verdict == dissect.NotInText {
			names = append(names, ConceptTitle(c.Concept))
		}
	}
	if len(names) == 0 {
		return ""
	}
	return "\n" + Wrap("not in this text: "+strings.Join(names, ", "), 100)
}

// otherRules names the concepts whose rules are for other kinds of text; with details
// each with its reason.
func otherRules(r *dissect.Result, details bool) string {
	if len(r.Others) == 0 {
		return ""
	}
	if !details {
		var names []string
		for _, a := range r.Others {
			names = append(names, ConceptTitle(a.Concept))
		}
		return "\n" + Wrap("rules for other kinds of text (--details says why): "+strings.Join(names, ", "), 100)
	}
	table := [][]string{{"rule for another kind of text", "why"}}
	for _, a := range r.Others {
		table = append(table, []string{ConceptTitle(a.Concept), a.Reason})
	}
	return "\n" + Aligned(table, 2)
}

// Wrap breaks a paragraph at spaces so that no line is wider than the columns.
func Wrap(s string, columns int) string {
	var b strings.Builder
	width := 0
	for i, word := range strings.Fields(s) {
		w := text.Width(word)
		switch {
		case i == 0:
		case width+1+w > columns:
			b.WriteByte('\n')
			width = 0
		default:
			b.WriteByte(' ')
			width++
		}
		b.WriteString(word)
		width += w
	}
	return b.String() + "\n"
}

func verdictRow(c dissect.ConceptResult) []string {
	row := []string{ConceptTitle(c.Concept), verdictWords(finding.Verdict(c.Verdict)), "", "", "", "", "", ""}
	if c.Holds {
		row[1] += ", holds"
	}
	if c.Best == nil {
		return row
	}
	u := c.Best
	row[2] = rnn.UnitName(u.Site, u.Unit)
	row[3] = Fixed(u.AUROC.Estimate, 3)
	row[4] = "[" + Fixed(u.AUROC.Lo, 3) + ", " + Fixed(u.AUROC.Hi, 3) + "]"
	row[5] = Fixed(held(u), 3)
	row[6] = Fixed(float64(u.UntrainedMax), 3)
	row[7] = pValue(float64(u.AdjustedP))
	return row
}

func ConceptTitle(name string) string {
	if c, err := concept.Find(name); err == nil {
		return c.Title("en")
	}
	return name
}

func verdictLegend(r *dissect.Result) string {
	n := r.Null
	if n.SegmentLength == 0 {
		return r.Symbols.Say("The text is too short for the null (it takes at least ten groups of four segments of 1,000 characters).\n")
	}
	words := fmt.Sprintf(r.Symbols.Say("associated: survives %s local-4 swaps of the labels (%s-character segments); p: of the unit shown, chosen on other text, times %d tests,\nthe built-in concepts at every site, asked for or not. A concept's verdict is the best of its sites'.\n"),
		Grouped(n.Draws), Grouped(n.SegmentLength), n.Family)
	words += r.Symbols.Say("S_20: AUROC where nothing could have switched the label for 20 characters; holds: there, among equal characters, the interval lies above .55.\n")
	if n.Untrained == 0 {
		return words
	}
	return words + fmt.Sprintf("learned: the interval also lies above the best unit of %d untrained networks of the same shape (column \"untrained\").\n", n.Untrained)
}

// Fixed prints a number, or a dash where there is none.
func Fixed(v float64, decimals int) string {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return "–"
	}
	return fmt.Sprintf("%.*f", decimals, v)
}

func pValue(p float64) string {
	switch {
	case math.IsNaN(p):
		return "–"
	case p < 0.001:
		return "<.001"
	}
	return strings.TrimPrefix(fmt.Sprintf("%.3f", p), "0")
}

// Aligned sets rows in columns by display width; columns from numeric on are right-aligned.
func Aligned(rows [][]string, numeric int) string {
	widths := make([]int, len(rows[0]))
	for _, row := range rows {
		for i, cell := range row {
			cell = text.Printable(cell)
			row[i] = cell
			widths[i] = max(widths[i], text.Width(cell))
		}
	}
	var b strings.Builder
	for _, row := range rows {
		var line strings.Builder
		for i, cell := range row {
			gap := strings.Repeat(" ", widths[i]-text.Width(cell))
			if i > 0 {
				line.WriteString("  ")
			}
			if i >= numeric {
				line.WriteString(gap + cell)
			} else {
				line.WriteString(cell + gap)
			}
		}
		b.WriteString(strings.TrimRight(line.String(), " ") + "\n")
	}
	return b.String()
}

// english are the words of verdicts.
var english = finding.LoadWords("en")

// verdictWords is a verdict in words; one without words of its own is its code.
func verdictWords(v finding.Verdict) string {
	if said := english.Verdict(v); said != "" {
		return said
	}
	return string(v)
}
