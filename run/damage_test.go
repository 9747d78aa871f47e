package run

import (
	"errors"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/rnnscope/rnnscope/checkpoint"
	"github.com/rnnscope/rnnscope/finding"
	"github.com/rnnscope/rnnscope/train"
)

func TestCreateNeverOverwrites(t *testing.T) {
	c, i := corpus(t)
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, []byte("precious"), 0o644); err != nil {
		t.Fatal(err)
	}
	empty := filepath.Join(dir, "empty")
	if err := os.Mkdir(empty, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{file, empty, dir} {
		if _, err := Create(path, i, c); !errors.Is(err, ErrExists) || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: %v", path, err)
		}
	}
	if b, _ := os.ReadFile(file); string(b) != "precious" {
		t.Errorf("the file is now %q", b)
	}
	r, err := Create(filepath.Join(dir, "new", "nested"), i, c)
	if err != nil {
		t.Fatal(err)
	}
	closeRun(t, r)
	entries, err := os.ReadDir(filepath.Join(dir, "new"))
	if err != nil || len(entries) != 1 {
		t.Errorf("beside the run lies %v (%v)", entries, err)
	}
}

func TestCreateWithoutPermission(t *testing.T) {
	if os.Geteuid() == 0 || runtime.GOOS == "windows" {
		t.Skip("permissions do not bind root, and work differently on Windows")
	}
	dir := t.TempDir()
	if err := os.Chmod(dir, 0o555); err != nil {
		t.Fatal(err)
	}
	c, i := corpus(t)
	if _, err := Create(filepath.Join(dir, "run"), i, c); !errors.Is(err, fs.ErrPermission) {
		t.Errorf("%v", err)
	}
}

func TestOneWriterManyReaders(t *testing.T) {
	r := create(t)
	if err := r.AddMetric(1, "loss", 2); err != nil {
		t.Fatal(err)
	}
	if err := r.Flush(); err != nil {
		t.Fatal(err)
	}
	if _, err := OpenWriter(r.Dir(), "second"); !errors.Is(err, ErrLocked) {
		t.Errorf("a second writer: %v", err)
	}
	reader := open(t, r.Dir())
	if m, err := reader.Metrics("loss"); err != nil || len(m) != 1 {
		t.Errorf("a reader beside the writer: %v, %v", m, err)
	}
	for name, err := range map[string]error{
		"metric":  reader.AddMetric(1, "loss", 3),
		"view":    reader.PutView(finding.Unknown, "x", 1),
		"weights": reader.SaveWeights(&checkpoint.Checkpoint{}),
		"resume":  reader.SaveResume(&checkpoint.Resume{}),
	} {
		if !errors.Is(err, ErrReadOnly) {
			t.Errorf("%s written by a reader: %v", name, err)
		}
	}
	closeRun(t, r)
	again, err := OpenWriter(r.Dir(), "third")
	if err != nil {
		t.Fatalf("after the writer closed: %v", err)
	}
	closeRun(t, again)
	if err := again.AddMetric(1, "x", 1); !errors.Is(err, ErrReadOnly) {
		t.Errorf("write after close: %v", err)
	}
	if _, err := again.Metrics("x"); err == nil {
		t.Error("read after close succeeded")
	}
}

func TestReadOnlyDirectory(t *testing.T) {
	r := create(t)
	trained(t, r)
	closeRun(t, r)
	for _, p := range []string{filepath.Join(r.Dir(), dbName), r.Dir()} {
		if err := os.Chmod(p, 0o555); err != nil {
			t.Fatal(err)
		}
	}
	t.Cleanup(func() { os.Chmod(r.Dir(), 0o755) })
	got := open(t, r.Dir())
	if m, err := got.Metrics(MetricValLoss); err != nil || len(m) == 0 {
		t.Errorf("%v, %v", m, err)
	}
}

func TestNothingTrainedYet(t *testing.T) {
	r := create(t)
	if _, err := r.Latest(); !errors.Is(err, ErrNoCheckpoint) {
		t.Errorf("latest: %v", err)
	}
	if _, err := r.LoadResume(); !errors.Is(err, ErrNoCheckpoint) {
		t.Errorf("resume: %v", err)
	}
	if err := r.AddMetric(1, "loss", math.NaN()); !errors.Is(err, checkpoint.ErrNotFinite) {
		t.Errorf("a metric that is NaN: %v", err)
	}
}

