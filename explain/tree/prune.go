package tree

import "math"

// Sums is how often rows came to each leaf and what their targets add up to, by
// segment of the text: all that pruning, scores and their intervals need.
type Sums struct {
	Segments int
	N, Y     []int64 // [segments, nodes]
	Rows     []int64 // [segments]
	Total    []int64 // [segments] sum of the target
	Squares  []int64 // [segments] sum of its square
}

// NewSums makes empty sums for the nodes of a tree.
func (t *Tree) NewSums(segments int) *Sums {
	n := segments * len(t.Nodes)
	return &Sums{
		Segments: segments, N: make([]int64, n), Y: make([]int64, n),
		Rows: make([]int64, segments), Total: make([]int64, segments), Squares: make([]int64, segments),
	}
}

// Add counts rows of one segment: leaf from Walk, target as grown.
func (s *Sums) Add(segment int, leaf []uint8, target []uint16) {
	nodes := len(s.N) / s.Segments
	n, y := s.N[segment*nodes:][:nodes], s.Y[segment*nodes:][:nodes]
	var total, squares int64
	for r, q := range target {
		n[leaf[r]]++
		y[leaf[r]] += int64(q)
		total += int64(q)
		squares += int64(q) * int64(q)
	}
	s.Rows[segment] += int64(len(target))
	s.Total[segment] += total
	s.Squares[segment] += squares
}

// Errors is the squared error of a cut in every segment, centred on nothing: sum of
// (y - mean of the row's leaf)^2.
func (s *Sums) Errors(t *Tree, cut Cut) []float64 {
	out := make([]float64, s.Segments)
	nodes := len(t.Nodes)
	for k := range out {
		e := float64(s.Squares[k])
		for i := range nodes {
			if n := s.N[k*nodes+i]; n > 0 {
				v := t.Nodes[cut[i]].Mean
				e += v * (v*float64(n) - 2*float64(s.Y[k*nodes+i]))
			}
		}
		out[k] = e
	}
	return out
}

// SureErrors is by how many standard errors the held-back error must fall for a
// question to stay. Of 400 trees of 64 leaves grown on pure noise 181 keep a question where
// any fall counts, 34 with one standard error (the rule of Breiman et al.), 1 with two.
const SureErrors = 2

// Prune takes, from the bottom up, questions away whose subtree does not lower the squared error
// on held-back rows by more than SureErrors standard errors over the segments. It begins
// with the tree at k leaves.
func (t *Tree) Prune(k int, held *Sums) Cut {
	cut := t.To(k)
	nodes := len(t.Nodes)
	n, y := append([]int64(nil), held.N...), append([]int64(nil), held.Y...)
	below := make([]float64, len(n)) // held-back error of what is left of the subtree
	for i := nodes - 1; i >= 0; i-- {
		node := &t.Nodes[i]
		asks := cut.Asks(t, i)
		var gain, squares float64
		for s := range held.Segments {
			at := s * nodes
			if !t.Leaf(i) {
				n[at+i] = n[at+node.Yes] + n[at+node.No]
				y[at+i] = y[at+node.Yes] + y[at+node.No]
			}
			own := node.Mean * (node.Mean*float64(n[at+i]) - 2*float64(y[at+i]))
			below[at+i] = own
			if asks {
				below[at+i] = below[at+node.Yes] + below[at+node.No]
				g := own - below[at+i]
				gain += g
				squares += g * g
			}
		}
		if !asks || gain > SureErrors*spread(gain, squares, held.Segments) {
			continue
		}
		for s := range held.Segments {
			at := s * nodes
			below[at+i] = node.Mean * (node.Mean*float64(n[at+i]) - 2*float64(y[at+i]))
		}
		cut.close(t, i)
	}
	return cut
}

// spread is the standard error of a sum over segments, from the sum of squares.
func spread(sum, squares float64, segments int) float64 {
	if segments < 2 {
		return 0
	}
	s := float64(segments)
	return math.Sqrt(max(0, squares-sum*sum/s) * s / (s - 1))
}

// close makes node i answer for all below it.
func (c Cut) close(t *Tree, i int) {
	for j := i + 1; j < len(c); j++ {
		if p := t.parent(j); p >= i && c[p] == i {
			c[j] = i
		}
	}
}

// Deviation is the standard deviation of n integers from their sum and sum of squares.
func Deviation(n, sum, squares int64) float64 {
	if n == 0 {
		return 0
	}
	mean := float64(sum) / float64(n)
	return math.Sqrt(max(0, float64(squares)/float64(n)-mean*mean))
}
