package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

// Event files are written beside a training and change no bit of it; resuming begins a file of its own.
func TestTensorBoard(t *testing.T) {
	dir := t.TempDir()
	events := filepath.Join(dir, "events")
	train := func(out string, more ...string) string {
		mustRun(t, append([]string{"-q", "train", "synth:novel", "--synth-size", "20000", "--hidden", "8", "--iterations", "20",
			"--sample-length", "40", "--out", filepath.Join(dir, out)}, more...)...)
		return filepath.Join(dir, out, "checkpoints", "resume.safetensors")
	}
	plain, err := os.ReadFile(train("plain"))
	if err != nil {
		t.Fatal(err)
	}
	boarded, err := os.ReadFile(train("boarded", "--tensorboard", events))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(plain, boarded) {
		t.Error("a training with event files ends with other bits")
	}
	mustRun(t, "-q", "resume", filepath.Join(dir, "boarded"), "--iterations", "30", "--tensorboard", events)
	files, err := filepath.Glob(filepath.Join(events, "events.out.tfevents.*"))
	if err != nil || len(files) != 2 {
		t.Fatalf("%d event files, %v", len(files), err)
	}
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		for _, tag := range []string{"loss/training", "loss/validation", "learning_rate"} {
			if !bytes.Contains(b, []byte(tag)) {
				t.Errorf("%s has no %s", f, tag)
			}
		}
	}
}
