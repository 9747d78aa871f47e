// Package jobs runs the program's commands for the live page: one at a time, in the order they came, with progress
// and a way to stop.
package jobs

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"slices"
	"sync"
	"time"
)

// Command runs one of the program's commands, such as {"dissect", "runs/a"}: what it stores is
// what it would store on the command line. watch is told how far it is. It returns ctx's error
// when stopped.
type Command func(ctx context.Context, args []string, watch func(Progress)) error

// Progress is how far a job is.
type Progress struct {
	What  string  `json:"what" doc:"\"dissecting\""`
	Done  int64   `json:"done"`
	Total int64   `json:"total" doc:"0: not known yet."`
	Unit  string  `json:"unit" doc:"What is counted: \"char\"."`
	Extra string  `json:"extra" doc:"Said beside it: a loss."`
	Left  float64 `json:"left" doc:"Seconds left, 0: not known."`
}

// Job is one command with what became of it.
type Job struct {
	ID       int64      `json:"id"`
	Kind     string     `json:"kind"`
	Run      string     `json:"run"`
	Command  string     `json:"command" doc:"The same on the command line."`
	State    string     `json:"state" enum:"waiting,running,done,failed,stopped"`
	Error    string     `json:"error,omitempty"`
	Progress Progress   `json:"progress"`
	Asked    time.Time  `json:"asked"`
	Started  *time.Time `json:"started,omitempty"`
	Ended    *time.Time `json:"ended,omitempty"`

	args []string
	stop context.CancelFunc // of a running one
}

// Bounds of the queue.
const (
	waitingJobsMost = 32
	endedJobsMost   = 100
)

// Why nothing came of a request; match with errors.Is.
var (
	ErrFull    = errors.New("the queue is full; wait until a job has ended")
	ErrUnknown = errors.New("there is no such job")
	ErrNone    = errors.New("this server only shows: start it on this machine's own address, or with --write, to let it work")
	errClosed  = errors.New("the server closes")
)

// Queue runs one job at a time, in the order they came.
type Queue struct {
	command Command

	mu      sync.Mutex
	jobs    []*Job // oldest first
	next    int64
	running bool
	closed  bool
	changed chan struct{} // closed when something changed, then another
	wg      sync.WaitGroup
}

// New makes an empty queue; without a command nothing can be added.
func New(command Command) *Queue { return &Queue{command: command, changed: make(chan struct{})} }

// tell wakes those who wait for a change; mu is held.
func (q *Queue) tell() {
	close(q.changed)
	q.changed = make(chan struct{})
}

// Add puts a command into the queue. The same command waiting or running is not added again.
func (q *Queue) Add(kind, run, line string, args []string) (Job, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.command == nil {
		return Job{}, ErrNone
	}
	if q.closed {
		return Job{}, errClosed
	}
	waiting := 0
	for _, j := range q.jobs {
		if j.State != "waiting" && j.State != "running" {
			continue
		}
		if slices.Equal(j.args, args) {
			return *j, nil
		}
		waiting++
	}
	if waiting >= waitingJobsMost {
		return Job{}, ErrFull
	}
	q.next++
	j := &Job{ID: q.next, Kind: kind, Run: run, Command: line, State: "waiting", Asked: time.Now().UTC(), args: args}
	q.jobs = append(q.jobs, j)
	q.prune()
	q.tell()
	if !q.running {
		q.running = true
		q.wg.Go(q.work)
	}
	return *j, nil
}

// prune forgets the oldest of those that ended; mu is held.
func (q *Queue) prune() {
	ended := 0
	for i := len(q.jobs) - 1; i >= 0; i-- {
		if q.jobs[i].Ended == nil {
			continue
		}
		if ended++; ended > endedJobsMost {
			q.jobs = slices.Delete(q.jobs, i, i+1)
		}
	}
}

// work runs what waits until nothing does.
func (q *Queue) work() {
	for {
		q.mu.Lock()
		i := slices.IndexFunc(q.jobs, func(j *Job) bool { return j.State == "waiting" })
		if i < 0 || q.closed {
			q.running = false
			q.mu.Unlock()
			return
		}
		j := q.jobs[i]
		ctx, stop := context.WithCancel(context.Background())
		now := time.Now().UTC()
		j.State, j.Started, j.stop = "running", &now, stop
		q.tell()
		q.mu.Unlock()

		err := q.run(ctx, j)
		stopped := ctx.Err() != nil
		stop()

		q.mu.Lock()
		end := time.Now().UTC()
		j.Ended, j.stop = &end, nil
		switch {
		case err == nil:
			j.State = "done"
		case stopped:
			j.State = "stopped"
		default:
			j.State, j.Error = "failed", err.Error()
		}
		q.tell()
		q.mu.Unlock()
	}
}

// run runs a job's command. One that panics fails; the server goes on.
func (q *Queue) run(ctx context.Context, j *Job) (err error) {
	defer func() {
		if x := recover(); x != nil {
			err = fmt.Errorf("the program made a mistake: %v\n%s", x, debug.Stack())
		}
	}()
	return q.command(ctx, j.args, func(p Progress) {
		q.mu.Lock()
		defer q.mu.Unlock()
		j.Progress = p
		q.tell()
	})
}

// Cancel stops a job, or takes it out of the queue.
func (q *Queue) Cancel(id int64) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, j := range q.jobs {
		if j.ID != id {
			continue
		}
		switch j.State {
		case "waiting":
			now := time.Now().UTC()
			j.State, j.Ended = "stopped", &now
			q.tell()
		case "running":
			j.stop()
		}
		return nil
	}
	return ErrUnknown
}

// List is all jobs, the newest first, and what is closed at the next change.
func (q *Queue) List() ([]Job, <-chan struct{}) {
	q.mu.Lock()
	defer q.mu.Unlock()
	out := make([]Job, 0, len(q.jobs))
	for i := len(q.jobs) - 1; i >= 0; i-- {
		out = append(out, *q.jobs[i])
	}
	return out, q.changed
}

// Active says whether a run is being worked on, and by what.
func (q *Queue) Active(run string) (kind string, ok bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, j := range q.jobs {
		if j.Run == run && j.State == "running" {
			return j.Kind, true
		}
	}
	return "", false
}

// Close stops what runs and waits for it.
func (q *Queue) Close() {
	q.mu.Lock()
	q.closed = true
	for _, j := range q.jobs {
		if j.stop != nil {
			j.stop()
		}
	}
	q.mu.Unlock()
	q.wg.Wait()
}
