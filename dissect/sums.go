package dissect

import (
	"fmt"
	"slices"
	"sort"

	"github.com/rnnscope/rnnscope/dissect/shard"
	"github.com/rnnscope/rnnscope/specimen"
	"github.com/rnnscope/rnnscope/stat"
	"github.com/rnnscope/rnnscope/text"
)

// The walks below take what a pass counts through a coder, which writes it or adds what a shard wrote.

// check holds what all shards counted on n positions against one another. Errors match stat.ErrCounts.
func (t *tally) check(n int64) error {
	for s := range t.tables {
		if err := t.tables[s].Check(n); err != nil {
			return err
		}
	}
	return nil
}

func (t *tally) walk(c *shard.Coder) {
	for s := range t.tables {
		c.Table(t.tables[s])
		c.Ints(t.absAll[s])
		c.Ints(t.absOn[s])
	}
}

// check holds what all shards measured on the report, n positions, against one another.
func (m *measured) check(n int64, report text.Blocks) error {
	if err := m.tally.check(n); err != nil {
		return err
	}
	for c, row := range m.pairs {
		for s, pair := range row {
			if !pair.agrees(m.tables[s]) {
				return fmt.Errorf("%w: concept %d, segment by segment", stat.ErrCounts, c)
			}
		}
	}
	for c, pair := range m.state {
		if pair != nil && !pair.agrees(m.tables[pair.choice.site]) {
			return fmt.Errorf("%w: concept %d, segment by segment", stat.ErrCounts, c)
		}
	}
	if u := m.url; u != nil {
		all, on := m.tables[u.site].Count(u.c)
		if !addUp(u.onN, on) || !addUp(u.offN, all-on) {
			return fmt.Errorf("%w: URLs, segment by segment", stat.ErrCounts)
		}
	}
	for _, lists := range m.peaks {
		for _, l := range lists {
			if !l.Within(func(at int) bool { return inside(report, at) }) {
				return fmt.Errorf("%w: a unit is said to be active outside the report", stat.ErrCounts)
			}
		}
	}
	return nil
}

// inside reports whether one of blocks, which are in the order of the text, holds a position.
func inside(blocks text.Blocks, at int) bool {
	i := sort.Search(blocks.Len(), func(i int) bool { return blocks.At(i).Hi > at })
	return i < blocks.Len() && blocks.At(i).Lo <= at
}

// addUp reports whether counts are none below 0 and n together.
func addUp(counts []int64, n int64) bool {
	for _, k := range counts {
		if k < 0 || k > n {
			return false
		}
		n -= k
	}
	return n == 0
}

// agrees reports whether the counts of the segments add up to those of the whole report.
func (p *pairTally) agrees(t *stat.Table) bool {
	if p == nil {
		return true
	}
	var buf [stat.Bins]int64
	on, off := t.Histograms(p.choice.concept, p.choice.unit, buf[:])
	for b := range stat.Bins {
		if !addUp(every(p.bins.On, b), on[b]) || !addUp(every(p.bins.Off, b), off[b]) {
			return false
		}
	}
	return p.held == nil || p.held.agrees(on, off)
}

// every is the count of a bin in each segment.
func every(counts []int64, bin int) []int64 {
	var out []int64
	for i := bin; i < len(counts); i += stat.Bins {
		out = append(out, counts[i])
	}
	return out
}

// agrees reports whether the counts by level add up to those of the whole report, and those of the segments to
// the levels they are of.
func (h *heldTally) agrees(on, off []int64) bool {
	for _, side := range []struct {
		levels   *[len(specimen.HeldGaps) + 1][stat.Bins]int64
		far, all []int64
	}{{&h.on, h.far.On, on}, {&h.off, h.far.Off, off}} {
		for b := range stat.Bins {
			var far int64
			left := side.all[b]
			for level := range side.levels {
				k := side.levels[level][b]
				if k < 0 || k > left {
					return false
				}
				if left -= k; level >= farLevel {
					far += k
				}
			}
			if left != 0 || !addUp(every(side.far, b), far) {
				return false
			}
		}
	}
	return true
}

func (m *measured) walk(c *shard.Coder) {
	m.tally.walk(c)
	for _, row := range m.pairs {
		for _, pair := range row {
			pair.walk(c)
		}
	}
	for _, pair := range m.state {
		pair.walk(c)
	}
	if m.url != nil {
		for _, xs := range [][]int64{m.url.on, m.url.off, m.url.plain, m.url.onN, m.url.offN} {
			c.Ints(xs)
		}
	}
	for _, lists := range m.peaks {
		for _, l := range lists {
			l.Walk(c)
		}
	}
}

func (p *pairTally) walk(c *shard.Coder) {
	if p == nil {
		return
	}
	for _, xs := range [][]int64{p.bins.On, p.bins.Off, p.onSum, p.offSum} {
		c.Ints(xs)
	}
	if p.held == nil {
		return
	}
	for g := range p.held.on {
		c.Ints(p.held.on[g][:])
		c.Ints(p.held.off[g][:])
	}
	c.Ints(p.held.far.On)
	c.Ints(p.held.far.Off)
}

func (r *rarities) walk(c *shard.Coder) {
	c.Ints(r.have)
	for k := range r.seen {
		var xs []int64
		for _, x := range r.seen[k] {
			xs = append(xs, int64(x.hash), int64(x.block), x.on)
		}
		c.List(&xs, 3*controlMore)
		if !c.Reads() {
			continue
		}
		c.Check(func() error {
			if len(xs)%3 != 0 {
				return fmt.Errorf("%w: blocks where a concept is rare", stat.ErrCounts)
			}
			return nil
		})
		for x := range slices.Chunk(xs[:len(xs)/3*3], 3) {
			r.offer(k, occurrence{uint64(x[0]), int(x[1]), x[2]})
		}
	}
}

// check holds the blocks that were kept against those there are. Errors match stat.ErrCounts.
func (r *rarities) check(report text.Blocks) error {
	for k := range r.seen {
		if r.have[k] < 0 {
			return fmt.Errorf("%w: a concept is on fewer than 0 times", stat.ErrCounts)
		}
		for _, x := range r.seen[k] {
			if x.block < 0 || x.block >= report.Len() || x.on < 1 || x.on > int64(report.At(x.block).Len()) {
				return fmt.Errorf("%w: blocks where a concept is rare", stat.ErrCounts)
			}
		}
	}
	return nil
}
