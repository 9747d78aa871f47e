package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rnnscope/rnnscope/cmd/rnnscope/console"
)

// TestShards: shards by hand, with the plan alone, run twice and after the merge; what merge prints and
// keeps is what one process prints and keeps, to the byte.
func TestShards(t *testing.T) {
	apart(t)
	dir := t.TempDir()
	one, many := filepath.Join(dir, "run"), filepath.Join(dir, "copy")
	mustRun(t, "-q", "train", "synth:mixed", "--synth-size", "90000", "--out", one, "--hidden", "6", "--iterations", "20", "--sample-length", "20")
	if err := os.CopyFS(many, os.DirFS(one)); err != nil {
		t.Fatal(err)
	}
	asked := []string{"synth:mixed", "--synth-size", "120000", "--synth-seed", "3", "--concepts", "in-quote,column", "--untrained", "1"}
	whole := mustRun(t, append([]string{"-q", "--json", "dissect", one}, asked...)...)
	if b := rnnscope(t, "", "merge", many); b.status != console.ExitFailed || !strings.Contains(b.err, "begin with") {
		t.Errorf("nothing to merge: exit %d\n%s", b.status, b.err)
	}
	shard := func(more ...string) string {
		return mustRun(t, append(append([]string{"-q", "dissect", many}, asked...), more...)...).out
	}
	for _, round := range []string{"labels", "choose", "report"} {
		if b := rnnscope(t, "", "merge", many); b.status != console.ExitFailed {
			t.Errorf("merged before round %s: exit %d", round, b.status)
		}
		if out := shard("--shard", "2/2"); !strings.Contains(out, "round "+round+" made; 1 shard of this round is missing") {
			t.Errorf("%s", out)
		}
		plan := plansOf(t, many)
		mustRun(t, "-q", "dissect", many, "--plan", plan, "--shard", "1/2", "--round", round)
		if out := shard("--shard", "2/2", "--round", round); !strings.Contains(out, "the round is whole") {
			t.Errorf("%s", out)
		}
	}
	if out := shard("--shard", "1/2"); !strings.Contains(out, "made all rounds") {
		t.Errorf("%s", out)
	}
	merged := mustRun(t, "-q", "--json", "merge", many)
	if merged.out != whole.out || len(merged.out) < 1000 {
		t.Errorf("merged shards and one process print different results: %d and %d bytes", len(merged.out), len(whole.out))
	}
	if a, b := mustRun(t, "--json", "atlas", one, "--every"), mustRun(t, "--json", "atlas", many, "--every"); a.out != b.out {
		t.Error("merged shards and one process keep different findings")
	}
	if out := shard("--shard", "1/2"); !strings.Contains(out, "merged already") {
		t.Errorf("%s", out)
	}
	if b := mustRun(t, "--json", "merge", many); !strings.Contains(b.err, "merged already") || b.out != merged.out {
		t.Errorf("merge given again: %s%d bytes, want %d", b.err, len(b.out), len(merged.out))
	}
	if b := rnnscope(t, "", "merge", many, "--plan", "../shards"); b.status != console.ExitUsage || !strings.Contains(b.err, "there are "+plansOf(t, many)) {
		t.Errorf("another plan: exit %d, %s", b.status, b.err)
	}
	if left, err := filepath.Glob(filepath.Join(many, "shards", "*", "*.shard")); err != nil || len(left) > 0 {
		t.Errorf("left: %v, %v", left, err)
	}
}

