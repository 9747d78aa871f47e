package inspect

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"runtime/debug"
	"strings"

	"github.com/rnnscope/rnnscope/cmd/rnnscope/console"
	"github.com/rnnscope/rnnscope/cmd/rnnscope/table"
	"github.com/rnnscope/rnnscope/dissect"
	"github.com/rnnscope/rnnscope/dissect/shard"
	"github.com/rnnscope/rnnscope/results"
)

type MergeCmd struct {
	Dir         string                `arg:"" name:"run" help:"Directory of the run."`
	Plan        string                `placeholder:"KEY" help:"Which dissection, where several were begun: the name of its folder in RUN/shards."`
	Details     bool                  `help:"Also print what linear readers tell, as dissect does."`
	Workers     console.Cores         `placeholder:"N" help:"Cores to use (default: all); no result depends on it."`
	RequeueCode console.RequeueStatus `placeholder:"N" default:"75" help:"Exit status after SIGTERM or SIGUSR1. Slurm queues the task again if RequeueExit names it."`
}

func (MergeCmd) Help() string {
	return `Adds up what the shards of a dissection left in the run, does the rest, and keeps and prints the result: the same, to the
byte, as one process would give. The shards are removed then; given again it prints the result again.

Examples:

  for round in labels choose report; do
    for i in 1 2 3 4; do rnnscope dissect my-run long.txt --shard $i/4 --round $round & done; wait
  done
  rnnscope merge my-run`
}

func (c *MergeCmd) Run(ctx context.Context, s *console.Session) error {
	key, err := c.key()
	if err != nil {
		return err
	}
	b, err := begunAs(c.Dir, key)
	if err != nil {
		return err
	}
	if shard.IsMerged(filepath.Join(shardsOf(c.Dir), key)) {
		return c.again(s, key)
	}
	ctx, stop := console.Saving(ctx)
	defer stop()
	r, err := console.OpenKeeper(s, c.Dir)
	if err != nil {
		return err
	}
	of := b.Command
	of.Dir, of.Workers = c.Dir, c.Workers
	ck, err := console.Weights(s, r, of.Step)
	if err != nil {
		s.Close(r)
		return cannotGoOn(ctx, key, err)
	}
	a, err := of.ask(ctx, s, r, ck, b.Shards, key)
	if err != nil {
		s.Close(r)
		return cannotGoOn(ctx, key, err)
	}
	defer a.close(s)
	bar := s.Note.Progress("merging", "char", 0)
	defer debug.SetGCPercent(debug.SetGCPercent(50)) // as in dissect
	result, err := dissect.MergeShards(ctx, a.in, a.opt, a.folder, bar.Of)
	bar.Done()
	if err != nil && ctx.Err() != nil {
		return console.Requeue(c.RequeueCode)
	}
	if err != nil {
		return err
	}
	s.Keep(r, results.KeepDissection(r, a.in.Subject(), result))
	if len(s.NotKept) == 0 {
		if err := a.folder.Finish(result); err != nil {
			return err
		}
	}
	return c.print(s, result)
}

func (c *MergeCmd) print(s *console.Session, result *dissect.Result) error {
	if s.JSON {
		return s.PrintJSON(result)
	}
	return table.Verdicts(s.Console.Stdout, result, c.Details)
}

// again prints what was merged before.
func (c *MergeCmd) again(s *console.Session, key string) error {
	result := &dissect.Result{}
	err := shard.ReadMerged(filepath.Join(shardsOf(c.Dir), key), result)
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%s was merged, and its result is in the run alone: rnnscope atlas %s", key, console.ShellWord(c.Dir))
	}
	if err != nil {
		return err
	}
	s.Note.Printf("merged already")
	if s.JSON {
		return s.PrintJSON(result)
	}
	out, err := rendered(result, c.Details)
	if err != nil {
		return fmt.Errorf("the result in %s cannot be printed: %w; what the run keeps: rnnscope atlas %s", filepath.Join(shardsOf(c.Dir), key), err, console.ShellWord(c.Dir))
	}
	_, err = s.Console.Stdout.Write(out)
	return err
}

// rendered is the table of a result that was read from a file: where a figure that somebody changed makes it
// impossible, that is an error.
func rendered(result *dissect.Result, details bool) (out []byte, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("it contradicts itself: %v", p)
		}
	}()
	var buf bytes.Buffer
	err = table.Verdicts(&buf, result, details)
	return buf.Bytes(), err
}

// key is the dissection that is meant: the one named, or the only one that is not whole yet.
func (c *MergeCmd) key() (string, error) {
	if c.Plan != "" {
		return c.Plan, nil
	}
	there, err := plansOf(c.Dir)
	if err != nil {
		return "", err
	}
	var open, merged []string
	for _, key := range there {
		if shard.IsMerged(filepath.Join(shardsOf(c.Dir), key)) {
			merged = append(merged, key)
		} else {
			open = append(open, key)
		}
	}
	switch {
	case len(open) == 1:
		return open[0], nil
	case len(open) > 1:
		return "", console.Misusef("%s holds %d dissections in shards: give --plan, one of %s", c.Dir, len(open), strings.Join(open, ", "))
	}
	if len(merged) > 1 {
		return "", console.Misusef("%s holds %d merged dissections: give --plan, one of %s", c.Dir, len(merged), strings.Join(merged, ", "))
	}
	return merged[0], nil
}
