package main

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rnnscope/rnnscope/cmd/rnnscope/console"
	"github.com/rnnscope/rnnscope/lab"
	"github.com/rnnscope/rnnscope/run"
)

func TestSplitFlag(t *testing.T) {
	apart(t)
	dir := t.TempDir()
	for value, want := range map[string]string{
		"90,5": "tail 90/5/5", "streams": "4 streams, each tail 80/10/10", "streams,60,30": "4 streams, each tail 60/30/10",
	} {
		out := filepath.Join(dir, strings.ReplaceAll(value, ",", "-"))
		mustRun(t, "-q", "train", "synth:novel", "--synth-size", "8000", "--hidden", "4", "--batch", "4", "--iterations", "2",
			"--sample-length", "20", "--split", value, "--out", out)
		r, err := run.Open(out)
		if err != nil {
			t.Fatal(err)
		}
		info := r.Info()
		r.Close()
		if info.Split.Name != want || info.Split.Test.Hi > info.Symbols {
			t.Errorf("--split %s gives %+v of %d symbols", value, info.Split, info.Symbols)
		}
		var v lab.Verification
		if err := json.Unmarshal([]byte(mustRun(t, "-q", "--json", "verify", out).out), &v); err != nil || !v.Verified {
			t.Errorf("--split %s: the run does not repeat", value)
		}
	}
	for _, bad := range []string{"90", "a,b", "streams,1", "streams,90,20", "0,10"} {
		out := filepath.Join(dir, "bad")
		a := rnnscope(t, "", "-q", "train", "synth:novel", "--synth-size", "8000", "--split", bad, "--out", out)
		if a.status == console.ExitOK || strings.Count(a.err, "\n") > 1 {
			t.Errorf("--split %s: status %d, %s", bad, a.status, a.err)
		}
	}
}

// TestSplitOfStat: what n-gram models reach is told of the same parts that a training with that split has.
func TestSplitOfStat(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "run")
	mustRun(t, "-q", "train", "synth:mixed", "--synth-size", "60000", "--out", dir, "--hidden", "8", "--iterations", "2", "--batch", "8", "--seq", "32", "--sample-length", "20", "--split", "streams,70,20")
	r, err := run.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	var st corpusStat
	if err := json.Unmarshal([]byte(mustRun(t, "-q", "--json", "corpus", "stat", "synth:mixed", "--synth-size", "60000", "--order", "3", "--split", "streams,70,20", "--batch", "8").out), &st); err != nil {
		t.Fatal(err)
	}
	if st.SHA256 != r.Info().SHA256 || st.Split != r.Info().Split {
		t.Errorf("stat speaks of %v, the run of %v", st.Split, r.Info().Split)
	}
	var tail corpusStat
	if err := json.Unmarshal([]byte(mustRun(t, "-q", "--json", "corpus", "stat", "synth:mixed", "--synth-size", "60000", "--order", "3", "--split", "70,20").out), &tail); err != nil {
		t.Fatal(err)
	}
	if tail.Split.Name != "tail 70/20/10" || tail.NGram.Orders[2] == st.NGram.Orders[2] {
		t.Errorf("the tail split: %v, %v", tail.Split, tail.NGram)
	}
	for _, words := range [][]string{{"--split", "streams"}, {"--batch", "8"}, {"--split", "70,20", "--batch", "8"}, {"--split", "70"}, {"--split", "streams,70", "--batch", "8"}} {
		if a := rnnscope(t, "", append([]string{"-q", "corpus", "stat", "synth:mixed", "--synth-size", "60000"}, words...)...); a.status != console.ExitUsage {
			t.Errorf("%v: status %d, %s", words, a.status, a.err)
		}
	}
}
