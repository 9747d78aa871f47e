//go:build unix

package main

import (
	"bufio"
	"bytes"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// statusOf is the exit status of a process that has ended.
func statusOf(t *testing.T, p *exec.Cmd, said *bytes.Buffer) int {
	t.Helper()
	if err := p.Wait(); p.ProcessState == nil {
		t.Fatal(err)
	}
	if p.ProcessState.ExitCode() < 0 {
		t.Fatalf("%v ended by the signal itself: %v\n%s", p.Args[1:], p.ProcessState, said)
	}
	return p.ProcessState.ExitCode()
}

// TestSignalledTrainings: a task of a sweep that is told to end, by either signal of a batch system, at any time of its training
// and while it measures, saves and ends with the status that has it queued again; the same command goes on, to the bytes of a
// task that nobody disturbed.
func TestSignalledTrainings(t *testing.T) {
	if testing.Short() {
		t.Skip("processes of their own, which the race detector does not see")
	}
	dir := t.TempDir()
	grid := filepath.Join(dir, "grid.yaml")
	text := "text: synth:novel\ntrain: {hidden: 8, iterations: 2500, synth-size: 60000, sample-length: 20, seq: 16, batch: 4}\nmeasures: [dissect --concepts capital --untrained 40]\n"
	if err := os.WriteFile(grid, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	whole, parts := filepath.Join(dir, "whole"), filepath.Join(dir, "parts")
	mustRun(t, "-q", "sweep", grid, "--out", whole, "--task", "0")
	snapshots := func() int {
		found, err := filepath.Glob(filepath.Join(parts, "runs", "run", "checkpoints", "step-*.safetensors"))
		if err != nil {
			t.Fatal(err)
		}
		return len(found)
	}
	all := len(weightsOf(t, filepath.Join(whole, "runs", "run")))
	for _, k := range []struct {
		signal    syscall.Signal
		snapshots int           // there must be so many
		later     time.Duration // after that
		more      []string
		status    int
	}{
		{syscall.SIGTERM, 3, 0, nil, 75},
		{syscall.SIGUSR1, 20, 0, []string{"--requeue-code", "9"}, 9},
		{syscall.SIGUSR1, all, 0, nil, 75},                      // the training is over
		{syscall.SIGTERM, all, 200 * time.Millisecond, nil, 75}, // it has nothing to train, and measures
	} {
		p := program(t, append([]string{"sweep", grid, "--out", parts, "--task", "0"}, k.more...)...)
		said := &bytes.Buffer{}
		p.Stdout, p.Stderr = said, said
		if err := p.Start(); err != nil {
			t.Fatal(err)
		}
		for begun := time.Now(); snapshots() < k.snapshots || !claimed(parts); time.Sleep(time.Millisecond) {
			if time.Since(begun) > time.Minute {
				t.Fatalf("no %d snapshots", k.snapshots)
			}
		}
		time.Sleep(k.later)
		if err := p.Process.Signal(k.signal); err != nil {
			t.Fatal(err)
		}
		if status := statusOf(t, p, said); status != k.status || !strings.Contains(said.String(), "stopped and saved; to be queued again") {
			t.Fatalf("%v after %d snapshots: status %d, want %d\n%s", k.signal, k.snapshots, status, k.status, said)
		}
		if exists(parts, "done/run.json") {
			t.Fatalf("%v after %d snapshots: it is done", k.signal, k.snapshots)
		}
		if claimed(parts) {
			t.Errorf("%v: the cell is still claimed", k.signal)
		}
	}
	p := program(t, "sweep", grid, "--out", parts, "--task", "0")
	if b, err := p.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, b)
	}
	for _, name := range []string{"done/run.json", "table.tsv", "loss.svg", "index.html"} {
		if d := cmp.Diff(readString(t, whole, name), readString(t, parts, name)); d != "" {
			t.Errorf("%s (-undisturbed +signalled):\n%.2000s", name, d)
		}
	}
	if d := cmp.Diff(weightsOf(t, filepath.Join(whole, "runs", "run")), weightsOf(t, filepath.Join(parts, "runs", "run"))); d != "" {
		t.Errorf("checkpoints (-undisturbed +signalled):\n%.2000s", d)
	}
}

