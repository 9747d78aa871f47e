package run

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/rnnscope/rnnscope/checkpoint"
	"github.com/rnnscope/rnnscope/optim"
	"github.com/rnnscope/rnnscope/rnn"
	"github.com/rnnscope/rnnscope/stat"
	"github.com/rnnscope/rnnscope/text"
	"github.com/rnnscope/rnnscope/train"
)

// material is the text and the settings all runs here are made of.
func material() (*text.Corpus, Info, error) {
	var b strings.Builder
	for i := range 500 {
		fmt.Fprintf(&b, "line %d says \"%s\".\n", i*i%97, []string{"yes", "no", "perhaps", "né"}[i%4])
	}
	c, err := text.FromString("lines", b.String(), text.Options{})
	if err != nil {
		return nil, Info{}, err
	}
	split, err := text.DefaultSplit(len(c.IDs))
	return c, Info{
		Command: "rnnscope train lines.txt", Seed: 9, Split: split,
		Config: &train.Config{
			Model: rnn.Config{Cell: rnn.LSTM, Hidden: 8, Layers: 2, Dropout: 0.1},
			Batch: 4, Seq: 16, Iterations: 60, Seed: 9, SaveEvery: 5, ValidateEvery: 20, Snapshots: []int64{0, 7, 30},
			Optim: optim.Config{Name: optim.Adam, LR: 0.01},
		},
	}, err
}

func corpus(t testing.TB) (*text.Corpus, Info) {
	t.Helper()
	c, i, err := material()
	if err != nil {
		t.Fatal(err)
	}
	return c, i
}

// create makes a run in a new directory; the caller closes it.
func create(t testing.TB) *Run {
	t.Helper()
	c, i := corpus(t)
	r, err := Create(filepath.Join(t.TempDir(), "run"), i, c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close() })
	return r
}

func closeRun(t testing.TB, r *Run) {
	t.Helper()
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
}

func open(t testing.TB, dir string) *Run {
	t.Helper()
	r, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close() })
	return r
}

func TestWhatGoesInComesOut(t *testing.T) {
	r := create(t)
	samples := []Sample{
		{Step: 0, Index: 0, Prompt: "", Temperature: 1, Text: "x\x00\xff\"'\n", Seed: math.MaxUint64},
		{Step: 0, Index: 1, Prompt: "the ", Temperature: 0.8, Text: "中é", Seed: 1},
		{Step: 7, Index: 0, Text: ""},
	}
	for _, s := range samples {
		if err := r.AddSample(s); err != nil {
			t.Fatal(err)
		}
	}
	metrics := []Metric{{0, 1.0 / 3}, {1, math.SmallestNonzeroFloat64}, {2000, -math.MaxFloat64}}
	for _, m := range metrics {
		if err := r.AddMetric(m.Step, "loss", m.Value); err != nil {
			t.Fatal(err)
		}
	}
	findings := []stat.Finding{
		{Concept: "in-quote", Site: "l0.h", Unit: 3, Metric: "auroc", Estimate: 0.93, Lo: 0.9, Hi: 0.95, N: 1000, Split: "test of tail 80/10/10", Method: "jackknife", Version: "v1"},
		{Metric: "n/a", Unit: stat.NoUnit, Estimate: math.NaN(), Lo: math.NaN(), Hi: math.Inf(1)},
	}
	if err := r.SetFindings("dissect", findings[:1]); err != nil {
		t.Fatal(err)
	}
	if err := r.SetFindings("dissect", findings); err != nil {
		t.Fatal(err)
	}
	if err := r.AddFindings("memory", findings[:1]); err != nil {
		t.Fatal(err)
	}
	type view struct{ A []float64 }
	if err := r.PutView("units", view{[]float64{0.1, 1e-300}}); err != nil {
		t.Fatal(err)
	}
	closeRun(t, r)

	r = open(t, r.Dir())
	gotSamples, err := r.Samples()
	check(t, "samples", samples, gotSamples, err)
	gotMetrics, err := r.Metrics("loss")
	check(t, "metrics", metrics, gotMetrics, err)
	names, err := r.MetricNames()
	check(t, "metric names", []string{"loss"}, names, err)
	findings[1].Version, findings[1].Hi = Version(), math.NaN() // infinity is "not defined" too
	gotFindings, err := r.Findings("dissect")
	check(t, "findings", findings, gotFindings, err)
	all, err := r.Findings("")
	check(t, "all findings", append(findings, findings[0]), all, err)
	var v view
	err = r.View("units", &v)
	check(t, "view", view{[]float64{0.1, 1e-300}}, v, err)
	views, err := r.Views()
	check(t, "views", []string{"units"}, views, err)
	if err := r.View("none", &v); !errors.Is(err, ErrNoView) {
		t.Errorf("a view that is not there: %v", err)
	}
	got, err := r.Corpus()
	c, _ := corpus(t)
	check(t, "corpus", c.IDs, got.IDs, err)
	check(t, "text", string(c.Raw), string(got.Raw), nil)
}

