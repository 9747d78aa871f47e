package stat

import "slices"

// rowLanes is how many labels a row of counters holds.
const rowLanes = 64

// tallyMost is how many positions a 16-bit counter surely holds.
const tallyMost = 1<<16 - 1

// tallies counts all labels of a position at once, where the processor has
// instructions for that: a bin is a row of 16-bit counters, one a label, to which the
// labels of a position are added as a whole. Lane 0 counts every position, lane 1+c
// those where concept c is on; those that are invalid for a concept have a lane from the
// first of them on. The counters go to a Table's sums before they overflow.
type tallies struct {
	units  int
	n      int // positions counted since they were last cleared
	lanes  int
	off    []int // [C] lane of the invalid positions, 0: there was none yet
	groups []*rowGroup
	dirty  []bool // [U] units with something counted
}

// rowGroup is rowLanes lanes. Groups but the first are only shown the positions where one
// of their lanes has something to count.
type rowGroup struct {
	at     []int32  // these positions, in the first group unused
	rows   []uint8  // [positions,rowLanes]: what is counted of the stretch
	bins   []uint8  // a unit's bins there
	mark   []int32  // [T] 1 + index in at, 0: nothing to count
	counts []uint16 // [U,Bins,rowLanes]
}

func newTallies(u, c int) *tallies {
	return &tallies{units: u, lanes: c + 1, off: make([]int, c), dirty: make([]bool, u)}
}

// begin lays out the labels of a stretch.
func (t *tallies) begin(s *Stretch) {
	for c := range s.Labels {
		if len(s.Labels[c].Invalid) > 0 && t.off[c] == 0 {
			t.off[c] = t.lanes
			t.lanes++
		}
	}
	for len(t.groups)*rowLanes < t.lanes {
		t.groups = append(t.groups, &rowGroup{counts: make([]uint16, t.units*Bins*rowLanes)})
	}
	n := len(s.Chars)
	t.n += n
	for _, g := range t.groups {
		g.at, g.mark = g.at[:0], slices.Grow(g.mark[:0], n)[:n]
		clear(g.mark)
	}
	for c := range s.Labels {
		t.show(c+1, s.Labels[c].Positive)
		t.show(t.off[c], s.Labels[c].Invalid)
	}
	for i, g := range t.groups {
		rows := n
		if i > 0 {
			rows = len(g.at)
		}
		g.rows = slices.Grow(g.rows[:0], rows*rowLanes)[:rows*rowLanes]
		clear(g.rows)
	}
	for p := range n {
		t.groups[0].rows[p*rowLanes] = 1
	}
	for c := range s.Labels {
		t.mark(c+1, s.Labels[c].Positive)
		t.mark(t.off[c], s.Labels[c].Invalid)
	}
}

// show tells a lane's group which positions it will count.
func (t *tallies) show(lane int, positions []int32) {
	if lane < rowLanes {
		return
	}
	g := t.groups[lane/rowLanes]
	for _, p := range positions {
		if g.mark[p] == 0 {
			g.at = append(g.at, p)
			g.mark[p] = int32(len(g.at))
		}
	}
}

// mark sets a lane at some positions.
func (t *tallies) mark(lane int, positions []int32) {
	g := t.groups[lane/rowLanes]
	lane %= rowLanes
	if g == t.groups[0] {
		for _, p := range positions {
			g.rows[int(p)*rowLanes+lane] = 1
		}
		return
	}
	for _, p := range positions {
		g.rows[int(g.mark[p]-1)*rowLanes+lane] = 1
	}
}

// unit counts unit u over the stretch.
func (t *tallies) unit(u int, bins []uint8) {
	for i, g := range t.groups {
		its := bins
		if i > 0 {
			its = slices.Grow(g.bins[:0], len(g.at))[:len(g.at)]
			for k, p := range g.at {
				its[k] = bins[p]
			}
			g.bins = its
		}
		if len(its) > 0 {
			const table = Bins * rowLanes
			countRows(g.counts[u*table:(u+1)*table], g.rows, its, g.counts[(u+1)*table:])
		}
	}
	t.dirty[u] = true
}

// add adds what was counted to the histograms of a table of the same shape.
func (t *tallies) add(to *Table) {
	to.allocate()
	for u, dirty := range t.dirty {
		if !dirty {
			continue
		}
		t.addLane(0, u, to.Htot[u*Bins:(u+1)*Bins])
		for c := range to.C {
			t.addLane(c+1, u, to.H1[(c*to.U+u)*Bins:(c*to.U+u+1)*Bins])
			if t.off[c] > 0 {
				t.addLane(t.off[c], u, to.HX[c][u*Bins:(u+1)*Bins])
			}
		}
	}
}

func (t *tallies) addLane(lane, u int, h []int64) {
	counts := t.groups[lane/rowLanes].counts[u*Bins*rowLanes : (u+1)*Bins*rowLanes]
	lane %= rowLanes
	for b := range h {
		h[b] += int64(counts[b*rowLanes+lane])
	}
}

// flush moves what was counted into the histograms.
func (t *tallies) flush(to *Table) {
	t.add(to)
	for u, dirty := range t.dirty {
		for _, g := range t.groups {
			if dirty {
				clear(g.counts[u*Bins*rowLanes : (u+1)*Bins*rowLanes])
			}
		}
		t.dirty[u] = false
	}
	t.n = 0
}

// countRowsNaive is the kernel in plain Go: rows [n,rowLanes] are added to the rows
// bins[t] of counts [Bins,rowLanes].
func countRowsNaive(counts []uint16, rows, bins []uint8) {
	for t, b := range bins {
		to := counts[int(b&(Bins-1))*rowLanes:][:rowLanes]
		for lane, y := range rows[t*rowLanes:][:rowLanes] {
			to[lane] += uint16(y)
		}
	}
}
