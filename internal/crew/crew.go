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
	n        int
	job      func(worker int)
	active   bool // waiting actively pays: every worker can have a processor
	helpers  []engaged
	mu       sync.Mutex
	cond     *sync.Cond
	_        [64]byte
	arrivals atomic.Uint64 // at barriers and ends of jobs; divided by n, the phases gone by
	asleep   atomic.Int32  // workers that wait at cond
	patience atomic.Int64  // nanoseconds of active wait
	_        [64]byte
	next     [2]counter // of even and of odd phases
}

// counter is a number on a cache line of its own.
type counter struct {
	atomic.Int64
	_ [56]byte
}

// New makes a crew of n workers, n < 1 standing for GOMAXPROCS.
func New(n int) *Crew {
	if n < 1 {
		n = runtime.GOMAXPROCS(0)
	}
	c := &Crew{n: n, helpers: make([]engaged, n-1)}
	c.cond = sync.NewCond(&c.mu)
	c.patience.Store(int64(patience))
	return c
}

// Workers is n.
func (c *Crew) Workers() int { return c.n }

// Do runs job(0) here and job(1)..job(n-1) on helpers, and returns when all have
// returned. Every job must call Barrier equally often.
func (c *Crew) Do(job func(worker int)) {
	if c.n > 1 {
		if p := c.patience.Load(); p < int64(patience) {
			c.patience.Store(p + p/8)
		}
		c.job, c.active = job, min(runtime.GOMAXPROCS(0), processors) >= c.n
		for w := 1; w < c.n; w++ {
			c.engage(w)
		}
	}
	job(0)
	c.Barrier()
}

// Barrier returns when every worker of the running job has called it. It resets Next.
func (c *Crew) Barrier() {
	phase := c.arrive()
	end := (phase + 1) * uint64(c.n)
	if c.arrivals.Load() >= end {
		return
	}
	if c.active {
		for wait := startWait(time.Duration(c.patience.Load())); wait.more(); {
			for range looks {
				if c.arrivals.Load() >= end {
					return
				}
			}
		}
	}
	c.patience.Store(max(int64(hurry), c.patience.Load()/2))
	c.mu.Lock()
	c.asleep.Add(1)
	for c.arrivals.Load() < end {
		c.cond.Wait()
	}
	c.asleep.Add(-1)
	c.mu.Unlock()
}

// arrive counts a worker in and returns the phase that it ends for it.
func (c *Crew) arrive() (phase uint64) {
	n := uint64(c.n)
	phase = c.arrivals.Load() / n // this worker's own arrival is missing, so the phase stands
	if other := &c.next[(phase+1)&1]; other.Load() != 0 {
		other.Store(0) // nobody asks it in this phase
	}
	if c.arrivals.Add(1) < (phase+1)*n {
		return phase
	}
	if c.asleep.Load() > 0 { // whoever goes to sleep after this look sees all arrived
		c.mu.Lock()
		c.cond.Broadcast()
		c.mu.Unlock()
	}
	return phase
}

// Next hands out 0, 1, 2, ... to the workers of the running job, anew after each
// Barrier: who asks, gets the next piece.
func (c *Crew) Next() int {
	phase := c.arrivals.Load() / uint64(c.n)
	return int(c.next[phase&1].Add(1) - 1)
}

// processors is how many this process may use: GOMAXPROCS can be set higher.
var processors = runtime.NumCPU()

// How long a worker looks for the others, and a helper for its next job, before it gives
// its processor away. To wake a sleeper costs 50 to 100 us on a virtual machine, and
// whoever waits for it may fall asleep in turn, so patience is a few times that; a
// worker that is away for longer lost its processor to another program, which
// then finds this one's free. Where that happens often patience shrinks, to grow again.
const (
	patience = 300 * time.Microsecond
	hurry    = 40 * time.Microsecond // patience at least, where it was often in vain
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
