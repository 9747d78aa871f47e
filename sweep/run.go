package sweep

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/rnnscope/rnnscope/internal/durable"
)

// ErrOther says that a directory holds another sweep.
var ErrOther = errors.New("this directory holds another sweep")

// errTakenOver stops the work on a cell that somebody else took over.
var errTakenOver = errors.New("another process took this cell over")

// Outcome is what a finished cell came to.
type Outcome struct {
	Cell       string             `json:"cell"`
	Step       int64              `json:"step"`
	Validation float64            `json:"validation_nats"`
	Test       float64            `json:"test_nats"`
	Figures    map[string]float64 `json:"figures,omitempty"` // of measures, by name
}

// failure is what is kept of a cell that failed.
type failure struct {
	Cell  string `json:"cell"`
	Tries int    `json:"tries"`
	Error string `json:"error"`
}

// Work trains and measures a cell in its run directory, from wherever an earlier try
// stopped. It returns the context's error when it was stopped and has saved. cores says
// how many cores it may use from now on, see Options.Parallel; ask it before each piece of work.
type Work func(ctx context.Context, c Cell, dir string, cores func() int) (*Outcome, error)

// Event is reported as it happens.
type Event struct {
	Cell  string
	What  EventKind
	Error error // of Failed
	Done  int   // cells that are finished, by anybody
	Total int
}

// EventKind is what happened to a cell.
type EventKind string

// What can happen.
const (
	Started  EventKind = "started"
	Finished EventKind = "finished"
	Failed   EventKind = "failed"
	Waiting  EventKind = "waiting" // others work on all that is left
)

// Options of a sweep.
type Options struct {
	Parallel int         // cores of this process, at least 1: so many cells at once; fewer cells that are left share them
	Only     int         // the index of the one cell to work on; -1: all
	Tell     func(Event) // may be nil; called from several goroutines, never at once
	Poll     time.Duration
}

// Sweep is a grid in a directory:
//
//	grid.yaml  sweep.json          what is run, and with which kernels
//	runs/NAME/                     a run a cell
//	claims/NAME.1                  who works on it
//	done/NAME.json failed/NAME.json
type Sweep struct {
	Grid    *Grid
	Dir     string
	Kernels string
	cells   []Cell
}

// Open makes the directory of a sweep, or comes back to it. The kernels must be the same:
// another path gives other bits. The grid may be corrected: what is finished must be in it
// unchanged, with the same measures; what a changed cell had begun is put aside. Errors match
// ErrGrid or ErrOther.
func Open(dir string, grid []byte, kernels string) (*Sweep, error) {
	g, err := Parse(grid)
	if err != nil {
		return nil, err
	}
	if g.Kernels != "" && g.Kernels != kernels {
		return nil, fmt.Errorf("%w: kernels: %s, but this machine runs %s", ErrGrid, g.Kernels, kernels)
	}
	for _, sub := range []string{"runs", "claims", "done", "failed"} {
		if err := os.MkdirAll(filepath.Join(dir, sub), 0o755); err != nil {
			return nil, err
		}
	}
	s := &Sweep{Grid: g, Dir: dir, Kernels: kernels, cells: g.Cells()}
	if err := s.keepGrid(grid); err != nil {
		return nil, err
	}
	return s, s.same("kernels", []byte(kernels+"\n"), "it was begun with other kernels (see the file kernels in it)")
}

// same writes a file or checks that it says the same.
func (s *Sweep) same(name string, want []byte, otherwise string) error {
	path := filepath.Join(s.Dir, name)
	got, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return durable.WriteFile(path, func(w io.Writer) error { _, err := w.Write(want); return err })
	}
	if err == nil && string(got) != string(want) {
		return fmt.Errorf("%w: %s: %s", ErrOther, s.Dir, otherwise)
	}
	return err
}

// Cells lists the trainings.
func (s *Sweep) Cells() []Cell { return s.cells }

func (s *Sweep) donePath(c Cell) string   { return filepath.Join(s.Dir, "done", c.Name+".json") }
func (s *Sweep) failedPath(c Cell) string { return filepath.Join(s.Dir, "failed", c.Name+".json") }

// RunDir is the run directory of a cell.
func (s *Sweep) RunDir(c Cell) string { return filepath.Join(s.Dir, "runs", c.Name) }

// Outcomes are those of the finished cells, in the order of the grid.
func (s *Sweep) Outcomes() ([]Outcome, error) {
	var out []Outcome
	for _, c := range s.cells {
		var o Outcome
		switch err := readJSON(s.donePath(c), &o); {
		case errors.Is(err, fs.ErrNotExist):
			continue
		case err != nil:
			return nil, err
		}
		out = append(out, o)
	}
	return out, nil
}

// Failures are the cells that failed at their last try, a sentence each.
func (s *Sweep) Failures() ([]string, error) {
	var out []string
	for _, c := range s.cells {
		var f failure
		switch err := readJSON(s.failedPath(c), &f); {
		case errors.Is(err, fs.ErrNotExist):
			continue
		case err != nil:
			return nil, err
		}
		out = append(out, fmt.Sprintf("%s failed %d times: %s", f.Cell, f.Tries, f.Error))
	}
	return out, nil
}

func readJSON(path string, v any) error {
	b, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(b, v); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}

func writeJSON(path string, v any) error {
	return durable.WriteFile(path, func(w io.Writer) error {
		e := json.NewEncoder(w)
		e.SetIndent("", "  ")
		return e.Encode(v)
	})
}

