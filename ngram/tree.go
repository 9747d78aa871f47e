package ngram

import "sort"

// tree is the suffix tree of the training text, cut off below depth symbols,
// without the suffixes' tails: an inner node is a string that at least two
// suffixes start with and that is continued in more than one way (or is depth
// long). Nodes are numbered children first, the root last. A place in the tree
// that is not a node is either on the edge above one, or on the tail of a
// suffix that nothing else shares; both are continued in one way only.
type tree struct {
	ids   []int32
	depth []uint8 // symbols from the root
	pos   []int32 // where in ids the node's string occurs
	count []int32 // how often it occurs
	left  []int32 // how many different symbols stand before it
	first []int32 // its edges are edges[first[i]:first[i+1]], by symbol
	edges []edge
}

// edge leads from a node to a place one symbol deeper.
type edge struct {
	symbol int32
	to     place
}

// place is a node's number, or ^position of a suffix's tail.
type place int32

// open is a node on the path from the root to the current suffix.
type open struct {
	depth uint8
	lo    int32  // first suffix below it
	twins int32  // suffixes below it whose left symbol an earlier one had
	edges []edge // what is already closed below it
}

// builder walks the suffixes in order and closes nodes as they end.
type builder struct {
	t     *tree
	sa    []int32
	order int
	path  []open
	last  []int32 // [v+1] last suffix that had this left symbol, -1
}

func newTree(ids []int32, v, order int) *tree {
	sa := sortSuffixes(ids, v, order)
	lcp := commonPrefixes(ids, sa, order)
	nodes, tails := countNodes(lcp, order)
	t := &tree{
		ids: ids, depth: make([]uint8, 0, nodes), pos: make([]int32, 0, nodes), count: make([]int32, 0, nodes),
		left: make([]int32, 0, nodes), first: make([]int32, 1, nodes+1), edges: make([]edge, 0, nodes+tails),
	}
	b := builder{t: t, sa: sa, order: order, path: make([]open, 1, order+2), last: make([]int32, v+1)}
	for i := range b.last {
		b.last[i] = -1
	}
	for j := range sa {
		next := uint8(0)
		if j+1 < len(sa) {
			next = lcp[j+1]
		}
		b.suffix(int32(j), next, v)
	}
	b.close(int32(len(sa)))
	return t
}

// countNodes returns the inner nodes and the tails that newTree will make.
func countNodes(lcp []uint8, order int) (nodes, tails int) {
	path := []uint8{0}
	nodes = 1
	for j := range lcp {
		next := uint8(0)
		if j+1 < len(lcp) {
			next = lcp[j+1]
		}
		if int(max(lcp[j], next)) < order {
			tails++
		}
		for path[len(path)-1] > next {
			path = path[:len(path)-1]
		}
		if path[len(path)-1] < next {
			path = append(path, next)
			nodes++
		}
	}
	return nodes, tails
}

// suffix adds the j-th suffix, which shares next symbols with the one after it.
func (b *builder) suffix(j int32, next uint8, v int) {
	if b.top().depth < next {
		b.push(next, j)
	}
	at := b.sa[j]
	// A suffix that ends exactly at the node continues in no way: no edge.
	if d := b.top().depth; int(d) < b.order && int(at)+int(d) < len(b.t.ids) {
		b.top().edges = append(b.top().edges, edge{b.t.ids[int(at)+int(d)], ^place(at)})
	}
	b.twin(j, at, v)
	for b.top().depth > next {
		closed := *b.top()
		id := b.close(j + 1)
		b.path = b.path[:len(b.path)-1]
		if b.top().depth < next {
			b.push(next, closed.lo)
		}
		up := b.top()
		up.twins += closed.twins
		up.edges = append(up.edges, edge{b.t.ids[int(b.sa[closed.lo])+int(up.depth)], place(id)})
	}
}

func (b *builder) top() *open { return &b.path[len(b.path)-1] }

// push opens a node, reusing the edge list of an earlier one.
func (b *builder) push(depth uint8, lo int32) {
	if len(b.path) == cap(b.path) {
		panic("ngram: a path deeper than the order")
	}
	b.path = b.path[:len(b.path)+1]
	top := b.top()
	*top = open{depth: depth, lo: lo, edges: top.edges[:0]}
}

// twin counts the suffix at the deepest open node that also holds the last
// suffix with the same left symbol: below that node, and not deeper, the two
// are one left symbol (Hui 1992, colour counting).
func (b *builder) twin(j, at int32, v int) {
	symbol := int32(v) // the start of the text
	if at > 0 {
		symbol = b.t.ids[at-1]
	}
	if before := b.last[symbol]; before >= 0 {
		k := sort.Search(len(b.path), func(k int) bool { return b.path[k].lo > before })
		b.path[k-1].twins++
	}
	b.last[symbol] = j
}

// close writes the node on top of the path, whose suffixes end before hi.
func (b *builder) close(hi int32) int {
	t, top := b.t, b.top()
	n := hi - top.lo
	t.depth = append(t.depth, top.depth)
	t.pos = append(t.pos, b.sa[top.lo])
	t.count = append(t.count, n)
	t.left = append(t.left, n-top.twins)
	t.edges = append(t.edges, top.edges...)
	t.first = append(t.first, int32(len(t.edges)))
	return len(t.depth) - 1
}

func (t *tree) root() place { return place(len(t.depth) - 1) }

func (t *tree) children(node place) []edge { return t.edges[t.first[node]:t.first[node+1]] }

// counts returns c and a of a place.
func (t *tree) counts(p place) (count, left int32) {
	if p < 0 {
		return 1, 1
	}
	return t.count[p], t.left[p]
}

// step follows symbol w from the string of length k at p.
func (t *tree) step(p place, k int, w int32) (place, bool) {
	if p >= 0 && int(t.depth[p]) == k {
		return t.child(p, w)
	}
	next, ok := t.only(p, k)
	return p, ok && next == w
}

// only returns the one symbol that follows the string of length k at a place
// that is not a node; false if the text ends there.
func (t *tree) only(p place, k int) (int32, bool) {
	at := int(^p)
	if p >= 0 {
		at = int(t.pos[p])
	}
	if at+k >= len(t.ids) {
		return 0, false
	}
	return t.ids[at+k], true
}

func (t *tree) child(p place, w int32) (place, bool) {
	edges := t.children(p)
	i := sort.Search(len(edges), func(i int) bool { return edges[i].symbol >= w })
	if i == len(edges) || edges[i].symbol != w {
		return 0, false
	}
	return edges[i].to, true
}
