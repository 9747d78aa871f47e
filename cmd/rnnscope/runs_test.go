package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rnnscope/rnnscope/cmd/rnnscope/console"
)

// TestUnwritableRun: in a run that cannot be written, whoever owns it, what only keeps its
// answer there warns in one line and answers all the same; what is for writing is refused.
func TestUnwritableRun(t *testing.T) {
	if os.Geteuid() <= 0 {
		t.Skip("the superuser may write everywhere, and on Windows permissions are others")
	}
	for name, deny := range map[string]func(dir string) error{
		"directory": func(dir string) error { return os.Chmod(dir, 0o500) },
		"files": func(dir string) error {
			for _, f := range []string{"run.lock", "run.db"} {
				if err := os.Chmod(filepath.Join(dir, f), 0o400); err != nil {
					return err
				}
			}
			return nil
		},
	} {
		t.Run(name, func(t *testing.T) {
			dir := smallRun(t)
			commands := [][]string{
				{"evolution", dir},
				{"dissect", dir, "--concepts", "capital", "--untrained", "0"},
				{"memory", dir, "--kinds", "paren", "--suites", "none", "--order", "3"},
				{"patch", dir, "--clean", "(a", "--corrupt", "ea"},
				{"ablate", dir, "--concepts", "capital-next", "--characters", "1000", "--top", "1"},
				{"steer", dir, "--unit", "l0.c3", "--concept", "capital-next", "--characters", "1000", "-n", "0"},
			}
			var want []string
			for _, c := range commands {
				want = append(want, mustRun(t, append([]string{"-q"}, c...)...).out)
			}
			if err := deny(dir); err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { os.Chmod(dir, 0o700) })
			for i, c := range commands {
				a := mustRun(t, append([]string{"-q"}, c...)...)
				if a.out != want[i] {
					t.Errorf("%s answers otherwise:\n%s\n%s", c[0], want[i], a.out)
				}
				if strings.Count(a.err, "\n") != 1 || !strings.Contains(a.err, "printed and not kept") {
					t.Errorf("%s warns %q", c[0], a.err)
				}
			}
			for _, c := range [][]string{{"resume", dir, "--iterations", "40"}, {"evolution", dir, "--refine"}, {"report", dir}} {
				if a := rnnscope(t, "", append([]string{"-q"}, c...)...); a.status != console.ExitFailed || strings.Count(a.err, "\n") != 1 {
					t.Errorf("%v: exit %d, %q", c, a.status, a.err)
				}
			}
			mustRun(t, "-q", "report", dir, "--out", filepath.Join(t.TempDir(), "page"))
			if a := mustRun(t, "-q", "dissect", dir, "--matrix", filepath.Join(t.TempDir(), "matrix.json")); a.err != "" {
				t.Errorf("dissect --matrix, which keeps nothing in the run, warns %q", a.err)
			}
		})
	}
}

// TestReportElsewhere: with --out the run is only read, and the page is the same.
func TestReportElsewhere(t *testing.T) {
	apart(t)
	dir := smallRun(t)
	mustRun(t, "-q", "report", dir)
	own, err := os.ReadFile(filepath.Join(dir, "report.html"))
	if err != nil {
		t.Fatal(err)
	}
	db, err := os.ReadFile(filepath.Join(dir, "run.db"))
	if err != nil {
		t.Fatal(err)
	}
	out := filepath.Join(t.TempDir(), "some", "page")
	if a := mustRun(t, "-q", "report", dir, "--out", out); strings.TrimSpace(a.out) != filepath.Join(out, "report.html") {
		t.Error(a.out)
	}
	other, err := os.ReadFile(filepath.Join(out, "report.html"))
	if err != nil || !bytes.Equal(own, other) {
		t.Errorf("the page is another one: %v", err)
	}
	figures, err := os.ReadDir(filepath.Join(out, "figures"))
	if err != nil || len(figures) == 0 {
		t.Errorf("no figures: %v", err)
	}
	if after, err := os.ReadFile(filepath.Join(dir, "run.db")); err != nil || !bytes.Equal(db, after) {
		t.Errorf("the run was written: %v", err)
	}
}