// pool is the work of one process on a sweep.
type pool struct {
	*Sweep
	opt  Options
	work Work

	mu    sync.Mutex
	tries map[string]int
	busy  map[string]bool
	seen  *claims
	ended error
}

// Run works on cells until all are finished or have failed once more than Retries,
// whoever does them. It returns the context's error when it was stopped; failures are
// reported and kept; they are no error of Run.
func (s *Sweep) Run(ctx context.Context, opt Options, work Work) error {
	p := &pool{Sweep: s, opt: opt, work: work, tries: map[string]int{}, busy: map[string]bool{}, seen: claimsIn(filepath.Join(s.Dir, "claims"))}
	if p.opt.Poll == 0 {
		p.opt.Poll = time.Second
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var wg sync.WaitGroup
	for range max(1, opt.Parallel) {
		wg.Go(func() {
			if err := p.loop(ctx); err != nil {
				p.mu.Lock()
				if p.ended == nil {
					p.ended = err
				}
				p.mu.Unlock()
				cancel()
			}
		})
	}
	wg.Wait()
	return p.ended
}

// loop takes one cell after the other; it waits where others work on what is left.
func (p *pool) loop(ctx context.Context) error {
	for said := false; ; {
		c, mine, left, err := p.next()
		switch {
		case err != nil:
			return err
		case ctx.Err() != nil:
			if mine != nil {
				return errors.Join(ctx.Err(), mine.release())
			}
			return ctx.Err()
		case mine != nil:
			said = false
			if err := p.do(ctx, c, mine); err != nil {
				return err
			}
			continue
		case left == 0:
			return nil
		}
		if !said && p.isIdle() {
			p.tell(Event{What: Waiting})
			said = true
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(p.opt.Poll):
		}
	}
}

// next claims the first cell that nobody has; left counts those not finished.
func (p *pool) next() (c Cell, mine *claim, left int, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, c := range p.cells {
		if !p.mine(c) {
			continue
		}
		left++
		if p.busy[c.Name] {
			continue
		}
		mine, held, err := p.seen.take(c.Name, time.Now())
		if err != nil {
			return c, nil, left, err
		}
		if held {
			continue
		}
		if _, err := os.Stat(p.donePath(c)); err == nil { // finished between the two looks
			left--
			if err := mine.release(); err != nil {
				return c, nil, left, err
			}
			continue
		}
		p.busy[c.Name] = true
		return c, mine, left, nil
	}
	return c, nil, left, nil
}

// isIdle reports that this process works on nothing: others do.
func (p *pool) isIdle() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.busy) == 0
}

// cores are those of one cell: the process's, shared evenly among the cells that it works on and those that wait for
// it. Cells only become fewer, but for those that others give up: so together they have no more than there are.
func (p *pool) cores() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	most := max(1, p.opt.Parallel)
	cells := len(p.busy)
	for _, c := range p.cells {
		if cells >= most {
			return 1
		}
		if p.mine(c) && !p.busy[c.Name] && !p.seen.isHeld(c.Name, time.Now()) {
			cells++
		}
	}
	return most / max(1, cells)
}

// mine reports whether this process would work on a cell that nobody has: it is asked for, not done, and may be tried.
func (p *pool) mine(c Cell) bool {
	if p.opt.Only >= 0 && c.Index != p.opt.Only || p.tries[c.Name] > p.Grid.Retries {
		return false
	}
	_, err := os.Stat(p.donePath(c))
	return err != nil
}

// do works on a cell while its claim is renewed beside.
func (p *pool) do(ctx context.Context, c Cell, mine *claim) error {
	p.tell(Event{Cell: c.Name, What: Started})
	inner, cancel := context.WithCancelCause(ctx)
	renewed := make(chan struct{})
	go func() {
		defer close(renewed)
		for {
			select {
			case <-inner.Done():
				return
			case now := <-time.After(Renewal):
				if ok, _ := mine.renew(now); !ok {
					cancel(errTakenOver)
				}
			}
		}
	}()
	out, err := p.work(inner, c, p.RunDir(c), p.cores)
	taken := errors.Is(context.Cause(inner), errTakenOver)
	cancel(nil)
	<-renewed
	p.mu.Lock()
	delete(p.busy, c.Name)
	p.mu.Unlock()
	if taken {
		return nil // it is the other's now
	}
	switch {
	case ctx.Err() != nil:
		return errors.Join(ctx.Err(), mine.release())
	case err != nil:
		err = p.fail(c, err)
	default:
		out.Cell = c.Name
		if err = writeJSON(p.donePath(c), out); err == nil {
			err = removeFile(p.failedPath(c))
			p.tell(Event{Cell: c.Name, What: Finished})
		}
	}
	return errors.Join(err, mine.release())
}

// fail keeps what went wrong; the cell is tried again while it may be.
func (p *pool) fail(c Cell, cause error) error {
	p.mu.Lock()
	p.tries[c.Name]++
	f := failure{c.Name, p.tries[c.Name], cause.Error()}
	p.mu.Unlock()
	p.tell(Event{Cell: c.Name, What: Failed, Error: cause})
	return writeJSON(p.failedPath(c), f)
}

func removeFile(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

func (p *pool) tell(e Event) {
	if p.opt.Tell == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	e.Total = len(p.cells)
	for _, c := range p.cells {
		if _, err := os.Stat(p.donePath(c)); err == nil {
			e.Done++
		}
	}
	p.opt.Tell(e)
}
