package train

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rnnscope/rnnscope/checkpoint"
	"github.com/rnnscope/rnnscope/optim"
	"github.com/rnnscope/rnnscope/rnn"
	"github.com/rnnscope/rnnscope/text"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// sentences is a text with something to learn, n sentences long.
func sentences(n int) string {
	who := []string{"the cat", "a dog", "the old man", "she"}
	what := []string{"sat down", "ran home", "saw it", "slept"}
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "%s %s.\n", who[i*i%7%4], what[i*(i+3)%11%4])
	}
	return b.String()
}

func data(t testing.TB) Data {
	t.Helper()
	c, err := text.FromString("test", sentences(600), text.Options{})
	if err != nil {
		t.Fatal(err)
	}
	split, err := text.DefaultSplit(len(c.IDs))
	if err != nil {
		t.Fatal(err)
	}
	return Data{Alphabet: c.Alphabet, IDs: c.IDs, Split: split}
}

func tiny() Config {
	return Config{
		Model: rnn.Config{Cell: rnn.LSTM, Hidden: 12, Layers: 2, Dropout: 0.2},
		Batch: 6, Seq: 20, Iterations: 100, Seed: 5, ValidateEvery: 40, SaveEvery: 7, Snapshots: []int64{0, 10, 50},
		Optim: optim.Config{Name: optim.Adam, LR: 0.01, Clip: optim.ClipNorm, ClipAt: 1, Schedule: optim.Schedule{Name: optim.Cosine, Warmup: 5}},
	}
}

// memory is a Store that keeps the encoded file, as a disk would.
type memory struct {
	file  []byte
	steps []int64
	fail  error
}

func (m *memory) SaveResume(r *checkpoint.Resume) error {
	if m.fail != nil {
		return m.fail
	}
	var b bytes.Buffer
	if err := checkpoint.WriteResume(&b, r); err != nil {
		return err
	}
	m.file, m.steps = b.Bytes(), append(m.steps, r.Step)
	return nil
}

