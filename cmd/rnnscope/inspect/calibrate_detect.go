package inspect

import (
	"context"
	"fmt"
	"strings"

	"github.com/rnnscope/rnnscope/calibrate"
	"github.com/rnnscope/rnnscope/cmd/rnnscope/console"
	"github.com/rnnscope/rnnscope/cmd/rnnscope/table"
)

func (c *CalibrateCmd) detect(ctx context.Context, s *console.Session) error {
	opt := calibrate.DetectionOptions{
		Domain: c.Domain, Repeats: c.pairs(), Lengths: c.Characters, Hidden: c.Hidden,
		Untrained: int(c.Untrained), Seed: c.Seed, Workers: int(c.Workers),
	}
	if c.Untrained == 0 {
		opt.Untrained = -1
	}
	bar := s.Note.Progress("planting and dissecting", "run", 0)
	defer bar.Done()
	result, err := calibrate.Detect(ctx, opt, bar.Of)
	if err != nil {
		return err
	}
	if s.JSON {
		return s.PrintJSON(result)
	}
	return printDetection(s, result)
}

func printDetection(s *console.Session, r *calibrate.Detection) error {
	o := r.Options
	var b strings.Builder
	fmt.Fprintf(&b, "units planted in untrained networks of %d units on synth:%s, %d of each strength and length\n\n", o.Hidden, o.Domain, o.Repeats)
	rows := [][]string{{"planted", "AUROC", "test characters", "best unit's", "learned as best", "learned", "associated", "holds the state"}}
	for _, c := range r.Cells {
		rows = append(rows, []string{
			table.ConceptTitle(c.Concept), table.Fixed(c.Strength, 2), table.Grouped(c.Characters), table.Fixed(c.Measured, 3),
			table.Fixed(c.Best.Estimate, 2), table.Fixed(c.Found.Estimate, 2), table.Fixed(c.Associated.Estimate, 2), table.Fixed(c.Holds.Estimate, 2),
		})
	}
	b.WriteString(table.Aligned(rows, 1) + "\n")
	rows = [][]string{{"decoy for", "test characters", "AUROC", "among equal characters", "best unit when alone", "called a state unit", "fresh unit learned"}}
	for _, c := range r.Decoys {
		rows = append(rows, []string{
			table.ConceptTitle(c.Concept), table.Grouped(c.Characters), table.Fixed(c.AUROC, 3), table.Fixed(c.Within, 3), table.Fixed(c.Chosen.Estimate, 2),
			fmt.Sprintf("%s of %s", table.Fixed(c.Holds.Estimate, 2), table.Grouped(int(c.Holds.N))),
			fmt.Sprintf("%s of %s", table.Fixed(c.Fresh.Estimate, 2), table.Grouped(int(c.Fresh.N))),
		})
	}
	b.WriteString(table.Aligned(rows, 1))
	_, err := fmt.Fprint(s.Console.Stdout, b.String())
	return err
}
