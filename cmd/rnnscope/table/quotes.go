package table

import (
	"fmt"
	"io"
	"strings"

	"github.com/rnnscope/rnnscope/mechanism"
	"github.com/rnnscope/rnnscope/stat"
)

// FormatInterval prints an estimate with its interval.
func FormatInterval(v stat.Interval, decimals int) string {
	if !v.Defined() {
		return Fixed(v.Estimate, decimals)
	}
	return Fixed(v.Estimate, decimals) + " [" + Fixed(v.Lo, decimals) + ", " + Fixed(v.Hi, decimals) + "]"
}

// Experiment prints one line an architecture.
func Experiment(w io.Writer, x *mechanism.Experiment) error {
	var b strings.Builder
	rows := [][]string{{"language", "cell", "depth", "verdict", "networks", "loss", "known within", "known beyond", "kind", "cosine"}}
	for _, g := range x.Groups {
		var votes []string
		for _, v := range g.Verdicts {
			votes = append(votes, fmt.Sprintf("%d %s", v.N, v.Verdict))
		}
		rows = append(rows, []string{g.Language, g.Cell, fmt.Sprint(g.Depth), g.Verdict, strings.Join(votes, ", "),
			Fixed(g.Loss.Estimate, 4), FormatInterval(g.Within, 2), FormatInterval(g.Beyond, 2), FormatInterval(g.Kind, 2), FormatInterval(g.Cosine, 2)})
	}
	b.WriteString(Aligned(rows, 5))
	b.WriteString("\n")
	rows = [][]string{{"reference", "cell", "network", "loss", "counts to", "lines read without a fault"}}
	for _, r := range x.Reference {
		row := []string{r.Language, r.Cell, fmt.Sprint(r.Seed), Fixed(r.Loss, 4), "", ""}
		if r.Most > 0 {
			row[4] = fmt.Sprintf("%d of %d (trained to %d, of these %s)", r.CountsTo, r.Most, r.Trained, Fixed(r.Counted.Estimate, 2))
		}
		var lines []string
		for _, l := range r.Lines {
			lines = append(lines, fmt.Sprintf("%d marks %s", l.Marks, Fixed(l.Right.Estimate, 2)))
		}
		row[5] = strings.Join(lines, ", ")
		rows = append(rows, row)
	}
	b.WriteString(Aligned(rows, 6))
	_, err := fmt.Fprint(w, b.String())
	return err
}
