package crew

import (
	"runtime"
	"sync"
	"sync/atomic"
)

// helper is a goroutine that works for any crew, or the place of one that has ended.
// Helpers are shared: a program that trains has a crew for the pass and one for the
// optimiser, and a helper that waited for the one would keep the other's from running.
type helper struct {
	state  atomic.Uint64 // times taken by a crew * states + what it does
	_      [56]byte      // looked at all the time: a line of its own
	crew   *Crew         // of its job
	worker int
	start  func()
}

// What a helper does.
const (
	ended   = iota // no goroutine
	idle           // looks for a job
	called         // has a job
	claimed        // somebody is changing crew and worker
	states
)

// engaged is the helper that last worked for a crew, and its state when it is free to do
// so again at once.
type engaged struct {
	h    *helper
	free uint64
}

// pool is all helpers there ever were; the slice is replaced, not written.
var pool struct {
	sync.Mutex
	helpers atomic.Pointer[[]*helper]
}

// engage has job w run by a helper: the one of last time if no other crew took it since.
func (c *Crew) engage(w int) {
	e := &c.helpers[w-1]
	if e.h != nil && e.h.state.CompareAndSwap(e.free, e.free-idle+called) {
		return
	}
	h, was := claim(w - 1)
	h.crew, h.worker = c, w
	taken := (was/states + 1) * states
	*e = engaged{h, taken + idle}
	h.state.Store(taken + called)
	if was%states == ended {
		go h.start()
	}
}

// claim takes a helper, an idle one if there is one, and returns what it was. Crews
// begin their search at different places.
func claim(first int) (h *helper, was uint64) {
	var all []*helper
	if p := pool.helpers.Load(); p != nil {
		all = *p
	}
	for _, want := range []uint64{idle, ended} {
		for i := range all {
			h := all[(first+i)%len(all)]
			was := h.state.Load()
			if was%states == want && h.state.CompareAndSwap(was, was/states*states+claimed) {
				return h, was
			}
		}
	}
	h = &helper{}
	h.start = h.live
	h.state.Store(claimed)
	pool.Lock()
	defer pool.Unlock()
	if p := pool.helpers.Load(); p != nil {
		all = *p
	}
	grown := append(all[:len(all):len(all)], h)
	pool.helpers.Store(&grown)
	return h, ended
}

// live is the life of a helper: jobs until none comes for a while.
func (h *helper) live() {
	for {
		c := h.crew
		active, free := c.active, h.state.Load()-called+idle
		c.job(h.worker)
		h.state.Store(free) // before Do can return: the next finds it
		c.arrive()
		if (!active || !h.wait(free)) && h.end(free) {
			return
		}
	}
}

// wait reports whether a job came in time. It may be seen half made.
func (h *helper) wait(free uint64) bool {
	for wait := startWait(linger); wait.more(); {
		for range looks {
			if h.state.Load() != free {
				return h.waitClaim()
			}
		}
	}
	return false
}

// waitClaim waits for a claim that is under way, and reports true.
func (h *helper) waitClaim() bool {
	for h.state.Load()%states != called {
		runtime.Gosched()
	}
	return true
}

// end reports whether the goroutine may end; false when a job came after all.
func (h *helper) end(free uint64) bool {
	if !h.state.CompareAndSwap(free, free-idle+claimed) {
		return !h.waitClaim()
	}
	h.crew = nil
	h.state.Store(free - idle + states + ended)
	return true
}