func (m *memory) load(t testing.TB) *checkpoint.Resume {
	t.Helper()
	r, err := checkpoint.DecodeResume(m.file)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// record keeps the last word said about every step, as run.db does.
type record struct {
	Loss, Val, Norm, LR map[int64]float64
	Snapshots           map[int64]float64
}

func newRecord() *record {
	return &record{map[int64]float64{}, map[int64]float64{}, map[int64]float64{}, map[int64]float64{}, map[int64]float64{}}
}

func (r *record) listener() Listener {
	return Listener{
		Step: func(s Step) error {
			r.Loss[s.Step], r.Norm[s.Step], r.LR[s.Step] = s.Loss, s.GradNorm, s.LR
			return nil
		},
		Validated: func(v Validation) error { r.Val[v.Step] = v.Loss; return nil },
		Snapshot: func(_ context.Context, s Snapshot) error {
			var sum float64
			for _, w := range s.Checkpoint.Model.Slab() {
				sum += float64(w)
			}
			r.Snapshots[s.Step] = sum
			return nil
		},
	}
}

// truncate forgets what came after step, as a resumed run does.
func (r *record) truncate(step int64) {
	for _, m := range []map[int64]float64{r.Loss, r.Val, r.Norm, r.LR, r.Snapshots} {
		for s := range m {
			if s > step {
				delete(m, s)
			}
		}
	}
}

func finish(t testing.TB, cfg Config, d Data) (*Trainer, *record) {
	t.Helper()
	tr, err := New(cfg, d, Options{})
	if err != nil {
		t.Fatal(err)
	}
	rec := newRecord()
	if err := tr.Run(context.Background(), rec.listener()); err != nil {
		t.Fatal(err)
	}
	return tr, rec
}

func TestTrainingLearns(t *testing.T) {
	d := data(t)
	for _, cell := range []rnn.Cell{rnn.Elman, rnn.LSTM, rnn.GRU} {
		cfg := tiny()
		cfg.Model = rnn.Config{Cell: cell, Hidden: 24, Layers: 1}
		cfg.Iterations, cfg.Optim.LR = 400, 0.02
		tr, rec := finish(t, cfg, d)
		first, last := rec.Val[0], rec.Val[400]
		if uniform := math.Log(float64(d.Alphabet.Size())); math.Abs(first-uniform) > 0.3 {
			t.Errorf("%s starts at %.3f nats, the uniform distribution has %.3f", cell, first, uniform)
		}
		if last > 0.8 {
			t.Errorf("%s ends at %.3f nats", cell, last)
		}
		if loss, step := tr.Best(); loss != slices.Min([]float64{rec.Val[step], last}) {
			t.Errorf("%s: best %.3f at %d, last %.3f", cell, loss, step, last)
		}
	}
}

func TestWorkersDoNotChangeABit(t *testing.T) {
	d := data(t)
	var want *record
	for _, workers := range []int{1, 2, 3} {
		tr, err := New(tiny(), d, Options{Workers: workers})
		if err != nil {
			t.Fatal(err)
		}
		rec := newRecord()
		if err := tr.Run(context.Background(), rec.listener()); err != nil {
			t.Fatal(err)
		}
		if want == nil {
			want = rec
			continue
		}
		if diff := cmp.Diff(want, rec); diff != "" {
			t.Errorf("%d workers (-1 worker +now):\n%s", workers, diff)
		}
	}
}

// A run interrupted at any place and resumed from the saved bytes is the run.
func TestResumeIsExact(t *testing.T) {
	d := data(t)
	configs := map[string]Config{"adam, lstm, dropout": tiny()}
	rms := tiny()
	rms.Model = rnn.Config{Cell: rnn.GRU, Hidden: 10, Layers: 1, Embed: 4}
	rms.Optim = optim.Config{Name: optim.RMSProp, LR: 5e-3, Decay: 0.95, Clip: optim.ClipValue, ClipAt: 5,
		Schedule: optim.Schedule{Name: optim.StepEpochs, Factor: 0.5, After: 1, Every: 1}}
	rms.Batch = 20 // several epochs
	configs["rmsprop, gru, embedding, epochs"] = rms
	sgd := tiny()
	sgd.Model = rnn.Config{Cell: rnn.Elman, Hidden: 10, Layers: 2}
	sgd.Optim = optim.Config{Name: optim.SGD, LR: 0.1, Momentum: 0.9}
	configs["sgd, elman"] = sgd

	for name, cfg := range configs {
		t.Run(name, func(t *testing.T) {
			want, wantRecord := finish(t, cfg, d)
			for _, at := range []int64{0, 1, 9, 10, 49, 80, 99} {
				got, rec := interrupted(t, cfg, d, at)
				if !equalBits(want.Model().Slab(), got.Model().Slab()) {
					t.Errorf("interrupted after %d: other weights", at)
				}
				if diff := cmp.Diff(wantRecord, rec); diff != "" {
					t.Errorf("interrupted after %d (-whole +resumed):\n%s", at, diff)
				}
			}
		})
	}
}

func equalBits(a, b []float32) bool {
	return slices.EqualFunc(a, b, func(x, y float32) bool { return math.Float32bits(x) == math.Float32bits(y) })
}

// interrupted runs cfg, cancels it after step at, and finishes it from the file.
func interrupted(t *testing.T, cfg Config, d Data, at int64) (*Trainer, *record) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	store, rec := &memory{}, newRecord()
	tr, err := New(cfg, d, Options{Store: store})
	if err != nil {
		t.Fatal(err)
	}
	l := rec.listener()
	step := l.Step
	l.Step = func(s Step) error {
		if s.Step == at {
			cancel()
		}
		return step(s)
	}
	if at == 0 {
		cancel()
	}
	err = tr.Run(ctx, l)
	var stop *InterruptedError
	if !errors.As(err, &stop) || stop.Step != at || !errors.Is(err, ErrInterrupted) || !errors.Is(err, context.Canceled) {
		t.Fatalf("interrupted after %d: %v", at, err)
	}
	r := store.load(t)
	rec.truncate(r.Step)
	if tr, err = Resume(r, d, Extend{}, Options{Store: store}); err != nil {
		t.Fatal(err)
	}
	if err := tr.Run(context.Background(), rec.listener()); err != nil {
		t.Fatal(err)
	}
	return tr, rec
}

