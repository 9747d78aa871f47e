package records

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/rnnscope/rnnscope/cmd/rnnscope/console"
	"github.com/rnnscope/rnnscope/cmd/rnnscope/table"
	"github.com/rnnscope/rnnscope/finding"
)

// metricRow is a row of atlas --metrics --json.
type metricRow struct {
	finding.Metric
	Least    *float64 `json:"least"` // of its range; null: it has no end
	Greatest *float64 `json:"greatest"`
	Says     string   `json:"says"`
}

// MetricsAnswer is the answer of atlas --metrics --json.
type MetricsAnswer struct {
	Metrics []metricRow `json:"metrics"`
}

// printMetrics prints the one table of metrics, by command.
func (c *AtlasCmd) printMetrics(s *console.Session) error {
	words := finding.LoadWords("en")
	if s.JSON {
		rows := []metricRow{}
		for _, m := range finding.Metrics() {
			rows = append(rows, metricRow{m, defined(m.Lo), defined(m.Hi), words.Metric(m.Name)})
		}
		return s.PrintJSON(MetricsAnswer{rows})
	}
	var b strings.Builder
	source, rows := "", [][]string{}
	flush := func() {
		if len(rows) > 0 {
			b.WriteString(table.Aligned(rows, len(rows[0])))
			b.WriteString("\n")
		}
	}
	for _, m := range finding.Metrics() {
		if m.Source != source {
			flush()
			source = m.Source
			fmt.Fprintf(&b, "rnnscope %s\n", source)
			rows = [][]string{{"figure", "unit", "range", "what it is"}}
		}
		rows = append(rows, []string{m.Name, m.Unit, rangeOf(m), words.Metric(m.Name)})
	}
	flush()
	_, err := fmt.Fprint(s.Console.Stdout, b.String())
	return err
}

// rangeOf writes the values that a metric can have.
func rangeOf(m finding.Metric) string {
	if m.Lo == m.Hi {
		return ""
	}
	end := func(x float64, open string) string {
		if math.IsInf(x, 0) {
			return open
		}
		return strconv.FormatFloat(x, 'g', -1, 64)
	}
	return end(m.Lo, "-inf") + " to " + end(m.Hi, "inf")
}
