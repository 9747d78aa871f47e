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
