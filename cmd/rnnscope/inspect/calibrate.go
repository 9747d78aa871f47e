package inspect

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/rnnscope/rnnscope/calibrate"
	"github.com/rnnscope/rnnscope/cmd/rnnscope/console"
	"github.com/rnnscope/rnnscope/cmd/rnnscope/table"
	"github.com/rnnscope/rnnscope/concept"
	"github.com/rnnscope/rnnscope/stat"
)

type CalibrateCmd struct {
	Curves     *int             `placeholder:"N" help:"Simulate learning curves of known width instead, N of each kind, and count how often the verdicts of evolution (abrupt, gradual) and its intervals are right."`
	Detect     bool             `help:"Plant units of known strength instead, beside decoys that only answer to characters, and count what is found."`
	Domain     string           `placeholder:"NAME" default:"mixed" help:"Text: one of ${synth_names}."`
	Pairs      *int             `placeholder:"N" help:"Network x text pairs (default: 200; with --detect 10 for each strength and length)."`
	Characters []int            `placeholder:"N,..." help:"Test characters of each text (default: 165000; with --detect 50000,100000,200000)."`
	Concepts   []string         `placeholder:"NAME,..." help:"Only these concepts (default: all)."`
	Hidden     int              `placeholder:"N" default:"16" help:"Units of each network."`
	Untrained  console.Networks `placeholder:"N" default:"19" help:"Untrained networks behind the verdict learned."`
	NullOnly   bool             `help:"Only borrowed labels: the level of the null, for many pairs in little time."`
	Seed       uint64           `placeholder:"N" default:"1" help:"Same seed, same figures."`
	Workers    console.Cores    `placeholder:"N" help:"Pairs at a time (default: one a core); no result depends on it."`
}

func (CalibrateCmd) Help() string {
	return `How often the atlas is wrong, by simulation. Labels of a region apart are laid over texts of untrained networks, position by
position: the share of p <= .05 must lie near .05 for every concept, few may survive the correction, and a fresh untrained network must
not be said to have learned what the text really holds.

Examples:

  rnnscope calibrate
  rnnscope calibrate --concepts latex-environment,latex-math --pairs 400
  rnnscope calibrate --pairs 20 --characters 80000
  rnnscope calibrate --null-only --pairs 800
  rnnscope calibrate --detect --json
  rnnscope calibrate --curves 100`
}

func (c *CalibrateCmd) Run(ctx context.Context, s *console.Session) error {
	if err := c.check(); err != nil {
		return err
	}
	if c.Detect {
		return c.detect(ctx, s)
	}
	if c.Curves != nil {
		return c.curves(ctx, s)
	}
	opt := calibrate.LevelOptions{
		Domain: c.Domain, Pairs: c.pairs(), Hidden: c.Hidden, Untrained: int(c.Untrained), Concepts: c.Concepts, NullOnly: c.NullOnly, Seed: c.Seed, Workers: int(c.Workers),
	}
	if len(c.Characters) == 1 {
		opt.Characters = c.Characters[0]
	}
	if c.Untrained == 0 {
		opt.Untrained = -1
	}
	bar := s.Note.Progress("calibrating", "pair", 0)
	defer bar.Done()
	result, err := calibrate.Levels(ctx, opt, bar.Of)
	if err != nil {
		return err
	}
	if s.JSON {
		return s.PrintJSON(result)
	}
	return printCalibration(s, result)
}

