package tree

// Naive grows the tree of a Grower from its definition: every question is asked of
// every row of every open leaf. It is the documentation of Grow and its oracle.
func Naive(t *Table, columns, leaves, least int, target []uint16) *Tree {
	rows := make([]int, t.N)
	var sum int64
	for r := range rows {
		rows[r] = r
		sum += int64(target[r])
	}
	tree := &Tree{Nodes: []Node{leaf(sum, t.N)}}
	open := map[int][]int{0: rows}
	for leaves--; leaves > 0; leaves-- {
		at, best := -1, chooser{}
		var gain float64
		for i := range tree.Nodes {
			if rows, ok := open[i]; ok {
				if b := naiveQuestion(t, columns, least, rows, target); b.score/float64(len(rows)) > gain {
					at, best, gain = i, b, b.score/float64(len(rows))
				}
			}
		}
		if at < 0 {
			break
		}
		mask := best.question.Mask(t.Columns)
		var yes, no []int
		for _, r := range open[at] {
			if mask.Has(t.Values[best.question.Column][r]) {
				yes = append(yes, r)
			} else {
				no = append(no, r)
			}
		}
		delete(open, at)
		k := len(tree.Nodes)
		open[k], open[k+1] = yes, no
		n := &tree.Nodes[at]
		n.Question, n.Yes, n.No, n.Gain = best.question, k, k+1, gain
		tree.Nodes = append(tree.Nodes, leaf(best.y, len(yes)), leaf(best.sum-best.y, len(no)))
	}
	return tree
}

func naiveQuestion(t *Table, columns, least int, rows []int, target []uint16) chooser {
	best := chooser{n: int64(len(rows)), least: int64(least)}
	for _, r := range rows {
		best.sum += int64(target[r])
	}
	for c := range columns {
		for _, q := range questions(t.Columns[c], c) {
			mask := q.Mask(t.Columns)
			var m, y int64
			for _, r := range rows {
				if mask.Has(t.Values[c][r]) {
					m++
					y += int64(target[r])
				}
			}
			best.offer(q, m, y)
		}
	}
	return best
}

// questions lists what can be asked of a column, in the order of Grower.ask.
func questions(k Column, c int) []Question {
	var out []Question
	if k.Ordered {
		for b := k.Bins - 1; b > 0; b-- {
			out = append(out, Question{c, AtLeast, b})
		}
		return out
	}
	for b := range k.Bins {
		out = append(out, Question{c, Equal, b})
	}
	for i := range k.Sets {
		out = append(out, Question{c, In, i})
	}
	return out
}

// Find walks one row down the tree: the plain twin of Walk. value gives the row's
// value of a column.
func (t *Tree) Find(columns []Column, value func(column int) uint8) int {
	i := 0
	for !t.Leaf(i) {
		n := &t.Nodes[i]
		mask := n.Mask(columns)
		if i = n.No; mask.Has(value(n.Column)) {
			i = n.Yes
		}
	}
	return i
}
