package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/rnnscope/rnnscope/cmd/rnnscope/console"
	"github.com/rnnscope/rnnscope/cmd/rnnscope/table"
	"github.com/rnnscope/rnnscope/internal/f32"
	"github.com/rnnscope/rnnscope/report"
	"github.com/rnnscope/rnnscope/sweep"
)

type sweepCmd struct {
	Grid        string                `arg:"" type:"path" help:"The grid, a YAML file; see below."`
	Out         string                `short:"o" required:"" type:"path" placeholder:"DIR" help:"Directory of the sweep: made, or gone on with."`
	Workers     console.Cores         `placeholder:"N" help:"Cores to use (default: all): as many networks are worked on at once, one a core; where fewer are left than cores, those share them. With --task: cores of the one (default: 1). No result depends on it."`
	Task        int                   `placeholder:"I" default:"-1" help:"Work on cell I only, counted from 0: a task of an array job."`
	Slurm       bool                  `help:"Write an array job for Slurm, a task a cell, and submit it."`
	Lang        string                `enum:"en,zh" default:"en" help:"Language of the page: ${enum}."`
	RequeueCode console.RequeueStatus `placeholder:"N" default:"75" help:"With --task: exit status after SIGTERM or SIGUSR1, once everything is saved. Slurm queues the task again if RequeueExit names it."`
}

func (sweepCmd) Help() string {
	return `Trains every combination of the values in a grid, measures each run, and writes one table, figure and page.

  text: [synth:novel, novel.txt]      # what train reads; paths count from where you are
  train:                              # flags of train; a list of values is an axis
    cell: [elman, lstm]
    hidden: [64, 128]
    seed: [1, 2, 3]
    iterations: 2000
  measures: [dissect --untrained 5, memory, "ablate --concepts in-quote,url"]
  kernels: avx2                       # refuse others: they give other bits
  retries: 1                          # of a cell that failed

A measure is a command on the finished run. Of each the table has what can be compared between networks: verdicts counted, AUROC by
concept, horizons, births, the causes of errors in nats; what is said of single units stays in the runs.

Several machines that see DIR may work on one grid: start the same command on each. Whatever is killed, the same command goes on.

Examples:

  rnnscope sweep grid.yaml --out seeds
  rnnscope sweep grid.yaml --out seeds --slurm`
}

func (c *sweepCmd) Run(ctx context.Context, s *console.Session) error {
	grid, err := console.ReadFile(ctx, s, c.Grid, 1<<20)
	if err != nil {
		return err
	}
	g, err := sweep.Parse(grid)
	if err != nil {
		return err
	}
	if err := c.check(g, g.Cells()); err != nil {
		return err
	}
	sw, err := sweep.Open(c.Out, grid, f32.Path())
	if err != nil {
		return err
	}
	if c.Task < -1 || c.Task >= len(sw.Cells()) {
		return console.Misusef("--task %d: the grid has cells 0 to %d", c.Task, len(sw.Cells())-1)
	}
	if c.Slurm {
		return c.submit(ctx, s, sw)
	}
	ctx, stop := console.Saving(ctx)
	defer stop()
	err = sw.Run(ctx, sweep.Options{Parallel: c.parallel(), Only: c.Task, Tell: tellCells(s)}, c.work(s, sw.Grid))
	if err != nil && ctx.Err() != nil {
		if c.Task >= 0 {
			return console.Requeue(c.RequeueCode)
		}
		return console.Reword("stopped and saved; go on with the same command", context.Canceled)
	}
	if err != nil {
		return err
	}
	return c.finish(ctx, s, sw)
}

// parallel is how many cores there are. Those of an array's task are not this process's to take: it has one, but where
// somebody says how many.
func (c *sweepCmd) parallel() int {
	switch {
	case c.Workers > 0:
		return int(c.Workers)
	case c.Task >= 0:
		return 1
	}
	return runtime.GOMAXPROCS(0)
}

// tellCells says how the sweep goes, with the time that is left.
func tellCells(s *console.Session) func(sweep.Event) {
	started, at := time.Now(), -1
	return func(e sweep.Event) {
		if at < 0 {
			at = e.Done
		}
		left := ""
		if n := e.Done - at; n > 0 && e.Done < e.Total {
			each := time.Since(started) / time.Duration(n)
			left = fmt.Sprintf(", about %v left", (each * time.Duration(e.Total-e.Done)).Round(time.Second))
		}
		switch e.What {
		case sweep.Failed:
			s.Note.Warnf("%s failed: %s", e.Cell, table.OneLine(e.Error.Error()))
		case sweep.Waiting:
			s.Note.Printf("others work on what is left (%d of %d done)", e.Done, e.Total)
		default:
			s.Note.Printf("%s %s (%d of %d done%s)", e.Cell, e.What, e.Done, e.Total, left)
		}
	}
}