// claimed reports whether somebody works on a cell of a sweep.
func claimed(sweep string) bool {
	claims, err := os.ReadDir(filepath.Join(sweep, "claims"))
	return err == nil && len(claims) > 0
}

func readString(t *testing.T, dir, name string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// weightsOf are the bytes of a run's checkpoints, by name.
func weightsOf(t *testing.T, run string) map[string]string {
	t.Helper()
	out := map[string]string{}
	entries, err := os.ReadDir(filepath.Join(run, "checkpoints"))
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), "step-") {
			out[e.Name()] = readString(t, run, filepath.Join("checkpoints", e.Name()))
		}
	}
	return out
}

// TestSignalledShards: a shard that is told to end in the middle of any round ends with the status that has it queued again, and
// leaves nothing; the same command makes the round, and the merged result is that of one process.
func TestSignalledShards(t *testing.T) {
	if testing.Short() {
		t.Skip("processes of their own, which the race detector does not see")
	}
	dir := t.TempDir()
	one, many := filepath.Join(dir, "run"), filepath.Join(dir, "copy")
	mustRun(t, "-q", "train", "synth:mixed", "--synth-size", "60000", "--out", one, "--hidden", "16", "--iterations", "3", "--sample-length", "20")
	if err := os.CopyFS(many, os.DirFS(one)); err != nil {
		t.Fatal(err)
	}
	asked := []string{"synth:mixed", "--synth-size", "500000", "--synth-seed", "3", "--unknown", "skip", "--concepts", "in-quote,column", "--untrained", "1", "--workers", "1"}
	whole := mustRun(t, append([]string{"-q", "--json", "dissect", one}, asked...)...)
	for _, k := range []struct {
		round  string
		signal syscall.Signal
		more   []string
		status int
	}{
		{"labels", syscall.SIGTERM, nil, 75},
		{"choose", syscall.SIGUSR1, []string{"--requeue-code", "9"}, 9},
		{"report", syscall.SIGTERM, nil, 75},
	} {
		line := append(append([]string{"dissect", many}, asked...), append(k.more, "--shard", "1/1", "--round", k.round)...)
		p := program(t, line...)
		p.Env = append(p.Env, "RNNSCOPE_PROGRESS=json")
		pipe, err := p.StderrPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := p.Start(); err != nil {
			t.Fatal(err)
		}
		said := &bytes.Buffer{}
		lines := bufio.NewReader(io.TeeReader(pipe, said))
		for s := ""; !strings.HasPrefix(s, `{"progress"`); { // some of the round is done then
			if s, err = lines.ReadString('\n'); err != nil {
				t.Fatalf("%s: no progress is told: %v\n%s", k.round, err, said)
			}
		}
		if err := p.Process.Signal(k.signal); err != nil {
			t.Fatal(err)
		}
		if _, err := io.Copy(io.Discard, lines); err != nil {
			t.Fatal(err)
		}
		if status := statusOf(t, p, said); status != k.status || !strings.Contains(said.String(), "to be queued again") {
			t.Fatalf("%v in round %s: status %d, want %d\n%s", k.signal, k.round, status, k.status, said)
		}
		if left, err := filepath.Glob(filepath.Join(many, "shards", "*", k.round+"*.shard")); err != nil || len(left) > 0 {
			t.Errorf("round %s has left %v, %v", k.round, left, err)
		}
		if b, err := program(t, line...).CombinedOutput(); err != nil || !strings.Contains(string(b), "round "+k.round+" made; the round is whole") {
			t.Fatalf("round %s again: %v\n%s", k.round, err, b)
		}
	}
	if merged := mustRun(t, "-q", "--json", "merge", many); merged.out != whole.out || len(merged.out) < 1000 {
		t.Errorf("shards that were signalled and one process print different results: %d and %d bytes", len(merged.out), len(whole.out))
	}
}