// check refuses sizes of which there is nothing to simulate, and flags that would not be read.
func (c *CalibrateCmd) check() error {
	switch {
	case c.Pairs != nil && *c.Pairs < 1:
		return console.Misusef("--pairs %d: want at least 1 network and text", *c.Pairs)
	case c.Pairs != nil && *c.Pairs > mostCurves:
		return console.Misusef("--pairs %d: want at most %s", *c.Pairs, table.Grouped(mostCurves))
	case c.Hidden < 1:
		return console.Misusef("--hidden %d: want at least 1 unit", c.Hidden)
	case c.Hidden > mostUnits:
		return console.Misusef("--hidden %d: want at most %s units", c.Hidden, table.Grouped(mostUnits))
	case c.Untrained < 0:
		return console.Misusef("--untrained %d: want 0 or more networks", c.Untrained)
	case len(c.Characters) > 0 && slices.Min(c.Characters) < 1:
		return console.Misusef("--characters %d: want at least 1", slices.Min(c.Characters))
	case len(c.Characters) > 1 && !c.Detect:
		return console.Misusef("--characters takes one length here, and several with --detect")
	case c.Curves != nil && (*c.Curves < 1 || *c.Curves > mostCurves):
		return console.Misusef("--curves %d: want at least 1 of each kind, and at most %s", *c.Curves, table.Grouped(mostCurves))
	case c.Curves != nil && (c.Detect || c.NullOnly || c.Pairs != nil || len(c.Concepts) > 0 || len(c.Characters) > 0):
		return console.Misusef("--curves simulates learning curves alone: leave out --detect, --null-only, --pairs, --concepts and --characters")
	case c.Detect && (c.NullOnly || len(c.Concepts) > 0):
		return console.Misusef("--detect plants units for four concepts of its own: leave out --concepts and --null-only")
	}
	for _, name := range c.Concepts {
		if _, err := concept.Find(name); err != nil {
			return err
		}
	}
	return nil
}

const (
	mostCurves = 100_000 // of a kind, and pairs: they take days, and tell a share to a thousandth
	mostUnits  = 4_096   // of each network; they are many
)

// pairs is --pairs; 0 leaves the number to the simulation.
func (c *CalibrateCmd) pairs() int {
	if c.Pairs == nil {
		return 0
	}
	return *c.Pairs
}

func printCalibration(s *console.Session, r *calibrate.Calibration) error {
	o := r.Options
	var b strings.Builder
	fmt.Fprintf(&b, "%d untrained networks of %d units x texts of synth:%s, %s test characters each\n\n", o.Pairs, o.Hidden, o.Domain, table.Grouped(o.Characters))
	rows := [][]string{{"concept", "p <= .05", "95 % interval", "tests", "untrained learned"}}
	for _, k := range r.Concepts {
		rows = append(rows, []string{table.ConceptTitle(k.Concept), table.Fixed(k.Level.Estimate, 3), limits(k.Level), table.Grouped(int(k.Level.N)), table.Fixed(k.Learned.Estimate, 3)})
	}
	b.WriteString(table.Aligned(rows, 1))
	fmt.Fprintf(&b, "\nall tests with p <= .05                          %s %s (want .02 to .08)\n", table.Fixed(r.Level.Estimate, 3), limits(r.Level))
	fmt.Fprintf(&b, "concepts outside .02 to .08                      %d of %d (%s by chance if every level were .05)\n", r.Outside, len(r.Concepts), table.Fixed(r.Chance, 1))
	fmt.Fprintf(&b, "false discoveries, nothing true in the family    %s %s of pairs have one (want <= .05)\n", table.Fixed(r.AnyFalse.Estimate, 3), limits(r.AnyFalse))
	if o.NullOnly {
		_, err := fmt.Fprint(s.Console.Stdout, b.String())
		return err
	}
	fmt.Fprintf(&b, "false discovery proportion beside real labels    %s %s (want <= .05)\n", table.Fixed(r.FalseShare.Estimate, 4), limits(r.FalseShare))
	fmt.Fprintf(&b, "untrained networks said to have learned          %s %s (want <= .05)\n", table.Fixed(r.Learned.Estimate, 3), limits(r.Learned))
	_, err := fmt.Fprint(s.Console.Stdout, b.String())
	return err
}

func limits(i stat.Interval) string {
	return "[" + table.Fixed(i.Lo, 3) + ", " + table.Fixed(i.Hi, 3) + "]"
}