// work trains a cell, or goes on with its run, and measures it.
func (c *sweepCmd) work(s *console.Session, g *sweep.Grid) sweep.Work {
	return func(ctx context.Context, cell sweep.Cell, dir string, cores func() int) (*sweep.Outcome, error) {
		args := trainArgs(cell, dir)
		if _, err := os.Stat(dir); err == nil {
			args = []string{"resume", dir}
		}
		var trained trainOutcome
		if err := runForJSON(ctx, s, &trained, append(args, "--workers", strconv.Itoa(cores()))...); err != nil {
			return nil, err
		}
		out := &sweep.Outcome{Step: trained.Step, Validation: trained.ValidationNats, Test: trained.TestNats, Figures: map[string]float64{}}
		for i, label := range g.Labels() {
			found, err := askMeasure(ctx, s, strings.Fields(g.Measures[i]), dir, cores())
			if err != nil {
				return nil, fmt.Errorf("%s: %w", g.Measures[i], err)
			}
			for name, v := range found {
				out.Figures[label+"."+name] = v
			}
		}
		return out, nil
	}
}

// askMeasure asks a measure of a run and takes its figures. Weights that do not verify are an answer.
func askMeasure(ctx context.Context, s *console.Session, words []string, dir string, cores int) (figures, error) {
	args := append([]string{words[0], dir}, words[1:]...)
	if usesWorkers(words) && !slices.ContainsFunc(words, func(w string) bool { return strings.HasPrefix(w, "--workers") }) {
		args = append(args, "--workers", strconv.Itoa(cores))
	}
	var answer json.RawMessage
	if err := runForJSON(ctx, s, &answer, args...); err != nil && !(words[0] == "verify" && len(answer) > 0) {
		return nil, err
	}
	return figuresOf(words[0], answer)
}

// trainArgs is the command line of a cell's training.
func trainArgs(cell sweep.Cell, dir string) []string {
	args := []string{"train", cell.Text, "--out", dir}
	for _, f := range cell.Flags {
		args = append(args, "--"+f.Name+"="+f.Values[0])
	}
	return args
}

// runForJSON runs a command inside the program and reads the JSON that it prints, also where it fails after its answer.
func runForJSON(ctx context.Context, s *console.Session, v any, args ...string) error {
	var printed bytes.Buffer
	said := &lastLine{}
	m := &Main{Stdin: strings.NewReader(""), Stdout: &printed, Stderr: said}
	switch status := m.Run(ctx, append([]string{"--json", "-q"}, args...)); {
	case ctx.Err() != nil:
		return ctx.Err()
	case status != console.ExitOK:
		_ = json.Unmarshal(printed.Bytes(), v) // most print nothing then
		return errors.New(strings.TrimPrefix(said.line, "rnnscope: "))
	}
	if err := json.Unmarshal(printed.Bytes(), v); err != nil {
		return fmt.Errorf("%s printed no JSON: %w", args[0], err)
	}
	return nil
}

// finish writes the table, figure and page of what is done and says how it went.
func (c *sweepCmd) finish(ctx context.Context, s *console.Session, sw *sweep.Sweep) error {
	outcomes, err := sw.Outcomes()
	if err != nil {
		return err
	}
	failures, err := sw.Failures()
	if err != nil {
		return err
	}
	if c.Task < 0 || len(outcomes) == len(sw.Cells()) {
		if err := sw.Write(outcomes); err != nil {
			return err
		}
		if err := report.WriteSwept(ctx, sw, outcomes, failures, c.Lang); err != nil {
			return err
		}
	}
	if s.JSON {
		if err := s.PrintJSON(sweepAnswer{len(sw.Cells()), append([]sweep.Outcome{}, outcomes...), append([]string{}, failures...)}); err != nil {
			return err
		}
	} else if c.Task < 0 {
		if err := c.print(s, sw, outcomes); err != nil {
			return err
		}
	}
	if len(failures) > 0 && (c.Task < 0 || failedTask(sw, c.Task)) {
		return fmt.Errorf("%d of %d cells failed: %s; the same command tries them again", len(failures), len(sw.Cells()), strings.Join(failures, "; "))
	}
	return nil
}

// sweepAnswer is the answer of sweep --json.
type sweepAnswer struct {
	Cells    int             `json:"cells"` // of the grid
	Done     []sweep.Outcome `json:"done"`
	Failures []string        `json:"failures"`
}

func failedTask(sw *sweep.Sweep, task int) bool {
	_, err := os.Stat(filepath.Join(sw.Dir, "failed", sw.Cells()[task].Name+".json"))
	return err == nil
}

func (c *sweepCmd) print(s *console.Session, sw *sweep.Sweep, outcomes []sweep.Outcome) error {
	var names []string
	for _, a := range sw.Grid.Axes() {
		if !sweep.IsSeed(a) {
			names = append(names, a)
		}
	}
	if len(outcomes) == 0 {
		_, err := fmt.Fprintf(s.Console.Stdout, "0 of %d cells done\n", len(sw.Cells()))
		return err
	}
	rows := [][]string{append(append([]string{}, names...), "runs", "test nats", "least", "greatest")}
	for _, g := range sw.Groups(outcomes) {
		rows = append(rows, append(append([]string{}, g.Values...), fmt.Sprint(g.N), fmt.Sprintf("%.4f", g.Mean), fmt.Sprintf("%.4f", g.Lo), fmt.Sprintf("%.4f", g.Hi)))
	}
	_, err := fmt.Fprintf(s.Console.Stdout, "%d of %d cells done\n\n%s\nTable, figure and page: %s\n",
		len(outcomes), len(sw.Cells()), table.Aligned(rows, len(names)), filepath.Join(c.Out, "index.html"))
	return err
}
