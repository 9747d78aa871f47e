package main

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Commands that read work on a run while another process, or this one, trains it.
func TestReadingARunInTraining(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "live")
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan int, 1)
	go func() {
		m := &Main{Stdin: strings.NewReader(""), Stdout: &strings.Builder{}, Stderr: &strings.Builder{}}
		ended <- m.Run(ctx, []string{"train", "synth:novel", "--synth-size", "60000", "--out", dir, "--hidden", "8", "--iterations", "1000000", "--snapshots", "5,10", "--workers", "1", "-q"})
	}()
	waitUntil(t, func() bool {
		saved, _ := filepath.Glob(filepath.Join(dir, "checkpoints", "step-*"))
		return len(saved) >= 3
	})
	for _, args := range [][]string{
		{"evolution", dir}, {"sample", dir, "-n", "20"}, {"trace", dir, "--text", "He said"}, {"verify", dir, "--to", "0"},
		{"dissect", dir, "--concepts", "capital", "--untrained", "0"}, {"report", dir, "--out", filepath.Join(t.TempDir(), "page")},
	} {
		mustRun(t, append(args, "-q")...)
	}
	select {
	case status := <-ended:
		t.Fatalf("the training ended by itself with %d", status)
	default:
	}
	stop()
	if status := <-ended; status == 1 {
		t.Errorf("the training that was read beside ended with %d", status)
	}
	if _, err := os.Stat(filepath.Join(dir, "checkpoints", "resume.safetensors")); err != nil {
		t.Error("it was not saved: ", err)
	}
}
