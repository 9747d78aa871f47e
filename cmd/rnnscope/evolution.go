package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/rnnscope/rnnscope/cmd/rnnscope/console"
	"github.com/rnnscope/rnnscope/cmd/rnnscope/table"
	"github.com/rnnscope/rnnscope/evolve"
	"github.com/rnnscope/rnnscope/lab"
	"github.com/rnnscope/rnnscope/run"
	"github.com/rnnscope/rnnscope/train"
)

type evolutionCmd struct {
	Dir     string        `arg:"" name:"run" help:"Directory of the run."`
	Steps   []int64       `placeholder:"STEP,..." help:"Print these snapshots (default: about ten, 0, 100, 500 and 2000 among them)."`
	All     bool          `help:"Print every snapshot."`
	Refine  bool          `help:"Where a skill rises between too few snapshots to tell how suddenly, repeat the training so far and look more often."`
	Workers console.Cores `placeholder:"N" help:"Cores to use (default: all); no result depends on it."`
}

func (evolutionCmd) Help() string {
	return `Examples:

  rnnscope evolution my-run
  rnnscope evolution my-run --steps 0,100,2000
  rnnscope evolution my-run --refine
  rnnscope evolution my-run --json | jq '.snapshots[].skills'`
}

func (c *evolutionCmd) Run(ctx context.Context, s *console.Session) error {
	open := console.OpenKeeper
	if c.Refine {
		open = console.OpenWriter // it adds snapshots
	}
	r, err := open(s, c.Dir)
	if err != nil {
		return err
	}
	defer s.Close(r)
	h, err := makeEvolution(ctx, s, r, int(c.Workers))
	if err != nil {
		return err
	}
	if c.Refine {
		if h, err = refine(ctx, s, r, h, int(c.Workers)); err != nil {
			return err
		}
	}
	if err := c.check(h.Snapshots); err != nil {
		return err
	}
	if s.JSON {
		return s.PrintJSON(h)
	}
	return c.print(s, h, r.Info().Alphabet.Kind().One())
}

// makeEvolution measures the skills in every snapshot's samples and keeps the history in the run.
func makeEvolution(ctx context.Context, s *console.Session, r *run.Run, workers int) (*evolve.History, error) {
	bar := s.Note.Progress("measuring skills", "snapshot", 0)
	defer bar.Done()
	h, err := lab.Evolution(ctx, r, lab.EvolutionOptions{Workers: workers, Progress: bar.Of, Note: func(text string) { s.Note.Printf("%s", text) }})
	if errors.Is(err, lab.ErrImported) {
		return nil, fmt.Errorf("%w; see its units with: rnnscope dissect %s FILE", err, console.ShellWord(r.Dir()))
	}
	if err != nil {
		return nil, err
	}
	s.Store(r, r.Whole(), evolve.ViewName, h, nil)
	return h, nil
}

// refine looks more closely at the rises of a run's skills.
func refine(ctx context.Context, s *console.Session, r *run.Run, h *evolve.History, workers int) (*evolve.History, error) {
	out, err := lab.Refine(ctx, r, h, lab.Refinement{
		Workers: workers,
		Repeats: func(steps []int64) {
			s.Note.Printf("the training is repeated to step %s, to look at %s more closely", table.Grouped(int(steps[len(steps)-1])), table.Several(len(steps), "step"))
		},
		Beyond: func(steps []int64, planned int64) {
			s.Note.Printf("%s cannot be looked at: step %s and later lie in the part by which the training was extended beyond %s updates, and only what was planned at first can be repeated",
				table.Several(len(steps), "step"), table.Grouped(int(steps[0])), table.Grouped(int(planned)))
		},
		Watch:   func(cfg train.Config) lab.Watcher { return newWatch(s, r, cfg) },
		Measure: func(r *run.Run) (*evolve.History, error) { return makeEvolution(ctx, s, r, workers) },
	})
	var stop *train.InterruptedError
	if errors.As(err, &stop) {
		return nil, console.Reword(fmt.Sprintf("stopped at step %s of the repeated training; the same command takes it up again", table.Grouped(int(stop.Step))), err)
	}
	return out, err
}

// check refuses steps of which there is no snapshot.
func (c *evolutionCmd) check(all []evolve.Snapshot) error {
	for _, step := range c.Steps {
		if !slices.ContainsFunc(all, func(x evolve.Snapshot) bool { return x.Step == step }) {
			var have []string
			for _, x := range all {
				have = append(have, fmt.Sprint(x.Step))
			}
			return console.Misusef("--steps %d: there is no snapshot of this step; there are %s", step, strings.Join(have, ", "))
		}
	}
	return nil
}

// print shows samples and skills; symbol is what one symbol of the network is called.
func (c *evolutionCmd) print(s *console.Session, h *evolve.History, symbol string) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s, seed %d, samples at temperature %.2g from the same random stream\n", h.Text, h.Seed, h.Temperature)
	shown := c.choose(h.Snapshots)
	for _, x := range shown {
		fmt.Fprintf(&b, "\nstep %s   %.3f nats, %.3f bits per %s\n%s\n", table.Grouped(int(x.Step)), x.ValLoss, train.Bits(x.ValLoss), symbol, quoted(x.Samples[0]))
	}
	b.WriteString("\n" + table.Skills(h, shown) + table.HeldOut(h, shown))
	_, err := fmt.Fprint(s.Console.Stdout, b.String())
	return err
}

// choose keeps the asked snapshots, or the landmarks and the last.
func (c *evolutionCmd) choose(all []evolve.Snapshot) []evolve.Snapshot {
	if c.All {
		return all
	}
	want := map[int64]bool{0: true, 3: true, 10: true, 30: true, 100: true, 200: true, 500: true, 1000: true, 2000: true, 5000: true, 10_000: true, 20_000: true, 50_000: true}
	if len(c.Steps) > 0 {
		want = map[int64]bool{}
	}
	for _, step := range c.Steps {
		want[step] = true
	}
	var snapshots []evolve.Snapshot
	for i, x := range all {
		if want[x.Step] || (len(c.Steps) == 0 && i == len(all)-1) {
			snapshots = append(snapshots, x)
		}
	}
	return snapshots
}
