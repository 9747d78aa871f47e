package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/rnnscope/rnnscope/cmd/rnnscope/console"
	"github.com/rnnscope/rnnscope/cmd/rnnscope/inspect"
	"github.com/rnnscope/rnnscope/intervene"
)

// TestMisuse: a value that cannot be meant is refused, with what is allowed, in one line that
// begins with the program's name; nothing is printed or written.
func TestMisuse(t *testing.T) {
	apart(t)
	dir := smallRun(t)
	mustRun(t, "-q", "dissect", dir, "--concepts", "capital", "--untrained", "0")
	before := findings(t, dir)
	for _, c := range []struct {
		says string
		args []string
	}{
		{"want 1 to 1,024", []string{"dissect", dir, "--workers=-2"}},
		{"want 1 to 1,024", []string{"train", "synth:play", "--out", dir + "x", "--workers=-1"}},
		{"want 1 to 1,024", []string{"evolution", dir, "--workers=100000"}},
		{"want a number", []string{"atlas", dir, "--least", "nan"}},
		{"counted from 0", []string{"atlas", dir, "--units=-1"}},
		{"there are auroc", []string{"atlas", dir, "--metric", "aurock"}},
		{"there are l0.c, l0.h", []string{"atlas", dir, "--sites", "l0.x"}},
		{"there are capital", []string{"atlas", dir, "--concepts", "rhymes"}},
		{"want ablate, dissect", []string{"atlas", dir, "--source", "rhymes"}},
		{"two digits", []string{"steer", dir, "--unit", "l0.c3", "--concept", "capital-next", "--dose", "q200"}},
		{"two digits", []string{"sample", dir, "--clamp", "l0.c3=q5"}},
		{"at least 1 network", []string{"calibrate", "--pairs", "0"}},
		{"at least 1 network", []string{"calibrate", "--detect", "--pairs=-3"}},
		{"want 1 to 255", []string{"dissect", dir, "--shard", "1/2", "--requeue-code", "0"}},
		{"want 1 to 255", []string{"merge", dir, "--requeue-code", "99999999999999"}},
		{"want 1 to 255", []string{"sweep", "grid.yaml", "--out", dir + "x", "--requeue-code=-1"}},
		{"at most 3600 seconds", []string{"bench", "--case", "lstm-2x128", "--seconds", "99999999999999"}},
		{"1 to 1000 rounds", []string{"bench", "--case", "lstm-2x128", "--seconds", ".001", "--rounds", "99999999999999"}},
		{"at least 1 unit", []string{"calibrate", "--hidden", "0"}},
		{"at most 4,096 units", []string{"calibrate", "--hidden", "99999999999999"}},
		{"at most 100,000", []string{"calibrate", "--pairs", "99999999999999"}},
		{"at most 100,000", []string{"calibrate", "--detect", "--pairs", "99999999999999"}},
		{"choose from capital", []string{"calibrate", "--concepts", "nonsense"}},
		{"leave out --concepts", []string{"calibrate", "--detect", "--concepts", "url"}},
		{"want at least 1 of each kind", []string{"calibrate", "--curves=-1"}},
		{"learning curves alone", []string{"calibrate", "--curves", "2", "--detect"}},
		{"learning curves alone", []string{"calibrate", "--curves", "2", "--hidden", "4"}},
		{"learning curves alone", []string{"calibrate", "--curves", "2", "--untrained", "4"}},
		{"learning curves alone", []string{"calibrate", "--curves", "2", "--domain", "novel"}},
		{"at most 100,000", []string{"calibrate", "--curves", "100000000"}},
		{"want 0 to 1,000", []string{"births", dir, "--untrained", "100000000"}},
		{"want 0 to 1,000", []string{"dissect", dir, "--untrained", "1001"}},
		{"want 0 to 1,000", []string{"compare", dir, dir, "--untrained", "1001"}},
		{"want 0 to 1,000", []string{"explain", dir, "--untrained", "1001"}},
		{"want 0 to 1,000", []string{"demo", "--out", dir + "-none", "--untrained", "1001"}},
		{"--unit is given twice", []string{"steer", dir, "--unit", "l0.c3", "--units", "l0.c4", "--concept", "capital-next"}},
		{"turns one unit", []string{"steer", dir, "--units", "l0.c3,l0.c4", "--concept", "capital-next"}},
		{"--length is given twice", []string{"sample", dir, "-n", "5", "--length", "6"}},
		{"a name is empty", []string{"dissect", dir, "--concepts", "capital,,digit"}},
		{"a name is empty", []string{"dissect", dir, "--concepts", "capital, "}},
		{"a name is empty", []string{"ablate", dir, "--unit", ","}},
		{"behind its last comma", []string{"dissect", dir, "--concepts", "capital,digit,"}},
		{"behind its last comma", []string{"ablate", dir, "--unit=l0.c3,"}},
		{"behind its last comma", []string{"evolution", dir, "--steps", "0,"}},
		{"behind its last comma", []string{"train", "synth:play", "--out", dir + "x", "--split", "80,10,"}},
		{"behind its last comma", []string{"memory", dir, "--pairs", "a.jsonl,"}},
		{"is empty", []string{"dissect", dir, "--concepts="}},
		{"is empty", []string{"explain", dir, "--sites", ""}},
		{"--round is for --shard", []string{"dissect", dir, "--round", "labels"}},
		{"--plan is for --shard", []string{"dissect", dir, "--plan", "abc"}},
		{"is for --shard and --slurm", []string{"dissect", dir, "--requeue-code", "3"}},
		{"want I/N", []string{"dissect", dir, "--shard", "3/2"}},
		{"want I/N", []string{"dissect", dir, "--shard", "0/2"}},
		{"want I/N", []string{"dissect", dir, "--shard", "1/2/3"}},
		{"want I/N", []string{"dissect", dir, "--shard", "one of two"}},
		{"want 1 to 10000 shards", []string{"dissect", dir, "--slurm=20000"}},
		{"leave out --shard", []string{"dissect", dir, "--slurm", "4", "--shard", "1/4"}},
		{"want one of [labels choose report]", []string{"dissect", dir, "--shard", "1/2", "--round", "merge"}},
		{"every shard reads the text anew", []string{"dissect", dir, "-", "--shard", "1/2"}},
		{"leave out --states and --matrix", []string{"dissect", dir, "--shard", "1/2", "--matrix", dir + "-m.json"}},
		{"was settled when the dissection of --plan was begun", []string{"dissect", dir, "--shard", "1/2", "--plan", "abc", "--untrained", "2"}},
		{"called right and wrong", []string{"match", dir, "--passage", "He said", "--span", "0:2", "--right", "40:44", "--wrong", "43:47"}},
		{"give it alone, or steps", []string{"births", dir, "--untrained", "1", "--used", "all,50"}},
		{"want a number above 0", []string{"train", "synth:play", "--out", dir + "x", "--epochs", "inf"}},
		{"want a number above 0", []string{"train", "synth:play", "--out", dir + "x", "--epochs", "nan"}},
		{"want a number above 0", []string{"train", "synth:play", "--out", dir + "x", "--clip", "norm", "--clip-at", "inf"}},
		{"want at most", []string{"train", "synth:play", "--out", dir + "x", "--epochs", "1e12"}},
		{"want all or steps", []string{"births", dir, "--untrained", "1", "--used", "0 abc"}},
		{"is named twice", []string{"compare", dir, dir + "/../" + filepath.Base(dir)}},
		{"name a folder", []string{"compare", dir, t.TempDir(), "--out", filepath.Join(dir, "run.db")}},
		{"can't be used together", []string{"ablate", dir, "--calibrate", "5", "--groups"}},
		{"at least 1 draw", []string{"ablate", dir, "--calibrate", "0"}},
		{"leave out --units", []string{"ablate", dir, "--groups", "--units", "l0.c3"}},
		{"and no more", []string{"ablate", dir, "--mode", "mean", "--units", "l0.c3", "--steer"}},
		{"no letter", []string{"quotes", dir, "--marks", "a"}},
		{"an opener and its closer", []string{"quotes", dir, "--marks", "(((,)"}},
		{"at least 1", []string{"sample", dir, "--count", "0"}},
		{"a number above 0", []string{"sample", dir, "--temperature", "nan"}},
		{"a number above 0", []string{"sample", dir, "--temperature", "inf"}},
		{"there are 0, 1, 2", []string{"evolution", dir, "--steps", "0,77"}},
		{"want at least 1", []string{"memory", dir, "--order", "0"}},
		{"choose among gender", []string{"memory", dir, "--suites", "bogus"}},
		{"choose 1 to", []string{"memory", dir, "--order", "99"}},
		{"the text has positions", []string{"memory", dir, "--suites", "none", "--order", "2", "--at", "99999999"}},
		{"want 0 or more", []string{"memory", dir, "--at=-1"}},
		{"choose 1 to", []string{"corpus", "stat", "synth:play", "--synth-size", "3000", "--order", "99"}},
		{"choose a smaller one", []string{"corpus", "stat", "synth:play", "--synth-size", "3000", "--min-count", "99999"}},
		{"ask for at most 64", []string{"match", dir, "--passage", "He said", "--span", "0:2", "--extreme", "1000"}},
		{"want at least 1 of each", []string{"match", dir, "--passage", "He said", "--span", "0:2", "--extreme", "0"}},
		{"want 0 or more", []string{"match", dir, "--passage", "He said", "--span", "0:2", "--places=-5"}},
		{"want 0 or more", []string{"match", dir, "--passage", "He said", "--span", "0:2", "--beyond", ".9", "--within=-3"}},
		{"above .5", []string{"match", dir, "--passage", "He said", "--span", "0:2", "--beyond", "0"}},
		{"end behind the text", []string{"match", dir, "--passage", "He said", "--span", "0:2", "--at", "99999999999"}},
		{"where the passage has", []string{"match", dir, "--passage", "eeee", "--span", "0:4", "--at", "0"}},
		{"only builds what is searched", []string{"match", dir, "--index", "--as", "capital"}},
		{"searches without one", []string{"match", dir, "--passage", "He said", "--span", "0:2", "--refine", "--draws", "5"}},
		{"matches none", []string{"compare", dir, dir + "x", "--no-match", "--text", "synth:play"}},
		{"none is named", []string{"compare", dir, dir + "x", "--unknown", "skip"}},
		{"--experiment directions", []string{"explain", dir, "--times", "2"}},
		{"writes a copy instead", []string{"serve", dir, "--export", dir + "x", "--port", "1"}},
		{"there is no", []string{"serve", dir + "x"}},
		{"there is no", []string{"open", dir + "x", "--no-browser"}},
		{"nothing was measured of a unit 99", []string{"atlas", dir, "--unit", "99"}},
		{"is empty", []string{"sample", dir, "--clamp="}},
		{"is empty", []string{"atlas", dir, "--concept="}},
		{"want 0 or more", []string{"trace", dir, "--text", "a", "--step=-7"}},
		{"want 0 or more", []string{"patch", dir, "--clean", "(a", "--corrupt", "[a", "--top=-1"}},
		{"at most 50,000,000", []string{"dissect", dir, "--samples", "99999999999999"}},
		{"want 0 to 1,000", []string{"explain", dir, "--untrained", "99999999999999"}},
		{"at most 64 times", []string{"explain", dir, "--experiment", "directions", "--times", "2,99999999999"}},
		{"leave out --step", []string{"resume", dir, "--step", "0"}},
		{"want 0 to 1000", []string{"errors", dir, "--examples", "9999999"}},
	} {
		a := rnnscope(t, "", c.args...)
		first, rest, _ := strings.Cut(a.err, "\n")
		if a.status != console.ExitUsage || a.out != "" || !strings.HasPrefix(first, "rnnscope: ") || !strings.Contains(first, c.says) {
			t.Errorf("%v: exit %d, %q, want %q", c.args[2:], a.status, a.err, c.says)
		}
		if rest != "" && !strings.HasPrefix(rest, "see rnnscope ") {
			t.Errorf("%v: more than a line: %q", c.args[2:], a.err)
		}
	}
	if _, err := os.Stat(dir + "x"); err == nil {
		t.Error("a run was made")
	}
	if after := findings(t, dir); after != before {
		t.Error("the run was changed")
	}
	if a := mustRun(t, "atlas", dir, "--least=-inf", "--units", "0"); !strings.Contains(a.out, "findings") {
		t.Error(a.out)
	}
}

