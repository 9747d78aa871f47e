package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rnnscope/rnnscope/run"
)

// serveMain, when set, makes this test binary the program: it can then be killed.
const serveMain = "RNNSCOPE_TEST_SERVE"

// TestServeAsProgram is the program of the test below.
func TestServeAsProgram(t *testing.T) {
	dir := os.Getenv(serveMain)
	if dir == "" {
		return // nobody asked for the program
	}
	m := &Main{Stdin: strings.NewReader(""), Stdout: os.Stdout, Stderr: os.Stderr}
	m.Run(t.Context(), []string{"serve", dir, "--port", "0", "--token", "killed", "--for", "60s"})
}

// startServer runs a server in a process of its own and gives its address.
func startServer(t *testing.T, dir string) (*exec.Cmd, string) {
	t.Helper()
	program := exec.Command(os.Args[0], "-test.run", "^TestServeAsProgram$")
	program.Env = append(os.Environ(), serveMain+"="+dir)
	out, err := program.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := program.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { program.Process.Kill(); program.Wait() })
	line, err := bufio.NewReader(out).ReadString('\n')
	address, _, found := strings.Cut(strings.TrimSpace(line), "/?token=")
	if err != nil || !found {
		t.Fatalf("no address: %q %v", line, err)
	}
	return program, address
}

// jobAt asks a server for a job, or with nil for all jobs.
func jobAt(t *testing.T, address string, ask any, answer any) {
	t.Helper()
	method, body := http.MethodGet, []byte(nil)
	if ask != nil {
		method = http.MethodPost
		body, _ = json.Marshal(ask)
	}
	req, err := http.NewRequest(method, address+"/api/jobs", bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer killed")
	req.Header.Set("Content-Type", "application/json")
	r, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	if r.StatusCode != http.StatusOK {
		t.Fatalf("%s of %v", r.Status, ask)
	}
	if err := json.NewDecoder(r.Body).Decode(answer); err != nil {
		t.Fatal(err)
	}
}

// A server that is killed, in an analysis and in a training it started, leaves every run usable: it opens, its weights are whole,
// the same job runs through afterwards, and the training goes on.
func TestKilledServerLeavesRunsUsable(t *testing.T) {
	if testing.Short() {
		t.Skip("trains and kills a program of its own")
	}
	dir := t.TempDir()
	small := filepath.Join(dir, "small")
	mustRun(t, "train", "synth:novel", "--synth-size", "300000", "--out", small, "--hidden", "32", "--iterations", "10", "-q")
	for _, c := range []struct {
		kind string
		ask  map[string]any
		dir  string
		end  []string
	}{
		{"dissect", map[string]any{"kind": "dissect", "run": "small"}, small, []string{"dissect", small, "--untrained", "1", "-q"}},
		{"train", map[string]any{"kind": "train", "run": "begun", "preset": "demo", "built": "novel", "iterations": 100_000}, filepath.Join(dir, "begun"), []string{"resume", filepath.Join(dir, "begun"), "--iterations", "1", "-q"}},
	} {
		program, address := startServer(t, dir)
		var started struct{ State string }
		jobAt(t, address, c.ask, &started)
		waitUntil(t, func() bool {
			var all struct {
				Jobs []struct {
					State string
				}
			}
			jobAt(t, address, nil, &all)
			if len(all.Jobs) == 1 && (all.Jobs[0].State == "failed" || all.Jobs[0].State == "done") {
				t.Fatalf("%s ended before it was killed: %+v", c.kind, all.Jobs)
			}
			return len(all.Jobs) == 1 && all.Jobs[0].State == "running"
		})
		waitUntil(t, func() bool {
			saved, _ := filepath.Glob(filepath.Join(c.dir, "checkpoints", "*"))
			return len(saved) > 0
		})
		time.Sleep(300 * time.Millisecond)             // in the midst of it
		if err := program.Process.Kill(); err != nil { // SIGKILL
			t.Fatal(err)
		}
		program.Wait()
		r, err := run.Open(c.dir)
		if err != nil {
			t.Fatalf("killed in %s: %v", c.kind, err)
		}
		ck, err := r.Latest()
		if err != nil {
			t.Fatalf("killed in %s: %v", c.kind, err)
		}
		if err := r.Close(); err != nil {
			t.Fatal(err)
		}
		if c.kind == "train" {
			c.end[3] = fmt.Sprint(ck.Step + 2)
		}
		mustRun(t, c.end...)
		mustRun(t, "sample", c.dir, "-n", "20", "-q")
	}
	// The next server shows both.
	_, address := startServer(t, dir)
	req, _ := http.NewRequest(http.MethodGet, address+"/api/runs", nil)
	req.Header.Set("Authorization", "Bearer killed")
	answer, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	var shown struct {
		Runs []struct{ ID, State, Error string }
	}
	if err := json.NewDecoder(answer.Body).Decode(&shown); err != nil || len(shown.Runs) != 2 {
		t.Fatalf("%+v %v", shown, err)
	}
	for _, x := range shown.Runs {
		if x.State == "broken" {
			t.Errorf("%s: %s", x.ID, x.Error)
		}
	}
}

func waitUntil(t *testing.T, done func() bool) {
	t.Helper()
	for end := time.Now().Add(50 * time.Second); !done(); time.Sleep(30 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("it did not come to that")
		}
	}
}
