package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/rnnscope/rnnscope/cmd/rnnscope/console"
	"github.com/rnnscope/rnnscope/dissect"
	"github.com/rnnscope/rnnscope/evolve"
	"github.com/rnnscope/rnnscope/mechanism"
	"github.com/rnnscope/rnnscope/memory"
	"github.com/rnnscope/rnnscope/run"
)

// asProgram makes the test binary the program itself, in a process that can be limited and killed.
const asProgram = "RNNSCOPE_TEST_AS_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		main()
	}
	os.Exit(m.Run())
}

// program is a command line in a process of its own.
func program(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self, args...)
	cmd.Env = append(os.Environ(), asProgram+"=1")
	return cmd
}

// onAFullDisk runs a command line that cannot make a file longer than so many bytes.
func onAFullDisk(t *testing.T, limit int64, args ...string) answer {
	t.Helper()
	line := fmt.Sprintf("ulimit -f %d; exec \"$0\" \"$@\"", limit/512)
	p := program(t, args...)
	cmd := exec.Command("sh", append([]string{"-c", line}, p.Args...)...)
	cmd.Env = p.Env
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	err := cmd.Run()
	if cmd.ProcessState == nil {
		t.Fatal(err)
	}
	return answer{cmd.ProcessState.ExitCode(), out.String(), errs.String()}
}

// TestNotKept: where a result cannot be stored it is printed, "not kept" is said, and the
// status is 1, for every command that stores one.
func TestNotKept(t *testing.T) {
	apart(t)
	if runtime.GOOS == "windows" {
		t.Skip("Windows has no limit for the size of files")
	}
	dir := smallRun(t)
	info, err := os.Stat(filepath.Join(dir, "run.db"))
	if err != nil {
		t.Fatal(err)
	}
	notKept := 0
	for view, args := range map[string][]string{
		evolve.ViewName:    {"evolution", dir},
		dissect.ViewName:   {"dissect", dir, "--concepts", "capital,digit,word-start,indentation", "--untrained", "0"},
		mechanism.ViewName: {"quotes", dir, "--marks", "()"},
		memory.ViewName:    {"memory", dir, "--suites", "none", "--kinds", "paren", "--order", "3"},
		"patch":            {"patch", dir, "--clean", "He said", "--corrupt", "He laid"},
	} {
		for _, room := range []int64{0, 4096} { // the session cannot be written; the result cannot
			a := onAFullDisk(t, info.Size()+room, append([]string{"-q", "--json"}, args...)...)
			kept := stored(t, dir, view)
			if !strings.HasPrefix(a.out, "{") {
				t.Errorf("%v, %d bytes left: printed %q", args, room, a.out)
			}
			switch {
			case a.status == console.ExitOK && kept && a.err == "": // it found room in pages given back
			case a.status == console.ExitFailed && !kept && strings.HasPrefix(a.err, "rnnscope: not kept: "+dir) && strings.Count(a.err, "\n") == 1:
				notKept++
			default:
				t.Errorf("%v, %d bytes left: exit %d, stored %v\n%s", args, room, a.status, kept, a.err)
			}
		}
	}
	if notKept < 6 {
		t.Errorf("only %d results could not be kept", notKept)
	}
}

func stored(t *testing.T, dir, view string) bool {
	t.Helper()
	r, err := run.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	all, err := r.Subjects(view)
	return err == nil && len(all) > 0
}

// TestLookingWhileItTrains: commands that read a run, or would add to it, answer while another
// process writes it.
func TestLookingWhileItTrains(t *testing.T) {
	dir := smallRun(t)
	mustRun(t, "-q", "dissect", dir, "--concepts", "capital", "--untrained", "0")
	w, err := run.OpenWriter(dir, "train")
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	for i, args := range [][]string{
		{"evolution", dir}, {"atlas", dir}, {"sample", dir}, {"trace", dir, "--text", "He"}, {"quotes", dir, "--marks", "()"},
		{"dissect", dir, "--concepts", "capital", "--untrained", "0"}, {"report", dir, "--out", filepath.Join(t.TempDir(), "page")},
		{"memory", dir, "--suites", "none", "--kinds", "paren", "--order", "3"},
	} {
		if testing.Short() && i > 3 {
			break // those before open the run in the same way
		}
		if a := rnnscope(t, "", append([]string{"-q"}, args...)...); a.status != console.ExitOK || a.out == "" {
			t.Errorf("%v: exit %d, %s", args, a.status, a.err)
		}
	}
	if a := rnnscope(t, "", "-q", "resume", dir); a.status != console.ExitFailed || !strings.Contains(a.err, "another process") {
		t.Errorf("resume: exit %d, %s", a.status, a.err)
	}
}

// TestAnInterruptedDemo says how to go on; a finished one is only refused.
func TestAnInterruptedDemo(t *testing.T) {
	dir := smallRun(t)
	if a := rnnscope(t, "", "demo", "--out", dir); a.status != console.ExitFailed || !strings.Contains(a.err, "repeat the demo that made it") {
		t.Errorf("exit %d, %s", a.status, a.err)
	}
	if err := os.WriteFile(filepath.Join(dir, "report.html"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if a := rnnscope(t, "", "demo", "--out", dir); a.status != console.ExitFailed || strings.Contains(a.err, "go on") {
		t.Errorf("exit %d, %s", a.status, a.err)
	}
}
