package durable

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func onlyFile(t *testing.T, dir, name string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if e.Name() != name {
			t.Errorf("%s was left behind", e.Name())
		}
	}
}

func TestAFailedWriteLeavesTheOldFile(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "f")
	put := func(s string, fail error) error {
		return WriteFile(path, func(w io.Writer) error {
			if _, err := io.WriteString(w, s); err != nil {
				return err
			}
			return fail
		})
	}
	if err := put("old", nil); err != nil {
		t.Fatal(err)
	}
	full := errors.New("no space left on device")
	err := put(strings.Repeat("new", 100_000), full)
	if !errors.Is(err, full) || !strings.Contains(err.Error(), path) {
		t.Errorf("error %v does not name cause and path", err)
	}
	if b, _ := os.ReadFile(path); string(b) != "old" {
		t.Errorf("file is now %.20q", b)
	}
	onlyFile(t, dir, "f")

	if err := WriteFile(filepath.Join(dir, "none", "f"), nil); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("missing folder: %v", err)
	}
}

func TestRemoveUnfinished(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"step-1.safetensors", ".step-2.safetensors" + Mark + "17"} {
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := RemoveUnfinished(dir); err != nil {
		t.Fatal(err)
	}
	onlyFile(t, dir, "step-1.safetensors")
	if err := RemoveUnfinished(filepath.Join(dir, "none")); err != nil {
		t.Errorf("a folder that is not there: %v", err)
	}
}

// What a living process writes is not taken for what a dead one left; what a dead one
// left of the same path is gone after the next write.
func TestOnlyTheDeadAreCleanedUpAfter(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "f")
	dead := filepath.Join(dir, ".f"+Mark+"1")
	other := filepath.Join(dir, ".g"+Mark+"1")
	for _, p := range []string{dead, other} {
		if err := os.WriteFile(p, nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	deadFolder := filepath.Join(dir, ".run"+Mark+"1")
	if err := os.Mkdir(deadFolder, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(deadFolder, LockName), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	temp, lock, err := Folder(filepath.Join(dir, "run"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(deadFolder); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a folder that nobody fills any more: %v", err)
	}
	err = WriteFile(path, func(w io.Writer) error {
		if _, err := os.Stat(dead); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("a file that nobody writes any more: %v", err)
		}
		if err := RemoveUnfinished(dir); err != nil {
			t.Error(err)
		}
		_, err := io.WriteString(w, "whole")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if b, _ := os.ReadFile(path); string(b) != "whole" {
		t.Errorf("%q", b)
	}
	if _, err := os.Stat(temp); err != nil {
		t.Errorf("the folder that is being filled: %v", err)
	}
	lock.Close()
	if err := RemoveUnfinished(dir); err != nil {
		t.Fatal(err)
	}
	onlyFile(t, dir, "f")
}

func TestWritersOfOnePathDoNotRemoveEachOthers(t *testing.T) {
	path := filepath.Join(t.TempDir(), "f")
	var all sync.WaitGroup
	for range 16 {
		all.Go(func() {
			for range 20 {
				if err := WriteFile(path, func(w io.Writer) error { _, err := io.WriteString(w, "x"); return err }); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	onlyFile(t, filepath.Dir(path), "f")
}

func TestLimits(t *testing.T) {
	path := filepath.Join(t.TempDir(), "f")
	if err := os.WriteFile(path, []byte("12345"), 0o644); err != nil {
		t.Fatal(err)
	}
	ctx := context.Background()
	if b, err := ReadFile(ctx, path, 5); err != nil || string(b) != "12345" {
		t.Errorf("%q, %v", b, err)
	}
	if _, err := ReadFile(ctx, path, 4); !errors.Is(err, ErrTooLarge) || !strings.Contains(err.Error(), path) {
		t.Errorf("%v", err)
	}
	if _, err := ReadFile(ctx, path+"x", 4); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("%v", err)
	}
	if b, err := ReadAll(ctx, strings.NewReader("12345"), 5); err != nil || string(b) != "12345" {
		t.Errorf("%q, %v", b, err)
	}
	if _, err := ReadAll(ctx, strings.NewReader("123456"), 5); !errors.Is(err, ErrTooLarge) {
		t.Errorf("%v", err)
	}
	if runtime.GOOS == "windows" {
		return
	}
	if _, err := ReadFile(ctx, "/dev/zero", 1000); !errors.Is(err, ErrTooLarge) {
		t.Errorf("an endless file: %v", err)
	}
}

// A read that blocks ends with its context; what was read before is whole.
func TestABlockedReadIsLeft(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	in := Reader(ctx, r)
	want := bytes.Repeat([]byte("abc"), 100_000)
	go func() { _, _ = w.Write(want) }()
	got := make([]byte, len(want))
	if _, err := io.ReadFull(in, got); err != nil || !bytes.Equal(got, want) {
		t.Fatalf("%v", err)
	}
	time.AfterFunc(10*time.Millisecond, stop)
	if n, err := in.Read(got); n != 0 || !errors.Is(err, context.Canceled) {
		t.Errorf("%d, %v", n, err)
	}
	w.Close()
	r.Close()
}
