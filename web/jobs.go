package web

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
type Command func(ctx context.Context, args []string, watch func(JobProgress)) error

// JobProgress is how far a job is.
type JobProgress struct {
	What  string  `json:"what" doc:"\"dissecting\""`
	Done  int64   `json:"done"`
	Total int64   `json:"total" doc:"0: not known yet."`
	Unit  string  `json:"unit" doc:"What is counted: \"char\"."`
	Extra string  `json:"extra" doc:"Said beside it: a loss."`
	Left  float64 `json:"left" doc:"Seconds left, 0: not known."`
}

// job is one command with what became of it.
type job struct {
	ID       int64       `json:"id"`
	Kind     string      `json:"kind"`
	Run      string      `json:"run"`
	Command  string      `json:"command" doc:"The same on the command line."`
	State    string      `json:"state" enum:"waiting,running,done,failed,stopped"`
	Error    string      `json:"error,omitempty"`
	Progress JobProgress `json:"progress"`
	Asked    time.Time   `json:"asked"`
	Started  *time.Time  `json:"started,omitempty"`
	Ended    *time.Time  `json:"ended,omitempty"`

	args []string
	stop context.CancelFunc // of a running one
}

// Bounds of the queue.
const (
	jobsWaiting = 32
	jobsKept    = 100 // that have ended
)

var (
	errQueue   = errors.New("the queue is full; wait until a job has ended")
	errNoJob   = errors.New("there is no such job")
	errNoJobs  = errors.New("this server only shows: start it on this machine's own address, or with --write, to let it work")
	errRunning = errors.New("the server closes")
)

// queue runs one job at a time, in the order they came.
type queue struct {
	command Command

	mu      sync.Mutex
	jobs    []*job // oldest first
	next    int64
	running bool
	closed  bool
	changed chan struct{} // closed when something changed, then another
	wg      sync.WaitGroup
}

func newQueue(command Command) *queue { return &queue{command: command, changed: make(chan struct{})} }

// tell wakes those who wait for a change; mu is held.
func (q *queue) tell() {
	close(q.changed)
	q.changed = make(chan struct{})
}

// add puts a command into the queue. The same command waiting or running is not added again.
func (q *queue) add(kind, run, line string, args []string) (job, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.command == nil {
		return job{}, errNoJobs
	}
	if q.closed {
		return job{}, errRunning
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
	if waiting >= jobsWaiting {
		return job{}, errQueue
	}
	q.next++
	j := &job{ID: q.next, Kind: kind, Run: run, Command: line, State: "waiting", Asked: time.Now().UTC(), args: args}
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
func (q *queue) prune() {
	ended := 0
	for i := len(q.jobs) - 1; i >= 0; i-- {
		if q.jobs[i].Ended == nil {
			continue
		}
		if ended++; ended > jobsKept {
			q.jobs = slices.Delete(q.jobs, i, i+1)
		}
	}
}

// work runs what waits until nothing does.
func (q *queue) work() {
	for {
		q.mu.Lock()
		i := slices.IndexFunc(q.jobs, func(j *job) bool { return j.State == "waiting" })
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
func (q *queue) run(ctx context.Context, j *job) (err error) {
	defer func() {
		if x := recover(); x != nil {
			err = fmt.Errorf("the program made a mistake: %v\n%s", x, debug.Stack())
		}
	}()
	return q.command(ctx, j.args, func(p JobProgress) {
		q.mu.Lock()
		defer q.mu.Unlock()
		j.Progress = p
		q.tell()
	})
}

// cancel stops a job, or takes it out of the queue.
func (q *queue) cancel(id int64) error {
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
	return errNoJob
}

// list is all jobs, the newest first, and what is closed at the next change.
func (q *queue) list() ([]job, <-chan struct{}) {
	q.mu.Lock()
	defer q.mu.Unlock()
	out := make([]job, 0, len(q.jobs))
	for i := len(q.jobs) - 1; i >= 0; i-- {
		out = append(out, *q.jobs[i])
	}
	return out, q.changed
}

// active says whether a run is being worked on, and by what.
func (q *queue) active(run string) (kind string, ok bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, j := range q.jobs {
		if j.Run == run && j.State == "running" {
			return j.Kind, true
		}
	}
	return "", false
}

// close stops what runs and waits for it.
func (q *queue) close() {
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