func check(t *testing.T, what string, want, got any, err error) {
	t.Helper()
	if err != nil {
		t.Errorf("%s: %v", what, err)
	} else if d := cmp.Diff(want, got, cmpopts.EquateNaNs()); d != "" {
		t.Errorf("%s (-want +got):\n%s", what, d)
	}
}

func TestInfoAndSessions(t *testing.T) {
	r := create(t)
	want := r.Info()
	closeRun(t, r)
	w, err := OpenWriter(r.Dir(), "rnnscope dissect run")
	if err != nil {
		t.Fatal(err)
	}
	closeRun(t, w)
	r = open(t, r.Dir())
	if d := cmp.Diff(want, r.Info(), cmp.Comparer(func(a, b *text.Alphabet) bool { return a.Size() == b.Size() })); d != "" {
		t.Errorf("info (-created +opened):\n%s", d)
	}
	c, _ := corpus(t)
	if want.SHA256 != c.SHA256 || want.Symbols != len(c.IDs) || want.Name != "lines" {
		t.Errorf("info %+v", want)
	}
	sessions, err := r.Sessions()
	if err != nil || len(sessions) != 2 {
		t.Fatalf("%d sessions, %v", len(sessions), err)
	}
	s := sessions[1]
	if s.Command != "rnnscope dissect run" || s.Kernels == "" || s.Version == "" || s.Text != want.SHA256 || s.Seed != 9 || s.Step != -1 {
		t.Errorf("session %+v", s)
	}
}

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
		"view":    reader.PutView("x", 1),
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

// A closed run has no side files: what is copied is everything.
func TestACopyIsWhole(t *testing.T) {
	r := create(t)
	trained(t, r)
	closeRun(t, r)
	for _, name := range []string{"run.db-wal", "run.db-shm", "run.db-journal"} {
		if _, err := os.Stat(filepath.Join(r.Dir(), name)); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s is there (%v)", name, err)
		}
	}
	twin := filepath.Join(t.TempDir(), "elsewhere # 100%?")
	if err := os.CopyFS(twin, os.DirFS(r.Dir())); err != nil {
		t.Fatal(err)
	}
	if err := os.RemoveAll(r.Dir()); err != nil {
		t.Fatal(err)
	}
	got := open(t, twin)
	if m, err := got.Metrics(MetricTrainLoss); err != nil || len(m) != 60 {
		t.Errorf("%d metrics, %v", len(m), err)
	}
	c, err := got.Latest()
	if err != nil || c.Step != 60 {
		t.Errorf("latest %+v, %v", c, err)
	}
	if _, err := got.Corpus(); err != nil {
		t.Error(err)
	}
}

