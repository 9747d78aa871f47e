package tree

// Node is a question, or a leaf. Yes and No index the tree's nodes.
type Node struct {
	Question
	Yes  int     `json:"yes"` // 0: this is a leaf
	No   int     `json:"no"`
	N    int     `json:"n"`    // rows it was grown on
	Mean float64 `json:"mean"` // of the target there
	Gain float64 `json:"gain"` // squared error that its question takes away
}

// Tree is nodes in the order in which they came into being, the root first: the
// i-th split made nodes 2i+1 and 2i+2. So its first 2k-1 nodes are the tree that
// would have been grown to k leaves.
type Tree struct {
	Nodes []Node
}

// Leaf reports whether node i asks nothing.
func (t *Tree) Leaf(i int) bool { return t.Nodes[i].Yes == 0 }

// Leaves is the number of leaves.
func (t *Tree) Leaves() int { return (len(t.Nodes) + 1) / 2 }

// Cut is a smaller tree inside a tree: for every node the node that answers for it,
// an ancestor or itself.
type Cut []int

// To is the cut at k leaves: what the tree was when it had so many.
func (t *Tree) To(k int) Cut {
	cut := make(Cut, len(t.Nodes))
	for i := range t.Nodes {
		if i == 0 {
			continue
		}
		parent := t.parent(i)
		cut[i] = i
		if i >= 2*k-1 || cut[parent] != parent {
			cut[i] = cut[parent]
		}
	}
	return cut
}

func (t *Tree) parent(i int) int {
	for p := range i {
		if t.Nodes[p].Yes == i || t.Nodes[p].No == i {
			return p
		}
	}
	return 0
}

// Leaves is the number of leaves of the cut of tree t.
func (c Cut) Leaves(t *Tree) int {
	n := 0
	for i := range c {
		if c[i] == i && (t.Leaf(i) || c[t.Nodes[i].Yes] == i) {
			n++
		}
	}
	return n
}

// Asks reports whether node i still asks its question in the cut.
func (c Cut) Asks(t *Tree, i int) bool {
	return c[i] == i && !t.Leaf(i) && c[t.Nodes[i].Yes] != i
}

// Walker sends rows down trees. It serves one goroutine.
type Walker struct {
	columns []Column
	rows    []uint16
	rest    []uint16
	leaf    []uint8
	spans   [][2]int
}

// NewWalker makes a walker for trees over these columns.
func NewWalker(columns []Column) *Walker { return &Walker{columns: columns} }

// MaxNodes is how many nodes a tree may have to be walked.
const MaxNodes = 256

// Walk returns for each of n rows, up to MaxRows, the leaf it comes to. values are those of the
// columns, [C][n]: a permutation of some columns hands over other stretches of them.
// The answer is valid until the next Walk.
func (w *Walker) Walk(t *Tree, values [][]uint8, n int) []uint8 {
	if len(w.rows) < n {
		w.rows, w.rest, w.leaf = make([]uint16, n), make([]uint16, n), make([]uint8, n)
	}
	for i := range n {
		w.rows[i] = uint16(i)
	}
	w.spans = append(w.spans[:0], [2]int{0, n})
	for i := range t.Nodes {
		lo, hi := w.spans[i][0], w.spans[i][1]
		node := &t.Nodes[i]
		if t.Leaf(i) {
			for _, r := range w.rows[lo:hi] {
				w.leaf[r] = uint8(i)
			}
			continue
		}
		mask := node.Mask(w.columns)
		mid := lo + split(w.rows[lo:hi], w.rest, values[node.Column][:n], &mask)
		for len(w.spans) <= max(node.Yes, node.No) {
			w.spans = append(w.spans, [2]int{})
		}
		w.spans[node.Yes], w.spans[node.No] = [2]int{lo, mid}, [2]int{mid, hi}
	}
	return w.leaf[:n]
}

// split moves the rows that answer yes to the front, in their order, and returns
// how many they are.
func split(rows, rest []uint16, values []uint8, mask *Set) int {
	var yes [MaxBins]uint8
	for b := range yes {
		yes[b] = uint8(mask[b>>6] >> (b & 63) & 1)
	}
	n, m := 0, 0
	rest = rest[:len(rows)]
	for _, r := range rows {
		y := int(yes[values[r]])
		rows[n], rest[m] = r, r // one of the two is written over by the next row
		n += y
		m += 1 - y
	}
	copy(rows[n:], rest[:m])
	return n
}