func findings(t *testing.T, dir string) string { return mustRun(t, "--json", "atlas", dir).out }

func TestDose(t *testing.T) {
	twice := func(q float64) float64 { return 2 * q }
	for s, want := range map[string]float64{"q05": 0.1, "q99": 1.98, "q00": 0, "-0.5": -0.5, "1e-3": 1e-3} {
		if v, err := inspect.Dose(s, twice); err != nil || v != want {
			t.Errorf("%s: %v, %v", s, v, err)
		}
	}
	for _, s := range []string{"q5", "q200", "q+5", "q.5", "q-1", "nan", "inf", "1e300", ""} {
		if v, err := inspect.Dose(s, twice); err == nil || !strings.Contains(err.Error(), intervene.ErrDose.Error()) {
			t.Errorf("%s: %v, %v", s, v, err)
		}
	}
}

// TestSampleJSONKeepsBytes: a network over bytes writes what is not UTF-8; no byte is lost.
func TestSampleJSONKeepsBytes(t *testing.T) {
	apart(t)
	raw := make([]byte, 20_000)
	for i := range raw {
		raw[i] = byte(120 + i*i%90)
	}
	file, dir := filepath.Join(t.TempDir(), "raw"), filepath.Join(t.TempDir(), "run")
	if err := os.WriteFile(file, raw, 0o644); err != nil {
		t.Fatal(err)
	}
	mustRun(t, "-q", "train", file, "--bytes", "--out", dir, "--hidden", "4", "--iterations", "2", "--batch", "4", "--seq", "16", "--sample-length", "20")
	plain := mustRun(t, "-q", "sample", dir, "-n", "60").out
	var a sampleJSON
	if err := json.Unmarshal([]byte(mustRun(t, "-q", "--json", "sample", dir, "-n", "60").out), &a); err != nil {
		t.Fatal(err)
	}
	if got := string(a.Samples[0].Bytes); utf8.ValidString(plain) || got != strings.TrimSuffix(plain, "\n") {
		t.Errorf("written %q, in JSON %q", plain, got)
	}
	var whole sampleJSON
	if err := json.Unmarshal([]byte(mustRun(t, "-q", "--json", "sample", smallRun(t), "-n", "60").out), &whole); err != nil {
		t.Fatal(err)
	}
	if whole.Samples[0].Bytes != nil || whole.Samples[0].Text == "" {
		t.Errorf("text as bytes: %+v", whole.Samples[0])
	}
}
