package run

import (
	"archive/tar"
	"compress/gzip"
	"database/sql"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/rnnscope/rnnscope/finding"
)

func ownSubject(r *Run, step int64) finding.Subject {
	i := r.Info()
	return finding.Subject{Text: i.Name, SHA256: i.SHA256, Step: step, Split: finding.ParseSplit("test of " + i.Split.Name), Weights: strings.Repeat("ab", 32)}
}

// TestSubjectsLieSideBySide: what is measured on another text, or at another step, replaces nothing.
func TestSubjectsLieSideBySide(t *testing.T) {
	r := create(t)
	defer r.Close()
	own, early := ownSubject(r, 60), ownSubject(r, 7)
	other := finding.Subject{Text: "texts/other.txt", SHA256: strings.Repeat("cd", 32), Step: 60, Split: finding.ParseSplit("odd of alternating blocks, 500-character guards"), Weights: own.Weights}
	put := func(s finding.Subject, estimate float64) {
		t.Helper()
		err := errors.Join(r.PutView(s, "dissect", estimate), r.SetFindings(s, "dissect", []finding.Finding{{Metric: "auroc", Unit: finding.NoUnit, Estimate: estimate}}))
		if err != nil {
			t.Fatal(err)
		}
	}
	put(own, 1)
	put(other, 2)
	put(early, 3)
	step := func(n int64) *int64 { return &n }
	for _, c := range []struct {
		want Want
		says float64
		on   finding.Subject
	}{
		{Want{}, 1, own}, {Want{Step: step(7)}, 3, early}, {Want{Text: "other.txt"}, 2, other}, {Want{Text: "texts/other.txt", Step: step(60)}, 2, other},
		{Want{Text: "cdcdcdcd"}, 2, other}, {Want{Text: own.Text}, 1, own},
	} {
		var view float64
		on, err := r.View("dissect", c.want, &view)
		if err != nil || view != c.says || on != c.on {
			t.Errorf("%v: view %v of %v, %v", c.want, view, on, err)
		}
		found, err := r.Findings("", c.want)
		if err != nil || len(found) != 1 || found[0].Estimate != c.says || found[0].Subject != c.on {
			t.Errorf("%v: findings %+v, %v", c.want, found, err)
		}
	}
	_, err := r.Choose("dissect", Want{Text: "other.txt", Step: step(7)})
	if !errors.Is(err, ErrNoView) || !strings.Contains(err.Error(), "texts/other.txt") {
		t.Errorf("what is not there: %v", err)
	}

	put(own, 4) // the same subject: in place of the older one
	renamed := other
	renamed.Text = "elsewhere/other.txt" // the same text under another name
	put(renamed, 5)
	all, err := r.Subjects("dissect")
	if err != nil || len(all) != 3 || !slices.Contains(all, renamed) {
		t.Errorf("subjects %v, %v", all, err)
	}
	var view float64
	if _, err := r.View("dissect", Want{}, &view); err != nil || view != 4 {
		t.Errorf("the newer of one subject: %v, %v", view, err)
	}
}

// TestWithoutTheOwnText: where the run's own text was not measured, what was measured last is shown.
func TestWithoutTheOwnText(t *testing.T) {
	r := create(t)
	defer r.Close()
	for i, name := range []string{"a.txt", "b.txt"} {
		s := finding.Subject{Text: name, SHA256: strings.Repeat(name[:1], 64), Step: 60}
		if err := r.PutView(s, "memory", i); err != nil {
			t.Fatal(err)
		}
	}
	s, err := r.Choose("memory", Want{})
	if err != nil || s.Text != "b.txt" {
		t.Errorf("%v, %v", s, err)
	}
}

