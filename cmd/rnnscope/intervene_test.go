package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/rnnscope/rnnscope/cmd/rnnscope/console"
	"github.com/rnnscope/rnnscope/intervene"
	"github.com/rnnscope/rnnscope/run"
)

// TestInterventionCommands: the commands run on a small network, both spellings of a unit
// are one, and an intervention that changes nothing leaves the sample as it was.
func TestInterventionCommands(t *testing.T) {
	apart(t)
	dir := smallRun(t)
	a := mustRun(t, "-q", "sample", dir, "-n", "80", "--clamp", "l0.c3=0.9", "--ablate", "l0.h[2]")
	b := mustRun(t, "-q", "sample", dir, "-n", "80", "--clamp", "l0.c[3]=0.9", "--ablate", "l0.h2")
	if a.out != b.out || !strings.Contains(a.out, "--- untouched ---") || !strings.Contains(a.out, "l0.c[3] = 0.9, l0.h[2] = ") {
		t.Errorf("two spellings of the same:\n%s\n%s", a.out, b.out)
	}
	plain := mustRun(t, "-q", "sample", dir, "-n", "80")
	if !strings.Contains(a.out, plain.out) {
		t.Errorf("the untouched sample is not the plain one:\n%s\n%s", a.out, plain.out)
	}
	var changed sampleJSON
	if err := json.Unmarshal([]byte(mustRun(t, "-q", "--json", "sample", dir, "--clamp", "l0.c3=q95,l0.c4=9,l0.c5=-9,l0.c6=9").out), &changed); err != nil {
		t.Fatal(err)
	}
	if len(changed.Interventions) != 4 || len(changed.Changed) != 1 || changed.Changed[0].Text == changed.Samples[0].Text {
		t.Errorf("%+v", changed)
	}

	var p intervene.PatchResult
	if err := json.Unmarshal([]byte(mustRun(t, "-q", "--json", "patch", dir, "--clean", "(a", "--corrupt", "ea").out), &p); err != nil {
		t.Fatal(err)
	}
	if p.Used == 1 && (p.Whole.Restore != 1 || p.Empty.Restore != 0) {
		t.Errorf("%+v", p)
	}
	if out := mustRun(t, "-q", "ablate", dir, "--units", "l0.c3,l0.h2", "--mode", "mean", "--characters", "2000").out; !strings.Contains(out, "l0.h[2]") {
		t.Error(out)
	}
	if out := mustRun(t, "-q", "ablate", dir, "--concepts", "capital-next", "--characters", "3000", "--top", "1", "--steer").out; !strings.Contains(out, "Capital letter next  l0.") {
		t.Error(out)
	}
}

// TestInterventionsOnOtherTexts: effects can be measured on any text, and on a network that
// came without one; without a text there is one clear sentence.
func TestInterventionsOnOtherTexts(t *testing.T) {
	apart(t)
	dir := smallRun(t)
	foreign := filepath.Join(t.TempDir(), "foreign")
	mustRun(t, "-q", "import", newestWeights(t, dir), "--alphabet", alphabetFile(t, dir), "--out", foreign)
	a := rnnscope(t, "", "-q", "ablate", foreign, "--units", "l0.c3", "--mode", "mean")
	if a.status != console.ExitFailed || !strings.Contains(a.err, "rnnscope ablate "+foreign+" FILE") || strings.Count(a.err, "\n") != 1 {
		t.Errorf("exit %d: %s", a.status, a.err)
	}
	other := []string{"synth:mixed", "--synth-size", "40000", "--synth-seed", "7"}
	args := append(other, "--characters", "2000", "--units", "l0.c3", "--mode", "mean")
	mine := mustRun(t, append([]string{"-q", "ablate", dir}, args...)...).out
	theirs := mustRun(t, append([]string{"-q", "ablate", foreign}, args...)...).out
	if mine != theirs || !strings.Contains(mine, "odd of alternating blocks") {
		t.Errorf("%s\n%s", mine, theirs)
	}
	args = append(other, "--characters", "3000", "--concept", "wide=[m-z]", "--top", "1")
	if out := mustRun(t, append([]string{"-q", "ablate", foreign}, args...)...).out; !strings.Contains(out, "wide ") {
		t.Error(out)
	}
	args = append(other, "--unit", "l0.c3", "--concept", "capital-next", "--dose", "q05,q95", "-n", "20")
	if out := mustRun(t, append([]string{"-q", "steer", foreign}, args...)...).out; !strings.Contains(out, "untouched") {
		t.Error(out)
	}
}

