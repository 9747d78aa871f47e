package inspect

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/rnnscope/rnnscope/births"
	"github.com/rnnscope/rnnscope/checkpoint"
	"github.com/rnnscope/rnnscope/cmd/rnnscope/console"
	"github.com/rnnscope/rnnscope/cmd/rnnscope/table"
	"github.com/rnnscope/rnnscope/compare"
	"github.com/rnnscope/rnnscope/dissect"
	"github.com/rnnscope/rnnscope/evolve"
	"github.com/rnnscope/rnnscope/mechanism"
	"github.com/rnnscope/rnnscope/memory"
	"github.com/rnnscope/rnnscope/report"
	"github.com/rnnscope/rnnscope/run"
	"github.com/rnnscope/rnnscope/stat"
	"github.com/rnnscope/rnnscope/train"
)

type CompareCmd struct {
	Runs []string `arg:"" name:"run" help:"Directories of two runs and more."`
	console.InputFlags
	console.UnknownFlag
	Text       []string         `sep:"none" placeholder:"FILE" help:"Match units on this text instead of the runs' own: files, folders, globs or synth:NAME; needed where the runs have different ones. Can be given again."`
	Match      bool             `default:"true" negatable:"" help:"Match units across the networks (--no-match: only count what the runs keep)."`
	Characters int              `placeholder:"N" default:"20000" help:"Characters of each part of the text that units are matched on, at most."`
	Untrained  console.Networks `placeholder:"N" default:"19" help:"Untrained networks of each shape that a match must exceed."`
	Out        string           `short:"o" type:"path" placeholder:"DIR" help:"Write a page and its figures to DIR."`
	Lang       string           `enum:"en,zh" default:"en" help:"Language of the page: ${enum}."`
	Workers    console.Cores    `placeholder:"N" help:"Cores to use (default: all); no result depends on it."`
}

func (CompareCmd) Help() string {
	return `What is the same in several networks? Every unit of every run is looked for in every other run, on the same characters: its
partner is chosen on one part of the text and measured on another, by the correlation within the current character, because
units that follow characters replicate always. A unit is found again when the lower bound lies above the best unit of untrained
networks and above the best unit of the partner out of step. What the runs keep (dissect, births, evolution, memory, quotes) is
counted over them.

Examples:

  rnnscope compare seed1 seed2 seed3 --out compared
  rnnscope compare lstm gru --text synth:novel
  rnnscope compare runs/* --no-match --json | jq '.births'`
}

// sameFolder tells whether two paths lead to one folder, through links too.
func sameFolder(a, b string) bool {
	one, errA := os.Stat(a)
	other, errB := os.Stat(b)
	if errA != nil || errB != nil {
		return filepath.Clean(a) == filepath.Clean(b)
	}
	return os.SameFile(one, other)
}

func (c *CompareCmd) Run(ctx context.Context, s *console.Session) error {
	if len(c.Runs) < 2 {
		return console.Misusef("name at least two runs: rnnscope compare RUN RUN")
	}
	for i, dir := range c.Runs {
		if slices.ContainsFunc(c.Runs[:i], func(other string) bool { return sameFolder(other, dir) }) {
			return console.Misusef("%s is named twice", dir)
		}
	}
	if i, err := os.Stat(c.Out); c.Out != "" && err == nil && !i.IsDir() {
		return console.Misusef("--out %s is a file: name a folder", c.Out)
	}
	if c.Characters < 2_000 || c.Untrained < 1 {
		return console.Misusef("--characters %d --untrained %d: want at least 2000 and 1", c.Characters, c.Untrained)
	}
	result := &compare.Result{Version: console.ProgramVersion(), Pairs: []compare.Pair{}}
	if c.Match {
		result.Characters, result.Untrained = c.Characters, int(c.Untrained)
	}
	var networks []compare.Network
	var views []compare.Views
	names := uniqueNames(c.Runs)
	for i, dir := range c.Runs {
		r, ck, err := console.OpenNetwork(s, dir, -1)
		if err != nil {
			return err
		}
		defer s.Close(r)
		result.Runs = append(result.Runs, comparedRun(names[i], r, ck))
		v, err := viewsOf(r)
		if err != nil {
			return err
		}
		views = append(views, v)
		if !c.Match {
			continue
		}
		sp, err := c.Specimen(ctx, s, r, ck, console.TextRequest{Verb: "compare", Inputs: c.Text, Unknown: c.UnknownFlag})
		if err != nil {
			return err
		}
		defer sp.Close()
		networks, result.Text = append(networks, compare.Network{Name: names[i], Specimen: sp}), sp.Text.Name
	}
	result.Population(views)
	if c.Match {
		bar := s.Note.Progress("matching units", "pair", 0)
		pairs, err := compare.Match(ctx, networks, compare.Options{Characters: c.Characters, Untrained: int(c.Untrained), Workers: int(c.Workers)}, bar.Of)
		bar.Done()
		if errors.Is(err, compare.ErrInput) {
			return fmt.Errorf("%w (--text FILE names one, --no-match leaves units out)", err)
		}
		if err != nil {
			return err
		}
		result.Pairs = pairs
	}
	if c.Out != "" {
		if err := os.MkdirAll(c.Out, 0o755); err != nil {
			return err
		}
		if err := report.WriteCompared(ctx, c.Out, result, c.Lang); err != nil {
			return err
		}
	}
	if s.JSON {
		return s.PrintJSON(result)
	}
	if err := table.Compared(s.Console.Stdout, result); err != nil || c.Out == "" {
		return err
	}
	_, err := fmt.Fprintf(s.Console.Stdout, "\npage and figures: %s\n", filepath.Join(c.Out, report.ComparedPage))
	return err
}

