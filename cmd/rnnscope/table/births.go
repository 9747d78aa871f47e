package table

import (
	"fmt"
	"io"
	"math"
	"strings"

	"github.com/rnnscope/rnnscope/births"
	"github.com/rnnscope/rnnscope/finding"
	"github.com/rnnscope/rnnscope/intervene"
)

// Births prints when each concept was born, the earliest first.
func Births(w io.Writer, r *births.Result) error {
	var b strings.Builder
	fmt.Fprintf(&b, r.Symbols.Say("%s, %s: %d snapshots, units chosen on %s characters, measured on %s; a birth must exceed %d untrained networks\n\n"),
		r.Text, r.Symbols.Say(r.Split), len(r.Steps), Grouped(r.Chosen), Grouped(r.Reported), r.Untrained)
	rows := [][]string{{"concept", "born at step", "not yet at", "AUROC in the end", "95 % interval", "untrained", "the survivor", "above untrained from", "serves", "skill at step", "lag, decades"}}
	for _, c := range r.Concepts {
		last, survivor := c.Best.Looks[len(c.Best.Looks)-1], c.Final.Looks[len(c.Final.Looks)-1]
		skill := strings.ReplaceAll(strings.TrimPrefix(c.Skill, "held-out-"), "-", " ")
		if skill == "" {
			skill = "–"
		}
		rows = append(rows, []string{c.Concept, stepOf(c.Best.Birth), stepOf(c.Best.After), Fixed(last.AUROC.Estimate, 3), Bounds(last.AUROC, 3), Fixed(float64(c.Untrained), 3),
			survivor.Unit.String(), stepOf(c.Final.Birth), skill, stepOf(c.SkillStep), signed(float64(c.Lag))})
	}
	b.WriteString(Aligned(rows, 1))
	if len(r.Never) > 0 {
		fmt.Fprintf(&b, "\nnot above untrained networks in the end: %s\n", strings.Join(r.Never, ", "))
	}
	b.WriteString(uses(r.Concepts))
	b.WriteString("\nborn: the first snapshot from which on the lower bound of the best unit's AUROC stays above untrained. The survivor is the unit that\nis best in the end, looked back at. lag: how much later the unit came than the middle of the skill's rise on held-out items.\n")
	_, err := io.WriteString(w, b.String())
	return err
}

// uses are the causal verdicts at the snapshots they were asked of, of the survivor and of the unit that was best there. "" where nobody asked.
func uses(concepts []births.Concept) string {
	rows := [][]string{{"used?", "step", "unit", "", "AUROC", "time constant", "verdict", "D, thousandths of a nat"}}
	for _, c := range concepts {
		for i, survivor := range c.Final.Looks {
			best := c.Best.Looks[i]
			rows = appendUse(rows, c.Concept, survivor, "survivor")
			if best.Unit != survivor.Unit {
				rows = appendUse(rows, c.Concept, best, "best at this step")
			}
		}
	}
	if len(rows) == 1 {
		return ""
	}
	return "\n" + Aligned(rows, 1) + "used?: what rnnscope ablate says of the unit at this step. D: what losing it costs more where the concept matters. Time constant in characters.\n"
}

// appendUse adds a look's verdict, where it was asked for.
func appendUse(rows [][]string, concept string, p births.Point, role string) [][]string {
	if p.Used == nil {
		return rows
	}
	lasts := "–"
	if p.Times != nil {
		lasts = Fixed(float64(p.Times.Autocorrelation), 1)
	}
	d := "–"
	if p.Used.Verdict != intervene.Untestable {
		d = milli(p.Used.D.Estimate) + " " + milliBounds(p.Used.D)
	}
	return append(rows, []string{concept, Grouped(int(p.Step)), p.Unit.String(), role, Fixed(p.AUROC.Estimate, 3), lasts, verdictWords(finding.Verdict(p.Used.Verdict)), d})
}

func stepOf(p *int64) string {
	if p == nil {
		return "–"
	}
	return Grouped(int(*p))
}

func signed(v float64) string {
	if math.IsNaN(v) {
		return "–"
	}
	return fmt.Sprintf("%+.2f", v)
}
