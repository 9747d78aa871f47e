package tree

import "fmt"

// histogram is count << 32 | sum of the target, by bin of all columns.
type histogram [MaxAll]uint64

const sumMask = 1<<32 - 1

// Grower grows trees over one table, one target after the other, in memory made
// once. It serves one goroutine.
type Grower struct {
	t       *Table
	columns int // the first so many are asked
	sparse  *sparse
	leaves  int
	least   int // rows of a leaf
	rows    []uint16
	rest    []uint16
	target  []uint16
	free    []*histogram
	open    []open
}

// open is a leaf that may still be split.
type open struct {
	node   int
	lo, hi int // its rows
	sum    int64
	h      *histogram
	best   Question
	gain   float64 // 0: nothing to ask
	yes    [2]int64
}

// NewGrower makes a grower that asks the first columns of t and stops at leaves
// leaves, none with fewer than least rows.
func NewGrower(t *Table, columns, leaves, least int) *Grower {
	if columns < 1 || columns > len(t.Columns) || leaves < 1 || 2*leaves-1 > MaxNodes || least < 1 {
		panic(fmt.Sprintf("tree: %d columns of %d, %d leaves of %d rows", columns, len(t.Columns), leaves, least))
	}
	return &Grower{t: t, columns: columns, sparse: t.first(columns), leaves: leaves, least: least, rows: make([]uint16, t.N), rest: make([]uint16, t.N)}
}

// Grow grows best first: of all open leaves the one whose best question takes most
// squared error away is split. target is [N].
func (g *Grower) Grow(target []uint16) *Tree {
	if len(target) != g.t.N {
		panic(fmt.Sprintf("tree: %d targets for %d rows", len(target), g.t.N))
	}
	g.target = target
	var sum int64
	for r, q := range target {
		g.rows[r] = uint16(r)
		sum += int64(q)
	}
	for _, o := range g.open {
		g.drop(o.h)
	}
	root := open{hi: g.t.N, sum: sum}
	tree := &Tree{Nodes: []Node{leaf(sum, g.t.N)}}
	g.open = g.open[:0]
	if g.leaves > 1 && g.t.N >= 2*g.least {
		root.h = g.take()
		g.count(root.h, 0, g.t.N)
		g.ask(&root)
		g.open = append(g.open, root)
	}
	for leaves := 1; leaves < g.leaves; leaves++ {
		at := g.richest()
		if at < 0 {
			break
		}
		g.split(tree, at, leaves+1 == g.leaves)
	}
	return tree
}

func leaf(sum int64, n int) Node { return Node{N: n, Mean: float64(sum) / float64(n)} }

// richest is the open leaf with the largest gain, the first made of equals; -1: none.
func (g *Grower) richest() int {
	at := -1
	for i := range g.open {
		if o := &g.open[i]; o.gain > 0 && (at < 0 || o.gain > g.open[at].gain || o.gain == g.open[at].gain && o.node < g.open[at].node) {
			at = i
		}
	}
	return at
}

// split asks the question of an open leaf; after the last one nothing is counted.
func (g *Grower) split(tree *Tree, at int, last bool) {
	o := g.open[at]
	g.open[at] = g.open[len(g.open)-1]
	g.open = g.open[:len(g.open)-1]
	mask := o.best.Mask(g.t.Columns)
	mid := o.lo + split(g.rows[o.lo:o.hi], g.rest, g.t.Values[o.best.Column], &mask)
	yes := open{node: len(tree.Nodes), lo: o.lo, hi: mid, sum: o.yes[1]}
	no := open{node: len(tree.Nodes) + 1, lo: mid, hi: o.hi, sum: o.sum - o.yes[1]}
	n := &tree.Nodes[o.node]
	n.Question, n.Yes, n.No, n.Gain = o.best, yes.node, no.node, o.gain
	tree.Nodes = append(tree.Nodes, leaf(yes.sum, yes.hi-yes.lo), leaf(no.sum, no.hi-no.lo))
	if last {
		g.drop(o.h)
		return
	}
	small, large := &yes, &no
	if no.hi-no.lo < yes.hi-yes.lo {
		small, large = &no, &yes
	}
	if large.hi-large.lo < 2*g.least {
		g.drop(o.h)
		return
	}
	small.h, large.h = g.take(), o.h
	g.count(small.h, small.lo, small.hi)
	for i, x := range small.h[:g.t.offset[g.columns]] {
		large.h[i] -= x
	}
	for _, child := range []*open{small, large} {
		if child.hi-child.lo < 2*g.least {
			g.drop(child.h)
			continue
		}
		g.ask(child)
		g.open = append(g.open, *child)
	}
}

