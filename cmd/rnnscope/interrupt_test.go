package main

import (
	"bytes"
	"context"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rnnscope/rnnscope/cmd/rnnscope/console"
)

// impatient cancels when it is told a certain thing.
type impatient struct {
	bytes.Buffer
	at     string
	cancel func()
}

func (w *impatient) Write(p []byte) (int, error) {
	n, err := w.Buffer.Write(p)
	if strings.Contains(w.String(), w.at) {
		w.cancel()
	}
	return n, err
}

// TestCtrlCSavesAndSaysHowToGoOn stops a training after its first snapshot and uses what is left.
func TestCtrlCSavesAndSaysHowToGoOn(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "run")
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	errs := &impatient{at: "after 0 updates", cancel: cancel}
	m := &Main{Stdin: strings.NewReader(""), Stdout: &bytes.Buffer{}, Stderr: errs}
	status := m.Run(ctx, []string{"train", "synth:dyck", "--synth-size", "20000", "--out", dir,
		"--hidden", "16", "--iterations", "100000", "--sample-length", "20", "--snapshots", "100000"})
	if status != console.ExitInterrupted {
		t.Fatalf("exit %d: %s", status, errs.String())
	}
	lines := strings.Split(strings.TrimSpace(errs.String()), "\n")
	if last := lines[len(lines)-1]; !strings.HasPrefix(last, "rnnscope: stopped and saved") || !strings.HasSuffix(last, "rnnscope resume "+dir) {
		t.Errorf("it says %q", last)
	}
	mustRun(t, "sample", dir, "-n", "20") // what was saved is a network
}
