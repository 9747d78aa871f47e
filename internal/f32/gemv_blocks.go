//go:build (amd64 || arm64) && !noasm

package f32

func gemv(y, x []float32, b *Packed, col0, col1 int, down bool) {
	if active == pathGo || b.K == 0 {
		gemmCols(y, b.N, 1, x, max(b.K, 1), 1, b, col0, col1, false)
		return
	}
	gemvWalk(y, x, b, col0, col1, false, down)
}

// gemvCols is gemmCols for one contiguous row: nothing of B is used twice, so
// there is nothing to block.
func gemvCols(c, x []float32, b *Packed, col0, col1 int, accumulate bool) {
	gemvWalk(c, x, b, col0, col1, accumulate, false)
}

// gemvGates is GemvGates for more than one gate: a group is one panel of every gate.
func gemvGates(y, x []float32, b *Packed, gates, lo, hi int, down bool) {
	if active == pathGo || b.K == 0 {
		gemvBlocks(y, x, b, gates, lo, hi)
		return
	}
	g := gemvGroups{panels: gates, apart: b.N / gates, first: lo, groups: (hi - lo) / b.width, next: b.width}
	g.turn(down)
	g.run(y, x, b, false)
}

// gemvWalk is gemvCols in either direction, four panels at a time.
func gemvWalk(c, x []float32, b *Packed, col0, col1 int, accumulate, down bool) {
	const panels = 4
	g := gemvGroups{panels: panels, apart: b.width, first: col0, next: panels * b.width}
	g.groups = (col1 - col0) / g.next
	rest := col0 + g.groups*g.next
	if down {
		gemvRest(c, x, b, rest, col1, accumulate)
	}
	g.turn(down)
	g.run(c, x, b, accumulate)
	if !down {
		gemvRest(c, x, b, rest, col1, accumulate)
	}
}

// gemvRest is gemvCols for less than four panels.
func gemvRest(c, x []float32, b *Packed, col0, col1 int, accumulate bool) {
	g := gemvGroups{panels: (col1 - col0) / b.width, apart: b.width, first: col0, groups: 1}
	if g.panels > 0 {
		g.run(c, x, b, accumulate)
	}
	if col0 += g.panels * b.width; col0 == col1 {
		return
	}
	s := takeScratch()
	t := tile{
		c: c, m: 1, a: x, b: b, col0: col0, col1: col1, k: b.K, accumulates: accumulate,
	}
	t.run(s)
	s.release()
}

// gemvGroups is groups of one to four whole panels, in columns.
type gemvGroups struct {
	panels, apart       int // of a group, from one to the next
	first, groups, next int // the first group's column, from one to the next
}

// turn begins with the last group instead, with down.
func (g *gemvGroups) turn(down bool) {
	if down {
		g.first, g.next = g.first+(g.groups-1)*g.next, -g.next
	}
}

// run multiplies x with the groups, one after the other.
func (g *gemvGroups) run(c, x []float32, b *Packed, accumulate bool) {
	if g.groups == 0 {
		return
	}
	acc := 0
	if accumulate {
		acc = 1
	}
	kernel := gemvKernels[active][g.panels]
	kernel(b.K, &x[0], &b.data[g.first*b.K], 4*g.apart*b.K, &c[g.first], 4*g.apart, acc, g.groups, 4*g.next*b.K, 4*g.next)
}

// gemvKernel multiplies one row with groups of panels; distances in bytes.
type gemvKernel func(k int, x, b *float32, panelBytes int, c *float32, panelC, acc, groups, nextB, nextC int)