func trained(t testing.TB, r *Run) {
	t.Helper()
	tr, _, err := r.Trainer(train.Extend{}, train.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := tr.Run(context.Background(), r.Listener(train.Listener{})); err != nil {
		t.Fatal(err)
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

func TestSnapshotsAndTruncate(t *testing.T) {
	r := create(t)
	trained(t, r)
	steps, err := r.Steps()
	check(t, "steps", []int64{0, 7, 30, 60}, steps, err)
	if _, err := r.Checkpoint(8); !errors.Is(err, ErrNoCheckpoint) || !strings.Contains(err.Error(), "30") {
		t.Errorf("step 8: %v", err)
	}
	c, err := r.Checkpoint(30)
	if err != nil {
		t.Fatal(err)
	}
	if c.Step != 30 || c.Meta[checkpoint.MetaSeed] != "9" || c.Meta[checkpoint.MetaText] != r.Info().SHA256 ||
		c.Meta[checkpoint.MetaKernels] == "" || c.Meta[checkpoint.MetaVersion] == "" {
		t.Errorf("step %d, metadata %v", c.Step, c.Meta)
	}
	if err := r.AddSample(Sample{Step: 31}); err != nil {
		t.Fatal(err)
	}
	if err := r.Truncate(30); err != nil {
		t.Fatal(err)
	}
	steps, err = r.Steps()
	check(t, "steps", []int64{0, 7, 30}, steps, err)
	m, err := r.Metrics(MetricTrainLoss)
	if err != nil || len(m) != 30 || m[29].Step != 30 {
		t.Errorf("%d metrics after truncation (%v)", len(m), err)
	}
	if s, err := r.Samples(); err != nil || len(s) != 0 {
		t.Errorf("samples %v (%v)", s, err)
	}
	// The resume file is of step 60 and newer than the snapshots.
	if c, err := r.Latest(); err != nil || c.Step != 60 {
		t.Errorf("latest: %v, %v", c, err)
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

func TestImportedNetwork(t *testing.T) {
	a, err := text.NewAlphabet([]rune("abc"), false, false)
	if err != nil {
		t.Fatal(err)
	}
	m, err := rnn.New(rnn.Config{Cell: rnn.GRU, Vocab: 3, Hidden: 4, Layers: 1})
	if err != nil {
		t.Fatal(err)
	}
	r, err := Create(filepath.Join(t.TempDir(), "run"), Info{Command: "rnnscope import w", Name: "w", Alphabet: a}, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if err := r.SaveWeights(&checkpoint.Checkpoint{Model: m, Alphabet: a}); err != nil {
		t.Fatal(err)
	}
	if c, err := r.Latest(); err != nil || c.Model.Config() != m.Config() {
		t.Errorf("latest: %v", err)
	}
	if _, err := r.Text(); !errors.Is(err, ErrNoText) {
		t.Errorf("text: %v", err)
	}
	if _, _, err := r.Trainer(train.Extend{}, train.Options{}); !errors.Is(err, ErrNoText) {
		t.Errorf("trainer: %v", err)
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

func TestOtherKernelsAreNamed(t *testing.T) {
	r := create(t)
	tr, notes, err := r.Trainer(train.Extend{}, train.Options{})
	if err != nil || notes != nil {
		t.Fatalf("%v, %v", notes, err)
	}
	if err := tr.Run(context.Background(), r.Listener(train.Listener{})); err != nil {
		t.Fatal(err)
	}
	s, err := r.LoadResume()
	if err != nil {
		t.Fatal(err)
	}
	s.Meta[checkpoint.MetaKernels], s.Meta[checkpoint.MetaVersion] = "abacus", "v0.0.1"
	if err := r.SaveResume(s); err != nil {
		t.Fatal(err)
	}
	_, notes, err = r.Trainer(train.Extend{Iterations: 70}, train.Options{})
	if err != nil || len(notes) != 2 || !strings.Contains(notes[0], "abacus") || !strings.Contains(notes[1], "v0.0.1") {
		t.Errorf("notes %q, %v", notes, err)
	}
	now, err := r.Session()
	if err != nil || now.Step != 60 || !strings.Contains(now.Note, "abacus") {
		t.Errorf("session %+v, %v", now, err)
	}
	s.Meta[checkpoint.MetaText] = "another"
	if err := r.SaveResume(s); err != nil {
		t.Fatal(err)
	}
	if _, _, err := r.Trainer(train.Extend{}, train.Options{}); !errors.Is(err, ErrCorrupt) {
		t.Errorf("a resume file of another text: %v", err)
	}
}

func TestConcurrentUse(t *testing.T) {
	r := create(t)
	var wg sync.WaitGroup
	for g := range 8 {
		wg.Go(func() {
			for i := range 300 {
				if err := r.AddMetric(int64(i), fmt.Sprint("m", g), float64(i)); err != nil {
					t.Error(err)
				}
				if i%100 == 0 {
					if _, err := r.Metrics("m0"); err != nil {
						t.Error(err)
					}
				}
			}
		})
	}
	wg.Wait()
	names, err := r.MetricNames()
	if err != nil || len(names) != 8 {
		t.Errorf("%v, %v", names, err)
	}
}

func TestVersion(t *testing.T) {
	with := func(main string, settings ...debug.BuildSetting) *debug.BuildInfo {
		return &debug.BuildInfo{Main: debug.Module{Version: main}, Settings: settings}
	}
	revision := debug.BuildSetting{Key: "vcs.revision", Value: "0123456789abcdef0123"}
	dirty := debug.BuildSetting{Key: "vcs.modified", Value: "true"}
	for want, got := range map[string]string{
		"v1.2.3":                   version(with("v1.2.3")),
		"devel":                    version(with("(devel)")),
		"devel-0123456789ab":       version(with("(devel)", revision)),
		"devel-0123456789ab+dirty": version(with("", revision, dirty)),
	} {
		if got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
	if Version() == "" {
		t.Error("no version")
	}
}

// What a killed run wrote after its last saved state goes before training goes on.
func TestResumingRemovesWhatIsNewer(t *testing.T) {
	r := create(t)
	tr, _, err := r.Trainer(train.Extend{}, train.Options{Store: upTo{r, 30}})
	if err != nil {
		t.Fatal(err)
	}
	if err := tr.Run(context.Background(), r.Listener(train.Listener{})); err != nil {
		t.Fatal(err)
	}
	if m, err := r.Metrics(MetricTrainLoss); err != nil || len(m) != 60 {
		t.Fatalf("%d metrics before (%v)", len(m), err)
	}
	if _, _, err := r.Trainer(train.Extend{}, train.Options{}); err != nil {
		t.Fatal(err)
	}
	m, err := r.Metrics(MetricTrainLoss)
	if err != nil || len(m) != 30 || m[29].Step != 30 {
		t.Errorf("%d metrics are left (%v)", len(m), err)
	}
	steps, err := r.Steps()
	check(t, "steps", []int64{0, 7, 30}, steps, err)
}

// upTo saves no state after a step, as if the process had died there.
type upTo struct {
	*Run
	step int64
}

func (u upTo) SaveResume(s *checkpoint.Resume) error {
	if s.Step > u.step {
		return nil
	}
	return u.Run.SaveResume(s)
}
