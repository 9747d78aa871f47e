package run

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rnnscope/rnnscope/finding"
	"github.com/rnnscope/rnnscope/train"
)

// finished is a trained run, closed.
func finished(t *testing.T) string {
	t.Helper()
	r := create(t)
	trained(t, r)
	closeRun(t, r)
	return r.Dir()
}

func remove(t *testing.T, parts ...string) {
	t.Helper()
	if err := os.RemoveAll(filepath.Join(parts...)); err != nil {
		t.Fatal(err)
	}
}

// A training whose state is lost is not started over in place of what it recorded.
func TestAMissingResumeFileLosesNothing(t *testing.T) {
	dir := finished(t)
	remove(t, dir, stepsName, resumeName)
	before := read(t, dir)
	w, err := OpenWriter(dir, "resume")
	if err != nil {
		t.Fatal(err)
	}
	_, _, err = w.Trainer(train.Extend{}, train.Options{})
	if !errors.Is(err, ErrNoResume) || !strings.Contains(err.Error(), "--step 60") || !strings.Contains(err.Error(), resumeName) {
		t.Errorf("%v", err)
	}
	closeRun(t, w)
	if d := cmp.Diff(before, read(t, dir)); d != "" {
		t.Errorf("the refusal changed the run:\n%.2000s", d)
	}

	// The newest snapshot is damaged: the one before is named.
	path := filepath.Join(dir, stepsName, "step-00000060.safetensors")
	if err := os.WriteFile(path, []byte("garbage, garbage"), 0o644); err != nil {
		t.Fatal(err)
	}
	if w, err = OpenWriter(dir, "resume"); err != nil {
		t.Fatal(err)
	}
	if _, _, err = w.Trainer(train.Extend{}, train.Options{}); !errors.Is(err, ErrNoResume) || !strings.Contains(err.Error(), "--step 30") {
		t.Errorf("%v", err)
	}
	if _, _, err = w.TrainerFrom(7, train.Extend{}, train.Options{}); err == nil || !strings.Contains(err.Error(), "--step 30") {
		t.Errorf("an older snapshot: %v", err)
	}
	tr, notes, err := w.TrainerFrom(30, train.Extend{}, train.Options{})
	if err != nil || len(notes) != 1 || tr.Step() != 30 {
		t.Fatalf("%v, %v", notes, err)
	}
	if err := tr.Run(context.Background(), w.Listener(train.Listener{})); err != nil {
		t.Fatal(err)
	}
	if _, _, err = w.TrainerFrom(60, train.Extend{}, train.Options{}); err == nil || !strings.Contains(err.Error(), "leave out --step") {
		t.Errorf("beside a whole resume file: %v", err)
	}
	closeRun(t, w)
	after := read(t, dir)
	for name, m := range before.Metrics {
		if len(after.Metrics[name]) != len(m) {
			t.Errorf("%s: %d figures, %d before", name, len(after.Metrics[name]), len(m))
		}
	}
	if d := cmp.Diff(before.Metrics[MetricTrainLoss][:30], after.Metrics[MetricTrainLoss][:30]); d != "" {
		t.Error(d)
	}
	if c, err := open(t, dir).Latest(); err != nil || c.Step != 60 {
		t.Errorf("%v, %v", c, err)
	}
}

// What a killed training recorded behind its last save is there until it is replaced.
func TestResumeRemovesNothingFirst(t *testing.T) {
	dir := finished(t)
	older := filepath.Join(t.TempDir(), "older")
	if err := trainIn(older, "", discard{}); err != nil {
		t.Fatal(err)
	}
	want := read(t, dir)
	w, err := OpenWriter(dir, "resume")
	if err != nil {
		t.Fatal(err)
	}
	s, err := w.LoadResume()
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := w.Trainer(train.Extend{}, train.Options{}); err != nil {
		t.Fatal(err)
	}
	closeRun(t, w)
	if d := cmp.Diff(want, read(t, dir)); d != "" || s.Step != 60 {
		t.Errorf("step %d: %.1000s", s.Step, d)
	}
}

type discard struct{}

func (discard) Write(p []byte) (int, error) { return len(p), nil }

