package inspect

import (
	"context"
	"fmt"
	"runtime/debug"

	"github.com/rnnscope/rnnscope/cmd/rnnscope/console"
	"github.com/rnnscope/rnnscope/cmd/rnnscope/table"
	"github.com/rnnscope/rnnscope/internal/durable"
	"github.com/rnnscope/rnnscope/memory"
	"github.com/rnnscope/rnnscope/run"
)

type MemoryCmd struct {
	Dir   string   `arg:"" optional:"" name:"run" help:"Directory of the run."`
	Input []string `arg:"" optional:"" help:"Another text to measure on: files, folders, globs, - or synth:NAME (default: the run's own)."`
	console.InputFlags
	console.UnknownFlag
	Kinds      []string      `placeholder:"KIND,..." help:"Only these pairs: ${pair_kinds} (default: all)."`
	Pairs      []string      `type:"path" placeholder:"FILE" help:"Your own minimal pairs: JSON lines with prefix, right, wrong and gap. May be given again."`
	Suites     []string      `placeholder:"NAME,..." help:"Built-in minimal pairs: ${pair_suites}, all or none (default: those whose words the text has)."`
	At         []int         `placeholder:"N,..." help:"Map what decided the characters at these positions of the text (default: three closers far from their openers)."`
	Order      int           `placeholder:"N" default:"20" help:"Order of the n-gram line that everything stands beside."`
	Step       int64         `placeholder:"N" default:"-1" help:"Use the weights of this training step (default: the newest)."`
	Seed       uint64        `placeholder:"N" default:"1" help:"Of every random draw."`
	Workers    console.Cores `placeholder:"N" help:"Cores to use (default: all); no result depends on it."`
	Experiment string        `enum:",latches,delays" default:"" placeholder:"NAME" help:"Instead of a run: latches (hand-wired, of known horizon) or delays (small networks trained to keep one bit)."`
	delayFlags
}

func (MemoryCmd) Help() string {
	return `How far back does the network remember, and which of its units wait? Recall of the right closer by gap beside an n-gram
model, minimal pairs, how far single characters reach, time constants, and units that sleep until a trigger, hold, and act at the release.

Examples:

  rnnscope memory my-run
  rnnscope memory my-run kernel/*.c --unknown skip --kinds block,paren
  rnnscope memory my-run --pairs agreement.jsonl --suites none
  rnnscope memory --experiment latches
  rnnscope memory --experiment delays --delays 10,30,100`
}

func (c *MemoryCmd) Run(ctx context.Context, s *console.Session) error {
	switch c.Experiment {
	case "latches":
		return c.latches(ctx, s)
	case "delays":
		return c.delays(ctx, s)
	}
	if c.Dir == "" {
		return console.Misusef("name a run: rnnscope memory RUN")
	}
	if c.Order < 1 {
		return console.Misusef("--order %d: want at least 1", c.Order)
	}
	r, err := console.OpenKeeper(s, c.Dir)
	if err != nil {
		return err
	}
	defer s.Close(r)
	result, err := c.measure(ctx, s, r)
	if err != nil {
		return err
	}
	if s.JSON {
		return s.PrintJSON(result)
	}
	return table.Memory(s.Console.Stdout, result)
}

// collectedFrom is the heap, in bytes, from which garbage is collected as often as it takes and not only when the heap
// has doubled: the n-gram line's tables live from beginning to end, and half of the peak was garbage beside them.
const collectedFrom = 600 << 20

// measure runs the measurement and keeps it in the run.
func (c *MemoryCmd) measure(ctx context.Context, s *console.Session, r *run.Run) (*memory.Result, error) {
	ck, err := console.Weights(s, r, c.Step)
	if err != nil {
		return nil, err
	}
	opt := memory.Options{
		Kinds: c.Kinds, Order: c.Order, Suites: c.Suites, At: c.At, Seed: c.Seed, Workers: int(c.Workers), Version: console.ProgramVersion(),
	}
	for _, name := range c.Pairs {
		suite, err := ownPairs(ctx, s, name)
		if err != nil {
			return nil, err
		}
		opt.Own = append(opt.Own, suite)
	}
	in, err := c.Specimen(ctx, s, r, ck, console.TextRequest{Verb: "memory", Inputs: c.Input, Unknown: c.UnknownFlag})
	if err != nil {
		return nil, err
	}
	defer in.Close()
	bar := s.Note.Progress("measuring memory", "part", 0)
	defer bar.Done()
	if debug.SetMemoryLimit(-1) > collectedFrom {
		defer debug.SetMemoryLimit(debug.SetMemoryLimit(collectedFrom))
	}
	result, err := memory.Run(ctx, in, opt, bar.Of)
	if err != nil {
		return nil, err
	}
	s.Store(r, in.Subject(), memory.ViewName, result, result.Findings())
	return result, nil
}

func ownPairs(ctx context.Context, s *console.Session, name string) (memory.Suite, error) {
	f, err := durable.Open(ctx, name)
	if err != nil {
		return memory.Suite{}, err
	}
	defer f.Close()
	pairs, err := memory.ReadPairs(durable.Reader(ctx, f))
	if err != nil {
		return memory.Suite{}, fmt.Errorf("%s: %w", name, err)
	}
	return memory.Suite{Name: name, About: "pairs of your own.", Pairs: pairs}, nil
}
