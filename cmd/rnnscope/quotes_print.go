package main

import (
	"fmt"
	"path/filepath"
	"strings"

	"github.com/rnnscope/rnnscope/mechanism"
	"github.com/rnnscope/rnnscope/stat"
)

// bracketed prints an estimate with its interval.
func bracketed(v stat.Interval, decimals int) string {
	if !v.Defined() {
		return fixed(v.Estimate, decimals)
	}
	return fixed(v.Estimate, decimals) + " [" + fixed(v.Lo, decimals) + ", " + fixed(v.Hi, decimals) + "]"
}

// printExperiment prints one line an architecture, and where the rest is.
func printExperiment(s *session, dir string, x *mechanism.Experiment) error {
	var b strings.Builder
	rows := [][]string{{"language", "cell", "depth", "verdict", "networks", "loss", "known within", "known beyond", "kind", "cosine"}}
	for _, g := range x.Groups {
		var votes []string
		for _, v := range g.Verdicts {
			votes = append(votes, fmt.Sprintf("%d %s", v.N, v.Verdict))
		}
		rows = append(rows, []string{g.Language, g.Cell, fmt.Sprint(g.Depth), g.Verdict, strings.Join(votes, ", "),
			fixed(g.Loss.Estimate, 4), bracketed(g.Within, 2), bracketed(g.Beyond, 2), bracketed(g.Kind, 2), bracketed(g.Cosine, 2)})
	}
	b.WriteString(aligned(rows, 5))
	b.WriteString("\n")
	rows = [][]string{{"reference", "cell", "network", "loss", "counts to", "lines read without a fault"}}
	for _, r := range x.Reference {
		row := []string{r.Language, r.Cell, fmt.Sprint(r.Seed), fixed(r.Loss, 4), "", ""}
		if r.Most > 0 {
			row[4] = fmt.Sprintf("%d of %d (trained to %d, of these %s)", r.CountsTo, r.Most, r.Trained, fixed(r.Counted.Estimate, 2))
		}
		var lines []string
		for _, l := range r.Lines {
			lines = append(lines, fmt.Sprintf("%d marks %s", l.Marks, fixed(l.Right.Estimate, 2)))
		}
		row[5] = strings.Join(lines, ", ")
		rows = append(rows, row)
	}
	b.WriteString(aligned(rows, 6))
	if _, err := fmt.Fprint(s.main.Stdout, b.String()); err != nil {
		return err
	}
	s.note.Printf("\n%.0f s; the page is %s, the figures behind it %s", x.Seconds,
		filepath.Join(dir, "report.html"), filepath.Join(dir, "experiment.json"))
	return nil
}