func TestDamage(t *testing.T) {
	fresh := func() string {
		r := create(t)
		trained(t, r)
		closeRun(t, r)
		return r.Dir()
	}
	write := func(path string, b []byte) {
		if err := os.WriteFile(path, b, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	base := fresh()
	twin := func() string {
		dir := filepath.Join(t.TempDir(), "run")
		if err := os.CopyFS(dir, os.DirFS(base)); err != nil {
			t.Fatal(err)
		}
		return dir
	}

	if _, err := Open(filepath.Join(t.TempDir(), "none")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no directory: %v", err)
	}
	if _, err := Open(t.TempDir()); !errors.Is(err, ErrNotRun) {
		t.Errorf("an empty directory: %v", err)
	}
	file := filepath.Join(t.TempDir(), "file")
	write(file, nil)
	if _, err := Open(file); !errors.Is(err, ErrNotRun) {
		t.Errorf("a file: %v", err)
	}
	for name, b := range map[string][]byte{"empty": {}, "text": []byte(strings.Repeat("not a database ", 1000))} {
		dir := twin()
		write(filepath.Join(dir, dbName), b)
		if _, err := Open(dir); !errors.Is(err, ErrCorrupt) && !errors.Is(err, ErrNotRun) {
			t.Errorf("%s database: %v", name, err)
		}
	}
	dir := twin()
	db, err := openDB(filepath.Join(dir, dbName), "rw")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.Exec("PRAGMA user_version = 99"); err != nil {
		t.Fatal(err)
	}
	db.Close()
	if _, err := Open(dir); !errors.Is(err, ErrNewer) {
		t.Errorf("a newer schema: %v", err)
	}

	dir = twin()
	b, err := os.ReadFile(filepath.Join(dir, textName))
	if err != nil {
		t.Fatal(err)
	}
	b[len(b)/2] ^= 4
	write(filepath.Join(dir, textName), b)
	if _, err := open(t, dir).Text(); !errors.Is(err, ErrCorrupt) {
		t.Errorf("a damaged text: %v", err)
	}
	if err := os.Remove(filepath.Join(dir, textName)); err != nil {
		t.Fatal(err)
	}
	if _, err := open(t, dir).Text(); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a missing text: %v", err)
	}

	dir = twin()
	write(filepath.Join(dir, stepsName, resumeName), []byte("garbage, garbage"))
	w, err := OpenWriter(dir, "resume")
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	if _, _, err := w.Trainer(train.Extend{}, train.Options{}); !errors.Is(err, checkpoint.ErrForeign) {
		t.Errorf("a damaged resume file: %v", err)
	}
	if m, err := w.Metrics(MetricTrainLoss); err != nil || len(m) != 60 {
		t.Errorf("a resume that failed removed rows: %d left (%v)", len(m), err)
	}
}

// SQLite says of a full disk and of a database at its page limit the same.
func TestAFullDisk(t *testing.T) {
	r := create(t)
	if err := r.AddMetric(1, "loss", 1); err != nil {
		t.Fatal(err)
	}
	if err := r.Flush(); err != nil {
		t.Fatal(err)
	}
	if _, err := r.db.Exec("PRAGMA max_page_count = 20"); err != nil {
		t.Fatal(err)
	}
	err := r.PutView(finding.Unknown, "big", strings.Repeat("x", 1<<20))
	if err == nil {
		err = r.Flush()
	}
	if err == nil || !strings.Contains(err.Error(), "disk is full") || !strings.Contains(err.Error(), r.Dir()) || strings.Contains(err.Error(), "\n") {
		t.Errorf("a full disk: %v", err)
	}
	if err := r.Close(); err == nil {
		t.Error("Close did not say that rows are lost")
	}
	if m, err := open(t, r.Dir()).Metrics("loss"); err != nil || len(m) != 1 {
		t.Errorf("what was written before: %v, %v", m, err)
	}
}
