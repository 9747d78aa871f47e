package main

import (
	"bytes"
	"context"
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rnnscope/rnnscope/cmd/rnnscope/console"
	"github.com/rnnscope/rnnscope/lab/speed"
)

func TestBench(t *testing.T) {
	a := mustRun(t, "-q", "--json", "bench", "--case", "elman", "--case", "sample-lstm-2x128", "--seconds", "0.01", "--rounds", "1")
	var r speed.Report
	if err := json.Unmarshal([]byte(a.out), &r); err != nil {
		t.Fatal(err)
	}
	if len(r.Cases) != 2 || r.Cases[0].Name != "elman-1x128" || r.Peak <= 0 {
		t.Fatalf("bench says %s", a.out)
	}
	for _, c := range r.Cases {
		if c.Rate <= 0 || c.GFlops <= 0 || c.Share <= 0 {
			t.Errorf("%s: no speed: %+v", c.Name, c)
		}
	}
	table := mustRun(t, "-q", "bench", "--case", "elman", "--seconds", "0.01", "--rounds", "1")
	if !strings.Contains(table.out, "elman-1x128") || !strings.Contains(table.out, "FMA peak") {
		t.Errorf("table:\n%s", table.out)
	}
}

func TestBenchRefusals(t *testing.T) {
	for _, c := range []struct {
		args   []string
		status int
		says   string
	}{
		{[]string{"bench", "--case", "qrnn"}, console.ExitUsage, "there are elman-1x128"},
		{[]string{"bench", "--rounds", "0"}, console.ExitUsage, "--rounds 0: want more than 0"},
		{[]string{"bench", "--seconds", "NaN"}, console.ExitUsage, "--seconds NaN"},
	} {
		if a := rnnscope(t, "", c.args...); a.status != c.status || !strings.Contains(a.err, c.says) {
			t.Errorf("%v: exit %d, %q", c.args, a.status, a.err)
		}
	}
}

// TestBenchWorker speaks the protocol of bench/run.py: every line is answered by one.
func TestBenchWorker(t *testing.T) {
	weights, err := json.Marshal(filepath.Join(t.TempDir(), "w.safetensors"))
	if err != nil {
		t.Fatal(err)
	}
	orders := []string{
		`{"op":"hello"}`,
		`{"op":"open","name":"elman-1x128","workers":1}`,
		`{"op":"run","id":0,"seconds":0.001}`,
		`{"op":"peak","workers":1,"seconds":0.001}`,
		`{"op":"check","name":"elman-1x128","steps":2,"path":` + string(weights) + `}`,
		`{"op":"extra","name":"elman-1x128","workers":1}`,
		`{"op":"close"}`,
		`{"op":"run","id":0}`,
		`{"op":"open","name":"none"}`,
		`nonsense`,
	}
	var out, errs bytes.Buffer
	m := &Main{Stdin: strings.NewReader(strings.Join(orders, "\n")), Stdout: &out, Stderr: &errs}
	if status := m.Run(context.Background(), []string{"bench", "--worker"}); status != console.ExitOK {
		t.Fatalf("exit %d: %s", status, errs.String())
	}
	answers := make([]speed.Answer, len(orders))
	dec := json.NewDecoder(&out)
	for i := range answers {
		if err := dec.Decode(&answers[i]); err != nil {
			t.Fatalf("answer %d: %v", i, err)
		}
		if failed := answers[i].Error != ""; failed != (i > 6) {
			t.Errorf("%s: %q", orders[i], answers[i].Error)
		}
	}
	if a := answers[0]; len(a.Cases) < 10 || a.Cores < 1 {
		t.Errorf("hello: %+v", a)
	}
	if a := answers[2]; a.Chars < 32*64 || a.Seconds <= 0 {
		t.Errorf("run: %d characters in %v s", a.Chars, a.Seconds)
	}
	if a := answers[4]; len(a.Losses) != 2 || !(a.Losses[1] < a.Losses[0]) || len(a.X) != 32*64 {
		t.Errorf("check: losses %v, %d symbols", a.Losses, len(a.X))
	}
	if a := answers[5]; a.Allocations != 0 || a.Took < a.Need/2 {
		t.Errorf("extra: %+v", a)
	}
}
