package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/rnnscope/rnnscope/checkpoint"
	"github.com/rnnscope/rnnscope/cmd/rnnscope/console"
	"github.com/rnnscope/rnnscope/lab"
	"github.com/rnnscope/rnnscope/train"
)

// verifyRun is verify --json of a run.
func verifyRun(t *testing.T, dir string, more ...string) (v lab.Verification, a answer) {
	t.Helper()
	a = rnnscope(t, "", append([]string{"-q", "--json", "verify", dir}, more...)...)
	if a.out != "" {
		if err := json.Unmarshal([]byte(a.out), &v); err != nil {
			t.Fatal(err)
		}
	}
	return v, a
}

func TestVerify(t *testing.T) {
	dir := smallRun(t)
	mustRun(t, "-q", "resume", dir, "--iterations", "40")
	v, a := verifyRun(t, dir)
	if a.status != console.ExitOK || !v.Verified || len(v.Snapshots) < 5 || v.Resume == nil || v.Resume.Step != 40 {
		t.Fatalf("a run as it was trained, and trained on, is not verified: %+v\n%s", v, a.err)
	}

	// One weight of one snapshot moves by one unit in the last place.
	path := filepath.Join(dir, "checkpoints", "step-00000012.safetensors")
	c, err := checkpoint.Load(path)
	if err != nil {
		t.Fatal(err)
	}
	slab := c.Model.Slab()
	slab[7] += 1e-6
	if err := checkpoint.Save(path, c); err != nil {
		t.Fatal(err)
	}
	v, a = verifyRun(t, dir)
	for _, row := range v.Snapshots {
		if want := row.Step != 12; (row.Outcome == lab.FileSame) != want {
			t.Errorf("step %d: %+v", row.Step, row)
		}
	}
	if a.status != console.ExitFailed || v.Verified {
		t.Errorf("another weight passed: status %d, %+v", a.status, v)
	}
	if v, a := verifyRun(t, dir, "--to", "11"); a.status != console.ExitOK || !v.Verified || v.Resume != nil {
		t.Errorf("what lies before the other weight is not verified: %+v\n%s", v, a.err)
	}

	// A snapshot under the name of another step.
	good, err := os.ReadFile(filepath.Join(dir, "checkpoints", "step-00000010.safetensors"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, good, 0o666); err != nil {
		t.Fatal(err)
	}
	if v, a := verifyRun(t, dir); a.status != console.ExitFailed || v.Verified {
		t.Errorf("weights under another step's name passed: %+v", v)
	}
	if err := os.WriteFile(path, good[:100], 0o666); err != nil {
		t.Fatal(err)
	}
	if a := rnnscope(t, "", "-q", "verify", dir); a.status != console.ExitFailed || !strings.Contains(a.out, "unreadable") {
		t.Errorf("a file cut short: status %d\n%s", a.status, a.out)
	}
}

func TestVerifyOtherKernels(t *testing.T) {
	dir := smallRun(t)
	path := filepath.Join(dir, "checkpoints", "step-00000010.safetensors")
	c, err := checkpoint.Load(path)
	if err != nil {
		t.Fatal(err)
	}
	c.Meta[checkpoint.MetaKernels] = "other"
	if err := checkpoint.Save(path, c); err != nil {
		t.Fatal(err)
	}
	if _, a := verifyRun(t, dir); a.status != console.ExitFailed || !strings.Contains(a.err, "RNNSCOPE_KERNELS=other") {
		t.Errorf("other kernels: status %d, %s", a.status, a.err)
	}
}

// TestVerifyTheWholeState: whatever part of the state to resume from is another one, it is named, and nothing else is.
func TestVerifyTheWholeState(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "run")
	mustRun(t, "-q", "train", "synth:mixed", "--synth-size", "60000", "--out", dir, "--hidden", "12", "--layers", "2", "--dropout", "0.1",
		"--iterations", "30", "--batch", "8", "--seq", "32", "--sample-length", "20", "--snapshots", "12", "--keep-states")
	if v, a := verifyRun(t, dir); a.status != console.ExitOK || !v.Verified || len(v.States) != len(v.Snapshots) {
		t.Fatalf("a run as it was trained is not verified: %+v\n%s", v, a.err)
	}
	settings := func(r *checkpoint.Resume, change func(c *train.Config)) {
		var c train.Config
		if err := json.Unmarshal(r.Config, &c); err != nil {
			t.Fatal(err)
		}
		change(&c)
		r.Config, _ = json.Marshal(c)
	}
	for part, change := range map[string]func(r *checkpoint.Resume){
		"weights":                   func(r *checkpoint.Resume) { r.Model.Slab()[3] += 1e-6 },
		"moments first":             func(r *checkpoint.Resume) { r.Optimizer.Slots["first"][5] += 1e-6 },
		"moments second":            func(r *checkpoint.Resume) { r.Optimizer.Slots["second"][7] += 1e-6 },
		"updates of the moments":    func(r *checkpoint.Resume) { r.Optimizer.Steps-- },
		"hidden state h of layer 1": func(r *checkpoint.Resume) { r.Hidden.H[1][2] += 1e-6 },
		"hidden state c of layer 0": func(r *checkpoint.Resume) { r.Hidden.C[0][2] += 1e-6 },
		"place in the text":         func(r *checkpoint.Resume) { r.Cursor.Chunk++ },
		"random state of dropout":   func(r *checkpoint.Resume) { r.Streams["dropout"][len(r.Streams["dropout"])-1]++ },
		"settings":                  func(r *checkpoint.Resume) { settings(r, func(c *train.Config) { c.Optim.LR *= 2 }) },
		"step":                      func(r *checkpoint.Resume) { r.Step++ },
		"last step planned":         func(r *checkpoint.Resume) { r.LastStep++ },
		"best validation":           func(r *checkpoint.Resume) { r.BestLoss -= 1e-6 },
		"text":                      func(r *checkpoint.Resume) { r.Meta[checkpoint.MetaText] = "another" },
	} {
		files := []string{"resume"}
		if strings.HasPrefix(part, "moments") {
			files = append(files, "state-00000012")
		}
		for _, file := range files {
			path := filepath.Join(dir, "checkpoints", file+".safetensors")
			good, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			state, err := checkpoint.LoadResume(path)
			if err != nil {
				t.Fatal(err)
			}
			change(state)
			if err := checkpoint.SaveResume(path, state); err != nil {
				t.Fatal(err)
			}
			v, a := verifyRun(t, dir)
			row := v.Resume
			if file != "resume" {
				i := slices.IndexFunc(v.States, func(f lab.VerifiedFile) bool { return f.Step == 12 })
				row = &v.States[i]
			}
			if a.status != console.ExitFailed || v.Verified || row.Outcome != lab.FileDifferent || len(row.Parts) != 1 || row.Parts[0].Part != part {
				t.Errorf("%s, %s: status %d, %+v", file, part, a.status, row)
			}
			if part == "place in the text" {
				if a := rnnscope(t, "", "-q", "verify", dir); !strings.Contains(a.out, "the state to resume from, of step         30  different: place in the text (pass ") {
					t.Errorf("what differs is not named:\n%s", a.out)
				}
			}
			if err := os.WriteFile(path, good, 0o666); err != nil {
				t.Fatal(err)
			}
		}
	}
	// A state behind the last snapshot, as an interrupted training leaves one, is looked at as well.
	for _, name := range []string{"step-00000030", "state-00000030"} {
		if err := os.Remove(filepath.Join(dir, "checkpoints", name+".safetensors")); err != nil {
			t.Fatal(err)
		}
	}
	if v, a := verifyRun(t, dir); a.status != console.ExitOK || v.Resume == nil || v.Resume.Step != 30 || len(v.Snapshots) == 0 {
		t.Errorf("the state behind the last snapshot: %+v\n%s", v, a.err)
	}
	path := filepath.Join(dir, "checkpoints", "resume.safetensors")
	if err := os.WriteFile(path, []byte("garbage, garbage"), 0o666); err != nil {
		t.Fatal(err)
	}
	if v, a := verifyRun(t, dir); a.status != console.ExitFailed || v.Resume == nil || v.Resume.Outcome != lab.FileUnreadable {
		t.Errorf("a state that cannot be read passed: status %d, %+v", a.status, v.Resume)
	}
	if a := rnnscope(t, "", "-q", "verify", dir); !strings.Contains(a.out, "the state to resume from  unreadable: ") {
		t.Errorf("a state that cannot be read is not told:\n%s", a.out)
	}
}

