package durable

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

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
	for _, name := range []string{"step-1.safetensors", ".step-2.safetensors" + tempMark + "17"} {
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := RemoveUnfinished(dir); err != nil {
		t.Fatal(err)
	}
	onlyFile(t, dir, "step-1.safetensors")
}
