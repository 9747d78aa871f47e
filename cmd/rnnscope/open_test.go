package main

import (
	"archive/zip"
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rnnscope/rnnscope/cmd/rnnscope/console"
	"github.com/rnnscope/rnnscope/run"
)

// cacheIn lets the example of this test be kept in a directory of its own.
func cacheIn(t *testing.T) string {
	t.Helper()
	home := t.TempDir()
	for _, name := range []string{"HOME", "XDG_CACHE_HOME", "LocalAppData"} {
		t.Setenv(name, home)
	}
	dir, err := exampleDir()
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(dir, home) {
		t.Skip("this system keeps its cache elsewhere: ", dir)
	}
	return dir
}

// TestExampleIsMadeOnce: made with the commands it is defined by, kept, and not made again; a broken one is replaced.
func TestExampleIsMadeOnce(t *testing.T) {
	apart(t)
	dir := cacheIn(t)
	whole := exampleCommands
	t.Cleanup(func() { exampleCommands = whole })
	exampleCommands = [][]string{{"train", "synth:wiki", "--synth-size", "20000", "--hidden", "6", "--iterations", "2", "--out", "RUN"}}

	open := func() { mustRun(t, "-q", "open", "example", "--no-browser", "--port", "0", "--for", "1ms") }
	open()
	made := created(t, dir)
	open()
	if again := created(t, dir); !again.Equal(made) {
		t.Error("the example was made twice")
	}
	if err := os.WriteFile(filepath.Join(dir, "run.db"), []byte("no database"), 0o644); err != nil {
		t.Fatal(err)
	}
	open()
	created(t, dir)
	if left, _ := filepath.Glob(filepath.Join(filepath.Dir(dir), ".unfinished-*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}

	exampleCommands = [][]string{{"train", "synth:none", "--out", "RUN"}}
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	if a := rnnscope(t, "", "-q", "open", "--no-browser", "--for", "1ms"); a.status == console.ExitOK || !strings.Contains(a.err, "example could not be made") {
		t.Errorf("exit %d, %q", a.status, a.err)
	}
	if _, err := os.Stat(dir); !errors.Is(err, os.ErrNotExist) {
		t.Error("half an example was kept")
	}
}

func created(t *testing.T, dir string) time.Time {
	t.Helper()
	r, err := run.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	return r.Info().Created
}

// TestExampleOfARelease: the archive is unpacked whole, and nothing in it leads out.
func TestExampleOfARelease(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "example")
	unpack := func(names ...string) error {
		path := filepath.Join(t.TempDir(), "example.zip")
		f, err := os.Create(path)
		if err != nil {
			t.Fatal(err)
		}
		w := zip.NewWriter(f)
		for _, n := range names {
			if _, err := w.Create(n); err != nil {
				t.Fatal(err)
			}
		}
		if err := errors.Join(w.Close(), f.Close()); err != nil {
			t.Fatal(err)
		}
		z, err := zip.OpenReader(path)
		if err != nil {
			return err
		}
		defer z.Close()
		return wholeFolder(dir, func(half string) error { return os.CopyFS(half, z) })
	}
	if err := unpack("run.db", "checkpoints/a"); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(dir, "checkpoints", "a")); err != nil {
		t.Error(err)
	}
	_ = unpack("run.db", "../../out") // refused or left out, as the library likes
	if found, _ := filepath.Glob(filepath.Join(filepath.Dir(filepath.Dir(dir)), "out")); len(found) > 0 {
		t.Errorf("written outside: %v", found)
	}
}

// TestServeShowsTheExampleWhileThereIsNoRun: the page of an empty directory lists the example that lies ready.
func TestServeShowsTheExampleWhileThereIsNoRun(t *testing.T) {
	dir := cacheIn(t)
	mustRun(t, "-q", "train", "synth:wiki", "--synth-size", "20000", "--hidden", "6", "--iterations", "2", "--out", dir)
	for _, empty := range []bool{true, false} {
		served := t.TempDir()
		if !empty {
			mustRun(t, "-q", "train", "synth:wiki", "--synth-size", "20000", "--hidden", "6", "--iterations", "2", "--out", filepath.Join(served, "own"))
		}
		ctx, stop := context.WithCancel(t.Context())
		s := console.NewSession(nil, io.Discard, io.Discard)
		seen := make(chan string, 1)
		c := serveCmd{Dir: served, Addr: "127.0.0.1", Port: new(int)}
		c.opened = func(address string) {
			go func() { seen <- listed(address) }()
		}
		ended := make(chan error, 1)
		go func() { ended <- c.Run(ctx, s) }()
		if got := <-seen; strings.Contains(got, `"path":"example"`) != empty || strings.Contains(got, `"own"`) == empty {
			t.Errorf("empty %v: %s", empty, got)
		}
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}
}

// listed is what the API lists as runs.
func listed(address string) string {
	base, token, _ := strings.Cut(address, "/?token=")
	ask, err := http.NewRequest(http.MethodGet, base+"/api/runs", nil)
	if err != nil {
		return err.Error()
	}
	ask.Header.Set("Authorization", "Bearer "+token)
	answer, err := http.DefaultClient.Do(ask)
	if err != nil {
		return err.Error()
	}
	defer answer.Body.Close()
	b, err := io.ReadAll(io.LimitReader(answer.Body, 1<<20))
	if err != nil {
		return err.Error()
	}
	return string(b)
}