// A cancel in the middle of a validation or a snapshot leaves the step pending: it
// is done again.
func TestResumeInsideAStep(t *testing.T) {
	d := data(t)
	_, want := finish(t, tiny(), d)
	for _, where := range []string{"validation", "snapshot"} {
		ctx, cancel := context.WithCancel(context.Background())
		defer cancel()
		store, rec := &memory{}, newRecord()
		tr, err := New(tiny(), d, Options{Store: store})
		if err != nil {
			t.Fatal(err)
		}
		l := rec.listener()
		snapshot := l.Snapshot
		l.Validating = func(int, int) {
			if where == "validation" && tr.Step() == 50 {
				cancel()
			}
		}
		l.Snapshot = func(ctx context.Context, s Snapshot) error {
			if where == "snapshot" && s.Step == 50 {
				cancel()
				return ctx.Err()
			}
			return snapshot(ctx, s)
		}
		if err := tr.Run(ctx, l); !errors.Is(err, ErrInterrupted) {
			t.Fatalf("%s: %v", where, err)
		}
		r := store.load(t)
		if r.Step != 50 || !r.Pending {
			t.Errorf("%s: saved step %d, pending %v", where, r.Step, r.Pending)
		}
		if tr, err = Resume(r, d, Extend{}, Options{Store: store}); err != nil {
			t.Fatal(err)
		}
		if err := tr.Run(context.Background(), rec.listener()); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, rec); diff != "" {
			t.Errorf("%s (-whole +resumed):\n%s", where, diff)
		}
	}
}

