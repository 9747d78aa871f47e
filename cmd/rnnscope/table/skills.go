package table

import (
	"fmt"
	"math"

	"github.com/rnnscope/rnnscope/evolve"
)

// Skills has a row for every skill and a column for every moment.
func Skills(h *evolve.History, shown []evolve.Snapshot) string {
	head := []string{"skill, by step"}
	for _, x := range shown {
		head = append(head, Grouped(int(x.Step)))
	}
	head = append(head, "held-out text", "came")
	rows := [][]string{head}
	for i, d := range h.Definitions {
		row := []string{d.Titles["en"]}
		for _, x := range shown {
			row = append(row, skillValue(d, x.Skills[i].Value.Estimate))
		}
		row = append(row, referenceValue(h, d), emergenceOf(h, d.Name))
		rows = append(rows, row)
	}
	return Aligned(rows, 1)
}

func skillValue(d evolve.Definition, v float64) string {
	switch {
	case math.IsNaN(v):
		return "–"
	case d.Share:
		return fmt.Sprintf("%.0f %%", 100*v)
	}
	return fmt.Sprintf("%.3g", v)
}

// referenceValue is the figure of held-out text: what a perfect imitator would reach.
func referenceValue(h *evolve.History, d evolve.Definition) string {
	for _, k := range h.Reference {
		if k.Name == d.Name {
			return skillValue(d, k.Value.Estimate)
		}
	}
	return "–"
}

// emergenceOf says how a figure came: suddenly, slowly, or not to tell.
func emergenceOf(h *evolve.History, name string) string {
	for _, e := range h.Emergence {
		if e.Name == name {
			return came(e)
		}
	}
	return ""
}

// came is a verdict in words; --refine takes more snapshots where it is weak.
func came(e evolve.Emergence) string { return e.Shown().Words() }
