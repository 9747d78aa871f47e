package main

import (
	"context"
	"fmt"
	"slices"

	"github.com/rnnscope/rnnscope/cmd/rnnscope/console"
	"github.com/rnnscope/rnnscope/cmd/rnnscope/table"
	"github.com/rnnscope/rnnscope/lab"
	"github.com/rnnscope/rnnscope/run"
)

type verifyCmd struct {
	Dir     string        `arg:"" name:"run" help:"Directory of the run."`
	From    int64         `placeholder:"STEP" default:"0" help:"Begin at the whole state kept of this step (train --keep-states), which is believed (default: at the first step)."`
	To      int64         `placeholder:"STEP" default:"-1" help:"Check the snapshots up to this step only (default: all)."`
	Workers console.Cores `placeholder:"N" help:"Cores to use (default: all); no result depends on it."`
}

func (verifyCmd) Help() string {
	return `Repeats the training from its first step, in memory, and compares, to the bit, every snapshot with what it comes to: are these
the weights of that training, at those steps? The state to resume from is compared whole: weights, moments of the optimiser, hidden
state, place in the text, random state, settings, best validation; what differs is named. It needs the kernels that the run was
trained with; where this machine cannot have them it says so and checks nothing. The run is not changed. The status is 1 when
something differs.

A snapshot holds weights and no moments, so a training cannot be repeated from it, unless the run was made with train
--keep-states: then --from begins at the whole state that was kept of a step. That state is believed; what follows is checked.

Examples:

  rnnscope verify my-run
  rnnscope verify my-run --to 500
  rnnscope verify my-run --from 2000     of a run made with train --keep-states`
}

func (c *verifyCmd) Run(ctx context.Context, s *console.Session) error {
	if c.To < -1 {
		return console.Misusef("--to %d: want a step of the training", c.To)
	}
	if c.From < 0 || c.To >= 0 && c.From > c.To {
		return console.Misusef("--from %d: want a step of the training, at most that of --to", c.From)
	}
	r, err := run.Open(c.Dir)
	if err != nil {
		return err
	}
	defer r.Close()
	steps, err := r.Steps()
	if err != nil {
		return err
	}
	if last := slices.Max(append([]int64{0}, steps...)); r.Info().Config != nil && c.To > last {
		return console.Misusef("--to %d: the last snapshot is of step %d", c.To, last)
	}
	bar := s.Note.Progress("repeating the training", "step", 0)
	v, err := lab.Verify(ctx, r, lab.VerifyOptions{From: c.From, To: c.To, Workers: int(c.Workers)}, bar.Of)
	bar.Done()
	if err != nil {
		return err
	}
	if s.JSON {
		err = s.PrintJSON(v)
	} else {
		err = table.Verification(s.Console.Stdout, v)
	}
	if err == nil && !v.Verified {
		return fmt.Errorf("%s: what is kept is not what the training comes to", c.Dir)
	}
	return err
}
