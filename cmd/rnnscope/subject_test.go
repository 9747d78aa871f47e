package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rnnscope/rnnscope/cmd/rnnscope/console"
	"github.com/rnnscope/rnnscope/cmd/rnnscope/records"
)

// TestNothingIsLost: a dissection of another text, and one of another step with one concept, leave the
// run's own atlas where it is, and the report shows each figure with what it was measured on.
func TestNothingIsLost(t *testing.T) {
	apart(t)
	dir := smallRun(t)
	rows := func(args ...string) []records.FindingRow {
		t.Helper()
		var out records.FindingsAnswer
		if err := json.Unmarshal([]byte(mustRun(t, append([]string{"--json", "atlas", dir}, args...)...).out), &out); err != nil {
			t.Fatal(err)
		}
		return out.Findings
	}
	mustRun(t, "-q", "dissect", dir, "--untrained", "0", "--concepts", "in-quote,capital")
	own := rows()
	other := filepath.Join(t.TempDir(), "other.txt")
	if err := os.WriteFile(other, []byte(strings.Repeat("The cat sat on the \"mat\", and so on.\n", 800)), 0o644); err != nil {
		t.Fatal(err)
	}
	mustRun(t, "-q", "dissect", dir, other, "--untrained", "0", "--concepts", "capital")
	mustRun(t, "-q", "dissect", dir, "--step", "0", "--untrained", "0", "--concepts", "digit")
	mustRun(t, "-q", "dissect", dir, "--untrained", "0", "--concepts", "capital") // fewer concepts of the same subject
	if now := rows(); len(own) < 20 || len(now) != len(own) {
		t.Errorf("the run's own atlas has %d findings, had %d", len(now), len(own))
	}
	elsewhere, early := rows("--text", "other.txt"), rows("--step", "0")
	if len(elsewhere) == 0 || elsewhere[0].Text == own[0].Text || elsewhere[0].Concept != "capital" || elsewhere[0].Step != own[0].Step {
		t.Errorf("of the other text: %+v", elsewhere)
	}
	if len(early) == 0 || early[0].Step != 0 || early[0].SHA256 != own[0].SHA256 || early[0].Weights == own[0].Weights {
		t.Errorf("of step 0: %+v", early)
	}
	if all := rows("--every"); len(all) != len(own)+len(elsewhere)+len(early) {
		t.Errorf("all of it: %d findings", len(all))
	}
	if a := rnnscope(t, "", "atlas", dir, "--text", "third.txt"); a.status != console.ExitUsage || !strings.Contains(a.err, "other, odd of alternating blocks") {
		t.Errorf("a text nobody measured: exit %d, %s", a.status, a.err)
	}
	if a := rnnscope(t, "", "atlas", dir, "--every", "--step", "0"); a.status != console.ExitUsage {
		t.Errorf("every step and one: exit %d, %s", a.status, a.err)
	}
	for _, c := range []struct {
		args []string
		says []string
	}{
		{nil, []string{"Measured on synth:mixed; test of tail 80/10/10; step 30 of the training", own[0].SHA256[:12], "Also in this run", "other, odd of alternating"}},
		{[]string{"--text", "other.txt"}, []string{"Measured on other; odd of alternating blocks", elsewhere[0].SHA256[:12]}},
		{[]string{"--step", "0"}, []string{"Measured on synth:mixed; test of tail 80/10/10; step 0 of the training"}},
	} {
		out := t.TempDir()
		mustRun(t, append([]string{"-q", "report", dir, "--out", out}, c.args...)...)
		page, err := os.ReadFile(filepath.Join(out, "report.html"))
		if err != nil {
			t.Fatal(err)
		}
		for _, want := range c.says {
			if !strings.Contains(string(page), want) {
				t.Errorf("the report with %v does not say %q", c.args, want)
			}
		}
	}
}

// TestUnitsComeFromTheTextMeasured: ablate asks about the units that were found on its own text, and
// about another text's only where they are asked for, or where its own has none.
func TestUnitsComeFromTheTextMeasured(t *testing.T) {
	apart(t)
	dir := smallRun(t)
	other := filepath.Join(t.TempDir(), "other.txt")
	if err := os.WriteFile(other, []byte(strings.Repeat("The cat sat on the \"mat\", and so on.\n", 2000)), 0o644); err != nil {
		t.Fatal(err)
	}
	ask := []string{"ablate", dir, "--concepts", "capital", "--characters", "500"}
	mustRun(t, "-q", "dissect", dir, other, "--untrained", "0", "--concepts", "capital")
	if a := mustRun(t, ask...); !strings.Contains(a.err, "other") {
		t.Errorf("only another text was dissected, and nobody says so: %s", a.err)
	}
	mustRun(t, "-q", "dissect", dir, "--untrained", "0", "--concepts", "capital")
	if a := mustRun(t, ask...); !strings.Contains(a.err, "units are those that were found on synth:mixed, test of") {
		t.Errorf("%s", a.err)
	}
	if a := mustRun(t, append(ask, "--text", "other.txt")...); !strings.Contains(a.err, "found on other") {
		t.Errorf("%s", a.err)
	}
	if a := rnnscope(t, "", append(ask, "--text", "third.txt")...); a.status != console.ExitUsage || !strings.Contains(a.err, "third.txt") {
		t.Errorf("exit %d: %s", a.status, a.err)
	}
}
