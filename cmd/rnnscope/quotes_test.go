package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rnnscope/rnnscope/cmd/rnnscope/console"
	"github.com/rnnscope/rnnscope/cmd/rnnscope/inspect"
	"github.com/rnnscope/rnnscope/mechanism"
)

// TestQuotes runs the laboratory on a run with quotation marks and on one without.
func TestQuotes(t *testing.T) {
	apart(t)
	dir := t.TempDir()
	train := func(name, text string) string {
		file, run := filepath.Join(dir, name+".txt"), filepath.Join(dir, name)
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		mustRun(t, "-q", "train", file, "--out", run, "--hidden", "8", "--iterations", "10", "--batch", "4", "--seq", "16", "--cell", "elman", "--counter")
		return run
	}
	said := train("said", strings.Repeat("He said: \"It is late; I have to go now.\" Then, after a while, he left.\n", 400))
	a := mustRun(t, "quotes", said, "--json")
	var v mechanism.View
	if err := json.Unmarshal([]byte(a.out), &v); err != nil {
		t.Fatalf("%v in %.200s", err, a.out)
	}
	if r := v.Result; r == nil || r.Verdict == "" || len(r.Tests) != 6 || !r.HasCounter || len(r.Trace.Count) != inspect.QuotesPassage {
		t.Errorf("result %+v", v.Result)
	}
	if a := mustRun(t, "quotes", said, "--growth"); !strings.Contains(a.out, "verdict for this network:") {
		t.Errorf("printed %q", a.out)
	}
	plain := train("plain", strings.Repeat("No marks of that kind are in this text, not one of them.\n", 400))
	if a := rnnscope(t, "", "quotes", plain); a.status != console.ExitFailed || !strings.Contains(a.err, "alphabet has no quotation marks") || strings.Count(a.err, "\n") != 1 {
		t.Errorf("without marks: exit %d, %q", a.status, a.err)
	}
	if a := rnnscope(t, "", "quotes", said, filepath.Join(dir, "plain.txt"), "--unknown", "skip"); a.status != console.ExitFailed || !strings.Contains(a.err, "text has no quotation marks") {
		t.Errorf("text without marks: exit %d, %q", a.status, a.err)
	}
}

// TestQuotesExperiment trains a corner of the experiment and looks at its page.
func TestQuotesExperiment(t *testing.T) {
	apart(t)
	out := filepath.Join(t.TempDir(), "lab")
	mustRun(t, "-q", "quotes", "--experiment", "--only", "straight", "--networks", "1", "--iterations", "3", "--out", out)
	page, err := os.ReadFile(filepath.Join(out, "report.html"))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"How do networks count quotation marks?", "LSTM", "too few networks"} {
		if !strings.Contains(string(page), want) {
			t.Errorf("the page does not say %q", want)
		}
	}
	if a := rnnscope(t, "", "quotes", "--experiment", "--out", out); a.status != console.ExitFailed || !strings.Contains(a.err, "exists") {
		t.Errorf("again: exit %d, %q", a.status, a.err)
	}
	if a := rnnscope(t, "", "quotes", "--experiment", "--only", "nothing", "--out", out+"2"); a.status != console.ExitUsage || !strings.Contains(a.err, "two kinds") {
		t.Errorf("an unknown language: exit %d, %q", a.status, a.err)
	}
}
