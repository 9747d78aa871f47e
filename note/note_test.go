package note

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/rnnscope/rnnscope/internal/durable"
)

func TestKeptChangedRemoved(t *testing.T) {
	ctx, dir := context.Background(), t.TempDir()
	if all, err := Read(ctx, dir); err != nil || len(all) != 0 {
		t.Fatalf("of nothing: %v, %v", all, err)
	}
	place, err := Put(ctx, dir, Note{At: 120, Length: 3, Text: "\"a\n", Step: 5, Comment: "two\r\nlines\x00\x1b[31m"})
	if err != nil || place.Unit != -1 || place.Comment != "two\nlines[31m" {
		t.Fatalf("%+v, %v", place, err)
	}
	unit, err := Put(ctx, dir, Note{Site: "l0.c", Unit: 3, At: -1, Step: -1, Label: " quote\ncell "})
	if err != nil || unit.Label != "quote cell" || unit.ID == place.ID {
		t.Fatalf("%+v, %v", unit, err)
	}
	changed := unit
	changed.Label = "引号 cell"
	if changed, err = Put(ctx, dir, changed); err != nil {
		t.Fatal(err)
	}
	all, err := Read(ctx, dir)
	if err != nil || len(all) != 2 || all[0] != changed || all[1] != place || !all[0].OfUnit() || !all[1].OfPlace() {
		t.Fatalf("%+v, %v", all, err)
	}
	if err := Remove(ctx, dir, place.ID); err != nil {
		t.Fatal(err)
	}
	if err := Remove(ctx, dir, place.ID); !errors.Is(err, ErrNoNote) {
		t.Errorf("removed twice: %v", err)
	}
	if _, err := Put(ctx, dir, place); !errors.Is(err, ErrNoNote) {
		t.Errorf("a note that is gone was changed: %v", err)
	}
}

func TestRefused(t *testing.T) {
	ctx, dir := context.Background(), t.TempDir()
	for name, n := range map[string]Note{
		"about nothing": {At: -1, Label: "x"}, "says nothing": {At: 1, Length: 1, Label: " \x00 "}, "no site": {Site: "../x", Label: "x", At: -1},
		"unit": {Site: "l0.h", Unit: -2, Label: "x", At: -1}, "no length": {At: 4, Label: "x"}, "long": {At: 1, Length: 1, Label: strings.Repeat("x", MostLabel+1)},
	} {
		if _, err := Put(ctx, dir, n); !errors.Is(err, ErrInput) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := os.Stat(filepath.Join(dir, FileName)); err == nil {
		t.Error("what was refused was written")
	}
}

// Writers beside each other, as several servers would be, lose nothing of one another.
func TestWritersBesideEachOther(t *testing.T) {
	ctx, dir := context.Background(), t.TempDir()
	const writers, each = 6, 8
	var wg sync.WaitGroup
	for w := range writers {
		wg.Go(func() {
			for i := range each {
				if _, err := Put(ctx, dir, Note{At: w*1000 + i, Length: 1, Label: fmt.Sprint(w, i)}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	if all, err := Read(ctx, dir); err != nil || len(all) != writers*each {
		t.Fatalf("%d notes, %v", len(all), err)
	}
}

// A training holds the lock of its run for hours; notes have one of their own.
func TestATrainingKeepsNobodyFromNoting(t *testing.T) {
	ctx, dir := context.Background(), t.TempDir()
	f, err := os.Create(filepath.Join(dir, durable.LockName))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := durable.TryLock(f); err != nil {
		t.Fatal(err)
	}
	if _, err := Put(ctx, dir, Note{At: 0, Length: 1, Label: "x"}); err != nil {
		t.Fatal(err)
	}
}

func TestDamaged(t *testing.T) {
	ctx := context.Background()
	for name, content := range map[string]string{"cut": `[{"id":"a"`, "no list": `{}`, "about nothing": `[{"id":"a","at":-1,"label":"x"}]`} {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, FileName), []byte(content), 0o666); err != nil {
			t.Fatal(err)
		}
		if _, err := Read(ctx, dir); !errors.Is(err, ErrCorrupt) {
			t.Errorf("%s: %v", name, err)
		}
		// Nothing is written over what could not be read.
		if _, err := Put(ctx, dir, Note{At: 0, Length: 1, Label: "x"}); !errors.Is(err, ErrCorrupt) {
			t.Errorf("%s: written over: %v", name, err)
		}
		if b, _ := os.ReadFile(filepath.Join(dir, FileName)); string(b) != content {
			t.Errorf("%s: now %q", name, b)
		}
	}
	dir, outside := t.TempDir(), filepath.Join(t.TempDir(), "secret")
	if err := os.Symlink(outside, filepath.Join(dir, LockName)); err != nil {
		t.Skip("no links on this system")
	}
	if _, err := Put(ctx, dir, Note{At: 0, Length: 1, Label: "x"}); !errors.Is(err, ErrCorrupt) {
		t.Errorf("through a link: %v", err)
	}
	if _, err := os.Stat(outside); err == nil {
		t.Error("a link was followed out of the run")
	}
}

func FuzzRead(f *testing.F) {
	f.Add([]byte(`[{"id":"a","site":"l0.h","unit":2,"at":-1,"label":"x"}]`))
	f.Fuzz(func(t *testing.T, b []byte) {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, FileName), b, 0o666); err != nil {
			t.Fatal(err)
		}
		all, err := Read(context.Background(), dir)
		if err != nil {
			return
		}
		for _, n := range all {
			if n.check() != nil {
				t.Errorf("a note that cannot be kept was read: %+v", n)
			}
		}
		if _, err := json.Marshal(all); err != nil {
			t.Error(err)
		}
	})
}