func (g *Grower) take() *histogram {
	if n := len(g.free); n > 0 {
		h := g.free[n-1]
		g.free = g.free[:n-1]
		return h
	}
	return new(histogram)
}

func (g *Grower) drop(h *histogram) {
	if h != nil {
		g.free = append(g.free, h)
	}
}

// count fills a histogram with rows [lo,hi), but for the most frequent bins.
func (g *Grower) count(h *histogram, lo, hi int) {
	clear(h[:g.t.offset[g.columns]])
	start, place := g.sparse.start, g.sparse.place
	for _, r := range g.rows[lo:hi] {
		w := 1<<32 | uint64(g.target[r])
		for _, b := range place[start[r]:start[r+1]] {
			h[b&(MaxAll-1)] += w
		}
	}
}

// complete sets the most frequent bin of a column to what the others leave of all rows.
func (g *Grower) complete(c int, h []uint64, all uint64) {
	common := g.t.common[c]
	h[common] = 0
	for _, x := range h {
		all -= x
	}
	h[common] = all
}

// ask finds the best question of an open leaf. With n rows and sum s in it, and m
// and y where the answer is yes, a question takes (n y - m s)^2 / (n m (n-m)) of
// squared error away: integers until the last division.
func (g *Grower) ask(o *open) {
	n := int64(o.hi - o.lo)
	best := chooser{n: n, sum: o.sum, least: int64(g.least)}
	for c := range g.columns {
		k, h := &g.t.Columns[c], o.h[g.t.offset[c]:g.t.offset[c+1]]
		g.complete(c, h, uint64(n)<<32|uint64(o.sum))
		if k.Ordered {
			best.offerOrdered(c, h)
			continue
		}
		for b, x := range h {
			best.offer(Question{c, Equal, b}, int64(x>>32), int64(x&sumMask))
		}
		for i := range k.Sets {
			m, y := setSums(&k.Sets[i], h)
			best.offer(Question{c, In, i}, m, y)
		}
	}
	o.best, o.gain, o.yes = best.question, best.score/float64(n), [2]int64{best.m, best.y}
}

// setSums adds up the bins of a set.
func setSums(s *Set, h []uint64) (m, y int64) {
	var sum uint64
	for w, bits := range s {
		for base := w << 6; bits != 0 && base < len(h); base, bits = base+1, bits>>1 {
			if bits&1 != 0 {
				sum += h[base]
			}
		}
	}
	return int64(sum >> 32), int64(sum & sumMask)
}

// chooser keeps the best of the questions offered, the first of equals.
type chooser struct {
	n, sum, least int64
	question      Question
	score         float64 // gain times n
	m, y          int64
}

func (b *chooser) offer(q Question, m, y int64) {
	if m < b.least || b.n-m < b.least {
		return
	}
	d := float64(b.n*y - m*b.sum)
	if score := d * d / float64(m*(b.n-m)); score > b.score {
		b.question, b.score, b.m, b.y = q, score, m, y
	}
}

// offerOrdered offers every threshold of an ordered column.
func (b *chooser) offerOrdered(c int, h []uint64) {
	var above uint64
	for i := len(h) - 1; i > 0; i-- {
		above += h[i]
		if h[i] != 0 {
			b.offer(Question{c, AtLeast, i}, int64(above>>32), int64(above&sumMask))
		}
	}
}
