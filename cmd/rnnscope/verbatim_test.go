package main

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// TestFileNamesKeepTheirBytes: a name that is not UTF-8 names its file, as an argument and in flags,
// and a run may have one.
func TestFileNamesKeepTheirBytes(t *testing.T) {
	apart(t)
	if runtime.GOOS != "linux" {
		t.Skip("file systems elsewhere have Unicode names")
	}
	dir := t.TempDir()
	file, out := filepath.Join(dir, "n\xff\xfe.txt"), filepath.Join(dir, "r\xe9")
	if err := os.WriteFile(file, []byte(strings.Repeat("The cat sat on the mat.\n", 400)), 0o644); err != nil {
		t.Fatal(err)
	}
	mustRun(t, "corpus", "stat", file, "--order", "0")
	mustRun(t, "-q", "train", file, "--out", out, "--hidden", "4", "--iterations", "2", "--batch", "2", "--seq", "8", "--sample-length", "5")
	if _, err := os.Stat(filepath.Join(out, "run.db")); err != nil {
		t.Fatal(err)
	}
	mustRun(t, "-q", "trace", out, "--file", file, "--out", filepath.Join(dir, "t\xfe.csv"))
	if _, err := os.Stat(filepath.Join(dir, "t\xfe.csv")); err != nil {
		t.Error(err)
	}
	mustRun(t, "-q", "sample", out, "-n", "5")
	mustRun(t, "-q", "report", out)
	labels := filepath.Join(dir, "l\xe9.jsonl")
	if err := os.WriteFile(labels, []byte(`{"lo":100,"hi":900}`), 0o644); err != nil {
		t.Fatal(err)
	}
	mustRun(t, "-q", "compare", out, smallRun(t), "--text", file, "--characters", "2000", "--untrained", "1", "--unknown", "skip")
	asked := []string{"-q", "dissect", out, file, "--concepts", "capital", "--labels", "mine=" + labels, "--untrained", "1"}
	mustRun(t, asked...)
	mustRun(t, append(asked, "--shard", "1/1")...)
	for range 2 {
		mustRun(t, "-q", "dissect", out, "--plan", plansOf(t, out), "--shard", "1/1")
	}
	mustRun(t, "-q", "merge", out)
	if a := rnnscope(t, "", "corpus", "stat", file+"\xff"); a.status == 0 || strings.Contains(a.err, "\xff") {
		t.Errorf("a name that is not there: exit %d, %q", a.status, a.err)
	}
}
