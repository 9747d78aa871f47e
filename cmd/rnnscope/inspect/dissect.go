package inspect

import (
	"context"
	"runtime/debug"

	"github.com/rnnscope/rnnscope/checkpoint"
	"github.com/rnnscope/rnnscope/cmd/rnnscope/console"
	"github.com/rnnscope/rnnscope/cmd/rnnscope/table"
	"github.com/rnnscope/rnnscope/dissect"
	"github.com/rnnscope/rnnscope/results"
	"github.com/rnnscope/rnnscope/run"
	"github.com/rnnscope/rnnscope/specimen"
	"github.com/rnnscope/rnnscope/text"
)

type DissectCmd struct {
	Dir   string   `arg:"" name:"run" help:"Directory of the run."`
	Input []string `arg:"" optional:"" help:"Another text to dissect on: files, folders, globs, - or synth:NAME (default: the run's own)."`
	console.InputFlags
	console.UnknownFlag
	dissectFlags
	console.ConceptFlags
	statesFlags
	Samples int    `placeholder:"N" default:"0" help:"Dissect on N characters that the network itself writes, at temperature 1."`
	Only    string `name:"matrix" placeholder:"FILE" help:"Only score every unit against every concept, and write that with the labels to FILE (JSON)."`
	Details bool   `help:"Also print what linear readers tell: sparse probes, control tasks, rotated bases, regressions of depth."`
	Step    int64  `placeholder:"N" default:"-1" help:"Use the weights of this training step (default: the newest)."`
	ShardFlags
}

type dissectFlags struct {
	Sites     []string         `placeholder:"SITE,..." help:"Sites to search, as in l0.h,l0.c (default: h of every layer, and c of an LSTM)."`
	Untrained console.Networks `placeholder:"N" default:"19" help:"Untrained networks of the same shape that a unit must beat to be called learned."`
	Workers   console.Cores    `placeholder:"N" help:"Cores to use (default: all); no result depends on it."`
}

func (DissectCmd) Help() string {
	return `Units are chosen on the validation part and measured on the test part; on another text, chosen on even blocks and
measured on odd ones. "Not found" is an answer.

Examples:

  rnnscope dissect my-run
  rnnscope dissect my-run other.txt --unknown skip
  rnnscope dissect my-run --details
  rnnscope dissect my-run --concepts url,in-quote --sites l0.c --json
  rnnscope dissect my-run --concept "year=[12][0-9]{3}" --labels names=names.jsonl
  rnnscope dissect my-run --samples 400000      on what the network itself writes
  rnnscope dissect my-run long.txt --shard 1/4  a quarter of one of three rounds; then 'rnnscope merge my-run'
  rnnscope dissect my-run long.txt --slurm 64   the same on a cluster; given again, it goes on with what is missing
  rnnscope dissect new-run --states h.npz --symbols s.json --controls u1.npz,u2.npz,u3.npz,u4.npz,u5.npz`
}

func (c *DissectCmd) Run(ctx context.Context, s *console.Session) error {
	if err := c.statesFlags.validate(); err != nil {
		return err
	}
	if c.States != "" {
		return c.onStates(ctx, s)
	}
	if c.Only != "" {
		return c.matrix(ctx, s)
	}
	if c.inShards() {
		return c.shards(ctx, s)
	}
	r, err := console.OpenKeeper(s, c.Dir)
	if err != nil {
		return err
	}
	defer s.Close(r)
	result, err := c.dissect(ctx, s, r)
	if err != nil {
		return err
	}
	if s.JSON {
		return s.PrintJSON(result)
	}
	return table.Verdicts(s.Console.Stdout, result, c.Details)
}

// dissect runs the dissection and keeps it in the run.
func (c *DissectCmd) dissect(ctx context.Context, s *console.Session, r *run.Run) (*dissect.Result, error) {
	ck, err := console.Weights(s, r, c.Step)
	if err != nil {
		return nil, err
	}
	in, err := c.specimen(ctx, s, r, ck)
	if err != nil {
		return nil, err
	}
	defer in.Close()
	opt, err := c.options(ctx, s, in.Text.Source)
	if err != nil {
		return nil, err
	}
	bar := s.Note.Progress("dissecting", "char", 0)
	defer bar.Done()
	// Little is allocated on the way, so that collecting twice as often costs nothing one
	// could measure, and a third of the peak is garbage otherwise.
	defer debug.SetGCPercent(debug.SetGCPercent(50))
	result, err := dissect.Run(ctx, in, opt, bar.Of)
	if err != nil {
		return nil, err
	}
	s.Keep(r, results.KeepDissection(r, in.Subject(), result))
	return result, nil
}

func (c *DissectCmd) options(ctx context.Context, s *console.Session, src text.Source) (dissect.Options, error) {
	if c.Untrained < 0 {
		return dissect.Options{}, console.Misusef("--untrained %d: want 0 or more networks", c.Untrained)
	}
	opt := dissect.Options{Sites: c.Sites, Untrained: int(c.Untrained), Workers: int(c.Workers), Version: console.ProgramVersion()}
	var err error
	opt.Concepts, err = c.Choose(ctx, func() (text.Original, error) { return console.OriginalOf(ctx, src) })
	return opt, err
}

// mostSamples is how much a network writes at once: it is held in memory.
const mostSamples = 50_000_000

// specimen is the network on the run's own text, on another one, or on what it writes. Close it.
func (c *DissectCmd) specimen(ctx context.Context, s *console.Session, r *run.Run, ck *checkpoint.Checkpoint) (*specimen.Specimen, error) {
	switch {
	case c.Samples < 0 || c.Samples > mostSamples:
		return nil, console.Misusef("--samples %d: want a number of characters, at most %s", c.Samples, table.Grouped(mostSamples))
	case c.Samples > 0 && len(c.Input) > 0:
		return nil, console.Misusef("--samples and another text exclude each other")
	case c.Samples > 0:
		return specimen.GeneratedText(ctx, specimen.NetworkOf(ck), c.Samples, r.Info().Seed)
	}
	return c.InputFlags.Specimen(ctx, s, r, ck, console.TextRequest{Verb: "dissect", Inputs: c.Input, Unknown: c.UnknownFlag})
}
