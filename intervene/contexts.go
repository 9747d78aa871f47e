package intervene

import (
	"cmp"
	"math"
	"slices"

	"github.com/rnnscope/rnnscope/text"
)

// What makes a position one where a concept matters.
const (
	longestContext = 5    // characters, the current one included
	leastSeen      = 20   // times a context must be seen with each state
	leastDistance  = 0.02 // nats between the two distributions of the next character
	contextsFrom   = 1_000_000
)

// contexts is every string of up to five characters of a text, and what followed it.
// Nodes are contexts; node 0 is the empty one.
type contexts struct {
	child  map[uint64]int32 // (node, symbol one further back) to node
	parent []int32
	depth  []int8
	at     []int32 // [N] the training positions counted
	atomOf []int32 // [N]
	atoms  []atom
	order  [longestContext + 1][]int32 // by depth: atoms by context and next character
	node   [longestContext + 1][]int32 // by depth: the atom's context of that depth, -1 where there is none
}

// atom is a longest context together with what followed it.
type atom struct{ leaf, next int32 }

// newContexts reads the last million characters of the spans; no context reaches over the
// beginning of its span.
func newContexts(ids []int32, spans []text.Span) *contexts {
	c := &contexts{child: map[uint64]int32{}, parent: []int32{-1}, depth: []int8{0}}
	index := map[atom]int32{}
	for _, s := range lastOf(spans, contextsFrom) {
		for t := s.Lo; t+1 < s.Hi; t++ {
			node := int32(0)
			for back := 0; back < longestContext && t-back >= s.Lo; back++ {
				node = c.grow(node, ids[t-back])
			}
			a := atom{node, ids[t+1]}
			i, ok := index[a]
			if !ok {
				i = int32(len(c.atoms))
				index[a] = i
				c.atoms = append(c.atoms, a)
			}
			c.at, c.atomOf = append(c.at, int32(t)), append(c.atomOf, i)
		}
	}
	c.sort()
	return c
}

// lastOf is the last n characters of the spans.
func lastOf(spans []text.Span, n int) []text.Span {
	var out []text.Span
	for i := len(spans) - 1; i >= 0 && n > 0; i-- {
		s := spans[i]
		s.Lo = max(s.Lo, s.Hi-n)
		n -= s.Len()
		out = append(out, s)
	}
	slices.Reverse(out)
	return out
}

func (c *contexts) grow(node, symbol int32) int32 {
	key := uint64(node)<<32 | uint64(uint32(symbol))
	n, ok := c.child[key]
	if !ok {
		n = int32(len(c.parent))
		c.child[key] = n
		c.parent = append(c.parent, node)
		c.depth = append(c.depth, c.depth[node]+1)
	}
	return n
}

// sort puts the atoms in the order in which each depth is summed.
func (c *contexts) sort() {
	for d := range c.order {
		c.node[d] = make([]int32, len(c.atoms))
		for i, a := range c.atoms {
			node := a.leaf
			for int(c.depth[node]) > d {
				node = c.parent[node]
			}
			c.node[d][i] = -1
			if int(c.depth[node]) == d {
				c.node[d][i] = node
				c.order[d] = append(c.order[d], int32(i))
			}
		}
		slices.SortFunc(c.order[d], func(i, j int32) int {
			if k := cmp.Compare(c.node[d][i], c.node[d][j]); k != 0 {
				return k
			}
			return cmp.Compare(c.atoms[i].next, c.atoms[j].next)
		})
	}
}

// paths is the context of every depth at the positions [lo,hi) of ids: [hi-lo] of
// nodes, -1 where training never saw it.
func (c *contexts) paths(ids []int32, lo, hi int) [][longestContext + 1]int32 {
	out := make([][longestContext + 1]int32, hi-lo)
	for i := range out {
		out[i] = [longestContext + 1]int32{0, -1, -1, -1, -1, -1}
		for d := 1; d <= longestContext && lo+i-d+1 >= 0; d++ {
			n, ok := c.child[uint64(out[i][d-1])<<32|uint64(uint32(ids[lo+i-d+1]))]
			if !ok {
				break
			}
			out[i][d] = n
		}
	}
	return out
}

// relevance is what a concept's state tells of the next character, by context.
type relevance struct {
	distance []float32 // by node: nats; 0 where the context decides the state; -1 where it was seen too rarely to tell
	raised   []float64 // [V] by how much the state on raises each character, summed over training positions
}

