package main

import (
	"fmt"
	"strings"

	"github.com/rnnscope/rnnscope/calibrate"
)

func (c *calibrateCmd) detect(s *session) error {
	opt := calibrate.DetectionOptions{
		Domain: c.Domain, Repeats: c.pairs(), Lengths: c.Characters, Hidden: c.Hidden,
		Untrained: c.Untrained, Seed: c.Seed, Workers: int(c.Workers),
	}
	if c.Untrained == 0 {
		opt.Untrained = -1
	}
	bar := s.note.Progress("planting and dissecting", "run", 0)
	defer bar.Done()
	result, err := calibrate.Detect(s, opt, bar.of)
	if err != nil {
		return err
	}
	if s.json {
		return s.printJSON(result)
	}
	return printDetection(s, result)
}

func printDetection(s *session, r *calibrate.Detection) error {
	o := r.Options
	var b strings.Builder
	fmt.Fprintf(&b, "units planted in untrained networks of %d units on synth:%s, %d of each strength and length\n\n", o.Hidden, o.Domain, o.Repeats)
	rows := [][]string{{"planted", "AUROC", "test characters", "best unit's", "learned as best", "learned", "associated", "holds the state"}}
	for _, c := range r.Cells {
		rows = append(rows, []string{
			conceptTitle(c.Concept), fixed(c.Strength, 2), grouped(c.Characters), fixed(c.Measured, 3),
			fixed(c.Best.Estimate, 2), fixed(c.Found.Estimate, 2), fixed(c.Associated.Estimate, 2), fixed(c.Holds.Estimate, 2),
		})
	}
	b.WriteString(aligned(rows, 1) + "\n")
	rows = [][]string{{"decoy for", "test characters", "AUROC", "among equal characters", "best unit when alone", "called a state unit", "fresh unit learned"}}
	for _, c := range r.Decoys {
		rows = append(rows, []string{
			conceptTitle(c.Concept), grouped(c.Characters), fixed(c.AUROC, 3), fixed(c.Within, 3), fixed(c.Chosen.Estimate, 2),
			fmt.Sprintf("%s of %s", fixed(c.Holds.Estimate, 2), grouped(int(c.Holds.N))),
			fmt.Sprintf("%s of %s", fixed(c.Fresh.Estimate, 2), grouped(int(c.Fresh.N))),
		})
	}
	b.WriteString(aligned(rows, 1))
	_, err := fmt.Fprint(s.main.Stdout, b.String())
	return err
}
