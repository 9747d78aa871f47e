// Package crew runs one function on a fixed number of goroutines that meet at
// barriers and share out loops: what a training step needs, without allocating
// and with a hand-over of about a microsecond.
//
// No goroutine is kept for good: after a job the helpers wait a moment for the
// next one and then end by themselves, so a Crew needs no Close.
package crew

import (
	"runtime"
	"sync"
	"sync/atomic"
	"time"
)

// How long to wait actively before blocking, in looks at the flag (about 1 ns
// each), and how long a helper waits for the next job before it ends.
const (
	spins  = 20_000
	linger = 200 * time.Microsecond
)

// States of a helper.
const (
	gone    = iota // no goroutine
	waiting        // a goroutine looks for the next job
	called         // a job is there
)

// Crew is n workers: the caller of Do and n-1 helpers. It serves one Do at a time.
type Crew struct {
	n       int
	job     func(worker int)
	helpers []helper
	next    atomic.Int64
	arrived atomic.Int32
	turn    atomic.Uint32 // counts barriers passed
	active  atomic.Bool   // spinning pays: every worker has a processor
	mu      sync.Mutex
	cond    *sync.Cond
}

type helper struct {
	state atomic.Int32
	start func()
	_     [40]byte // a cache line of its own
}

// New makes a crew of n workers, n < 1 standing for GOMAXPROCS.
func New(n int) *Crew {
	if n < 1 {
		n = runtime.GOMAXPROCS(0)
	}
	c := &Crew{n: n, helpers: make([]helper, n-1)}
	c.cond = sync.NewCond(&c.mu)
	for i := range c.helpers {
		c.helpers[i].start = func() { c.help(i) }
	}
	return c
}

// Workers is n.
func (c *Crew) Workers() int { return c.n }

// Do runs job(0) here and job(1)..job(n-1) on the helpers, and returns when all have
// returned. Every job must call Barrier equally often.
func (c *Crew) Do(job func(worker int)) {
	c.next.Store(0)
	if c.n == 1 {
		job(0)
		return
	}
	c.active.Store(runtime.GOMAXPROCS(0) >= c.n)
	c.job = job
	for i := range c.helpers {
		h := &c.helpers[i]
		if h.state.Swap(called) == gone {
			go h.start()
		}
	}
	job(0)
	c.Barrier()
}

// Barrier returns when every worker of the running job has called it. It resets Next.
func (c *Crew) Barrier() {
	if c.n == 1 {
		c.next.Store(0)
		return
	}
	turn := c.turn.Load()
	if int(c.arrived.Add(1)) == c.n {
		c.arrived.Store(0)
		c.next.Store(0)
		c.mu.Lock()
		c.turn.Add(1)
		c.mu.Unlock()
		c.cond.Broadcast()
		return
	}
	if c.active.Load() {
		for range spins {
			if c.turn.Load() != turn {
				return
			}
		}
	}
	c.mu.Lock()
	for c.turn.Load() == turn {
		c.cond.Wait()
	}
	c.mu.Unlock()
}

// Next hands out 0, 1, 2, ... to the workers of the running job, anew after each
// Barrier: who asks, gets the next piece.
func (c *Crew) Next() int { return int(c.next.Add(1) - 1) }

// help is the life of helper i: jobs until none comes for a while.
func (c *Crew) help(i int) {
	h := &c.helpers[i]
	for {
		active := c.active.Load()
		c.job(i + 1)
		h.state.Store(waiting)
		c.Barrier() // the last one: Do returns after it
		if !active || !h.wait() {
			if h.state.CompareAndSwap(waiting, gone) {
				return
			}
		}
	}
}

// wait reports whether a job came in time.
func (h *helper) wait() bool {
	for end := time.Now().Add(linger); ; {
		for range 200 {
			if h.state.Load() == called {
				return true
			}
		}
		if time.Now().After(end) {
			return false
		}
	}
}
