package table

import (
	"fmt"
	"strings"

	"github.com/rnnscope/rnnscope/dissect"
	"github.com/rnnscope/rnnscope/rnn"
)

// Readers are what linear readers tell: probes and depths. Empty where
// nothing was read.
func Readers(r *dissect.Result) string { return probeTable(r) + depthTable(r) }

func found(c *dissect.ConceptResult) bool {
	return c.Verdict == dissect.Learned || c.Verdict == dissect.Associated
}

func probeTable(r *dissect.Result) string {
	rows := [][]string{{"read by a line", "site", "accuracy", "95 % interval", "k90", "skill", "random k90", "selectivity", "95 % interval", "slow", "best unit", "rotated"}}
	for i := range r.Concepts {
		if c := &r.Concepts[i]; c.Probe != nil && found(c) {
			rows = append(rows, probeRow(c))
		}
	}
	if len(rows) == 1 {
		return ""
	}
	return "\n" + Aligned(rows, 2) +
		"accuracy: of the full probe, balanced; k90: units that reach 90 % of its skill (2 accuracy - 1), their skill, and the 95 % quantile of as many at random.\n" +
		r.Symbols.Say("selectivity: accuracy less that on a hash of the last 3 characters; slow: accuracy on random labels with the concept's dwell times.\n") +
		"best unit, rotated: highest AUROC over units, and over the axes of 5 random rotations of the same states.\n"
}

func probeRow(c *dissect.ConceptResult) []string {
	p := c.Probe
	row := []string{
		ConceptTitle(c.Concept), p.Site, Fixed(p.Accuracy.Estimate, 3), Bounds(p.Accuracy, 3), "–", "–", "–",
		Fixed(float64(p.Selectivity), 3), Bounds(p.SelectivityInterval, 3), Fixed(float64(p.Telegraph), 3), "–", "–",
	}
	for _, point := range p.Curve {
		if point.K == p.K90 {
			row[4], row[5], row[6] = Grouped(p.K90), Fixed(point.Skill, 2), Fixed(float64(point.Random95), 2)
		}
	}
	if x := c.Rotated; x != nil {
		row[10], row[11] = Fixed(x.Unit, 3), Fixed(x.Highest, 3)
	}
	return row
}

func depthTable(r *dissect.Result) string {
	rows := [][]string{{"depth by a line", "site", "depths", "R²", "95 % interval", "error", "beyond", "R² there", "r there"}}
	for i := range r.Concepts {
		c := &r.Concepts[i]
		d := c.Depth
		if d == nil || !found(c) {
			continue
		}
		row := []string{
			ConceptTitle(c.Concept), d.Site, fmt.Sprintf("0–%d", d.Deepest), Fixed(d.R2.Estimate, 2),
			Bounds(d.R2, 2), Fixed(d.MAE.Estimate, 2), "–", "–", "–",
		}
		if d.D0 > 0 {
			row[6], row[7], row[8] = Grouped(d.D0), Fixed(float64(d.BeyondR2), 2), Fixed(float64(d.BeyondR), 2)
		}
		rows = append(rows, row)
	}
	if len(rows) == 1 {
		return ""
	}
	return "\n" + Aligned(rows, 2) + "all depths weigh the same, the column is taken out; beyond: fitted up to this depth alone, measured where it is greater.\n"
}

// Layers says for each learned concept how well the best unit of each layer
// does; only for a network of several layers.
func Layers(r *dissect.Result) string {
	layers := 0
	for _, s := range r.BySite {
		layers = max(layers, s.Layer+1)
	}
	if layers < 2 {
		return ""
	}
	head := []string{"by layer"}
	for l := range layers {
		head = append(head, fmt.Sprintf("layer %d", l+1), "AUROC", "95 % interval")
	}
	rows := [][]string{head}
	for i := range r.Concepts {
		if c := &r.Concepts[i]; c.Verdict == dissect.Learned {
			rows = append(rows, layerRow(r, c, layers))
		}
	}
	var b strings.Builder
	b.WriteString("\n" + Aligned(rows, 1) + "\n")
	rows = [][]string{{"site", "units", "best for a learned concept", "concepts learned", "best here"}}
	for _, s := range r.BySite {
		rows = append(rows, []string{s.Site, Grouped(s.Units), Grouped(s.Distinct), Grouped(len(s.Learned)), Grouped(len(s.Best))})
	}
	b.WriteString(Aligned(rows, 1))
	return b.String()
}

func layerRow(r *dissect.Result, c *dissect.ConceptResult, layers int) []string {
	row := []string{ConceptTitle(c.Concept)}
	for l := range layers {
		var best *dissect.Score
		for s := range c.Sites {
			if r.BySite[s].Layer == l && (best == nil || c.Sites[s].Validation > best.Validation) {
				best = &c.Sites[s]
			}
		}
		if best == nil {
			row = append(row, "–", "–", "–")
			continue
		}
		row = append(row, rnn.UnitName(best.Site, best.Unit), Fixed(best.AUROC.Estimate, 3), Bounds(best.AUROC, 3))
	}
	return row
}

// StateSentence names the unit that follows a state best beside the current
// character, where it is another than the best one.
func StateSentence(c *dissect.ConceptResult) string {
	u := c.State
	if u == nil || u.Same || u.Closer == nil || u.Verdict != dissect.Learned && u.Verdict != dissect.Associated {
		return ""
	}
	words := fmt.Sprintf(" Among equal characters %s follows it best: %s there", rnn.UnitName(u.Score.Site, u.Score.Unit), Fixed(u.Closer.Within.Estimate, 3))
	switch {
	case u.Holds:
		words += ", learned, and it holds the state"
	case u.Verdict == dissect.Learned:
		words += ", learned"
	}
	return words + "."
}
