package specimen

import (
	"sync"

	"github.com/rnnscope/rnnscope/text"
)

// page is how much of the text is read at once where single characters are asked for.
const page = 1 << 12

// Pages gives pieces of the text that is being shown: the page read last is at hand.
// What fails is kept, and reported at the end.
type Pages struct {
	Source text.Source

	mu  sync.Mutex
	lo  int
	ids []int32
	err error
}

// Read is the symbols [lo, hi); symbol 0 where the text cannot be read.
func (p *Pages) Read(lo, hi int) []int32 {
	p.mu.Lock()
	defer p.mu.Unlock()
	if lo < p.lo || hi > p.lo+len(p.ids) {
		from := max(0, min(lo, hi-page/2))
		ids := make([]int32, min(max(hi, from+page), p.Source.Len())-from)
		if err := p.Source.Read(ids, from); err != nil && p.err == nil {
			p.err = err
		}
		p.lo, p.ids = from, ids
	}
	return p.ids[lo-p.lo : hi-p.lo]
}

// Fail keeps the first error.
func (p *Pages) Fail(err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.err == nil {
		p.err = err
	}
}

// Err is the first error.
func (p *Pages) Err() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.err
}
