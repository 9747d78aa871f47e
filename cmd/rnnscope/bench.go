package main

import (
	"context"
	"errors"

	"github.com/rnnscope/rnnscope/cmd/rnnscope/console"
	"github.com/rnnscope/rnnscope/cmd/rnnscope/table"
	"github.com/rnnscope/rnnscope/lab/speed"
)

type benchCmd struct {
	Only    []string `name:"case" placeholder:"NAME" help:"Only configurations whose names begin so; may be repeated."`
	Seconds float64  `default:"0.5" help:"Time for one measurement; whole steps, at least one."`
	Rounds  int      `default:"5" help:"Measurements of each kind, taken in turns; the median counts."`
	Worker  bool     `hidden:"" help:"Answer orders on standard input, one JSON object a line."`
}

const (
	mostSeconds = 3_600 // of a measurement
	mostRounds  = 1_000
)

func (benchCmd) Help() string {
	return `Times whole training steps (forward, loss, backward, clip by norm, Adam), a forward that keeps every hidden state, and
sampling, for the configurations of BENCHMARKS.md. Products counts the matrix products alone, input gather left out, and is
compared with the fused multiply-add peak of the same cores measured between the rounds.
To hold it against PyTorch, see bench/run.py.

Examples:

  rnnscope bench
  rnnscope bench --case lstm --seconds 0.2 --rounds 3
  rnnscope bench --json > bench.json`
}

// Validate is called by kong.
func (c *benchCmd) Validate() error {
	if !(c.Seconds > 0 && c.Seconds <= mostSeconds) || c.Rounds < 1 || c.Rounds > mostRounds {
		return console.Misusef("--seconds %g --rounds %d: want more than 0 and at most %d seconds, 1 to %d rounds", c.Seconds, c.Rounds, mostSeconds, mostRounds)
	}
	return nil
}

func (c *benchCmd) Run(ctx context.Context, s *console.Session) error {
	if c.Worker {
		return (&speed.Server{Version: console.ProgramVersion()}).Serve(ctx, s.Console.Stdin, s.Console.Data)
	}
	r, err := speed.Measure(ctx, speed.Options{Only: c.Only, Seconds: c.Seconds, Rounds: c.Rounds}, func(name string) { s.Note.Printf("%s ...", name) })
	if errors.Is(err, speed.ErrUnknown) {
		return console.AsMisuse(err)
	}
	if err != nil {
		return err
	}
	r.Version = console.ProgramVersion()
	if s.JSON {
		return s.PrintJSON(r)
	}
	return table.Speed(s.Console.Stdout, r)
}