// relevance compares what follows each context in either state. y is the state by
// position of the whole text.
//
// A context that was often seen, and in one state only, decides the state itself: there the
// concept adds nothing. Without this rule such a place would be judged by a shorter
// context, and a concept of the next character would matter after every space.
//
// The distance is the Jensen-Shannon divergence of the two distributions less what chance
// makes of it, see beyondChance.
func (c *contexts) relevance(y []int8, vocab int) relevance {
	r := relevance{distance: make([]float32, len(c.parent)), raised: make([]float64, vocab)}
	for i := range r.distance {
		r.distance[i] = -1
	}
	count := make([][2]float64, len(c.atoms))
	for i, a := range c.atomOf {
		if s := y[c.at[i]]; s >= 0 {
			count[a][s]++
		}
	}
	resolved := make([]bool, len(c.atoms)) // a longer context has already spoken for it
	for d := longestContext; d >= 1; d-- {
		order := c.order[d]
		for lo := 0; lo < len(order); {
			node, hi := c.node[d][order[lo]], lo
			for hi < len(order) && c.node[d][order[hi]] == node {
				hi++
			}
			c.compare(&r, node, order[lo:hi], count, resolved)
			lo = hi
		}
	}
	return r
}

// compare sums up one context, whose atoms come ordered by the next character.
func (c *contexts) compare(r *relevance, node int32, group []int32, count [][2]float64, resolved []bool) {
	var n [2]float64
	unresolved := 0.0
	for _, a := range group {
		n[0] += count[a][0]
		n[1] += count[a][1]
		if !resolved[a] {
			unresolved += count[a][0] + count[a][1]
		}
	}
	if oneSided(n) {
		r.distance[node] = 0
		for _, a := range group {
			resolved[a] = true
		}
		return
	}
	if n[0] < leastSeen || n[1] < leastSeen {
		return
	}
	js, kinds := 0.0, 0
	each := func(visit func(next int32, p0, p1 float64)) {
		for lo := 0; lo < len(group); {
			next, hi := c.atoms[group[lo]].next, lo
			var k [2]float64
			for ; hi < len(group) && c.atoms[group[hi]].next == next; hi++ {
				k[0] += count[group[hi]][0]
				k[1] += count[group[hi]][1]
			}
			if k[0]+k[1] > 0 {
				visit(next, k[0]/n[0], k[1]/n[1])
			}
			lo = hi
		}
	}
	each(func(_ int32, p0, p1 float64) {
		kinds++
		js += (plogp(p0, (p0+p1)/2) + plogp(p1, (p0+p1)/2)) / 2
	})
	js = beyondChance(js, kinds, n)
	r.distance[node] = float32(js)
	for _, a := range group {
		resolved[a] = true
	}
	if js < leastDistance {
		return
	}
	each(func(next int32, p0, p1 float64) { r.raised[next] += unresolved * (p1 - p0) })
}

// oneSided reports whether a context was seen often enough, and in one state only.
func oneSided(n [2]float64) bool { return min(n[0], n[1]) == 0 && n[0]+n[1] >= leastSeen }

// beyondChance takes from a divergence of two samples of n observations over that many kinds
// of characters what it is expected to be when both come from one distribution, and
// gives 0 where it stays below about the 99 % quantile of that. 8 JS / (1/n0 + 1/n1) is
// near chi-squared with kinds-1 degrees of freedom (second order of Taylor's series), and
// somewhat above it in small samples: TestChanceDoesNotMatter. With 25 observations a
// side the bare figure passes .02 nats by chance nearly always.
func beyondChance(js float64, kinds int, n [2]float64) float64 {
	scale, free := (1/n[0]+1/n[1])/8, float64(kinds-1)
	excess := js - free*scale
	if excess <= 2.5*math.Sqrt(2*free)*scale {
		return 0
	}
	return excess
}

// plogp is p ln(p/q).
func plogp(p, q float64) float64 {
	if p == 0 {
		return 0
	}
	return p * math.Log(p/q)
}

// matters reports whether the concept matters at a position with these contexts: in the
// longest one that can tell. The empty context does not count: it would
// make every position one where a concept of the next character matters.
func (r *relevance) matters(path [longestContext + 1]int32) bool {
	for d := longestContext; d >= 1; d-- {
		if node := path[d]; node >= 0 && r.distance[node] >= 0 {
			return r.distance[node] >= leastDistance
		}
	}
	return false
}

// predictedSymbols is the characters a concept predicts: those its state raises most, each at
// least a quarter as much as the first, and at most twelve.
func (r *relevance) predictedSymbols() []int32 {
	var class []int32
	for v, x := range r.raised {
		if x > 0 {
			class = append(class, int32(v))
		}
	}
	slices.SortStableFunc(class, func(a, b int32) int { return cmp.Compare(r.raised[b], r.raised[a]) })
	for i, v := range class {
		if r.raised[v] < r.raised[class[0]]/4 || i == 12 {
			return class[:i]
		}
	}
	return class
}