// TestShardsRefuseOtherLabels: a label file that is changed between two shards is refused; one that
// is another plan is not.
func TestShardsRefuseOtherLabels(t *testing.T) {
	apart(t)
	dir := smallRun(t)
	labels := filepath.Join(t.TempDir(), "mine.jsonl")
	write := func(lines ...string) {
		if err := os.WriteFile(labels, []byte(strings.Join(lines, "\n")), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	first, moved := `{"lo":100,"hi":900}`, `{"lo":101,"hi":900}`
	shard := func(more ...string) answer {
		return rnnscope(t, "", append([]string{"-q", "dissect", dir, "--concepts", "capital", "--labels", "mine=" + labels, "--untrained", "1"}, more...)...)
	}
	write(first)
	if a := shard("--shard", "1/2"); a.status != console.ExitOK {
		t.Fatal(a.err)
	}
	plan := plansOf(t, dir)
	for _, lines := range [][]string{{moved}, {first, `{"lo":2000,"hi":2001}`}, {`{"lo":100,"hi":900,"y":2}`}} {
		write(lines...)
		for _, more := range [][]string{{"--shard", "2/2"}, {"--shard", "1/2", "--round", "choose"}} {
			if a := shard(more...); a.status != console.ExitFailed || !strings.Contains(a.err, "label file changed: mine") || !strings.Contains(a.err, plan) {
				t.Errorf("%v, %v: exit %d, %s", lines, more, a.status, a.err)
			}
		}
		if a := rnnscope(t, "", "dissect", dir, "--plan", plan, "--shard", "2/2"); a.status != console.ExitFailed || !strings.Contains(a.err, "label file changed") {
			t.Errorf("%v, by its plan: exit %d, %s", lines, a.status, a.err)
		}
		if a := rnnscope(t, "", "merge", dir); a.status != console.ExitFailed || !strings.Contains(a.err, "label file changed") {
			t.Errorf("%v, merge: exit %d, %s", lines, a.status, a.err)
		}
		if a := shard("--shard", "1/3"); a.status != console.ExitOK {
			t.Errorf("other shards: %s", a.err)
		}
		_ = os.RemoveAll(filepath.Join(dir, "shards", otherThan(t, dir, plan)))
	}
	write("", first, "") // says the same
	if a := shard("--shard", "2/2"); a.status != console.ExitOK || plansOf(t, dir) != plan {
		t.Errorf("the same labels in another form: %s", a.err)
	}
}

// otherThan is the one other plan of a run.
func otherThan(t *testing.T, dir, plan string) string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(dir, "shards", "*"))
	if err != nil || len(found) != 2 {
		t.Fatal(found, err)
	}
	if filepath.Base(found[0]) == plan {
		return filepath.Base(found[1])
	}
	return filepath.Base(found[0])
}

func plansOf(t *testing.T, dir string) string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(dir, "shards", "*"))
	if err != nil || len(found) != 1 {
		t.Fatal(found, err)
	}
	return filepath.Base(found[0])
}

// TestShardJobs: three array jobs, each behind the one before, and the merge behind all, as a Slurm that
// only keeps what it is given was told.
func TestShardJobs(t *testing.T) {
	dir := t.TempDir()
	one := filepath.Join(dir, "run")
	mustRun(t, "-q", "train", "synth:mixed", "--synth-size", "60000", "--out", one, "--hidden", "4", "--iterations", "2", "--sample-length", "20")
	sbatch := "#!/bin/sh\nn=$(cat " + dir + "/n 2>/dev/null || echo 40)\nn=$((n+1))\necho $n > " + dir + "/n\necho \"$@\" >> " + dir + "/asked\necho \"$n;cluster\"\n"
	if err := os.WriteFile(filepath.Join(dir, "sbatch"), []byte(sbatch), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", dir+string(os.PathListSeparator)+os.Getenv("PATH"))
	out := mustRun(t, "-q", "dissect", one, "--concepts", "capital", "--slurm", "5").out
	if !strings.Contains(out, "submitted [41 42 43 44]") {
		t.Errorf("%s", out)
	}
	plan := filepath.Join(one, "shards", plansOf(t, one))
	asked, err := os.ReadFile(filepath.Join(dir, "asked"))
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(string(asked)), "\n")
	for i, name := range []string{"labels", "choose", "report", "merge"} {
		want := "--parsable " + filepath.Join(plan, name+".sbatch")
		if i > 0 {
			want = fmt.Sprintf("--parsable --dependency=afterok:%d --kill-on-invalid-dep=yes %s", 40+i, filepath.Join(plan, name+".sbatch"))
		}
		if len(lines) != 4 || lines[i] != want {
			t.Errorf("asked %q, want %q", lines, want)
		}
		script, err := os.ReadFile(filepath.Join(plan, name+".sbatch"))
		if err != nil {
			t.Fatal(err)
		}
		words := []string{"--requeue\n", "--signal=B:USR1@", "RNNSCOPE_KERNELS=", "GOMAXPROCS=1\n", "--requeue-code 75"}
		if name != "merge" {
			words = append(words, "--array=1-5\n", "--shard \"$SLURM_ARRAY_TASK_ID\"/5 --round "+name+" ", " --plan "+filepath.Base(plan)+" ")
		}
		for _, w := range words {
			if !strings.Contains(string(script), w) {
				t.Errorf("no %q in\n%s", w, script)
			}
		}
	}
}