// Every file of a run, missing: an error that names it, or a run that does without.
func TestEveryFileMissing(t *testing.T) {
	base := finished(t)
	whole, err := open(t, base).Latest()
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]struct {
		open, text, latest error
	}{
		dbName:                               {open: ErrNotRun},
		lockName:                             {},
		textName:                             {text: fs.ErrNotExist},
		figureName:                           {},
		stepsName:                            {latest: ErrNoCheckpoint},
		filepath.Join(stepsName, resumeName): {},
		filepath.Join(stepsName, "step-00000060.safetensors"): {}, // its weights are in the resume file
	} {
		dir := filepath.Join(t.TempDir(), "run")
		if err := os.CopyFS(dir, os.DirFS(base)); err != nil {
			t.Fatal(err)
		}
		remove(t, dir, name)
		r, err := Open(dir)
		if !errors.Is(err, want.open) {
			t.Errorf("%s: open %v", name, err)
		}
		if err != nil {
			continue
		}
		if _, err := r.Text(); !errors.Is(err, want.text) || err != nil && !strings.Contains(err.Error(), name) {
			t.Errorf("%s: text %v", name, err)
		}
		if c, err := r.Latest(); !errors.Is(err, want.latest) || err == nil && c.Step != 60 {
			t.Errorf("%s: latest %v", name, err)
		}
		closeRun(t, r)
		w, err := OpenWriter(dir, "again")
		if err != nil {
			t.Errorf("%s: writer %v", name, err)
			continue
		}
		if err := w.SaveWeights(whole); err != nil {
			t.Errorf("%s: weights cannot be written: %v", name, err)
		}
		closeRun(t, w)
	}
}

// One bad byte in one of the two files with the newest weights.
func TestLatestTakesWhatIsWhole(t *testing.T) {
	base := finished(t)
	for _, name := range []string{resumeName, "step-00000060.safetensors"} {
		dir := filepath.Join(t.TempDir(), "run")
		if err := os.CopyFS(dir, os.DirFS(base)); err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(dir, stepsName, name)
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		b[len(b)/2] ^= 1
		if err := os.WriteFile(path, b, 0o644); err != nil {
			t.Fatal(err)
		}
		r := open(t, dir)
		if c, err := r.Latest(); err != nil || c.Step != 60 {
			t.Errorf("%s: %v", name, err)
		}
		if notes := r.Notes(); len(notes) != 1 || !strings.Contains(notes[0], name) && !strings.Contains(notes[0], "step 60") {
			t.Errorf("%s: %q", name, notes)
		}
	}
}

// Rows written to a run that was removed, or replaced, are not called written.
func TestARunRemovedInTheMiddle(t *testing.T) {
	r := create(t)
	remove(t, r.Dir())
	if err := r.AddMetric(1, "loss", 1); err != nil {
		t.Fatal(err)
	}
	if err := r.Flush(); !errors.Is(err, ErrRemoved) {
		t.Errorf("%v", err)
	}
	if err := r.Close(); !errors.Is(err, ErrRemoved) {
		t.Errorf("Close: %v", err)
	}
}

