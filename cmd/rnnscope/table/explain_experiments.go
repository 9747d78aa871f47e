package table

import (
	"fmt"
	"io"

	"github.com/rnnscope/rnnscope/explain"
	"github.com/rnnscope/rnnscope/lab"
)

// Planted prints how often the rules of planted units were found.
func Planted(w io.Writer, all []lab.PlantedKind) error {
	rows := [][]string{{"planted", "networks", "right", "95 %", "first question", "lowest R2", "highest"}}
	for _, k := range all {
		rows = append(rows, []string{k.Kind, Grouped(int(k.Right.N)), Fixed(k.Right.Estimate, 3), Bounds(k.Right, 3), Grouped(k.Root), Near(k.Lowest, 3), Near(k.Highest, 3)})
	}
	_, err := fmt.Fprintf(w, "Right: the first question agrees with the planted one on 99 %% of the report and R2 exceeds %.1f; of noise: nothing is found.\n\n%s", lab.PlantedLeast, Aligned(rows, 1))
	return err
}

// UntrainedPass prints how many untrained networks pass for ones that remember.
func UntrainedPass(w io.Writer, all []explain.Calibration) error {
	rows := [][]string{{"site", "networks", "pass", "95 %", "units", "pass", "95 %", "R2 at 16", "at 64", "highest beyond"}}
	for _, k := range all {
		rows = append(rows, []string{k.Site, Grouped(int(k.Networks.N)), Fixed(k.Networks.Estimate, 3), Bounds(k.Networks, 3),
			Grouped(int(k.Units.N)), Fixed(k.Units.Estimate, 5), Bounds(k.Units, 5), Near(float64(k.Median[1]), 2), Near(float64(k.Median[2]), 2), Near(k.Highest, 3)})
	}
	_, err := fmt.Fprintf(w, "Untrained networks of the run's shape, each held against all others: how many have a unit that passes for one that remembers?\n\n%s", Aligned(rows, 1))
	return err
}
