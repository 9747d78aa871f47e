package explain

import (
	"runtime"
	"sync"

	"github.com/rnnscope/rnnscope/explain/vocabulary"
	"github.com/rnnscope/rnnscope/specimen"
)

// job is one explanation under way.
type job struct {
	*specimen.Specimen
	opt      Options
	states   specimen.States
	plan     *plan
	base     *vocabulary.Base
	grams    *vocabulary.Grams
	progress Progress
	mu       sync.Mutex
}

func newJob(sp *specimen.Specimen, opt Options) (*job, error) {
	if err := sp.Check(0); err != nil {
		return nil, err
	}
	if len(opt.Sites) == 0 {
		opt.Sites = sp.Sites()
	}
	states, err := sp.States(opt.Sites)
	return &job{Specimen: sp, opt: opt, states: states}, err
}

func (j *job) workers() int {
	if j.opt.Workers > 0 {
		return j.opt.Workers
	}
	return runtime.GOMAXPROCS(0)
}

// stage is a function that counts one of n steps done.
func (j *job) stage(name string, n int) func() {
	done := int64(0)
	if j.progress != nil {
		j.progress(name, 0, int64(n))
	}
	return func() {
		if j.progress == nil {
			return
		}
		j.mu.Lock()
		defer j.mu.Unlock()
		done++
		j.progress(name, done, int64(n))
	}
}