// What is in run.db is input.
func TestForgedDatabases(t *testing.T) {
	base := finished(t)
	for _, c := range []struct{ says, sql string }{
		{"view", `ALTER TABLE views RENAME TO old; CREATE VIEW views AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT 'a' || i AS name, '{}' AS json, 1 AS session FROM n`},
		{"trigger", `CREATE TRIGGER t AFTER INSERT ON metrics BEGIN DELETE FROM samples; END`},
		{"no table findings", `DROP TABLE findings`},
		{"no settings", `DELETE FROM meta`},
		{"settings", `UPDATE meta SET value = '{'`},
		{"alphabet", `UPDATE meta SET value = json_remove(value, '$.alphabet')`},
		{"alphabet", `UPDATE meta SET value = json_set(value, '$.alphabet.symbols[0]', 'two')`},
		{"split", `UPDATE meta SET value = json_set(value, '$.split.test.hi', 1e9)`},
		{"split", `UPDATE meta SET value = json_set(value, '$.split.train.lo', -1)`},
		{"split", `UPDATE meta SET value = json_set(value, '$.split.val.lo', 1)`},
		{"empty", `UPDATE meta SET value = json_set(value, '$.split.val.hi', json_extract(value, '$.split.val.lo'))`},
		{"characters", `UPDATE meta SET value = json_set(value, '$.bytes', 1000000000000000)`},
		{"characters", `UPDATE meta SET value = json_set(value, '$.symbols', -5)`},
		{"SHA-256", `UPDATE meta SET value = json_set(value, '$.sha256', 'abc')`},
		{"symbols for an alphabet", `UPDATE meta SET value = json_set(value, '$.config.model.vocab', 5)`},
		{"units", `UPDATE meta SET value = json_set(value, '$.config.model.hidden', -5)`},
		{"weights", `UPDATE meta SET value = json_set(value, '$.config.model.hidden', 1000000000)`},
		{"streams", `UPDATE meta SET value = json_set(value, '$.config.batch', 0)`},
		{"iterations", `UPDATE meta SET value = json_set(value, '$.config.iterations', 9223372036854775807)`},
		{"samples of", `UPDATE meta SET value = json_set(value, '$.config.samples.length', 1000000000000)`},
		{"without a text", `UPDATE meta SET value = json_set(value, '$.sha256', '')`},
	} {
		dir := filepath.Join(t.TempDir(), "run")
		if err := os.CopyFS(dir, os.DirFS(base)); err != nil {
			t.Fatal(err)
		}
		db, err := openDB(filepath.Join(dir, dbName), "rw")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := db.Exec(c.sql); err != nil {
			t.Fatalf("%s: %v", c.sql, err)
		}
		db.Close()
		for name, open := range map[string]func() (*Run, error){"reader": func() (*Run, error) { return Open(dir) }, "writer": func() (*Run, error) { return OpenWriter(dir, "x") }} {
			if _, err := open(); !errors.Is(err, ErrCorrupt) || !strings.Contains(err.Error(), c.says) || !strings.Contains(err.Error(), dir) {
				t.Errorf("%s: %s: %v", c.sql, name, err)
			}
		}
	}
}

// A result that another program keeps from being written is not written later either, and
// rows of a training wait.
func TestADatabaseThatIsHeld(t *testing.T) {
	defer func(was time.Duration) { busyTimeout = was }(busyTimeout)
	busyTimeout = 20 * time.Millisecond
	r := create(t)
	db, err := openDB(filepath.Join(r.Dir(), dbName), "rw")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	tx, err := db.Begin()
	if err != nil {
		t.Fatal(err)
	}
	var n int
	if err := tx.QueryRow("SELECT count(*) FROM metrics").Scan(&n); err != nil { // a read transaction
		t.Fatal(err)
	}
	rows := 2 * queueRows
	if testing.Short() {
		rows = queueRows + 30 // every one beyond the queue tries to write all before it
	}
	for i := range rows {
		if err := r.AddMetric(int64(i), "loss", 1); err != nil {
			t.Fatalf("row %d: %v", i, err)
		}
	}
	if err := r.Flush(); !errors.Is(err, ErrBusy) {
		t.Errorf("%v", err)
	}
	if err := tx.Rollback(); err != nil {
		t.Fatal(err)
	}
	if m, err := r.Metrics("loss"); err != nil || len(m) != rows {
		t.Errorf("%d rows came, %v", len(m), err)
	}
	if tx, err = db.Begin(); err != nil {
		t.Fatal(err)
	}
	if err := tx.QueryRow("SELECT count(*) FROM metrics").Scan(&n); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(r.PutView(finding.Unknown, "v", 1), r.Keep()); !errors.Is(err, ErrBusy) {
		t.Errorf("%v", err)
	}
	if err := tx.Rollback(); err != nil {
		t.Fatal(err)
	}
	closeRun(t, r)
	if names, err := open(t, r.Dir()).Views(); err != nil || len(names) != 0 {
		t.Errorf("%v, %v", names, err)
	}
}

func TestATableThatIsGone(t *testing.T) {
	r := create(t)
	if _, err := r.db.Exec("DROP TABLE views"); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(r.PutView(finding.Unknown, "v", 1), r.Keep()); !errors.Is(err, ErrCorrupt) {
		t.Errorf("%v", err)
	}
	closeRun(t, r)
}
