package main

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

// benchOrder is one line of JSON on the standard input of `rnnscope bench --worker`;
// every order is answered by one line. Between orders the worker computes nothing, so
// that several workers can take turns on one machine.
//
//	{"op":"hello"}                             version, kernels, cores and all cases
//	{"op":"open","name":...,"workers":n}       prepares a case beside those open; answers its id
//	{"op":"run","id":...,"seconds":s}          works for at least s seconds
//	{"op":"close"}                             forgets all open cases
//	{"op":"peak","workers":n,"seconds":s}      FMA peak of n cores
//	{"op":"extra","name":...,"workers":n}      allocations a step and memory
//	{"op":"check","name":...,"path":...,"steps":n}  saves fresh weights, then the losses of n training steps
type benchOrder struct {
	Op      string  `json:"op"`
	Name    string  `json:"name"`
	Workers int     `json:"workers"`
	ID      int     `json:"id"`
	Seconds float64 `json:"seconds"`
	Path    string  `json:"path"`
	Steps   int     `json:"steps"`
}

// benchAnswer holds what the order asked for, or why it could not be had.
type benchAnswer struct {
	Error       string      `json:"error,omitempty"`
	Version     string      `json:"version,omitempty"`
	Kernels     string      `json:"kernels,omitempty"`
	Cores       int         `json:"cores,omitempty"`
	Go          string      `json:"go,omitempty"`
	Cases       []benchCase `json:"cases,omitempty"`
	ID          int         `json:"id"`
	Flops       float64     `json:"flops,omitempty"` // a character, or a second for peak
	Chars       int         `json:"chars,omitempty"`
	Seconds     float64     `json:"seconds,omitempty"`
	Allocations float64     `json:"allocations"`
	Took        float64     `json:"took_bytes,omitempty"`
	Need        float64     `json:"need_bytes,omitempty"`
	Losses      []float64   `json:"losses,omitempty"`
	X           []int32     `json:"x,omitempty"`
	Y           []int32     `json:"y,omitempty"`
}

// benchServer answers orders.
type benchServer struct {
	s    *session
	jobs []*benchJob
}

// serve answers until the input ends.
func (b *benchServer) serve(ctx context.Context, in io.Reader, out io.Writer) error {
	lines := bufio.NewScanner(in)
	enc := json.NewEncoder(out)
	for lines.Scan() {
		var o benchOrder
		var a benchAnswer
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

func (b *benchServer) answer(ctx context.Context, o benchOrder) (benchAnswer, error) {
	switch o.Op {
	case "hello":
		return benchAnswer{Version: programVersion(), Kernels: f32.Path(), Cores: runtime.GOMAXPROCS(0), Go: runtime.Version(), Cases: benchCases()}, nil
	case "open":
		return b.open(o)
	case "run":
		return b.run(ctx, o)
	case "close":
		b.jobs = nil
		runtime.GC()
		return benchAnswer{}, nil
	case "peak":
		return benchAnswer{Flops: benchPeak(max(1, o.Workers), seconds(o.Seconds))}, nil
	case "extra":
		return benchExtra(o)
	case "check":
		return benchCheck(o)
	}
	return benchAnswer{}, fmt.Errorf("no such order: %q", o.Op)
}

func seconds(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }

func caseNamed(name string) (benchCase, error) {
	for _, c := range benchCases() {
		if c.Name == name {
			return c, nil
		}
	}
	return benchCase{}, fmt.Errorf("no configuration %q; there are %s", name, caseNames())
}

func (b *benchServer) open(o benchOrder) (benchAnswer, error) {
	c, err := caseNamed(o.Name)
	if err != nil {
		return benchAnswer{}, err
	}
	j, err := newBenchJob(c, o.Workers)
	if err != nil {
		return benchAnswer{}, err
	}
	b.jobs = append(b.jobs, j)
	return benchAnswer{ID: len(b.jobs) - 1, Flops: c.flops()}, nil
}

func (b *benchServer) run(ctx context.Context, o benchOrder) (benchAnswer, error) {
	if o.ID < 0 || o.ID >= len(b.jobs) {
		return benchAnswer{}, fmt.Errorf("no open case %d", o.ID)
	}
	chars, took, err := b.jobs[o.ID].run(ctx, seconds(o.Seconds))
	return benchAnswer{ID: o.ID, Chars: chars, Seconds: took}, err
}

// benchExtra measures a training case's allocations and memory.
func benchExtra(o benchOrder) (benchAnswer, error) {
	c, err := caseNamed(o.Name)
	if err != nil {
		return benchAnswer{}, err
	}
	took, need, err := benchMemory(c, o.Workers)
	if err != nil {
		return benchAnswer{}, err
	}
	j, err := newBenchJob(c, o.Workers)
	if err != nil {
		return benchAnswer{}, err
	}
	return benchAnswer{Allocations: j.allocations(5), Took: took, Need: need}, nil
}

// benchCheck saves the weights a training case starts from and answers the losses of
// its first steps, so that a peer can show it does the same work.
func benchCheck(o benchOrder) (benchAnswer, error) {
	c, err := caseNamed(o.Name)
	if err != nil {
		return benchAnswer{}, err
	}
	c.Kind = benchTrain
	j, err := newBenchJob(c, 0)
	if err != nil {
		return benchAnswer{}, err
	}
	alphabet, err := benchAlphabet(c.Vocab)
	if err != nil {
		return benchAnswer{}, err
	}
	if err := checkpoint.Save(o.Path, &checkpoint.Checkpoint{Model: j.model, Alphabet: alphabet}); err != nil {
		return benchAnswer{}, err
	}
	a := benchAnswer{X: j.x, Y: j.y}
	for range o.Steps {
		a.Losses = append(a.Losses, j.step())
	}
	return a, nil
}
