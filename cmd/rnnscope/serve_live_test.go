package main

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rnnscope/rnnscope/web/jobs"
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
	// A job's answer is read by nobody if it is not kept: it fails, and says so, before anything is computed.
	job := []string{"match", dir, "--passage", "He said", "--span", "3:6", "--draws", "40"}
	err := runJob(t.Context(), job, func(jobs.Progress) {})
	if err == nil || !strings.Contains(err.Error(), "could not be kept") {
		t.Errorf("a job on a run that is being trained: %v", err)
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
	latest := map[string]jobs.Progress{}
	if err := runJob(t.Context(), job, func(p jobs.Progress) { latest[p.What] = p }); err != nil {
		t.Fatal(err)
	}
	for _, what := range []string{"index of all states", "labels of the text", "random spans"} {
		if p := latest[what]; p.Total == 0 || p.Done > p.Total {
			t.Errorf("progress of %s: %+v", what, p)
		}
	}
}
