//go:build unix

package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rnnscope/rnnscope/cmd/rnnscope/console"
)

// TestSignalWhileAnInputBlocks: wherever a file of the user's or standard input is read, a signal ends
// the wait, with the status of a signal; so does one that also ended the program that wrote.
func TestSignalWhileAnInputBlocks(t *testing.T) {
	dir := smallRun(t)
	fifo := filepath.Join(t.TempDir(), "fifo")
	if err := syscall.Mkfifo(fifo, 0o600); err != nil {
		t.Fatal(err)
	}
	weights, err := filepath.Glob(filepath.Join(dir, "checkpoints", "*0030.safetensors"))
	if err != nil || len(weights) != 1 {
		t.Fatal(weights, err)
	}
	for i, command := range []string{
		"corpus stat IN", "corpus concepts IN", "train IN --out " + dir + "-x", "sweep IN --out " + dir + "-y",
		"dissect RUN IN", "ablate RUN IN", "memory RUN IN", "errors RUN IN", "explain RUN IN", "quotes RUN IN",
		"match RUN IN --passage He --span 0:2", "match RUN --file IN --span 0:2", "trace RUN --file IN", "sample RUN --prompt-file IN",
		"dissect RUN --labels FIFO", "dissect RUN --labels mine=FIFO", "births RUN --labels FIFO", "explain RUN --labels FIFO",
		"memory RUN --pairs FIFO", "patch RUN --pairs FIFO", "dissect RUN --states FIFO --symbols FIFO",
		"import " + weights[0] + " --alphabet FIFO --out " + dir + "-z",
	} {
		if testing.Short() && i%3 > 0 {
			continue
		}
		for _, in := range []string{"FIFO", "-"} {
			words := strings.NewReplacer("IN", in).Replace(command)
			if in == "-" && words == command {
				continue // it reads files alone
			}
			words = strings.NewReplacer("RUN", dir, "FIFO", fifo).Replace(words)
			if status, errs := signalled(t, strings.Fields(words), beforeEnd); status != console.ExitInterrupted {
				t.Errorf("%s: status %d, %s", command, status, errs)
			}
			if in != "-" {
				continue
			}
			if status, errs := signalled(t, strings.Fields(words), afterEnd); status != console.ExitInterrupted {
				t.Errorf("%s, whose writer ended by the same signal: status %d, %s", command, status, errs)
			}
		}
	}
}

// signalTime is when a signal comes.
type signalTime int

const (
	never     signalTime = iota
	beforeEnd            // while standard input blocks
	afterEnd             // just after it has ended
)

// signalled runs a command whose standard input blocks, and stops it.
func signalled(t *testing.T, args []string, when signalTime) (status int, errs string) {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	defer w.Close()
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	if when != never {
		time.AfterFunc(20*time.Millisecond, func() {
			if when == afterEnd {
				w.Close()
				time.Sleep(2 * time.Millisecond)
			}
			stop()
		})
	}
	said := &bytes.Buffer{}
	m := &Main{Stdin: r, Stdout: &bytes.Buffer{}, Stderr: said}
	done := make(chan int, 1)
	go func() { done <- m.Run(ctx, args) }()
	select {
	case status = <-done:
		return status, said.String()
	case <-time.After(20 * time.Second):
		t.Fatalf("%v is deaf", args)
		return 0, ""
	}
}

// TestAPipeInARun: where a file of a run is a pipe, commands say so and do not wait for it.
func TestAPipeInARun(t *testing.T) {
	for name, command := range map[string]string{
		"text.gz": "dissect RUN --concepts capital", "checkpoints/resume.safetensors": "resume RUN --iterations 40", "run.db": "atlas RUN",
	} {
		dir := smallRun(t)
		path := filepath.Join(dir, name)
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
		if err := syscall.Mkfifo(path, 0o600); err != nil {
			t.Fatal(err)
		}
		status, errs := signalled(t, strings.Fields(strings.ReplaceAll(command, "RUN", dir)), never)
		if status != console.ExitFailed || !strings.Contains(errs, filepath.Base(name)) {
			t.Errorf("%s: status %d, %s", command, status, errs)
		}
	}
}

// TestQuietWarns: --quiet is silent about progress, never about what is damaged or was left out for it.
func TestQuietWarns(t *testing.T) {
	dir := smallRun(t)
	resume := filepath.Join(dir, "checkpoints", "resume.safetensors")
	b, err := os.ReadFile(resume)
	if err != nil {
		t.Fatal(err)
	}
	b[len(b)-3] ^= 1
	if err := os.WriteFile(resume, b, 0o600); err != nil {
		t.Fatal(err)
	}
	if a := mustRun(t, "-q", "sample", dir, "-n", "5"); !strings.Contains(a.err, "resume.safetensors") || strings.Count(a.err, "\n") != 1 {
		t.Errorf("a damaged file: %q", a.err)
	}
	texts := t.TempDir()
	for name, s := range map[string]string{"a.txt": strings.Repeat("the cat sat. ", 400), "b.gz": "\x1f\x8b\x08\x00damaged", ".hidden.txt": "x"} {
		if err := os.WriteFile(filepath.Join(texts, name), []byte(s), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if a := mustRun(t, "-q", "corpus", "stat", texts); !strings.Contains(a.err, "b.gz") || strings.Contains(a.err, "hidden") {
		t.Errorf("a damaged archive: %q", a.err)
	}
	if a := mustRun(t, "corpus", "stat", texts); !strings.Contains(a.err, "b.gz") || !strings.Contains(a.err, "hidden") {
		t.Errorf("a damaged archive: %q", a.err)
	}
}
