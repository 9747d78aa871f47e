package speed

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"runtime"
	"time"

	"github.com/rnnscope/rnnscope/checkpoint"
	"github.com/rnnscope/rnnscope/internal/f32"
)

// An order is one line of JSON on the standard input of `rnnscope bench --worker`;
// every order is answered by one line. Between orders the worker computes nothing, so
// that several workers can take turns on one machine.
//
//	{"op":"hello"}                             version, kernels, cores and all cases
//	{"op":"open","name":...,"workers":n}       prepares a case beside those open; answers its id
//	{"op":"run","id":...,"seconds":s}          works for at least s seconds
//	{"op":"close"}                             forgets all open cases
//	{"op":"peak","workers":n,"seconds":s}      FMA peak of n cores
//	{"op":"read","name":...,"workers":n,"seconds":s}  what one stream must read, and how fast n cores read as many bytes
//	{"op":"extra","name":...,"workers":n}      allocations a step and memory
//	{"op":"check","name":...,"path":...,"steps":n}  saves fresh weights, then the losses of n training steps
type order struct {
	Op      string  `json:"op"`
	Name    string  `json:"name"`
	Workers int     `json:"workers"`
	ID      int     `json:"id"`
	Seconds float64 `json:"seconds"`
	Path    string  `json:"path"`
	Steps   int     `json:"steps"`
}

// Answer holds what the order asked for, or why it could not be had.
type Answer struct {
	Error       string    `json:"error,omitempty"`
	Version     string    `json:"version,omitempty"`
	Kernels     string    `json:"kernels,omitempty"`
	Cores       int       `json:"cores,omitempty"`
	Go          string    `json:"go,omitempty"`
	Cases       []Case    `json:"cases,omitempty"`
	ID          int       `json:"id"`
	Flops       float64   `json:"flops,omitempty"` // a character, or a second for peak
	Chars       int       `json:"chars,omitempty"`
	Seconds     float64   `json:"seconds,omitempty"`
	Allocations float64   `json:"allocations"`
	Took        float64   `json:"took_bytes,omitempty"`
	Need        float64   `json:"need_bytes,omitempty"`
	Far         float64   `json:"far_bytes,omitempty"` // a character, beyond the second-level caches
	Rate        float64   `json:"read_rate,omitempty"` // bytes a second
	Losses      []float64 `json:"losses,omitempty"`
	X           []int32   `json:"x,omitempty"`
	Y           []int32   `json:"y,omitempty"`
}

// Server answers orders, one line of JSON each.
type Server struct {
	Version string // of the program, for who asks

	jobs []*job
}

// Serve answers until the input ends.
func (b *Server) Serve(ctx context.Context, in io.Reader, out io.Writer) error {
	lines := bufio.NewScanner(in)
	enc := json.NewEncoder(out)
	for lines.Scan() {
		var o order
		var a Answer
		err := json.Unmarshal(lines.Bytes(), &o)
		if err == nil {
			a, err = b.answer(ctx, o)
		}
		if err != nil {
			a.Error = err.Error()
		}
		if err := enc.Encode(a); err != nil {
			return err
		}
	}
	return lines.Err()
}

func (b *Server) answer(ctx context.Context, o order) (Answer, error) {
	switch o.Op {
	case "hello":
		return Answer{Version: b.Version, Kernels: f32.Path(), Cores: runtime.GOMAXPROCS(0), Go: runtime.Version(), Cases: allCases()}, nil
	case "open":
		return b.open(o)
	case "run":
		return b.run(ctx, o)
	case "close":
		b.jobs = nil
		runtime.GC()
		return Answer{}, nil
	case "peak":
		return Answer{Flops: peak(max(1, o.Workers), seconds(o.Seconds))}, nil
	case "read":
		return read(o)
	case "extra":
		return extra(o)
	case "check":
		return check(o)
	}
	return Answer{}, fmt.Errorf("no such order: %q", o.Op)
}

func seconds(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }

func caseNamed(name string) (Case, error) {
	for _, c := range allCases() {
		if c.Name == name {
			return c, nil
		}
	}
	return Case{}, fmt.Errorf("no configuration %q; there are %s", name, caseNames())
}

func (b *Server) open(o order) (Answer, error) {
	c, err := caseNamed(o.Name)
	if err != nil {
		return Answer{}, err
	}
	j, err := newJob(c, o.Workers)
	if err != nil {
		return Answer{}, err
	}
	b.jobs = append(b.jobs, j)
	return Answer{ID: len(b.jobs) - 1, Flops: c.flops()}, nil
}

func (b *Server) run(ctx context.Context, o order) (Answer, error) {
	if o.ID < 0 || o.ID >= len(b.jobs) {
		return Answer{}, fmt.Errorf("no open case %d", o.ID)
	}
	chars, took, err := b.jobs[o.ID].run(ctx, seconds(o.Seconds))
	return Answer{ID: o.ID, Chars: chars, Seconds: took}, err
}

// read measures how fast so many cores read the weights of a case; nothing where the caches hold them.
func read(o order) (Answer, error) {
	c, err := caseNamed(o.Name)
	if err != nil {
		return Answer{}, err
	}
	cores := max(1, o.Workers)
	far := c.farBytes(cores)
	if far == 0 {
		return Answer{}, nil
	}
	return Answer{Far: far, Rate: newReader(c.weightBytes(), cores).rate(seconds(o.Seconds))}, nil
}

// extra measures a training case's allocations and memory.
func extra(o order) (Answer, error) {
	c, err := caseNamed(o.Name)
	if err != nil {
		return Answer{}, err
	}
	took, need, err := memory(c, o.Workers)
	if err != nil {
		return Answer{}, err
	}
	j, err := newJob(c, o.Workers)
	if err != nil {
		return Answer{}, err
	}
	return Answer{Allocations: j.allocations(5), Took: took, Need: need}, nil
}

// check saves the weights a training case starts from and answers the losses of
// its first steps, so that a peer can show it does the same work.
func check(o order) (Answer, error) {
	c, err := caseNamed(o.Name)
	if err != nil {
		return Answer{}, err
	}
	c.Kind = KindTrain
	j, err := newJob(c, 0)
	if err != nil {
		return Answer{}, err
	}
	alphabet, err := alphabetOf(c.Vocab)
	if err != nil {
		return Answer{}, err
	}
	if err := checkpoint.Save(o.Path, &checkpoint.Checkpoint{Model: j.model, Alphabet: alphabet}); err != nil {
		return Answer{}, err
	}
	a := Answer{X: j.x, Y: j.y}
	for range o.Steps {
		a.Losses = append(a.Losses, j.step())
	}
	return a, nil
}