// newestWeights is the file of a run's last weights.
func newestWeights(t *testing.T, dir string) string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "checkpoints", "*.safetensors"))
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	return slices.Max(files)
}

// alphabetFile writes a run's alphabet as the list of symbols that import reads.
func alphabetFile(t *testing.T, dir string) string {
	t.Helper()
	r, err := run.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	var symbols []string
	for i := range r.Info().Alphabet.Size() {
		symbols = append(symbols, r.Info().Alphabet.Symbol(int32(i)))
	}
	blob, err := json.Marshal(symbols)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "alphabet.json")
	if err := os.WriteFile(file, blob, 0o644); err != nil {
		t.Fatal(err)
	}
	return file
}

func TestInterventionRefusals(t *testing.T) {
	apart(t)
	dir := smallRun(t)
	for _, c := range []struct {
		args   string
		says   string
		status int
	}{
		{"ablate RUN", "rnnscope dissect", console.ExitFailed},
		{"ablate RUN --units l0.c99 --mode mean", "0 to 15", console.ExitUsage},
		{"ablate RUN --units l0.q3 --mode mean", "l0.h.rec", console.ExitUsage},
		{"ablate RUN --units c3 --mode mean", "l0.c[41]", console.ExitUsage},
		{"ablate RUN --mode mean", "--units", console.ExitUsage},
		{"ablate RUN --concepts nonsense", "nonsense", console.ExitUsage},
		{"steer RUN --unit l0.c3", "--concept", console.ExitUsage},
		{"steer RUN --unit l0.c3 --concept in-quote --dose loud", "loud", console.ExitUsage},
		{"steer RUN --unit l0.c3 --concept in-quote --dose q1.5", "q1.5", console.ExitUsage},
		{"steer RUN --unit l0.c3 --concept in-quote --dose 1e39", "1e39", console.ExitUsage},
		{"steer RUN --unit l0.c16 --concept in-quote", "0 to 15", console.ExitUsage},
		{"patch RUN --clean (a --corrupt (", "2 characters", console.ExitUsage},
		{"patch RUN --clean (a --corrupt (a", "the same", console.ExitUsage},
		{"patch RUN --clean (a", "--corrupt", console.ExitUsage},
		{"patch RUN --clean (a --corrupt ea --at 9", "character 9", console.ExitUsage},
		{"patch RUN --clean (a --corrupt ea --at=-3", "--at -3", console.ExitUsage},
		{"ablate RUN --concepts in-quote --top 0", "--top 0", console.ExitUsage},
		{"ablate RUN --concepts in-quote --characters 0", "--characters 0", console.ExitUsage},
		{"ablate RUN --concepts in-quote --calibrate=-1", "--calibrate -1", console.ExitUsage},
		{"ablate RUN --units l0.h3 --path out", "--mode", console.ExitUsage},
		{"ablate RUN --units l0.h3 --path up --mode zero", "l0.h.out", console.ExitUsage},
		{"steer RUN --unit l0.c3 --concept in-quote --characters=-5", "--characters -5", console.ExitUsage},
		{"sample RUN --clamp l0.c3", "UNIT=VALUE", console.ExitUsage},
		{"sample RUN --clamp l0.c3=NaN", "NaN", console.ExitUsage},
		{"sample RUN --clamp l0.c3=1 --ablate l0.c[3]", "twice", console.ExitUsage},
		{"sample RUN --clamp l1.c3=1", "no such site", console.ExitUsage},
	} {
		args := strings.Fields(strings.ReplaceAll(c.args, "RUN", dir))
		a := rnnscope(t, "", append([]string{"-q"}, args...)...)
		said := strings.TrimSuffix(a.err, "see rnnscope "+args[0]+" --help\n") // stands below what the parser refuses
		if a.status != c.status || !strings.Contains(said, c.says) || strings.Count(said, "\n") != 1 {
			t.Errorf("%s: exit %d\n%s", c.args, a.status, a.err)
		}
	}
}
