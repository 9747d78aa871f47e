package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/rnnscope/rnnscope/cmd/rnnscope/console"
	"github.com/rnnscope/rnnscope/internal/durable"
	"github.com/rnnscope/rnnscope/internal/f32"
	"github.com/rnnscope/rnnscope/sweep"
)

// submit writes the array job beside the grid and hands it to Slurm.
func (c *sweepCmd) submit(ctx context.Context, s *console.Session, sw *sweep.Sweep) error {
	program, err := os.Executable()
	if err != nil {
		return err
	}
	here, err := os.Getwd()
	if err != nil {
		return err
	}
	logs := filepath.Join(c.Out, "slurm")
	if err := os.MkdirAll(logs, 0o755); err != nil {
		return err
	}
	script := filepath.Join(c.Out, "sweep.sbatch")
	job := c.arrayJob(program, here, logs, len(sw.Cells()))
	if err := durable.WriteFile(script, func(w io.Writer) error { _, err := io.WriteString(w, job); return err }); err != nil {
		return err
	}
	out, err := exec.CommandContext(ctx, "sbatch", "--parsable", script).CombinedOutput()
	if err != nil {
		return fmt.Errorf("the job is written to %s, but sbatch did not take it: %w: %s", script, err, strings.TrimSpace(string(out)))
	}
	id, _, _ := strings.Cut(strings.TrimSpace(string(out)), ";")
	if s.JSON {
		return s.PrintJSON(slurmAnswer{id, script})
	}
	_, err = fmt.Fprintf(s.Console.Stdout, "submitted %s: %d tasks\nlogs: %s\nwhen they are done: rnnscope sweep %s --out %s\n",
		id, len(sw.Cells()), logs, console.ShellWord(c.Grid), console.ShellWord(c.Out))
	return err
}

// slurmAnswer is the answer of sweep --slurm --json.
type slurmAnswer struct {
	Job    string `json:"job"`    // Slurm's number
	Script string `json:"script"` // path of what was submitted
}

// arrayJob is the script. The program takes the shell's place, so that signals reach it.
func (c *sweepCmd) arrayJob(program, here, logs string, cells int) string {
	return fmt.Sprintf(`#!/bin/sh
#SBATCH --job-name=rnnscope-sweep
#SBATCH --array=0-%d
#SBATCH --ntasks=1
#SBATCH --cpus-per-task=1
#SBATCH --requeue
#SBATCH --open-mode=append
#SBATCH --signal=B:USR1@120
#SBATCH --chdir=%s
#SBATCH --output=%s/%%a.log
export %s=%s
exec %s -q sweep %s --out %s --task "$SLURM_ARRAY_TASK_ID" --requeue-code %d
`, cells-1, here, logs, f32.KernelsEnv, f32.Path(), console.ShellWord(program), console.ShellWord(c.Grid), console.ShellWord(c.Out), c.RequeueCode)
}
