package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rnnscope/rnnscope/cmd/rnnscope/console"
)

// TestSweep trains a grid, stops in the middle, goes on, and comes to the bytes of a
// sweep that nobody stopped; a cell that cannot be trained is told and tried again.
func TestSweep(t *testing.T) {
	dir := t.TempDir()
	grid := filepath.Join(dir, "grid.yaml")
	put := func(text string) {
		if err := os.WriteFile(grid, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	put("text: synth:novel\ntrain: {hidden: [4, 6], seed: [1, 2], order-seed: 3, iterations: 12, synth-size: 20000, sample-length: 20, seq: 16, batch: 4}\n")
	table := func(out string) string {
		b, err := os.ReadFile(filepath.Join(out, "table.tsv"))
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	whole, parts := filepath.Join(dir, "whole"), filepath.Join(dir, "parts")
	a := mustRun(t, "--json", "sweep", grid, "--out", whole, "--workers", "2")
	var said struct {
		Cells    int
		Done     []struct{ Cell string }
		Failures []string
	}
	if err := json.Unmarshal([]byte(a.out), &said); err != nil || said.Cells != 4 || len(said.Done) != 4 || len(said.Failures) != 0 {
		t.Fatalf("%+v, %v", said, err)
	}
	if got := strings.Count(table(whole), "\n"); got != 5 {
		t.Errorf("the table has %d lines:\n%s", got, table(whole))
	}
	// A task works on its cell alone; without the rest there is no table yet.
	mustRun(t, "sweep", grid, "--out", parts, "--task", "2")
	if _, err := os.Stat(filepath.Join(parts, "table.tsv")); err == nil {
		t.Error("one task wrote the table of all")
	}
	mustRun(t, "sweep", grid, "--out", parts)
	if table(parts) != table(whole) {
		t.Errorf("in parts:\n%s\nat once:\n%s", table(parts), table(whole))
	}

	put("text: synth:novel\ntrain: {prompt: ['a', '漢'], hidden: 4, iterations: 3, synth-size: 20000}\n")
	b := rnnscope(t, "", "sweep", grid, "--out", filepath.Join(dir, "bad"))
	if b.status != console.ExitFailed || !strings.Contains(b.err, "prompt_ failed 2 times") || strings.Count(b.err, "prompt_ failed:") != 2 {
		t.Errorf("exit %d\n%s", b.status, b.err)
	}
	for _, wrong := range [][]string{{"sweep", grid, "--out", whole}, {"sweep", grid, "--out", filepath.Join(dir, "new"), "--task", "7"}} {
		if b := rnnscope(t, "", wrong...); b.status != console.ExitUsage {
			t.Errorf("%q: exit %d\n%s", wrong, b.status, b.err)
		}
	}
}

// TestSweepScript: the array job has a task a cell and hands the signals on.
func TestSweepScript(t *testing.T) {
	c := &sweepCmd{Grid: "/a/my grid.yaml", Out: "/b", RequeueCode: 75}
	job, err := c.arrayJob(24).Script()
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"--array=0-23", "--requeue\n", "--signal=B:USR1@", "--output=/b/slurm/sweep-%a.log", " -q sweep '/a/my grid.yaml' --out /b --task \"$SLURM_ARRAY_TASK_ID\" --requeue-code 75", "RNNSCOPE_KERNELS=", "GOMAXPROCS=1\n"} {
		if !strings.Contains(job, want) {
			t.Errorf("no %q in\n%s", want, job)
		}
	}
}

// TestSweepChecksValues: values that no text could make possible are told before a cell starts.
func TestSweepChecksValues(t *testing.T) {
	dir := t.TempDir()
	for _, c := range []struct{ train, want string }{
		{"hidden: [4, -1]", "-1"}, {"tokens: zebras", "zebras"}, {"tokens: words, bytes: true", "--bytes"}, {"batch: 0", "0 streams"},
		{"split: '90,20'", "0.2"}, {"iterations: -3", "-3"}, {"lr: -1", "-1"}, {"sample-length: 0", "--sample-length"}, {"temperature: 0", "--temperature"},
		{"snapshots: 9999", "9999"}, {"layers: 0", "layers"}, {"hidden: 99999999", "too large"},
	} {
		grid := filepath.Join(dir, "grid.yaml")
		if err := os.WriteFile(grid, []byte("text: synth:novel\ntrain: {iterations: 20, synth-size: 20000, "+c.train+"}\n"), 0o644); err != nil {
			t.Fatal(err)
		}
		if c.train == "iterations: -3" {
			if err := os.WriteFile(grid, []byte("text: synth:novel\ntrain: {iterations: -3}\n"), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		out := filepath.Join(dir, "out")
		b := rnnscope(t, "", "sweep", grid, "--out", out)
		if b.status != console.ExitUsage || !strings.Contains(b.err, c.want) || !strings.Contains(b.err, "nothing was started") {
			t.Errorf("%s: exit %d\n%s", c.train, b.status, b.err)
		}
		if _, err := os.Stat(out); err == nil {
			t.Errorf("%s: a directory was made", c.train)
		}
	}
}

// TestSweepChecksFirst: whatever is wrong anywhere in a grid is told before a cell starts, all of it, as misuse.
func TestSweepChecksFirst(t *testing.T) {
	dir := t.TempDir()
	grid := filepath.Join(dir, "grid.yaml")
	text := "text: [synth:novel, synth:bogus, nowhere.txt]\ntrain: {hidden: [4, x], cell: [lstm, mlp], seed: 1, synth-size: 20000, bogus: 3}\nmeasures: [dissect --concept, train, sample]\n"
	if err := os.WriteFile(grid, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	out := filepath.Join(dir, "out")
	b := rnnscope(t, "", "sweep", grid, "--out", out)
	if b.status != console.ExitUsage {
		t.Errorf("exit %d", b.status)
	}
	for _, want := range []string{"synth:bogus", "nowhere.txt", "--bogus", "dissect --concept", "measures: train", "measures: sample"} {
		if !strings.Contains(b.err, want) {
			t.Errorf("%q is not told in\n%s", want, b.err)
		}
	}
	if _, err := os.Stat(out); err == nil {
		t.Error("a directory was made")
	}
}

// TestSweepCores: a cell that has several cores, since it is the only one that is left, comes to the bytes of one that has one.
func TestSweepCores(t *testing.T) {
	dir := t.TempDir()
	grid := filepath.Join(dir, "grid.yaml")
	text := "text: synth:novel\ntrain: {hidden: 6, iterations: 12, synth-size: 30000, sample-length: 20, seq: 16, batch: 4}\nmeasures: [dissect --concepts capital --untrained 1, \"births --concepts capital --untrained 1 --characters 1000 --steps 0,12\"]\n"
	if err := os.WriteFile(grid, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, cores := range []string{"1", "3"} {
		mustRun(t, "-q", "sweep", grid, "--out", filepath.Join(dir, cores), "--workers", cores)
	}
	for _, name := range []string{"done/run.json", "table.tsv", "index.html", newest(t, filepath.Join(dir, "1"))} {
		var of [2]string
		for i, cores := range []string{"1", "3"} {
			b, err := os.ReadFile(filepath.Join(dir, cores, name))
			if err != nil {
				t.Fatal(err)
			}
			of[i] = string(b)
		}
		if of[0] != of[1] {
			t.Errorf("%s differs between one core and three", name)
		}
	}
}

// newest is the newest checkpoint of the one run of a sweep, from its directory.
func newest(t *testing.T, sweep string) string {
	t.Helper()
	path, err := filepath.Rel(sweep, newestWeights(t, filepath.Join(sweep, "runs", "run")))
	if err != nil {
		t.Fatal(err)
	}
	return path
}
