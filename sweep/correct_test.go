package sweep

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// TestCorrectedGrid: a cell that failed for its settings is put right, what is finished stays
// and is not done again; a grid that changes what is finished is another sweep.
func TestCorrectedGrid(t *testing.T) {
	dir := t.TempDir()
	open := func(grid string) (*Sweep, error) { return Open(dir, []byte(grid), "avx2") }
	worked := map[string]int{}
	run := func(s *Sweep) {
		t.Helper()
		err := s.Run(context.Background(), Options{Parallel: 1, Only: -1, Poll: time.Millisecond}, func(_ context.Context, c Cell, dir string, _ func() int) (*Outcome, error) {
			worked[c.Name]++
			if err := os.MkdirAll(dir, 0o755); err != nil {
				return nil, err
			}
			if c.Flags[0].Values[0] == "9999" {
				return nil, errors.New("too large")
			}
			return &Outcome{Step: 1}, nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	s, err := open("text: synth:novel\ntrain: {hidden: [4, 9999]}\nretries: 0\n")
	if err != nil {
		t.Fatal(err)
	}
	run(s)
	if f, _ := s.Failures(); len(f) != 1 {
		t.Fatalf("failures %v", f)
	}
	if s, err = open("text: synth:novel\ntrain: {hidden: [4, 8, 16]}\nretries: 0\n"); err != nil {
		t.Fatal(err)
	}
	run(s)
	out, err := s.Outcomes()
	if f, _ := s.Failures(); err != nil || len(out) != 3 || len(f) != 0 || worked["hidden4"] != 1 {
		t.Errorf("%d done, failures %v, hidden4 was worked on %d times, %v", len(out), f, worked["hidden4"], err)
	}
	if _, err := os.Stat(filepath.Join(dir, "replaced", "hidden9999.1")); err != nil {
		t.Errorf("the run that was replaced is lost: %v", err)
	}
	for _, other := range []string{"text: synth:novel\ntrain: {hidden: [8, 16]}\n", "text: synth:wiki\ntrain: {hidden: [4, 8, 16]}\n", "text: synth:novel\ntrain: {hidden: [4, 8, 16]}\nmeasures: [memory]\n"} {
		if _, err := open(other); !errors.Is(err, ErrOther) {
			t.Errorf("%q: %v", other, err)
		}
	}
}
