package dissect

import (
	"sync"

	"github.com/rnnscope/rnnscope/text"
)

// page is how much of the text is read at once where single characters are asked for.
const page = 1 << 12

// pages gives pieces of the text that is being shown: the page read last is at hand.
// What fails is kept, and told at the end.
type pages struct {
	of text.Source

	mu  sync.Mutex
	lo  int
	ids []int32
	err error
}

// read is the symbols [lo, hi); symbol 0 where the text cannot be read.
func (p *pages) read(lo, hi int) []int32 {
	p.mu.Lock()
	defer p.mu.Unlock()
	if lo < p.lo || hi > p.lo+len(p.ids) {
		from := max(0, min(lo, hi-page/2))
		ids := make([]int32, min(max(hi, from+page), p.of.Len())-from)
		if err := p.of.Read(ids, from); err != nil && p.err == nil {
			p.err = err
		}
		p.lo, p.ids = from, ids
	}
	return p.ids[lo-p.lo : hi-p.lo]
}

// failed keeps the first error.
func (p *pages) failed(err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.err == nil {
		p.err = err
	}
}
