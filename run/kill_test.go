package run

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rnnscope/rnnscope/checkpoint"
	"github.com/rnnscope/rnnscope/internal/durable"
	"github.com/rnnscope/rnnscope/sample"
	"github.com/rnnscope/rnnscope/train"
	"go.uber.org/goleak"
)

// The test binary starts itself as a trainer that is then killed.
const (
	childDir   = "RNNSCOPE_TEST_TRAIN" // directory to train in
	childDeath = "RNNSCOPE_TEST_DEATH" // "resume 20 0.5": dies half-way through writing that file at that step
)

func TestMain(m *testing.M) {
	if dir := os.Getenv(childDir); dir != "" {
		os.Exit(child(dir, os.Getenv(childDeath)))
	}
	goleak.VerifyTestMain(m)
}

// child is what `rnnscope train`, or `rnnscope resume`, does: it says every step on
// standard output.
func child(dir, death string) int {
	if err := trainIn(dir, death, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

// trainIn trains dir to the end, from wherever it is.
func trainIn(dir, death string, progress io.Writer) error {
	r, err := OpenWriter(dir, "resume")
	if errors.Is(err, fs.ErrNotExist) {
		c, i, e := material()
		if e != nil {
			return e
		}
		r, err = Create(dir, i, c)
	}
	if err != nil {
		return err
	}
	defer r.Close()
	d, err := parseDeath(death)
	if err != nil {
		return err
	}
	tr, _, err := r.Trainer(train.Extend{}, train.Options{Store: dyingStore{r, d}})
	if err != nil {
		return err
	}
	l := r.Listener(train.Listener{
		Step: func(s train.Step) error {
			_, err := fmt.Fprintln(progress, s.Step)
			return err
		},
		Snapshot: func(ctx context.Context, s train.Snapshot) error {
			c := s.Checkpoint
			text, err := sample.Text(ctx, c.Model, c.Alphabet, nil, sample.Options{N: 30}, tr.Config().SampleStreams(1)[0])
			if err != nil {
				return err
			}
			return r.AddSample(Sample{Step: s.Step, Text: text, Temperature: 1, Seed: 9})
		},
	})
	snapshot := l.Snapshot
	l.Snapshot = func(ctx context.Context, s train.Snapshot) error {
		if d.at("weights", s.Step) {
			return durable.WriteFile(r.stepPath(s.Step), func(w io.Writer) error {
				return d.write(w, func(w io.Writer) error { return checkpoint.Write(w, s.Checkpoint) })
			})
		}
		return snapshot(ctx, s)
	}
	return errors.Join(tr.Run(context.Background(), l), r.Close())
}

// death is a moment inside the writing of a file.
type death struct {
	file  string // "resume" or "weights"
	step  int64
	share float64 // of the file's bytes that are still written
}

func parseDeath(s string) (d death, err error) {
	if s != "" {
		_, err = fmt.Sscan(s, &d.file, &d.step, &d.share)
	}
	return d, err
}

func (d death) at(file string, step int64) bool { return d.file == file && d.step == step }

// write writes that share of what write would, and dies.
func (d death) write(w io.Writer, write func(io.Writer) error) error {
	var all strings.Builder
	if err := write(&all); err != nil {
		return err
	}
	if _, err := io.WriteString(w, all.String()[:int(d.share*float64(all.Len()))]); err != nil {
		return err
	}
	if b, ok := w.(*bufio.Writer); ok {
		if err := b.Flush(); err != nil {
			return err
		}
	}
	self, err := os.FindProcess(os.Getpid())
	if err != nil {
		return err
	}
	if err := self.Kill(); err != nil {
		return err
	}
	select {} // the signal is on its way
}

type dyingStore struct {
	*Run
	death death
}

func (s dyingStore) SaveResume(r *checkpoint.Resume) error {
	if !s.death.at("resume", r.Step) {
		return s.Run.SaveResume(r)
	}
	if err := s.Flush(); err != nil {
		return err
	}
	return durable.WriteFile(s.resumePath(), func(w io.Writer) error {
		return s.death.write(w, func(w io.Writer) error { return checkpoint.WriteResume(w, r) })
	})
}

// remains is everything a finished run holds that must not depend on how often it
// was killed.
type remains struct {
	Files   map[string]string // name to contents
	Metrics map[string][]Metric
	Samples []Sample
}

func read(t *testing.T, dir string) remains {
	t.Helper()
	out := remains{Files: map[string]string{}, Metrics: map[string][]Metric{}}
	entries, err := os.ReadDir(filepath.Join(dir, stepsName))
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		b, err := os.ReadFile(filepath.Join(dir, stepsName, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		out.Files[e.Name()] = string(b)
	}
	r := open(t, dir)
	names, err := r.MetricNames()
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		if out.Metrics[name], err = r.Metrics(name); err != nil {
			t.Fatal(err)
		}
	}
	if out.Samples, err = r.Samples(); err != nil {
		t.Fatal(err)
	}
	return out
}

// undisturbed is the run all others must equal.
func undisturbed(t *testing.T) remains {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "whole")
	if err := trainIn(dir, "", io.Discard); err != nil {
		t.Fatal(err)
	}
	want := read(t, dir)
	if len(want.Files) != 5 || len(want.Metrics) != 4 || len(want.Samples) != 4 {
		t.Fatalf("the undisturbed run has %d files, %d metrics, %d samples", len(want.Files), len(want.Metrics), len(want.Samples))
	}
	return want
}

// start runs the child on dir.
func start(t *testing.T, dir, death string) (cmd *exec.Cmd, out io.Reader) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd = exec.Command(self)
	cmd.Env = append(os.Environ(), childDir+"="+dir, childDeath+"="+death)
	cmd.Stderr = os.Stderr
	out, err = cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return cmd, out
}