// uniqueNames are the last parts of the directories that tell them apart.
func uniqueNames(dirs []string) []string {
	for parts := 1; ; parts++ {
		seen, out := map[string]bool{}, make([]string, len(dirs))
		more := false
		for i, d := range dirs {
			p := strings.Split(filepath.ToSlash(filepath.Clean(d)), "/")
			more = more || len(p) > parts
			out[i] = strings.Join(p[max(0, len(p)-parts):], "/")
			seen[out[i]] = true
		}
		if len(seen) == len(dirs) || !more {
			return out
		}
	}
}

func comparedRun(name string, r *run.Run, ck *checkpoint.Checkpoint) compare.Run {
	cfg := ck.Model.Config()
	out := compare.Run{Name: name, Cell: string(cfg.Cell), Layers: cfg.Layers, Hidden: cfg.Hidden, Step: ck.Step, Loss: stat.Undefined()}
	info := r.Info()
	if out.Text = info.SHA256; info.Config != nil {
		out.Seed, out.Training = info.Config.Seed, trainingOf(*info.Config, info.Split.Name)
	}
	if losses, err := r.Metrics(run.MetricValLoss); err == nil {
		for _, m := range losses {
			if m.Step <= ck.Step {
				out.Loss = stat.Number(m.Value)
			}
		}
	}
	return out
}

// trainingOf is how a network was trained and on which part of its text, but for seeds, cell and size, which are told apart by
// themselves, and when it was looked at.
func trainingOf(c train.Config, split string) string {
	c.Seed, c.OrderSeed, c.Snapshots, c.Samples, c.ValidateEvery, c.SaveEvery, c.KeepStates = 0, 0, nil, train.Samples{}, 0, 0, false
	c.Model.Cell, c.Model.Hidden, c.Model.Layers, c.Model.Vocab = "", 0, 0, 0
	if c.Model.Nonlinearity == "tanh" {
		c.Model.Nonlinearity = "" // which says the same
	}
	return fmt.Sprintf("%s %+v", split, c)
}

// viewsOf are what a run keeps of its own text at its newest step.
func viewsOf(r *run.Run) (compare.Views, error) {
	var v compare.Views
	for _, x := range []struct {
		name string
		into func() any
	}{
		{dissect.ViewName, func() any { v.Dissect = &dissect.Result{}; return v.Dissect }},
		{mechanism.ViewName, func() any { v.Mechanism = &mechanism.View{}; return v.Mechanism }},
		{memory.ViewName, func() any { v.Memory = &memory.Result{}; return v.Memory }},
		{births.ViewName, func() any { v.Births = &births.Result{}; return v.Births }},
		{evolve.ViewName, func() any { v.Evolution = &evolve.History{}; return v.Evolution }},
	} {
		subjects, err := r.Subjects(x.name)
		if err != nil {
			return v, err
		}
		if len(subjects) == 0 {
			continue
		}
		if _, err := r.View(x.name, run.Want{}, x.into()); err != nil {
			return v, fmt.Errorf("%s: %w", r.Dir(), err)
		}
	}
	return v, nil
}
