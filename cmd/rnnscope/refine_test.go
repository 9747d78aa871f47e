package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rnnscope/rnnscope/cmd/rnnscope/console"
	"github.com/rnnscope/rnnscope/evolve"
	"github.com/rnnscope/rnnscope/lab"
	"github.com/rnnscope/rnnscope/run"
)

// TestRepeatedTrainingIsTheSame: snapshots filled in afterwards are those the training would
// have taken, weights, samples and losses; and a training that does not repeat adds nothing.
func TestRepeatedTrainingIsTheSame(t *testing.T) {
	apart(t)
	dir := t.TempDir()
	train := func(name, snapshots string) *run.Run {
		path := filepath.Join(dir, name)
		mustRun(t, "-q", "train", "synth:play", "--synth-size", "20000", "--out", path, "--hidden", "8", "--iterations", "30",
			"--batch", "4", "--seq", "16", "--sample-length", "40", "--snapshots", snapshots)
		r, err := run.OpenWriter(path, "test")
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { r.Close() })
		return r
	}
	filled, whole := train("sparse", "10"), train("whole", "5,10,17")
	if err := lab.Repeat(t.Context(), filled, []int64{5, 17}, 1, nil); err != nil {
		t.Fatal(err)
	}
	kept := func(r *run.Run) (steps []int64, losses []run.Metric, samples []run.Sample) {
		steps, err := r.Steps()
		if err != nil {
			t.Fatal(err)
		}
		if losses, err = r.Metrics(run.MetricValLoss); err != nil {
			t.Fatal(err)
		}
		if samples, err = r.Samples(); err != nil {
			t.Fatal(err)
		}
		return steps, losses, samples
	}
	aSteps, aLosses, aSamples := kept(filled)
	bSteps, bLosses, bSamples := kept(whole)
	if d := cmp.Diff(bSteps, aSteps) + cmp.Diff(bLosses, aLosses) + cmp.Diff(bSamples, aSamples); d != "" {
		t.Error(d)
	}
	weights := filepath.Join("checkpoints", "step-00000017.safetensors")
	if !bytes.Equal(tensors(t, filepath.Join(filled.Dir(), weights)), tensors(t, filepath.Join(whole.Dir(), weights))) {
		t.Error("the weights differ")
	}

	if err := filled.AddMetric(8, run.MetricTrainLoss, 1.5); err != nil {
		t.Fatal(err)
	}
	err := lab.Repeat(t.Context(), filled, []int64{7, 9}, 1, nil)
	if err == nil || !strings.Contains(err.Error(), "update 8 lost") {
		t.Errorf("a training with another loss: %v", err)
	}
	if steps, _, _ := kept(filled); len(steps) != len(aSteps)+1 { // step 7 came before
		t.Errorf("snapshots %v", steps)
	}
}

// TestRefineGoesOn: a refinement that was stopped inside a round ends with the snapshots of one
// that was not.
func TestRefineGoesOn(t *testing.T) {
	apart(t)
	s := console.NewSession(nil, io.Discard, io.Discard)
	trained := func(name string) (*run.Run, *evolve.History) {
		path := filepath.Join(t.TempDir(), name)
		mustRun(t, "-q", "train", "synth:wiki", "--synth-size", "60000", "--out", path, "--hidden", "96", "--layers", "1",
			"--iterations", "120", "--batch", "16", "--seq", "64", "--sample-length", "400")
		r, err := run.OpenWriter(path, "test")
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { r.Close() })
		h, err := makeEvolution(t.Context(), s, r, 0)
		if err != nil {
			t.Fatal(err)
		}
		return r, h
	}
	refined := func(r *run.Run, h *evolve.History) []int64 {
		if _, err := refine(t.Context(), s, r, h, 1); err != nil {
			t.Fatal(err)
		}
		steps, err := r.Steps()
		if err != nil {
			t.Fatal(err)
		}
		return steps
	}
	whole, h := trained("whole")
	asked := lab.StepsToRefine(h)
	if len(asked) < 2 {
		t.Fatalf("only %v asked for: nothing to stop in", asked)
	}
	want := refined(whole, h)

	stopped, _ := trained("stopped")
	if err := errors.Join(stopped.PutView(stopped.Whole(), lab.RefineView, asked), lab.Repeat(t.Context(), stopped, asked[:1], 1, nil)); err != nil {
		t.Fatal(err)
	}
	h, err := makeEvolution(t.Context(), s, stopped, 0)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(want, refined(stopped, h)); d != "" {
		t.Error(d)
	}
}

// TestRefineAnswers: the command looks at the steps that a stopped round asked for; of those by which the
// training was extended it says that they cannot be looked at, and none is left in the way of the next.
func TestRefineAnswers(t *testing.T) {
	apart(t)
	dir := smallRun(t)
	mustRun(t, "-q", "resume", dir, "--iterations", "40")
	r, err := run.OpenWriter(dir, "test")
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(r.PutView(r.Whole(), lab.RefineView, []int64{13, 14, 37}), r.Close()); err != nil {
		t.Fatal(err)
	}
	a := mustRun(t, "--json", "evolution", dir, "--refine")
	var h evolve.History
	if err := json.Unmarshal([]byte(a.out), &h); err != nil {
		t.Fatal(err)
	}
	seen := map[int64]bool{}
	for _, x := range h.Snapshots {
		seen[x.Step] = true
	}
	if !seen[13] || !seen[14] || seen[37] || !seen[40] {
		t.Errorf("looked at %v", seen)
	}
	if !strings.Contains(a.err, "1 step cannot be looked at: step 37 and later lie in the part by which the training was extended beyond 30 updates") {
		t.Error(a.err)
	}
	if again := mustRun(t, "--json", "evolution", dir, "--refine"); strings.Contains(again.err, "step 37") {
		t.Error(again.err)
	}
}
