package rnn

import (
	"encoding/gob"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/rnnscope/rnnscope/internal/f32"
)

// replayEnv names the file of recorded steps for a copy of this test binary to
// compute again on another kernel path.
const replayEnv = "RNNSCOPE_TEST_REPLAY"

// recording is training steps, each with all that it started from.
type recording struct {
	Config Config
	T, B   int
	Steps  []recorded
}

type recorded struct {
	X, Y        []int32
	H, C        [][]float32
	Slab, Grads []float32
	Loss        float64
}

// record trains 50 steps by plain gradient descent.
func record(t *testing.T, cfg Config) recording {
	t.Helper()
	r := recording{Config: cfg, T: 12, B: 9}
	e := newExample(t, cfg, r.T, r.B, false)
	p, st, rng := e.pass(t, PassOptions{Backward: true}), e.state(), newRand(4)
	for range 50 {
		s := recorded{Slab: append([]float32(nil), e.m.slab...)}
		for range r.T * r.B {
			s.X = append(s.X, int32(rng.IntN(cfg.Vocab)))
			s.Y = append(s.Y, int32(rng.IntN(3)))
		}
		was := e.m.NewState(r.B)
		was.CopyFrom(st)
		s.H, s.C = was.H, was.C
		p.Forward(s.X, st, nil)
		s.Loss = p.Backward(s.Y, 1)
		s.Grads = append([]float32(nil), e.m.grads...)
		for i, g := range e.m.grads {
			e.m.slab[i] -= .002 * g
		}
		p.Repack()
		r.Steps = append(r.Steps, s)
	}
	return r
}

// TestKernelPaths records training on the path in use and has every lower path
// compute each step from the same state: loss and gradients agree to 1e-4.
func TestKernelPaths(t *testing.T) {
	var all []recording
	for _, cfg := range []Config{
		{Cell: Elman, Vocab: 11, Hidden: 19, Layers: 1},
		{Cell: Elman, Nonlinearity: ReLU, Vocab: 11, Hidden: 16, Layers: 2},
		{Cell: LSTM, Vocab: 11, Hidden: 21, Layers: 2},
		{Cell: GRU, Vocab: 11, Hidden: 18, Layers: 2, Embed: 5},
	} {
		all = append(all, record(t, cfg))
	}
	path := filepath.Join(t.TempDir(), "steps")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := gob.NewEncoder(f).Encode(all); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	for _, kernels := range []string{"go", "avx2"} {
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), replayEnv+"="+path, f32.KernelsEnv+"="+kernels)
		out, err := cmd.CombinedOutput()
		t.Logf("recorded on %s, again on %s: %s", f32.Path(), kernels, out)
		if err != nil {
			t.Errorf("%s: %v", kernels, err)
		}
	}
}

// replay computes the recorded steps again and returns the exit status.
func replay(path string) int {
	f, err := os.Open(path)
	if err != nil {
		fmt.Println(err)
		return 2
	}
	defer f.Close()
	var all []recording
	if err := gob.NewDecoder(f).Decode(&all); err != nil {
		fmt.Println(err)
		return 2
	}
	status := 0
	for _, r := range all {
		loss, grad, err := r.worst()
		fmt.Printf("%s %s: loss within %.1e, gradients within %.1e; ", f32.Path(), r.Config.label(), loss, grad)
		if err != nil || !(loss < 1e-4) || !(grad < 1e-4) {
			fmt.Println("too far", err)
			status = 1
		}
	}
	return status
}

// worst is the largest relative difference of a step's loss, and of its gradient as
// a vector.
func (r recording) worst() (loss, grad float64, err error) {
	m, err := New(r.Config)
	if err != nil {
		return 0, 0, err
	}
	p, err := m.NewPass(PassOptions{T: r.T, B: r.B, Backward: true})
	if err != nil {
		return 0, 0, err
	}
	for _, s := range r.Steps {
		copy(m.slab, s.Slab)
		p.Repack()
		st := m.NewState(r.B)
		for l := range st.H {
			copy(st.H[l], s.H[l])
			if st.C != nil {
				copy(st.C[l], s.C[l])
			}
		}
		p.Forward(s.X, st, nil)
		got := p.Backward(s.Y, 1)
		loss = max(loss, math.Abs(got-s.Loss)/s.Loss)
		var diff, norm float64
		for i, g := range s.Grads {
			diff += math.Pow(float64(g-m.grads[i]), 2)
			norm += float64(g) * float64(g)
		}
		grad = max(grad, math.Sqrt(diff/norm))
	}
	return loss, grad, nil
}
