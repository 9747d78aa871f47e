//go:build amd64 && !noasm

package stat

// fill turns a piece of the rows at a time and looks its columns up.
func (c *Columns) fill(a []float32, stride, n int, edges []*Edges) {
	if kernels == byGo {
		c.fillNaive(a, stride, edges)
		return
	}
	for t0 := 0; t0 < n; t0 += turnedRows {
		m := min(turnedRows, n-t0)
		c.turn(a[t0*stride:], stride, m, len(edges))
		whole := (m + roundTo - 1) / roundTo * roundTo // what lies behind m is thrown away
		for i, e := range edges {
			x := &c.turned[i*turnedLd]
			search(&c.Bins[i][:t0+whole][t0], x, &e.tree[0], whole)
			if c.Fixed[i] != nil {
				fix(&c.Fixed[i][:t0+whole][t0], x, whole)
			}
		}
	}
}

func search(bins *uint8, a *float32, tree *int32, n int) {
	if kernels == byAVX512 {
		searchAVX512(bins, a, tree, n)
		return
	}
	searchAVX2(bins, a, tree, n)
}

func fix(fixed *int32, a *float32, n int) {
	if kernels == byAVX512 {
		fixAVX512(fixed, a, n)
		return
	}
	fixAVX2(fixed, a, n)
}

// turn writes the first units of m rows as columns. Whole blocks by kernel, the rest
// one by one.
func (c *Columns) turn(a []float32, stride, m, units int) {
	const float = 4
	rows, cols := 0, 0
	if kernels == byAVX512 {
		rows, cols = m&^15, units
		for t := 0; t < rows; t += 16 {
			_ = a[(t+15)*stride+units-1]
			turnAVX512(&c.turned[t], float*turnedLd, &a[t*stride], float*stride, 1<<units-1)
		}
	} else {
		rows, cols = m&^7, units&^7
		for t := 0; t < rows; t += 8 {
			for u := 0; u < cols; u += 8 {
				_ = a[(t+7)*stride+u+7]
				turnAVX2(&c.turned[u*turnedLd+t], float*turnedLd, &a[t*stride+u], float*stride)
			}
		}
	}
	for t := range rows {
		for u := cols; u < units; u++ {
			c.turned[u*turnedLd+t] = a[t*stride+u]
		}
	}
	for t := rows; t < m; t++ {
		for u := range units {
			c.turned[u*turnedLd+t] = a[t*stride+u]
		}
	}
}
