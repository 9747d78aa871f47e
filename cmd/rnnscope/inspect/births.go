package inspect

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/rnnscope/rnnscope/births"
	"github.com/rnnscope/rnnscope/cmd/rnnscope/console"
	"github.com/rnnscope/rnnscope/cmd/rnnscope/table"
	"github.com/rnnscope/rnnscope/evolve"
	"github.com/rnnscope/rnnscope/run"
	"github.com/rnnscope/rnnscope/specimen"
	"github.com/rnnscope/rnnscope/text"
)

type BirthsCmd struct {
	Dir string `arg:"" name:"run" help:"Directory of the run."`
	console.ConceptFlags
	Characters int              `placeholder:"N" default:"20000" help:"Characters read of each part of the text at a snapshot, at most."`
	Untrained  console.Networks `placeholder:"N" default:"19" help:"Untrained networks of the same shape that a unit must exceed."`
	Steps      []int64          `placeholder:"STEP,..." help:"Snapshots to look at (default: all)."`
	Used       []string         `sep:"," placeholder:"STEP,..." help:"Snapshots at which to ask whether the network uses the two units as well; all: at every one. It takes long."`
	Workers    console.Cores    `placeholder:"N" help:"Cores to use (default: all); no result depends on it."`
}

func (BirthsCmd) Help() string {
	return `When was a concept born? At every snapshot two units are measured: the one that is best in the end, which is a survivor, and
the one that is best at that moment. A concept is born with the first snapshot from which on the lower bound of the AUROC stays above
the best unit of untrained networks. Beside it stands the skill that the concept serves, as "rnnscope evolution" measures it on
held-out items, and how many decades of steps the unit came later.

Examples:

  rnnscope births my-run
  rnnscope births my-run --concepts in-quote,line-end-next --used 100,500,2000
  rnnscope births my-run --json | jq '.concepts[] | {concept, birth: .best.birth, lag}'`
}

func (c *BirthsCmd) Run(ctx context.Context, s *console.Session) error {
	if c.Characters < 1_000 || c.Untrained < 1 {
		return console.Misusef("--characters %d --untrained %d: want at least 1000 and 1", c.Characters, c.Untrained)
	}
	r, err := console.OpenKeeper(s, c.Dir)
	if err != nil {
		return err
	}
	defer s.Close(r)
	opt := births.Options{Characters: c.Characters, Untrained: int(c.Untrained), Workers: int(c.Workers), Version: console.ProgramVersion()}
	snapshots, err := c.snapshots(ctx, r)
	if err != nil {
		return err
	}
	if opt.Used, err = c.used(snapshots.Steps); err != nil {
		return err
	}
	opt.Concepts, err = c.Choose(ctx, func() (text.Original, error) {
		src, err := r.Source(ctx)
		if err != nil {
			return text.Original{}, err
		}
		defer src.Close()
		return console.OriginalOf(ctx, src)
	})
	if err != nil {
		return err
	}
	var h evolve.History
	if err := r.ViewOf(r.Whole(), evolve.ViewName, &h); err == nil {
		opt.Evolution = &h
	} else if !errors.Is(err, run.ErrNoView) {
		return err
	} else {
		s.Note.Printf("lags to skills are not known: first run rnnscope evolution %s", console.ShellWord(r.Dir()))
	}
	bar := s.Note.Progress("looking for births", "network", int64(int(c.Untrained)+len(snapshots.Steps)))
	result, err := births.Run(ctx, snapshots, opt, bar.Of)
	bar.Done()
	if err != nil {
		return err
	}
	if err := keepBirths(s, r, result); err != nil {
		return err
	}
	if len(opt.Used) > 0 && len(result.Never) > 0 {
		s.Note.Printf("--used says nothing of concepts that were not born: %s", strings.Join(result.Never, ", "))
	}
	if s.JSON {
		return s.PrintJSON(result)
	}
	return table.Births(s.Console.Stdout, result)
}

// keepBirths stores a result unless what the run keeps says more: a short look must not take the place
// of a long one.
func keepBirths(s *console.Session, r *run.Run, now *births.Result) error {
	var earlier births.Result
	err := r.ViewOf(r.Whole(), births.ViewName, &earlier)
	switch {
	case errors.Is(err, run.ErrNoView):
	case err != nil:
		return err
	case earlier.Version == now.Version && !now.Covers(&earlier):
		s.Note.Warnf("not kept: the run has births of %d concepts at %d snapshots, against %d untrained networks and on %d characters, and this look does not cover them",
			len(earlier.Concepts)+len(earlier.Never), len(earlier.Steps), earlier.Untrained, earlier.Reported)
		return nil
	}
	s.Store(r, r.Whole(), births.ViewName, now, nil)
	return nil
}

// snapshots are those of the run that were asked for, on the run's own text, which is read once.
func (c *BirthsCmd) snapshots(ctx context.Context, r *run.Run) (births.Snapshots, error) {
	steps, err := r.Steps()
	if err != nil {
		return births.Snapshots{}, err
	}
	for _, want := range c.Steps {
		if !slices.Contains(steps, want) {
			return births.Snapshots{}, console.Misusef("--steps %d: there is no snapshot of this step; there are %v", want, steps)
		}
	}
	if len(c.Steps) > 0 {
		steps = slices.Sorted(slices.Values(c.Steps))
	}
	if len(steps) == 0 {
		return births.Snapshots{}, fmt.Errorf("%s keeps no snapshots of a training", r.Dir())
	}
	corpus, err := r.Corpus()
	if err != nil {
		return births.Snapshots{}, err
	}
	split := r.Info().Split
	return births.Snapshots{Steps: slices.Compact(steps), At: func(step int64) (*specimen.Specimen, error) {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		ck, err := r.Checkpoint(step)
		if err != nil {
			return nil, err
		}
		return specimen.OwnText(specimen.NetworkOf(ck), specimen.InMemory(corpus), split), nil
	}}, nil
}

// used reads --used.
func (c *BirthsCmd) used(steps []int64) ([]int64, error) {
	if slices.Equal(c.Used, []string{"all"}) {
		return steps, nil
	}
	if slices.Contains(c.Used, "all") {
		return nil, console.Misusef("--used %s: all is every step that is looked at: give it alone, or steps without it", strings.Join(c.Used, ","))
	}
	var out []int64
	for _, w := range c.Used {
		step, err := strconv.ParseInt(w, 10, 64)
		if err != nil || !slices.Contains(steps, step) {
			return nil, console.Misusef("--used %s: want all or steps that are looked at: %s", w, strings.Trim(fmt.Sprint(steps), "[]"))
		}
		out = append(out, step)
	}
	return out, nil
}
