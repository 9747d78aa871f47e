package console

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"

	"github.com/rnnscope/rnnscope/internal/durable"
	"github.com/rnnscope/rnnscope/internal/f32"
)

// ExitWith is an error that ends the program with a status of its own.
type ExitWith struct {
	Status int
	Err    error
}

func (e ExitWith) Error() string { return e.Err.Error() }
func (e ExitWith) Unwrap() error { return e.Err }

// RequeueStatus is the exit status that has a task queued again.
type RequeueStatus int

// Validate is called by the parser: 0 is what done ends with, and a system keeps eight bits.
func (r RequeueStatus) Validate() error {
	if r < 1 || r > 255 {
		return fmt.Errorf("%d is no exit status of a task that must be queued again: want 1 to 255", int(r))
	}
	return nil
}

// Requeue is the error of a task that a batch system stopped: queued again, it goes on.
func Requeue(status RequeueStatus) error {
	return ExitWith{Status: int(status), Err: errors.New("stopped and saved; to be queued again")}
}

// Saving is ctx, which the signals of a batch system end as well.
func Saving(ctx context.Context) (context.Context, context.CancelFunc) {
	if len(batchSignals) == 0 {
		return context.WithCancel(ctx)
	}
	return signal.NotifyContext(ctx, batchSignals...)
}

// Job is a job for Slurm: one task, or an array of them. The program takes the shell's place, so that
// signals reach it. It asks for one core and keeps to it: where Slurm does not bind tasks to their
// cores, the garbage collector and readers beside the work would take a neighbour's.
type Job struct {
	Name  string
	Array string // "0-23", "" for a single task
	Logs  string // directory
	After string // number of the job that must have succeeded, "" for none
	Words []string
}

// TaskID stands for the number of the task among the words of a job.
const TaskID = "$SLURM_ARRAY_TASK_ID"

// Script is what sbatch reads.
func (j Job) Script() (string, error) {
	program, err := os.Executable()
	if err != nil {
		return "", err
	}
	here, err := os.Getwd()
	if err != nil {
		return "", err
	}
	logs, err := filepath.Abs(j.Logs)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	fmt.Fprintf(&b, "#!/bin/sh\n#SBATCH --job-name=rnnscope-%s\n", j.Name)
	log := j.Name
	if j.Array != "" {
		fmt.Fprintf(&b, "#SBATCH --array=%s\n", j.Array)
		log = j.Name + "-%a"
	}
	fmt.Fprintf(&b, `#SBATCH --ntasks=1
#SBATCH --cpus-per-task=1
#SBATCH --requeue
#SBATCH --open-mode=append
#SBATCH --signal=B:USR1@120
#SBATCH --chdir=%s
#SBATCH --output=%s/%s.log
export %s=%s
export GOMAXPROCS=1
exec %s -q`, here, logs, log, f32.KernelsEnv, f32.Path(), ShellWord(program))
	for _, w := range j.Words {
		if before, after, ok := strings.Cut(w, TaskID); ok {
			fmt.Fprintf(&b, ` %s"%s"%s`, before, TaskID, after)
			continue
		}
		b.WriteString(" " + ShellWord(w))
	}
	b.WriteString("\n")
	return b.String(), nil
}

// Submit writes a job to a file and hands it to Slurm, whose number for it is the answer.
func (j Job) Submit(ctx context.Context, path string) (id string, err error) {
	if err := os.MkdirAll(j.Logs, 0o755); err != nil {
		return "", err
	}
	script, err := j.Script()
	if err != nil {
		return "", err
	}
	if err := durable.WriteFile(path, func(w io.Writer) error { _, err := io.WriteString(w, script); return err }); err != nil {
		return "", err
	}
	args := []string{"--parsable"}
	if j.After != "" {
		args = append(args, "--dependency=afterok:"+j.After, "--kill-on-invalid-dep=yes")
	}
	out, err := exec.CommandContext(ctx, "sbatch", append(args, path)...).CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("the job is written to %s, but sbatch did not take it: %w: %s", path, err, strings.TrimSpace(string(out)))
	}
	id, _, _ = strings.Cut(strings.TrimSpace(string(out)), ";")
	return id, nil
}