// TestVerifyFromAState: from the whole state of a snapshot a training is repeated without the steps before.
func TestVerifyFromAState(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "run")
	mustRun(t, "-q", "train", "synth:mixed", "--synth-size", "60000", "--out", dir, "--hidden", "12", "--iterations", "30", "--batch", "8", "--seq", "32", "--sample-length", "20", "--keep-states")
	mustRun(t, "-q", "resume", dir, "--iterations", "40")
	v, a := verifyRun(t, dir, "--from", "12")
	if a.status != console.ExitOK || !v.Verified || v.From != 12 || v.Snapshots[0].Step != 12 || v.Resume == nil || v.Resume.Step != 40 || v.States[len(v.States)-1].Step != 40 {
		t.Fatalf("not verified from a state: %+v\n%s", v, a.err)
	}
	// What lies before is not looked at; what lies behind is held against the state.
	for step, want := range map[string]int{"00000011": console.ExitOK, "00000012": console.ExitFailed, "00000030": console.ExitFailed} {
		path := filepath.Join(dir, "checkpoints", "step-"+step+".safetensors")
		good, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		c, err := checkpoint.Load(path)
		if err != nil {
			t.Fatal(err)
		}
		c.Model.Slab()[7] += 1e-6
		if err := checkpoint.Save(path, c); err != nil {
			t.Fatal(err)
		}
		if _, a := verifyRun(t, dir, "--from", "12"); a.status != want {
			t.Errorf("step %s is another: status %d, want %d: %s", step, a.status, want, a.err)
		}
		if err := os.WriteFile(path, good, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	// From another state other weights come.
	path := filepath.Join(dir, "checkpoints", "state-00000012.safetensors")
	state, err := checkpoint.LoadResume(path)
	if err != nil {
		t.Fatal(err)
	}
	state.Optimizer.Slots["second"][7] += 1e-3
	if err := checkpoint.SaveResume(path, state); err != nil {
		t.Fatal(err)
	}
	if v, a := verifyRun(t, dir, "--from", "12"); a.status != console.ExitFailed || v.Snapshots[0].Outcome != lab.FileSame || v.Snapshots[len(v.Snapshots)-1].Outcome != lab.FileDifferent {
		t.Errorf("another moment led to the same weights: %+v", v)
	}
	if a := rnnscope(t, "", "-q", "verify", smallRun(t), "--from", "12"); a.status != console.ExitUsage || !strings.Contains(a.err, "--keep-states") {
		t.Errorf("from weights alone: status %d, %s", a.status, a.err)
	}
}

// TestResumeFromAKeptState: where the resume file is lost, the whole state of a snapshot goes on exactly.
func TestResumeFromAKeptState(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "run")
	mustRun(t, "-q", "train", "synth:mixed", "--synth-size", "60000", "--out", dir, "--hidden", "8", "--iterations", "20", "--batch", "8", "--seq", "32", "--sample-length", "20", "--snapshots", "20", "--keep-states")
	if err := os.Remove(filepath.Join(dir, "checkpoints", "resume.safetensors")); err != nil {
		t.Fatal(err)
	}
	if a := rnnscope(t, "", "-q", "resume", dir, "--iterations", "30"); a.status != console.ExitFailed || !strings.Contains(a.err, "exactly") || !strings.Contains(a.err, "--step 20") {
		t.Errorf("status %d, %s", a.status, a.err)
	}
	mustRun(t, "-q", "resume", dir, "--step", "20", "--iterations", "30")
	if v, a := verifyRun(t, dir); a.status != console.ExitOK || !v.Verified || v.Resume == nil || v.Resume.Step != 30 {
		t.Errorf("not as if nothing had been lost: %+v\n%s", v, a.err)
	}
}
