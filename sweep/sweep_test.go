package sweep

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const small = `text: [a.txt, "synth:novel"]
train:
  cell: [lstm, gru]
  lr: 1e-3
  seed: [1, 2, 3]
measures: [dissect --untrained 5]
retries: 1
`

func TestCells(t *testing.T) {
	g, err := Parse([]byte(small))
	if err != nil {
		t.Fatal(err)
	}
	cells := g.Cells()
	if len(cells) != 12 || !slices.Equal(g.Axes(), []string{"text", "cell", "seed"}) {
		t.Fatalf("%d cells, axes %q", len(cells), g.Axes())
	}
	c := cells[10]
	if c.Index != 10 || c.Name != "synth_novel-gru-seed2" || c.Text != "synth:novel" || c.Flags[0].Values[0] != "gru" || c.Flags[1].Values[0] != "1e-3" {
		t.Errorf("cell 10: %+v", c)
	}
	if one, err := Parse([]byte("text: x\n")); err != nil || len(one.Cells()) != 1 || one.Cells()[0].Name != "run" {
		t.Errorf("a grid of one: %+v, %v", one, err)
	}
}

func TestBadGrids(t *testing.T) {
	for text, want := range map[string]string{
		"":                                   "empty",
		"text: [a, a]\n":                     "twice",
		"text: []\n":                         "empty",
		"text: a\nepochs: 3\n":               "epochs",
		"text: a\ntrain: {out: x}\n":         "sets it",
		"text: a\ntrain: {seed: {a: 1}}\n":   "list of values",
		"text: a\ntrain: {Seed: 1}\n":        "no flag",
		"text: a\nretries: -1\n":             "retries",
		"text: [a, b\n":                      "",
		"text: [a/b, a:b]\n":                 "both be called",
		"text: a\nmeasures: [\" \"]\n":       "empty one",
		"text: a\nmeasures: [a b, a  b]\n":   "twice",
		strings.Repeat("#", mostBytes+1):     "bytes",
		"text: a\ntrain: {" + wide() + "}\n": "more than",
	} {
		if _, err := Parse([]byte(text)); !errors.Is(err, ErrGrid) || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%.40q: %v, want %q", text, err, want)
		}
	}
}

// wide is six axes of ten values.
func wide() string {
	var axes []string
	for a := range 6 {
		axes = append(axes, fmt.Sprintf("a%d: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]", a))
	}
	return strings.Join(axes, ", ")
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(small))
	f.Fuzz(func(t *testing.T, b []byte) {
		g, err := Parse(b)
		if err != nil {
			if !errors.Is(err, ErrGrid) {
				t.Fatal(err)
			}
			return
		}
		for _, c := range g.Cells() {
			if !filepath.IsLocal(c.Name) || strings.ContainsAny(c.Name, "/\\") || len(c.Axes) != len(g.Axes()) {
				t.Fatalf("cell %+v", c)
			}
		}
	})
}

