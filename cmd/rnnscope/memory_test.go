package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rnnscope/rnnscope/cmd/rnnscope/console"
	"github.com/rnnscope/rnnscope/lab"
	"github.com/rnnscope/rnnscope/memory"
	"github.com/rnnscope/rnnscope/run"
)

func TestMemoryCommand(t *testing.T) {
	apart(t)
	dir := filepath.Join(t.TempDir(), "run")
	mustRun(t, "-q", "train", "synth:latex", "--synth-size", "120000", "--out", dir, "--hidden", "16", "--iterations", "20", "--batch", "8", "--seq", "32")
	own := filepath.Join(t.TempDir(), "own.jsonl")
	line := `{"prefix":"The ring $f(a + b","right":")","wrong":"}","gap":5}` + "\n"
	if err := os.WriteFile(own, []byte(strings.Repeat(line, 3)), 0o644); err != nil {
		t.Fatal(err)
	}
	table := mustRun(t, "memory", dir, "--pairs", own, "--at", "115000")
	for _, want := range []string{"RECALL BY GAP", "brace", "MINIMAL PAIRS", own, "HOW FAR BACK MATTERS", "TIME CONSTANTS", "l0.f", "WAITING UNITS", "n-gram line: order 20"} {
		if !strings.Contains(table.out, want) {
			t.Errorf("no %q in\n%s", want, table.out)
		}
	}
	var res memory.Result
	if err := json.Unmarshal([]byte(mustRun(t, "-q", "--json", "memory", dir, "--pairs", own, "--at", "115000").out), &res); err != nil {
		t.Fatal(err)
	}
	if len(res.Influence) != 1 || res.Influence[0].At != 115000 || len(res.Times) != 16 || len(res.Saturation) != 48 {
		t.Errorf("influence %d, times %d, saturation %d", len(res.Influence), len(res.Times), len(res.Saturation))
	}
	r, err := run.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	var kept memory.Result
	if _, err := r.View(memory.ViewName, run.Want{}, &kept); err != nil || len(kept.Recall) != len(res.Recall) {
		t.Errorf("the view: %v, %d kinds", err, len(kept.Recall))
	}
	if f, err := r.Findings(memory.ViewName, run.Want{}); err != nil || len(f) == 0 {
		t.Errorf("%d findings, %v", len(f), err)
	}
}

func TestMemoryRefusals(t *testing.T) {
	apart(t)
	dir := filepath.Join(t.TempDir(), "run")
	mustRun(t, "-q", "train", "synth:dyck", "--synth-size", "60000", "--out", dir, "--hidden", "8", "--iterations", "2", "--batch", "4", "--seq", "16")
	bad := filepath.Join(t.TempDir(), "bad.jsonl")
	if err := os.WriteFile(bad, []byte("{\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ args, says string }{
		{"memory", "name a run"},
		{"memory " + dir + "-no", "there is no run"},
		{"memory " + dir + " --kinds knot", "knot"},
		{"memory " + dir + " --suites knots", "knots"},
		{"memory " + dir + " --pairs " + bad, "line 1"},
		{"memory " + dir + " --order 99", "order 99"},
		{"memory " + dir + " --at 9999999", "9999999"},
		{"memory --experiment delays --delays 0", "at least 1"},
	} {
		a := rnnscope(t, "", strings.Fields(c.args)...)
		if a.status == console.ExitOK || !strings.Contains(a.err, c.says) || strings.Count(strings.TrimSpace(a.err), "\n") > 1 {
			t.Errorf("%s: exit %d, %q; want %q", c.args, a.status, a.err, c.says)
		}
	}
}

func TestDelayExperiment(t *testing.T) {
	apart(t)
	var out []lab.DelayOutcome
	a := mustRun(t, "-q", "--json", "memory", "--experiment", "delays", "--delays", "3", "--delay-steps", "300", "--delay-hidden", "16")
	if err := json.Unmarshal([]byte(a.out), &out); err != nil {
		t.Fatal(err)
	}
	if len(out) != 1 || out[0].Delay != 3 || !(float64(out[0].Right) > 0.95) {
		t.Errorf("%+v", out)
	}
}
