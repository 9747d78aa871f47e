package run

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/rnnscope/rnnscope/checkpoint"
	"github.com/rnnscope/rnnscope/finding"
	"github.com/rnnscope/rnnscope/optim"
	"github.com/rnnscope/rnnscope/rnn"
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
	subject := ownSubject(r, 30)
	findings := []finding.Finding{
		{
			Subject: subject, Concept: "in-quote", Site: "l0.h", Unit: 3, Metric: "auroc", Kind: "a kind", From: 2, To: 6, Estimate: 0.93, Lo: 0.9, Hi: 0.95, N: 1000,
			Verdict: finding.Learned, Basis: &finding.Basis{Rules: 2, Budget: map[string]int{"draws": 99}, Controls: []finding.Control{finding.LocalSwap}},
			Method: "jackknife", Version: "v1",
		},
		{Subject: subject, Metric: "n/a", Unit: finding.NoUnit, Estimate: math.NaN(), Lo: math.NaN(), Hi: math.Inf(1)},
	}
	for _, set := range []struct {
		source string
		list   []finding.Finding
	}{{"dissect", findings[:1]}, {"dissect", findings}, {"memory", findings[:1]}} {
		if err := r.SetFindings(subject, set.source, set.list); err != nil {
			t.Fatal(err)
		}
	}
	type view struct{ A []float64 }
	if err := r.PutView(subject, "units", view{[]float64{0.1, 1e-300}}); err != nil {
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
	gotFindings, err := r.Findings("dissect", Want{})
	check(t, "findings", findings, gotFindings, err)
	all, err := r.Findings("", Want{})
	check(t, "all findings", append(findings, findings[0]), all, err)
	var v view
	on, err := r.View("units", Want{}, &v)
	check(t, "subject", subject, on, err)
	check(t, "view", view{[]float64{0.1, 1e-300}}, v, err)
	views, err := r.Views()
	check(t, "views", []string{"units"}, views, err)
	if _, err := r.View("none", Want{}, &v); !errors.Is(err, ErrNoView) {
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

func TestSnapshotsAndTrim(t *testing.T) {
	r := create(t)
	trained(t, r)
	steps, err := r.Steps()
	check(t, "steps", []int64{0, 7, 30, 60}, steps, err)
	if _, err := r.Checkpoint(8); !errors.Is(err, ErrNoCheckpoint) || !strings.Contains(err.Error(), "30") {
		t.Errorf("step 8: %v", err)
	}
	// Stopped behind its last snapshot, the saved state is a step like any other.
	if err := os.Rename(r.stepPath(60), r.stepPath(60)+".away"); err != nil {
		t.Fatal(err)
	}
	if c, err := r.Checkpoint(60); err != nil || c.Step != 60 {
		t.Errorf("the saved state by its step: %v", err)
	}
	if _, err := r.Checkpoint(8); !errors.Is(err, ErrNoCheckpoint) || !strings.Contains(err.Error(), "30 60") {
		t.Errorf("step 8: %v", err)
	}
	if err := os.Rename(r.stepPath(60)+".away", r.stepPath(60)); err != nil {
		t.Fatal(err)
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
	if err := r.trim(30); err != nil {
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

func TestImportedNetwork(t *testing.T) {
	a, err := text.NewAlphabet([]rune("abc"), false, false)
	if err != nil {
		t.Fatal(err)
	}
	m, err := rnn.New(rnn.Config{Cell: rnn.GRU, Vocab: 3, Hidden: 4, Layers: 1})
	if err != nil {
		t.Fatal(err)
	}
	r, err := Import(filepath.Join(t.TempDir(), "run"), Info{Command: "rnnscope import w", Name: "w", Alphabet: a}, &checkpoint.Checkpoint{Model: m, Alphabet: a})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
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

// What a killed run wrote after its last saved state stays until training has replaced it,
// and goes at the end where a shorter training never does.
func TestResumingReplacesWhatIsNewer(t *testing.T) {
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
	before, err := r.Metrics(MetricTrainLoss)
	if err != nil {
		t.Fatal(err)
	}
	if tr, _, err = r.Trainer(train.Extend{Iterations: 40}, train.Options{}); err != nil || tr.Step() != 30 {
		t.Fatalf("from step %d: %v", tr.Step(), err)
	}
	kept, err := r.Metrics(MetricTrainLoss)
	check(t, "metrics while nothing is replaced", before, kept, err)
	if err := tr.Run(context.Background(), r.Listener(train.Listener{})); err != nil {
		t.Fatal(err)
	}
	m, err := r.Metrics(MetricTrainLoss)
	if err != nil || len(m) != 40 || m[39].Step != 40 {
		t.Errorf("%d metrics are left (%v)", len(m), err)
	}
	steps, err := r.Steps()
	check(t, "steps", []int64{0, 7, 30, 40}, steps, err)
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