func open(t *testing.T, dir string) *Sweep {
	t.Helper()
	s, err := Open(dir, []byte(small), "go")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// outcome is what the work of these tests comes to: a function of the cell.
func outcome(c Cell) *Outcome {
	return &Outcome{Step: 5, Validation: float64(c.Index), Test: float64(c.Index) / 2, Figures: map[string]float64{"learned": float64(c.Index % 3)}}
}

// TestManyProcesses: several pools on one directory do every cell once, and the table
// has the bytes of one that worked alone; failures are tried again, and kept.
func TestManyProcesses(t *testing.T) {
	tables := map[string]string{}
	for _, k := range []struct {
		name  string
		pools int
	}{{"alone", 1}, {"three", 3}} {
		dir := t.TempDir()
		var mu sync.Mutex
		worked := map[string]int{}
		var events []Event
		work := func(ctx context.Context, c Cell, run string, _ func() int) (*Outcome, error) {
			time.Sleep(time.Millisecond)
			mu.Lock()
			defer mu.Unlock()
			worked[c.Name]++
			if c.Index == 4 && worked[c.Name] == 1 {
				return nil, errors.New("no luck")
			}
			if c.Index == 7 {
				return nil, errors.New("never any luck")
			}
			return outcome(c), nil
		}
		var wg sync.WaitGroup
		for range k.pools {
			s := open(t, dir)
			wg.Go(func() {
				opt := Options{Parallel: 2, Only: -1, Poll: time.Millisecond, Tell: func(e Event) { mu.Lock(); events = append(events, e); mu.Unlock() }}
				if err := s.Run(t.Context(), opt, work); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		s := open(t, dir)
		outcomes, err := s.Outcomes()
		if err != nil || len(outcomes) != 11 {
			t.Fatalf("%s: %d outcomes, %v", k.name, len(outcomes), err)
		}
		failures, err := s.Failures()
		if err != nil || len(failures) != 1 || !strings.Contains(failures[0], "never any luck") {
			t.Errorf("%s: failures %q, %v", k.name, failures, err)
		}
		for _, c := range s.Cells() {
			if n := worked[c.Name]; c.Index != 7 && c.Index != 4 && n != 1 {
				t.Errorf("%s: %s was done %d times", k.name, c.Name, n)
			}
		}
		if left, _ := os.ReadDir(filepath.Join(dir, "claims")); len(left) != 0 {
			t.Errorf("%s: %d claims are left", k.name, len(left))
		}
		if len(events) < 24 {
			t.Errorf("%s: %d events", k.name, len(events))
		}
		if err := s.Write(outcomes); err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{"table.tsv", "loss.svg"} {
			b, err := os.ReadFile(filepath.Join(dir, name))
			if err != nil {
				t.Fatal(err)
			}
			tables[k.name] += string(b)
		}
	}
	if tables["alone"] != tables["three"] {
		t.Error("three processes made another table than one")
	}
	if !strings.Contains(tables["alone"], "a.txt-lstm-seed2\ta.txt\tlstm\t2\t5\t1\t0.5\t1\n") {
		t.Errorf("table:\n%.400s", tables["alone"])
	}
}

// TestStopped: what is stopped gives its claims back and is taken up again.
func TestStopped(t *testing.T) {
	dir := t.TempDir()
	ctx, cancel := context.WithCancel(t.Context())
	s := open(t, dir)
	err := s.Run(ctx, Options{Parallel: 2, Only: -1}, func(ctx context.Context, c Cell, _ string, _ func() int) (*Outcome, error) {
		if c.Index == 1 {
			cancel()
			<-ctx.Done()
			return nil, ctx.Err()
		}
		return outcome(c), nil
	})
	if !errors.Is(err, context.Canceled) {
		t.Fatalf("got %v", err)
	}
	if left, _ := os.ReadDir(filepath.Join(dir, "claims")); len(left) != 0 {
		t.Errorf("%d claims are left", len(left))
	}
	err = s.Run(t.Context(), Options{Parallel: 2, Only: 1}, func(_ context.Context, c Cell, run string, _ func() int) (*Outcome, error) {
		if c.Index != 1 || run != s.RunDir(c) {
			t.Errorf("cell %d in %s", c.Index, run)
		}
		return outcome(c), nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(s.donePath(s.Cells()[1])); err != nil {
		t.Error(err)
	}
}

// TestTakingOver: a claim that is not renewed, or whose owner is dead, goes to the next;
// one process only gets it, and the old owner learns of it.
func TestTakingOver(t *testing.T) {
	dir := t.TempDir()
	now := time.Now()
	first, held, err := take(dir, "x", now)
	if err != nil || held {
		t.Fatal(held, err)
	}
	if _, held, _ := take(dir, "x", now); !held {
		t.Error("taken from a living owner")
	}
	if ok, err := first.renew(now.Add(20 * time.Second)); !ok || err != nil {
		t.Error(ok, err)
	}
	if _, held, _ := take(dir, "x", now.Add(40*time.Second)); !held {
		t.Error("taken although renewed")
	}
	if _, err := first.renew(now.Add(-AbandonAfter)); err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	var mu sync.Mutex
	got := 0
	for range 8 {
		wg.Go(func() {
			if c, _, err := take(dir, "x", time.Now()); err == nil && c != nil {
				mu.Lock()
				got++
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	if got != 1 {
		t.Errorf("%d took it over", got)
	}
	if ok, _ := first.renew(now); ok {
		t.Error("the old owner goes on")
	}
	if err := first.release(); err != nil {
		t.Error(err)
	}
	host, _ := os.Hostname()
	if err := os.WriteFile(filepath.Join(dir, "y.1"), fmt.Appendf(nil, `{"host":%q,"pid":%d}`, host, 1<<22+1), 0o644); err != nil {
		t.Fatal(err)
	}
	if c, held, err := take(dir, "y", time.Now()); err != nil || held || c.n != 2 {
		t.Errorf("a dead owner's claim: %+v, %t, %v", c, held, err)
	}
}

// TestCoresOfACell: cells share the cores of a process, and a cell that is left with few others has those of the ones that
// are done; what other processes work on is not counted.
func TestCoresOfACell(t *testing.T) {
	for _, k := range []struct {
		parallel, done, others int
		want                   []int // by the number of the cell that starts, each while the ones before it run
	}{
		{1, 0, 0, []int{1, 1}},
		{5, 0, 0, []int{1, 1, 1, 1, 1}},
		{12, 0, 0, []int{1, 1}},
		{12, 6, 0, []int{2, 2, 2, 2, 2, 2}},
		{8, 6, 3, []int{2, 2, 2}},
		{7, 10, 0, []int{3, 3}},
		{3, 11, 0, []int{3}},
	} {
		dir := t.TempDir()
		s := open(t, dir)
		for _, c := range s.Cells()[:k.done] {
			if err := writeJSON(s.donePath(c), outcome(c)); err != nil {
				t.Fatal(err)
			}
		}
		p := &pool{Sweep: s, opt: Options{Parallel: k.parallel, Only: -1}, tries: map[string]int{}, busy: map[string]bool{}, seen: claimsIn(filepath.Join(dir, "claims"))}
		for _, c := range s.Cells()[12-k.others:] {
			if _, held, err := take(filepath.Join(dir, "claims"), c.Name, time.Now()); err != nil || held {
				t.Fatal(held, err)
			}
		}
		var got []int
		for range k.want {
			if _, mine, _, err := p.next(); err != nil || mine == nil {
				t.Fatal(mine, err)
			}
			got = append(got, p.cores())
		}
		if !slices.Equal(got, k.want) {
			t.Errorf("%d cores, %d cells done, %d of others: %v, want %v", k.parallel, k.done, k.others, got, k.want)
		}
	}
	// A task of an array has the cores it was given, whatever else is to do.
	s := open(t, t.TempDir())
	var of int
	err := s.Run(t.Context(), Options{Parallel: 3, Only: 2}, func(_ context.Context, c Cell, _ string, cores func() int) (*Outcome, error) {
		of = cores()
		return outcome(c), nil
	})
	if err != nil || of != 3 {
		t.Errorf("a task has %d cores, %v", of, err)
	}
}

// TestMeasured: figures are summed up by setting, and runs that have none are told.
func TestMeasured(t *testing.T) {
	s, err := Open(t.TempDir(), []byte("text: a\ntrain: {hidden: [4, 8], seed: [1, 2]}\nmeasures: [memory, dissect, dissect b.txt]\n"), "go")
	if err != nil {
		t.Fatal(err)
	}
	if got := s.Grid.Labels(); !slices.Equal(got, []string{"memory", "dissect", "dissect_b.txt"}) {
		t.Errorf("labels %q", got)
	}
	var outcomes []Outcome
	for i, c := range s.Cells() {
		o := Outcome{Cell: c.Name, Figures: map[string]float64{"dissect.learned": float64(i), "dissect_b.txt.learned": 7}}
		if i == 2 {
			o.Figures["memory.recall_horizon.quote"] = 30
		}
		outcomes = append(outcomes, o)
	}
	want := []Measured{{"learned", []Spread{{2, 2, .5, 0, 1}, {2, 2, 2.5, 2, 3}}}}
	if got := s.Measured("dissect", outcomes); !reflect.DeepEqual(got, want) {
		t.Errorf("%+v, want %+v", got, want)
	}
	want = []Measured{{"recall_horizon.quote", []Spread{{0, 2, 0, 0, 0}, {1, 2, 30, 30, 30}}}}
	if got := s.Measured("memory", outcomes); !reflect.DeepEqual(got, want) {
		t.Errorf("%+v, want %+v", got, want)
	}
	if got := s.Measured("verify", nil); len(got) != 0 {
		t.Errorf("%+v", got)
	}
}

func TestAnotherSweep(t *testing.T) {
	dir := t.TempDir()
	open(t, dir)
	if _, err := Open(dir, []byte("text: b\n"), "go"); !errors.Is(err, ErrOther) {
		t.Errorf("another grid: %v", err)
	}
	if _, err := Open(dir, []byte(small), "avx2"); !errors.Is(err, ErrOther) {
		t.Errorf("other kernels: %v", err)
	}
	if _, err := Open(t.TempDir(), []byte(small+"kernels: avx2\n"), "go"); !errors.Is(err, ErrGrid) {
		t.Errorf("pinned kernels: %v", err)
	}
}

// TestLabelOf: a figure belongs to the longest label it begins with.
func TestLabelOf(t *testing.T) {
	s, err := Open(t.TempDir(), []byte("text: a\ntrain: {seed: [1]}\nmeasures: [atlas --least 0, atlas --least 0.8]\n"), "go")
	if err != nil {
		t.Fatal(err)
	}
	labels := s.Grid.Labels()
	for _, l := range labels {
		got := s.Measured(l, []Outcome{{Cell: s.Cells()[0].Name, Figures: map[string]float64{labels[0] + ".findings": 1, labels[1] + ".findings": 2}}})
		if len(got) != 1 || got[0].Name != "findings" {
			t.Errorf("%s: %+v", l, got)
		}
	}
}
