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
	Workers     console.Cores         `placeholder:"N" help:"Networks at once, one a core (default: all cores); no result depends on it."`
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
  measures: [dissect --untrained 5, memory]
  kernels: avx2                       # refuse others: they give other bits
  retries: 1                          # of a cell that failed

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

func (c *sweepCmd) parallel() int {
	if c.Task >= 0 {
		return 1
	}
	if c.Workers > 0 {
		return int(c.Workers)
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
	return func(ctx context.Context, cell sweep.Cell, dir string) (*sweep.Outcome, error) {
		args := trainArgs(cell, dir)
		if _, err := os.Stat(dir); err == nil {
			args = []string{"resume", dir}
		}
		var trained trainOutcome
		if err := runForJSON(ctx, s, &trained, append(args, "--workers", "1")...); err != nil {
			return nil, err
		}
		out := &sweep.Outcome{Step: trained.Step, Validation: trained.ValidationNats, Test: trained.TestNats, Figures: map[string]float64{}}
		for _, m := range g.Measures {
			words := strings.Fields(m)
			var view any
			if err := runForJSON(ctx, s, &view, append([]string{words[0], dir}, words[1:]...)...); err != nil {
				return nil, fmt.Errorf("%s: %w", m, err)
			}
			figuresOf(out.Figures, words[0], view)
		}
		return out, nil
	}
}

// trainArgs is the command line of a cell's training.
func trainArgs(cell sweep.Cell, dir string) []string {
	args := []string{"train", cell.Text, "--out", dir}
	for _, f := range cell.Flags {
		args = append(args, "--"+f.Name+"="+f.Values[0])
	}
	return args
}

// runForJSON runs a command inside the program and reads the JSON that it prints.
func runForJSON(ctx context.Context, s *console.Session, v any, args ...string) error {
	var printed bytes.Buffer
	said := &lastLine{}
	m := &Main{Stdin: strings.NewReader(""), Stdout: &printed, Stderr: said}
	switch status := m.Run(ctx, append([]string{"--json", "-q"}, args...)); {
	case ctx.Err() != nil:
		return ctx.Err()
	case status != console.ExitOK:
		return errors.New(strings.TrimPrefix(said.line, "rnnscope: "))
	}
	if err := json.Unmarshal(printed.Bytes(), v); err != nil {
		return fmt.Errorf("%s printed no JSON: %w", args[0], err)
	}
	return nil
}

// figuresOf takes what a table of many runs shows of a measure: of concepts how many
// have each verdict, and every figure at the top of what was printed.
func figuresOf(into map[string]float64, command string, view any) {
	top, ok := view.(map[string]any)
	if !ok {
		return
	}
	for k, v := range top {
		if x, ok := v.(float64); ok && k != "seconds" {
			into[command+"."+k] = x
		}
	}
	concepts, _ := top["concepts"].([]any)
	for _, c := range concepts {
		row, _ := c.(map[string]any)
		name, _ := row["concept"].(string)
		if verdict, ok := row["verdict"].(string); ok {
			into[command+"."+strings.ReplaceAll(verdict, " ", "_")]++
		}
		if best, ok := row["best"].(map[string]any); ok {
			if auroc, ok := best["auroc"].(map[string]any); ok {
				if x, ok := auroc["estimate"].(float64); ok {
					into[command+".auroc."+name] = x
				}
			}
		}
	}
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
