// Package crew runs one function on a fixed number of goroutines that meet at
// barriers and share out loops: what a training step needs, without allocating
// and with a hand-over well below a microsecond.
//
// No goroutine is kept for good: after a job the helpers wait a moment for the
// next one, of whichever crew, and then end by themselves, so a Crew needs no Close.
package crew

import (
	"runtime"
	"sync"
	"sync/atomic"
	"time"
)

// Crew is n workers: the caller of Do and n-1 helpers. It serves one Do at a time.
type Crew struct {
	n       int
	job     func(worker int)
	active  bool // waiting actively pays: every worker can have a processor
	mu      sync.Mutex
	cond    *sync.Cond
	_       [64]byte
	arrived atomic.Int32
	asleep  atomic.Int32  // workers that wait at cond
	turn    atomic.Uint32 // counts barriers passed
	_       [64]byte
	next    atomic.Int64
	_       [64]byte
}

// New makes a crew of n workers, n < 1 standing for GOMAXPROCS.
func New(n int) *Crew {
	if n < 1 {
		n = runtime.GOMAXPROCS(0)
	}
	c := &Crew{n: n}
	c.cond = sync.NewCond(&c.mu)
	return c
}

// Workers is n.
func (c *Crew) Workers() int { return c.n }

// Do runs job(0) here and job(1)..job(n-1) on helpers, and returns when all have
// returned. Every job must call Barrier equally often.
func (c *Crew) Do(job func(worker int)) {
	c.next.Store(0)
	if c.n == 1 {
		job(0)
		return
	}
	c.job, c.active = job, min(runtime.GOMAXPROCS(0), processors) >= c.n
	for w := 1; w < c.n; w++ {
		engage(c, w)
	}
	job(0)
	c.Barrier()
}

// Barrier returns when every worker of the running job has called it. It resets Next.
func (c *Crew) Barrier() {
	turn := c.turn.Load()
	if c.arrive() {
		return
	}
	if c.active {
		for wait := startWait(patience); wait.more(); {
			for range looks {
				if c.turn.Load() != turn {
					return
				}
			}
		}
	}
	c.mu.Lock()
	c.asleep.Add(1)
	for c.turn.Load() == turn {
		c.cond.Wait()
	}
	c.asleep.Add(-1)
	c.mu.Unlock()
}

// arrive counts a worker in and reports whether it was the last; the last one sets
// the others free.
func (c *Crew) arrive() bool {
	if int(c.arrived.Add(1)) < c.n {
		return false
	}
	c.arrived.Store(0)
	c.next.Store(0)
	c.turn.Add(1)
	if c.asleep.Load() > 0 { // whoever goes to sleep after this look sees the new turn
		c.mu.Lock()
		c.cond.Broadcast()
		c.mu.Unlock()
	}
	return true
}

// Next hands out 0, 1, 2, ... to the workers of the running job, anew after each
// Barrier: who asks, gets the next piece.
func (c *Crew) Next() int { return int(c.next.Add(1) - 1) }

// processors is how many this process may use: GOMAXPROCS can be set higher.
var processors = runtime.NumCPU()

// How long a worker looks for the others, and a helper for its next job, before it gives
// its processor away. To wake a sleeper costs 50 to 100 us on a virtual machine, and
// whoever waits for it may fall asleep in turn, so patience is a few times that; a
// worker that is away for longer lost its processor to another program, which
// then finds this one's free.
const (
	patience = 300 * time.Microsecond
	linger   = 300 * time.Microsecond
	looks    = 200 // between two looks at the clock
	breath   = 50 * time.Microsecond
)

// waiting is an active wait under way. Now and then it lets other goroutines run.
type waiting struct {
	start time.Time
	limit time.Duration
	next  time.Duration
}

func startWait(limit time.Duration) waiting { return waiting{limit: limit} }

// more is asked before every round of looks.
func (w *waiting) more() bool {
	if w.next == 0 { // most waits are over before the clock matters
		w.start, w.next = time.Now(), breath
		return true
	}
	d := time.Since(w.start)
	if d > w.limit {
		return false
	}
	if d > w.next {
		w.next = d + breath
		runtime.Gosched()
	}
	return true
}
