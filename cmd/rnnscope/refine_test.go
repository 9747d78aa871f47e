package main

import (
	"bytes"
	"errors"
	"io"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rnnscope/rnnscope/evolve"
	"github.com/rnnscope/rnnscope/run"
	"github.com/rnnscope/rnnscope/stat"
)

// TestRepeatedTrainingIsTheSame: snapshots filled in afterwards are those the training would
// have taken, weights, samples and losses; and a training that does not repeat adds nothing.
func TestRepeatedTrainingIsTheSame(t *testing.T) {
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
	s := &session{main: &Main{Stdout: io.Discard, Stderr: io.Discard}, note: newNotes(io.Discard, true)}
	if err := repeat(t.Context(), s, filled, []int64{5, 17}, 1); err != nil {
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
	err := repeat(t.Context(), s, filled, []int64{7, 9}, 1)
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
	s := &session{main: &Main{Stdout: io.Discard, Stderr: io.Discard}, note: newNotes(io.Discard, true)}
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
	asked := stepsToRefine(h)
	if len(asked) < 2 {
		t.Fatalf("only %v asked for: nothing to stop in", asked)
	}
	want := refined(whole, h)

	stopped, _ := trained("stopped")
	if err := errors.Join(stopped.PutView(stopped.Whole(), refineView, asked), repeat(t.Context(), s, stopped, asked[:1], 1)); err != nil {
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

// TestStepsToRefine: a rise between two snapshots asks for another look, the loss and what
// lies behind the last step do not.
func TestStepsToRefine(t *testing.T) {
	rising := func(value func(step int64) float64) []int64 {
		var shots []evolve.Snapshot
		for i, step := range evolve.Schedule(4000) {
			y := stat.Interval{Estimate: 1e-3*float64(i%3) + value(step)}
			shots = append(shots, evolve.Snapshot{Step: step, ValLoss: 4 - 1e-3*float64(i), Skills: []evolve.Skill{{Name: "words", Value: y}}})
		}
		return stepsToRefine(&evolve.History{Snapshots: shots, Emergence: evolve.Emergences(shots)})
	}
	steps := rising(func(step int64) float64 {
		if step > 300 {
			return 1
		}
		return 0
	})
	if len(steps) == 0 || steps[0] < 200 || steps[len(steps)-1] > 400 {
		t.Errorf("a jump after step 300 asks for %v", steps)
	}
	steps = rising(func(step int64) float64 { return max(0, float64(step-3500)/1000) })
	if len(steps) == 0 || steps[len(steps)-1] >= 4000 {
		t.Errorf("a rise that the end cuts off asks for %v", steps)
	}
	a := mustRun(t, "-q", "--json", "evolution", smallRun(t), "--refine")
	if !strings.Contains(a.out, `"spacing"`) {
		t.Error(a.out)
	}
}
