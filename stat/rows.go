package stat

// rowLanes is how many labels a row of counters holds.
const rowLanes = 64

// tallyMost is how many positions a 16-bit counter surely holds.
const tallyMost = 1<<16 - 1

// tallies counts all labels of a position at once, where the processor has
// instructions for that: a bin is a row of 16-bit counters, one a label, to which the
// labels of a position are added as a whole. Lane 0 counts every position, lane 1+c
// those where concept c is on. The counters go to a Table's sums before they overflow.
type tallies struct {
	groups int        // rows of rowLanes a bin
	rows   [][]uint8  // [groups] of [T,rowLanes]: the labels of the stretch
	counts [][]uint16 // [groups] of [U,Bins,rowLanes]
	n      int        // positions counted since they were last cleared
	dirty  []bool     // [U] units with something counted
}

func newTallies(u, c int) *tallies {
	t := &tallies{groups: (c + rowLanes) / rowLanes, dirty: make([]bool, u)}
	for range t.groups {
		t.rows = append(t.rows, nil)
		t.counts = append(t.counts, make([]uint16, u*Bins*rowLanes))
	}
	return t
}

// begin lays out the labels of a stretch.
func (t *tallies) begin(s *Stretch) {
	n := len(s.Chars) * rowLanes
	for g := range t.rows {
		if cap(t.rows[g]) < n {
			t.rows[g] = make([]uint8, n)
		}
		t.rows[g] = t.rows[g][:n]
		clear(t.rows[g])
	}
	for p := 0; p < n; p += rowLanes {
		t.rows[0][p] = 1
	}
	for c := range s.Labels {
		rows, lane := t.rows[(c+1)/rowLanes], int32(c+1)%rowLanes
		for _, p := range s.Labels[c].Positive {
			rows[p*rowLanes+lane] = 1
		}
	}
	t.n += len(s.Chars)
}

// unit counts unit u over the stretch.
func (t *tallies) unit(u int, bins []uint8) {
	if len(bins) == 0 {
		return
	}
	for g, rows := range t.rows {
		countRows(t.counts[g][u*Bins*rowLanes:(u+1)*Bins*rowLanes], rows[:len(bins)*rowLanes], bins)
	}
	t.dirty[u] = true
}

// flush moves what was counted into the histograms.
func (t *tallies) flush(to *Table) {
	for u, dirty := range t.dirty {
		if !dirty {
			continue
		}
		t.dirty[u] = false
		for g := range t.groups {
			counts := t.counts[g][u*Bins*rowLanes : (u+1)*Bins*rowLanes]
			for lane := range rowLanes {
				c := g*rowLanes + lane - 1
				if c >= to.C {
					break
				}
				h := to.Htot[u*Bins : (u+1)*Bins]
				if c >= 0 {
					h = to.H1[(c*to.U+u)*Bins : (c*to.U+u+1)*Bins]
				}
				for b := range h {
					h[b] += int64(counts[b*rowLanes+lane])
				}
			}
			clear(counts)
		}
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
