package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rnnscope/rnnscope/cmd/rnnscope/console"
)

// Our own states, written by trace --grid, are dissected as elsewhere's: every figure is
// the same to the last digit, with the same control networks.
func TestStatesWrittenAndReadGiveTheSameFigures(t *testing.T) {
	apart(t)
	dir := t.TempDir()
	in := func(name string) string { return filepath.Join(dir, name) }
	mustRun(t, "-q", "train", "synth:play", "--synth-size", "60000", "--hidden", "6", "--iterations", "3", "--out", in("run"))
	mustRun(t, "-q", "trace", in("run"), "--grid", "--controls", "5", "--out", in("h.npz"))
	var controls []string
	for _, k := range []string{"01", "02", "03", "04", "05"} {
		controls = append(controls, in("h.control-"+k+".npz"))
	}
	concepts := "word-start,in-quote,line-end-next,speaker-heading,column"
	own := mustRun(t, "-q", "--json", "dissect", in("run"), "--untrained", "5", "--concepts", concepts)
	again := mustRun(t, "-q", "--json", "dissect", in("states"), "--states", in("h.npz"), "--symbols", in("h.symbols.json"),
		"--controls", strings.Join(controls, ","), "--concepts", concepts)
	var a, b any
	if err := json.Unmarshal([]byte(own.out), &a); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal([]byte(again.out), &b); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(a, b); diff != "" {
		t.Errorf("figures of a network and of its states: %s", diff)
	}
	// What needs weights says so; the rest of the run is a run like others.
	for _, args := range [][]string{{"ablate", in("states")}, {"memory", in("states")}, {"sample", in("states")}, {"trace", in("states"), "--text", "a"}} {
		if got := rnnscope(t, "", args...); got.status != console.ExitFailed || !strings.Contains(got.err, "needs the network's weights") {
			t.Errorf("%v: exit %d, %s", args, got.status, got.err)
		}
	}
	mustRun(t, "-q", "atlas", in("states"))
	mustRun(t, "-q", "report", in("states"))
	if _, err := os.Stat(filepath.Join(in("states"), "report.html")); err != nil {
		t.Error(err)
	}
}

func TestStatesThatDoNotFit(t *testing.T) {
	dir := t.TempDir()
	put := func(name, content string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
		return path
	}
	npy := put("h.npy", "\x93NUMPY\x01\x00\x46\x00{'descr': '<f4', 'fortran_order': False, 'shape': (3, 2), }          \n"+strings.Repeat("\x00", 24))
	out := filepath.Join(dir, "out")
	for _, c := range []struct {
		args []string
		code int
		says string
	}{
		{[]string{"--states", npy}, console.ExitUsage, "--symbols"},
		{[]string{"--symbols", put("s.json", `["a","b","a"]`)}, console.ExitUsage, "--states"},
		{[]string{"--states", npy, "--symbols", put("s.json", `["a","b","a"]`), "--step", "3"}, console.ExitUsage, "for networks"},
		{[]string{"--states", npy, "--symbols", put("four.json", `["a","b","a","b"]`)}, console.ExitFailed, "4 positions of 2 units"},
		{[]string{"--states", npy, "--symbols", put("ids.json", `{"symbols":["a","b"],"ids":[0,1,2]}`)}, console.ExitFailed, "ids are 0 to 1"},
		{[]string{"--states", npy, "--symbols", put("no.json", `{"symbols":["a","b"],"ids":[0,1,1],"report":[[2,1]]}`)}, console.ExitFailed, "scored symbols"},
		{[]string{"--states", npy, "--symbols", put("text.json", `hello`)}, console.ExitFailed, "not symbols of states"},
		{[]string{"--states", put("x.npy", "hello"), "--symbols", put("s.json", `["a","b","a"]`)}, console.ExitFailed, "not a file of matrices"},
	} {
		got := rnnscope(t, "", append([]string{"dissect", out}, c.args...)...)
		if got.status != c.code || !strings.Contains(got.err, c.says) || strings.Count(strings.TrimSpace(got.err), "\n") > 1 {
			t.Errorf("%v: exit %d, %q; want %d saying %q", c.args, got.status, got.err, c.code, c.says)
		}
		if _, err := os.Stat(out); err == nil {
			t.Errorf("%v left a run behind", c.args)
		}
	}
}