// older unpacks the run that testdata/README.md speaks of.
func older(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	f, err := os.Open("testdata/schema1.tar.gz")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	for files := tar.NewReader(z); ; {
		h, err := files.Next()
		if err == io.EOF {
			return filepath.Join(dir, "run")
		}
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(dir, filepath.FromSlash(h.Name))
		if h.Typeflag == tar.TypeDir {
			err = os.MkdirAll(path, 0o755)
		} else {
			var b []byte
			if b, err = io.ReadAll(files); err == nil {
				err = os.WriteFile(path, b, 0o644)
			}
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

// records reads what a run of schema 1 holds, with SQL.
func oldRecords(t *testing.T, dir string) (views map[string]string, estimates map[string][]sql.NullFloat64) {
	t.Helper()
	db, err := openDB(filepath.Join(dir, dbName), "ro")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	views, estimates = map[string]string{}, map[string][]sql.NullFloat64{}
	rows, err := db.Query("SELECT name, json FROM views")
	if err != nil {
		t.Fatal(err)
	}
	for rows.Next() {
		var name, json string
		if err := rows.Scan(&name, &json); err != nil {
			t.Fatal(err)
		}
		views[name] = json
	}
	rows.Close()
	if rows, err = db.Query("SELECT source, estimate FROM findings ORDER BY id"); err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var source string
		var x sql.NullFloat64
		if err := rows.Scan(&source, &x); err != nil {
			t.Fatal(err)
		}
		estimates[source] = append(estimates[source], x)
	}
	return views, estimates
}

// TestAnOlderRunOpens: to be read, which changes nothing on the disk, and to be written, which brings
// it to today's schema; nothing is lost, every name is one of today's, and what nobody knows is told.
func TestAnOlderRunOpens(t *testing.T) {
	dir := older(t)
	views, estimates := oldRecords(t, dir)
	before, err := os.ReadFile(filepath.Join(dir, dbName))
	if err != nil {
		t.Fatal(err)
	}
	reader, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	checkMigrated(t, reader, views, estimates)
	reader.Close()
	if after, err := os.ReadFile(filepath.Join(dir, dbName)); err != nil || string(after) != string(before) {
		t.Fatalf("reading changed run.db (%v)", err)
	}
	writer, err := OpenWriter(dir, "rnnscope dissect run")
	if err != nil {
		t.Fatal(err)
	}
	checkMigrated(t, writer, views, estimates)
	own := ownSubject(writer, 20)
	if err := writer.PutView(own, "dissect", map[string]string{"text": "now"}); err != nil {
		t.Fatal(err)
	}
	writer.Close()
	again, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close()
	if s, err := again.Choose("dissect", Want{}); err != nil || s != own {
		t.Errorf("after measuring again: %v, %v", s, err)
	}
	if all, err := again.Subjects("dissect"); err != nil || len(all) != 2 {
		t.Errorf("the older result is gone: %v, %v", all, err)
	}
	if got, want := tablesOf(t, dir), tablesOf(t, newRun(t)); got != want {
		t.Errorf("tables of a migrated run differ (-new +migrated):\n%s", cmp.Diff(want, got))
	}
}

func newRun(t *testing.T) string {
	r := create(t)
	defer r.Close()
	return r.Dir()
}

func tablesOf(t *testing.T, dir string) string {
	t.Helper()
	db, err := openDB(filepath.Join(dir, dbName), "ro")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var out string
	q := "SELECT group_concat(sql, char(10)) FROM (SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY name)"
	if err := db.QueryRow(q).Scan(&out); err != nil {
		t.Fatal(err)
	}
	return out
}

func checkMigrated(t *testing.T, r *Run, views map[string]string, estimates map[string][]sql.NullFloat64) {
	t.Helper()
	names, err := r.Views()
	if err != nil || len(names) != len(views) {
		t.Fatalf("views %v, %v", names, err)
	}
	for name, want := range views {
		s, err := r.Choose(name, Want{})
		if err != nil {
			t.Fatal(err)
		}
		got, err := r.ViewJSON(s, name)
		if err != nil || string(got) != want {
			t.Errorf("view %s differs, %v", name, err)
		}
		if gaps := s.Gaps(); len(gaps) == 0 && s.Step != finding.EveryStep {
			t.Errorf("view %s: everything is known of %v", name, s)
		}
	}
	if s, _ := r.Choose("dissect", Want{}); s.Text != "synth:novel" || s.Step != finding.UnknownStep || s.Split.Rule != finding.Alternating {
		t.Errorf("what the view said of its subject: %+v", s)
	}
	for source, want := range estimates {
		found, err := r.Findings(source, Want{})
		var got []sql.NullFloat64
		for _, f := range found {
			got = append(got, sql.NullFloat64{Float64: f.Estimate, Valid: f.Estimate == f.Estimate})
			if _, ok := finding.Lookup(f.Metric); !ok {
				t.Errorf("%s: %q is no metric of today (%q)", source, f.Metric, f.Concept)
			}
			if f.Metric == "used" && f.Verdict == "" {
				t.Errorf("used without a verdict: %+v", f)
			}
		}
		for i := range got {
			if !got[i].Valid {
				got[i].Float64 = 0
			}
		}
		if d := cmp.Diff(want, got, cmpopts.EquateNaNs()); d != "" || err != nil {
			t.Errorf("findings of %s: %v\n%s", source, err, d)
		}
	}
}
