package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/rnnscope/rnnscope/cmd/rnnscope/console"
	"github.com/rnnscope/rnnscope/cmd/rnnscope/records"
)

// TestNoFlagIsIgnored: a flag beside another, or beside an input, that would have no effect is
// refused, with what to do instead; alone, or where it counts, it is taken.
func TestNoFlagIsIgnored(t *testing.T) {
	apart(t)
	dir := smallRun(t)
	file := filepath.Join(t.TempDir(), "t.txt")
	if err := os.WriteFile(file, []byte(strings.Repeat("The cat sat on the mat.\n", 400)), 0o644); err != nil {
		t.Fatal(err)
	}
	train := "train " + file + " --out OUT --hidden 4 --batch 2 --seq 8 --sample-length 5 "
	for _, c := range []struct{ args, says string }{
		{train + "--iterations 3 --epochs 1", "can't be used together"},
		{train + "--iterations 3 --dropout .5", "--layers 2"},
		{train + "--iterations 3 --synth-size 9000", "synth:NAME"},
		{train + "--iterations 3 --synth-seed 2", "synth:NAME"},
		{train + "--iterations 3 --lr-factor .5", "--schedule step"},
		{train + "--iterations 3 --schedule constant --lr-every 2", "--schedule step"},
		{train + "--iterations 3 --clip none --clip-at 1", "--clip none"},
		{"trace RUN --text The --units 1", "--out FILE.svg"},
		{"trace RUN --text The --from 1 --out OUT.csv", "--out FILE.svg"},
		{"trace RUN --text The --from 9 --out OUT.svg", "0 to 2"},
		{"sample RUN --top-p 0", "above 0"},
		{"sample RUN --top-p 1.5", "above 0"},
		{"sample RUN --top-k 0", "at least 1"},
		{"sample RUN --greedy --temperature .5", "leave out --temperature"},
		{"sample RUN --greedy --top-k 3", "leave out --top-k"},
		{"sample RUN --prompt a --prompt-file " + file, "can't be used together"},
		{"dissect RUN --synth-size 9000", "synth:NAME"},
		{"dissect RUN " + file + " --bytes --unknown skip", "own alphabet"},
		{"memory RUN " + file + " --min-count 3 --unknown skip", "own alphabet"},
		{"quotes RUN --synth-seed 3", "synth:NAME"},
		{"corpus stat " + file + " --synth-size 9", "synth:NAME"},
	} {
		out := filepath.Join(t.TempDir(), "out")
		a := rnnscope(t, "", append([]string{"-q"}, strings.Fields(strings.NewReplacer("RUN", dir, "OUT", out).Replace(c.args))...)...)
		if a.status != console.ExitUsage || a.out != "" || !strings.Contains(a.err, c.says) || !strings.HasPrefix(a.err, "rnnscope: ") {
			t.Errorf("%s: exit %d, %q, want %q", c.args, a.status, a.err, c.says)
		}
		if made, _ := filepath.Glob(out + "*"); len(made) > 0 {
			t.Errorf("%s made %v", c.args, made)
		}
	}
	for _, args := range []string{
		train + "--epochs .01", train + "--epochs 3", train + "--epochs 1.5 --split streams,80,10", train + "--iterations 3 --dropout .5 --layers 2", train + "--iterations 3 --schedule step --lr-factor .5 --lr-every 2",
		"train synth:play --synth-size 9000 --synth-seed 2 --out OUT --hidden 4 --batch 2 --seq 8 --sample-length 5 --iterations 2",
		"trace RUN --text The --units 1 --from 1 --out OUT.svg", "sample RUN --top-p .9 --top-k 3", "sample RUN --greedy",
		"corpus stat synth:play --synth-size 9000 --order 2",
	} {
		out := filepath.Join(t.TempDir(), "out")
		mustRun(t, append([]string{"-q"}, strings.Fields(strings.NewReplacer("RUN", dir, "OUT", out).Replace(args))...)...)
	}
}

// TestOldSpellingsOfFlags: what once was --concept, --site and --unit of commands that take several still is.
func TestOldSpellingsOfFlags(t *testing.T) {
	apart(t)
	dir := smallRun(t)
	mustRun(t, "-q", "dissect", dir, "--concepts", "capital,in-quote", "--untrained", "0")
	var atlas records.FindingsAnswer
	if err := json.Unmarshal([]byte(mustRun(t, "--json", "atlas", dir, "--metric", "auroc").out), &atlas); err != nil {
		t.Fatal(err)
	}
	unit := strconv.FormatInt(atlas.Findings[0].Unit, 10)
	for _, pair := range [][2]string{
		{"atlas RUN --concept capital --site l0.h --metric auroc", "atlas RUN --concepts capital --sites l0.h --metric auroc"},
		{"atlas RUN --unit " + unit, "atlas RUN --units " + unit},
		{"ablate RUN --concept capital,in-quote --characters 500", "ablate RUN --concepts capital,in-quote --characters 500"},
	} {
		var out [2]string
		for i, line := range pair {
			out[i] = mustRun(t, append([]string{"-q"}, strings.Fields(strings.ReplaceAll(line, "RUN", dir))...)...).out
		}
		if out[0] != out[1] || out[0] == "" {
			t.Errorf("%s\n%s\n%s\n%s", pair[0], out[0], pair[1], out[1])
		}
	}
}