// killAt kills the child some time after it has said step (0: after its start), and
// reports whether that was before its end.
func killAt(t *testing.T, dir string, step int64, later time.Duration) bool {
	t.Helper()
	cmd, out := start(t, dir, "")
	lines := bufio.NewScanner(out)
	for step > 0 && lines.Scan() {
		if said, err := strconv.ParseInt(lines.Text(), 10, 64); err == nil && said >= step {
			break
		}
	}
	time.Sleep(later)
	if err := cmd.Process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
		t.Fatal(err)
	}
	_, _ = io.Copy(io.Discard, out)
	return cmd.Wait() != nil
}

// Training killed at any moment and finished is, to the bit, training that was
// never killed. Every run here is killed in the child that creates it, every other
// one again in the child that resumes it.
func TestKilledAtRandomMoments(t *testing.T) {
	if testing.Short() {
		t.Skip("starts thirty processes")
	}
	want := undisturbed(t)
	rng := rand.New(rand.NewPCG(uint64(time.Now().UnixNano()), 0)) // new moments every time
	killed := 0
	for i := range 20 {
		dir := filepath.Join(t.TempDir(), "run")
		var moments []string
		for range 1 + i%2 {
			step := rng.Int64N(60)
			later := time.Duration(rng.Int64N(int64(8 * time.Millisecond)))
			if step == 0 {
				later *= 10 // somewhere in the start of the process or the making of the directory
			}
			moments = append(moments, fmt.Sprintf("%v after step %d", later, step))
			if killAt(t, dir, step, later) {
				killed++
			}
		}
		if err := trainIn(dir, "", io.Discard); err != nil {
			t.Fatalf("run %d, killed %v: %v", i, moments, err)
		}
		if d := cmp.Diff(want, read(t, dir)); d != "" {
			t.Fatalf("run %d, killed %v (-undisturbed +resumed):\n%.3000s", i, moments, d)
		}
	}
	// A kill that comes after the end of the process is none.
	if killed < 15 {
		t.Errorf("only %d of 30 kills came in time", killed)
	}
}

func TestKilledInsideAWrite(t *testing.T) {
	want := undisturbed(t)
	for _, death := range []string{"resume 0 0.5", "resume 30 0", "resume 30 0.5", "resume 30 1", "resume 60 0.99", "weights 0 0.5", "weights 30 0.5", "weights 60 1"} {
		dir := filepath.Join(t.TempDir(), "run")
		cmd, out := start(t, dir, death)
		_, _ = io.Copy(io.Discard, out)
		if err := cmd.Wait(); err == nil {
			t.Fatalf("%s: the child lived to its end", death)
		}
		left, err := filepath.Glob(filepath.Join(dir, stepsName, ".*"))
		if err != nil || len(left) != 1 {
			t.Fatalf("%s: unfinished files %v (%v), so it did not die inside a write", death, left, err)
		}
		if err := trainIn(dir, "", io.Discard); err != nil {
			t.Fatalf("%s: %v", death, err)
		}
		if d := cmp.Diff(want, read(t, dir)); d != "" {
			t.Errorf("%s (-undisturbed +resumed):\n%.3000s", death, d)
		}
	}
}