func TestExtend(t *testing.T) {
	d := data(t)
	long := tiny()
	long.Optim.Schedule = optim.Schedule{}
	want, _ := finish(t, long, d)

	short := long
	short.Iterations = 60
	store := &memory{}
	tr, err := New(short, d, Options{Store: store})
	if err != nil {
		t.Fatal(err)
	}
	if err := tr.Run(context.Background(), Listener{}); err != nil {
		t.Fatal(err)
	}
	if _, err := Resume(store.load(t), d, Extend{Iterations: 59}, Options{}); !errors.Is(err, ErrConfig) {
		t.Errorf("fewer iterations than are done: %v", err)
	}
	tr, err = Resume(store.load(t), d, Extend{Iterations: 100, Snapshots: []int64{80}}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	rec := newRecord()
	if err := tr.Run(context.Background(), rec.listener()); err != nil {
		t.Fatal(err)
	}
	if !equalBits(want.Model().Slab(), tr.Model().Slab()) {
		t.Error("60 steps and 40 more are not 100 steps")
	}
	if _, ok := rec.Snapshots[80]; !ok || len(rec.Snapshots) != 2 {
		t.Errorf("snapshots %v, want 80 and 100", rec.Snapshots)
	}
}

func TestDivergenceKeepsTheLastGoodState(t *testing.T) {
	d := data(t)
	cfg := tiny()
	cfg.Model = rnn.Config{Cell: rnn.Elman, Nonlinearity: rnn.ReLU, Hidden: 16, Layers: 1}
	cfg.Optim = optim.Config{Name: optim.SGD, LR: 300}
	cfg.Iterations, cfg.SaveEvery, cfg.ValidateEvery, cfg.Snapshots = 500, 1, 0, nil
	store := &memory{}
	tr, err := New(cfg, d, Options{Store: store})
	if err != nil {
		t.Fatal(err)
	}
	err = tr.Run(context.Background(), Listener{})
	var div *DivergedError
	if !errors.As(err, &div) || !errors.Is(err, ErrDiverged) {
		t.Fatalf("a learning rate of 300 ended with %v", err)
	}
	r := store.load(t)
	if r.Step != div.LastGood || r.Step >= div.Step {
		t.Errorf("diverged at %d, last good %d, on disk %d", div.Step, div.LastGood, r.Step)
	}
	e, err := NewEvaluator(r.Model, d.IDs, d.Split.Val, 0)
	if err != nil {
		t.Fatal(err)
	}
	if p := e.probe(); !finite(p) {
		t.Errorf("the state on disk gives a loss of %v", p)
	}
	if msg := div.Error(); strings.Contains(msg, "\n") || !strings.Contains(msg, fmt.Sprint(div.LastGood)) {
		t.Errorf("message %q", msg)
	}
}

func TestAStoreThatFailsStopsTheRun(t *testing.T) {
	full := errors.New("no space left on device")
	tr, err := New(tiny(), data(t), Options{Store: &memory{fail: full}})
	if err != nil {
		t.Fatal(err)
	}
	if err := tr.Run(context.Background(), Listener{}); !errors.Is(err, full) {
		t.Errorf("%v", err)
	}
}

func TestAListenerThatFailsStopsTheRun(t *testing.T) {
	stop := errors.New("enough")
	for name, l := range map[string]Listener{
		"step":      {Step: func(Step) error { return stop }},
		"validated": {Validated: func(Validation) error { return stop }},
		"snapshot":  {Snapshot: func(context.Context, Snapshot) error { return stop }},
	} {
		store := &memory{}
		tr, err := New(tiny(), data(t), Options{Store: store})
		if err != nil {
			t.Fatal(err)
		}
		if err := tr.Run(context.Background(), l); !errors.Is(err, stop) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestSavesComeWhenDue(t *testing.T) {
	store := &memory{}
	var saved []int64
	cfg := tiny()
	cfg.SaveEvery = 30
	tr, err := New(cfg, data(t), Options{Store: store})
	if err != nil {
		t.Fatal(err)
	}
	if err := tr.Run(context.Background(), Listener{Saved: func(s int64) { saved = append(saved, s) }}); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]int64{0, 30, 60, 90, 100}, store.steps); diff != "" {
		t.Errorf("saved at (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(store.steps, saved); diff != "" {
		t.Errorf("told (-saved +told):\n%s", diff)
	}
	byTime := &memory{}
	tr, err = New(cfg, data(t), Options{Store: byTime, SaveInterval: time.Nanosecond})
	if err != nil {
		t.Fatal(err)
	}
	if err := tr.Run(context.Background(), Listener{}); err != nil {
		t.Fatal(err)
	}
	if len(byTime.steps) != 101 {
		t.Errorf("%d saves at an interval that is always over, want 101", len(byTime.steps))
	}
}

func TestAStepAllocatesNothing(t *testing.T) {
	tr, err := New(tiny(), data(t), Options{Workers: 1})
	if err != nil {
		t.Fatal(err)
	}
	update := func() {
		if err := tr.update(Listener{}); err != nil {
			t.Fatal(err)
		}
	}
	if n := testing.AllocsPerRun(50, update); n > 0 {
		t.Errorf("%v allocations a step", n)
	}
}

func TestResumeRefusesWhatDoesNotFit(t *testing.T) {
	d := data(t)
	store := &memory{}
	cfg := tiny()
	cfg.Iterations = 5
	tr, err := New(cfg, d, Options{Store: store})
	if err != nil {
		t.Fatal(err)
	}
	if err := tr.Run(context.Background(), Listener{}); err != nil {
		t.Fatal(err)
	}
	for name, spoil := range map[string]func(*checkpoint.Resume){
		"settings":      func(r *checkpoint.Resume) { r.Config = []byte(`{"batch":1}`) },
		"no settings":   func(r *checkpoint.Resume) { r.Config = nil },
		"cursor":        func(r *checkpoint.Resume) { r.Cursor.Chunk = 1 << 30 },
		"random stream": func(r *checkpoint.Resume) { r.Streams = nil },
		"moments":       func(r *checkpoint.Resume) { delete(r.Optimizer.Slots, optim.SlotSecond) },
		"optimiser":     func(r *checkpoint.Resume) { r.Optimizer.Name = optim.SGD },
		"hidden state":  func(r *checkpoint.Resume) { r.Hidden = r.Model.NewState(1) },
	} {
		r := store.load(t)
		spoil(r)
		if _, err := Resume(r, d, Extend{}, Options{}); !errors.Is(err, checkpoint.ErrCorrupt) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
