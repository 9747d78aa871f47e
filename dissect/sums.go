package dissect

import (
	"slices"

	"github.com/rnnscope/rnnscope/dissect/shard"
)

// The walks below take what a pass counts through a coder, which writes it or adds what a shard wrote.

func (t *tally) walk(c *shard.Coder) {
	for s := range t.tables {
		c.Table(t.tables[s])
		c.Ints(t.absAll[s])
		c.Ints(t.absOn[s])
	}
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
		for x := range slices.Chunk(xs[:len(xs)/3*3], 3) {
			r.offer(k, occurrence{uint64(x[0]), int(x[1]), x[2]})
		}
	}
}
