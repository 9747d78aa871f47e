package main

import (
	"context"
	"fmt"
	"path/filepath"

	"github.com/rnnscope/rnnscope/cmd/rnnscope/console"
	"github.com/rnnscope/rnnscope/sweep"
)

// submit writes the array job beside the grid and hands it to Slurm.
func (c *sweepCmd) submit(ctx context.Context, s *console.Session, sw *sweep.Sweep) error {
	job := c.arrayJob(len(sw.Cells()))
	script := filepath.Join(c.Out, "sweep.sbatch")
	id, err := job.Submit(ctx, script)
	if err != nil {
		return err
	}
	if s.JSON {
		return s.PrintJSON(slurmAnswer{id, script})
	}
	_, err = fmt.Fprintf(s.Console.Stdout, "submitted %s: %d tasks\nlogs: %s\nwhen they are done: rnnscope sweep %s --out %s\n",
		id, len(sw.Cells()), job.Logs, console.ShellWord(c.Grid), console.ShellWord(c.Out))
	return err
}

// slurmAnswer is the answer of sweep --slurm --json.
type slurmAnswer struct {
	Job    string `json:"job"`    // Slurm's number
	Script string `json:"script"` // path of what was submitted
}

// arrayJob is a task a cell.
func (c *sweepCmd) arrayJob(cells int) console.Job {
	words := []string{"sweep", c.Grid, "--out", c.Out, "--task", console.TaskID}
	if c.Lang == "zh" {
		words = append(words, "--lang", c.Lang)
	}
	return console.Job{
		Name: "sweep", Array: fmt.Sprintf("0-%d", cells-1), Logs: filepath.Join(c.Out, "slurm"),
		Words: append(words, "--requeue-code", fmt.Sprint(c.RequeueCode)),
	}
}
