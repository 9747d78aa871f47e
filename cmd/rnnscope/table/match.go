package table

import (
	"fmt"
	"io"
	"math"
	"strings"

	"github.com/rnnscope/rnnscope/match"
	"github.com/rnnscope/rnnscope/stat"
	"github.com/rnnscope/rnnscope/text"
)

// Match writes a selection, its places and what they share; show bounds the places.
func Match(w io.Writer, r *match.Result, show int) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%q, %s, in %s windows of %s\n", r.Span, Several(r.Length, "symbol"), Grouped(r.Windows), r.Part)
	if way := wayOf(r); way != "" {
		b.WriteString(way + "\n")
	}
	if len(r.Chosen) == 0 {
		b.WriteString("\nNo unit meets the rule: nothing is peculiar to this span.\n")
	} else {
		b.WriteString("\n" + Aligned(chosenRows(r), 1))
		b.WriteString("\n" + placeLines(r, show))
		sharedTables(&b, r)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// wayOf says how units were chosen, where it was not by how peculiar they are.
func wayOf(r *match.Result) string {
	switch {
	case r.How == match.ByMarks:
		return "units that tell the places called right from those called wrong"
	case r.How == match.ByHand:
		return "units chosen by hand"
	case r.Rule == nil:
		return ""
	}
	way := fmt.Sprintf("units beyond quantile %g throughout", r.Rule.Quantile)
	edges := []string{}
	if r.Rule.Before {
		edges = append(edges, "before")
	}
	if r.Rule.After {
		edges = append(edges, "after")
	}
	if len(edges) > 0 {
		way += fmt.Sprintf(", below %g just %s", r.Rule.Off, strings.Join(edges, " and "))
	}
	if r.Rule.Runs {
		way += fmt.Sprintf("; places are runs at most %s shorter or longer", Several(r.Rule.Tolerance, "symbol"))
	}
	return way
}

func chosenRows(r *match.Result) [][]string {
	rows := [][]string{{"unit", "F in the span"}}
	for _, u := range r.Chosen {
		rows = append(rows, []string{u.Unit.String(), fmt.Sprintf("%.3f", u.F)})
	}
	return rows
}

// placeLines are the places with the text around them, which is not padded.
func placeLines(r *match.Result, show int) string {
	places := r.Places[:min(show, len(r.Places))]
	rows := [][]string{{"place", "alike", "distance"}}
	for _, p := range places {
		rows = append(rows, []string{Grouped(p.Lo), fmt.Sprintf("%d of %d", p.Alike, len(r.Chosen)), fmt.Sprintf("%.3f", p.Distance)})
	}
	lines := strings.Split(strings.TrimRight(Aligned(rows, 0), "\n"), "\n")
	for i, p := range places {
		lines[i+1] += "  " + text.VisibleString(p.Before) + " [" + text.VisibleString(p.Text) + "] " + text.VisibleString(p.After)
	}
	return strings.Join(lines, "\n") + "\n"
}

// orNone is an interval in words where there is one.
func orNone(i stat.Interval, none string) string {
	if math.IsNaN(i.Estimate) {
		return none
	}
	return i.String()
}

// mostShared is how many concepts and n-grams are printed.
const mostShared = 8

func sharedTables(b *strings.Builder, r *match.Result) {
	concepts := [][]string{{"shared concept", "where", "share", "base", "excess", "p"}}
	grams := [][]string{{"shared n-gram", "where", "share", "base", "excess", "p"}}
	for _, x := range r.Shared {
		p := "–"
		if r.Null.Draws > 0 {
			p = fmt.Sprintf("%.3f", x.P)
		}
		row := []string{x.Concept, string(x.Where), fmt.Sprintf("%.2f", x.Share), fmt.Sprintf("%.3f", x.Base), fmt.Sprintf("%.1f", x.Excess), p}
		if x.Concept != "" && len(concepts) <= mostShared {
			concepts = append(concepts, row)
		}
		if x.Concept == "" && len(grams) <= mostShared {
			row[0] = text.VisibleString(x.Gram)
			grams = append(grams, row)
		}
	}
	fmt.Fprintf(b, "\n%s\n%s", Aligned(concepts, 2), Aligned(grams, 2))
	if m := r.Meaning; m != nil {
		fmt.Fprintf(b, "\nheld for %s (base rate %.3f): precision %s, recall %s\n", m.Concept, m.Base,
			orNone(m.Precision, "none, the units are nowhere all on their side"), m.Recall)
	}
	fmt.Fprintf(b, "\nshare: of the places; base: of all windows of that length; excess: in standard errors of so many random places.\n")
	if r.Null.Draws == 0 {
		b.WriteString("No null: a random span's places share something, too.\n")
		return
	}
	same := "of the same length and last symbol"
	if !r.Null.SameLast {
		same = "of the same length (their last symbol is too rare to ask for the same)"
	}
	fmt.Fprintf(b, "p: of so large an excess of any concept, or any n-gram, at the places of %s random spans %s.\n", Grouped(r.Null.Draws), same)
	fmt.Fprintf(b, "Look %d at this part of the text.\n", r.Looks)
	if r.Null.ConceptSome == 0 {
		b.WriteString("\nThese units share nothing that the concepts name.\n")
	}
}
