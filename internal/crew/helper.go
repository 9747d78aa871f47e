package crew

import (
	"sync"
	"sync/atomic"
)

// helper is a goroutine that works for any crew, or the place of one that has ended.
// Helpers are shared: a program that trains has a crew for the pass and one for the
// optimiser, and a helper that waited for the one would keep the other's from running.
type helper struct {
	crew   *Crew // of the job it was called for
	worker int
	start  func()
	_      [40]byte
	called atomic.Bool // a job is there; looked at all the time, so on a line of its own
	_      [63]byte
}

// pool is the helpers without a job, the last to finish on top.
var pool struct {
	sync.Mutex
	idle  []*helper // looking for a job
	ended []*helper // no goroutine
}

// engage has job w of c run by a helper.
func engage(c *Crew, w int) {
	pool.Lock()
	h := pop(&pool.idle)
	awake := h != nil
	if !awake {
		h = pop(&pool.ended)
	}
	if h == nil {
		h = new(helper)
		h.start = h.live
	}
	h.crew, h.worker = c, w
	h.called.Store(true)
	pool.Unlock()
	if !awake {
		go h.start()
	}
}

func pop(s *[]*helper) *helper {
	n := len(*s)
	if n == 0 {
		return nil
	}
	h := (*s)[n-1]
	*s = (*s)[:n-1]
	return h
}

// live is the life of a helper: jobs until none comes for a while.
func (h *helper) live() {
	for {
		c := h.crew
		active := c.active
		c.job(h.worker)
		h.called.Store(false)
		pool.Lock()
		pool.idle = append(pool.idle, h) // before Do can return: the next finds it
		pool.Unlock()
		c.arrive()
		if (!active || !h.wait()) && h.end() {
			return
		}
	}
}

// wait reports whether a job came in time.
func (h *helper) wait() bool {
	for wait := startWait(linger); wait.more(); {
		for range looks {
			if h.called.Load() {
				return true
			}
		}
	}
	return false
}

// end reports whether the goroutine may end; false when a job came after all.
func (h *helper) end() bool {
	pool.Lock()
	defer pool.Unlock()
	for i, x := range pool.idle {
		if x == h {
			pool.idle = append(pool.idle[:i], pool.idle[i+1:]...)
			pool.ended = append(pool.ended, h)
			h.crew = nil
			return true
		}
	}
	return false
}
