package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rnnscope/rnnscope/checkpoint"
	"github.com/rnnscope/rnnscope/cmd/rnnscope/console"
	"github.com/rnnscope/rnnscope/lab"
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
