package inspect

import (
	"context"

	"github.com/rnnscope/rnnscope/cmd/rnnscope/console"
	"github.com/rnnscope/rnnscope/cmd/rnnscope/table"
	"github.com/rnnscope/rnnscope/mistakes"
)

type ErrorsCmd struct {
	Dir   string   `arg:"" name:"run" help:"Directory of the run."`
	Input []string `arg:"" optional:"" name:"text" help:"Another text: files, folders, globs, - or synth:NAME (default: the test part of the run's own)."`
	console.InputFlags
	console.UnknownFlag
	Examples int           `placeholder:"N" default:"3" help:"Errors shown a cause, the costliest first."`
	Step     int64         `placeholder:"N" default:"-1" help:"Use the weights of this training step (default: the newest)."`
	Workers  console.Cores `placeholder:"N" help:"Cores to use (default: all); no result depends on it."`
}

// mostExamples is more than anybody reads, and bounds what is kept and sorted.
const mostExamples = 1000

func (ErrorsCmd) Help() string {
	return `What does the network still get wrong? An error is a character that it gave less than half of the probability. Errors are removed
cause by cause: those that an n-gram model gets right, those inside words that stood here a moment ago, rare words, first letters,
marks, near misses. The order decides how many each cause removes, so each also gets its share of the loss averaged over all orders.

Examples:

  rnnscope errors my-run
  rnnscope errors my-run other.txt --unknown skip
  rnnscope errors my-run --examples 10 --json | jq '.causes[].worst'`
}

func (c *ErrorsCmd) Run(ctx context.Context, s *console.Session) error {
	if c.Examples < 0 || c.Examples > mostExamples {
		return console.Misusef("--examples %d: want 0 to %d", c.Examples, mostExamples)
	}
	r, ck, err := console.OpenNetwork(s, c.Dir, c.Step)
	if err != nil {
		return err
	}
	defer s.Close(r)
	in, err := c.Specimen(ctx, s, r, ck, console.TextRequest{Verb: "errors", Inputs: c.Input, Unknown: c.UnknownFlag})
	if err != nil {
		return err
	}
	defer in.Close()
	bar := s.Note.Progress("reading", "char", 0)
	result, err := mistakes.Run(ctx, in, mistakes.Options{Examples: c.Examples, Workers: int(c.Workers), Version: console.ProgramVersion()}, bar.Of)
	bar.Done()
	if err != nil {
		return err
	}
	s.Store(r, in.Subject(), mistakes.ViewName, result, result.Findings())
	if s.JSON {
		return s.PrintJSON(result)
	}
	return table.Mistakes(s.Console.Stdout, result)
}
