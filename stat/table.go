package stat

import (
	"fmt"
	"math/bits"
	"slices"
)

// Sum128 is an unsigned 128-bit sum: squares of fixed-point activations outgrow
// 64 bits on a long text, and must still add exactly.
type Sum128 struct{ Hi, Lo uint64 }

// Add adds x.
func (s *Sum128) Add(x uint64) {
	var carry uint64
	s.Lo, carry = bits.Add64(s.Lo, x, 0)
	s.Hi += carry
}

// Merge adds another sum.
func (s *Sum128) Merge(o Sum128) {
	var carry uint64
	s.Lo, carry = bits.Add64(s.Lo, o.Lo, 0)
	s.Hi += o.Hi + carry
}

// Sub is s - o; the caller knows that o is part of s.
func (s Sum128) Sub(o Sum128) Sum128 {
	lo, borrow := bits.Sub64(s.Lo, o.Lo, 0)
	hi, _ := bits.Sub64(s.Hi, o.Hi, borrow)
	return Sum128{hi, lo}
}

// Float is the sum as a float64.
func (s Sum128) Float() float64 { return float64(s.Hi)*0x1p64 + float64(s.Lo) }

// Labels is one concept over a stretch of T positions.
type Labels struct {
	Positive []int32 // positions where the label is on and valid, ascending
	Invalid  []int32 // positions where the label says nothing, ascending
	Values   []int32 // [T] numeric label (0 where invalid), nil for a concept that is on or off
	Sparse   bool    // Values are 0 wherever the label is not on: then only Positive is walked
	Runs     []Run   // where the label (Values, or 1 where it is on) is not 0, if that is short; nil: not listed
}

// Run is neighbouring positions [Lo, Hi) with the same label Y.
type Run struct{ Lo, Hi, Y int32 }

// AppendRuns appends the runs of labels that are not 0.
func (l *Labels) AppendRuns(dst []Run) []Run {
	join := func(p, y int32) {
		if n := len(dst); n > 0 && dst[n-1].Hi == p && dst[n-1].Y == y {
			dst[n-1].Hi++
			return
		}
		dst = append(dst, Run{p, p + 1, y})
	}
	if l.Values == nil {
		for _, p := range l.Positive {
			join(p, 1)
		}
		return dst
	}
	for p, y := range l.Values {
		if y != 0 {
			join(int32(p), y)
		}
	}
	return dst
}

// Stretch is T neighbouring positions: their characters and all labels.
type Stretch struct {
	Chars  []int32  // [T] symbol ids
	Labels []Labels // [C]
}

// Table is the sufficient statistics of U units of one site against C concepts.
// Every field is an integer, so shards merge in any grouping and order to the
// same bits. A position invalid for concept c is taken out of c's figures
// through the fields that end in X.
type Table struct {
	U, C, V int
	N       int64      // positions
	Htot    []int64    // [U,Bins] all positions
	H1      []int64    // [C,U,Bins] positions where the label is on
	A       []int64    // [U,V] sum of fixed-point activations by current character
	CharN   []int64    // [V] positions by current character
	AA      []Sum128   // [U] sum of squared fixed-point activations
	AY      []int64    // [C,U] sum of fixed-point activation x label value
	CharY   []int64    // [C,V] sum of label values by current character
	Char1   []int64    // [C,V] positions where the label is on, by current character
	N1      []int64    // [C] positions where the label is on
	YY      []int64    // [C] sum of squared label values
	HX      [][]int64  // [C] of [U,Bins], nil while no position was invalid
	AX      [][]int64  // [C] of [U,V]
	CharX   [][]int64  // [C] of [V]
	AAX     [][]Sum128 // [C] of [U]

	counts bool     // histograms alone
	rows   *tallies // histogram counts under way, nil where there is no kernel for them
	prefix []int64  // [T+1] sums of one unit's activations
	whole  whole
}

// whole is one unit over one stretch, for the labels that say nothing anywhere in it: what is
// taken out for them is all that the stretch adds, so it is summed up once for all of them.
type whole struct {
	chars  []int32 // of the stretch, each once
	seen   []bool  // [V] scratch
	sums   []int64 // by chars: fixed-point activations
	square Sum128
}

// begin lists the characters of a stretch.
func (w *whole) begin(chars []int32, symbols int) {
	if w.seen == nil {
		w.seen = make([]bool, symbols)
	}
	w.chars = w.chars[:0]
	for _, v := range chars {
		if !w.seen[v] {
			w.seen[v] = true
			w.chars = append(w.chars, v)
		}
	}
	for _, v := range w.chars {
		w.seen[v] = false
	}
	w.sums = slices.Grow(w.sums[:0], len(w.chars))[:len(w.chars)]
}

// from keeps what a unit had before the stretch, to what it had after.
func (w *whole) from(byChar []int64, square Sum128) {
	for i, v := range w.chars {
		w.sums[i] = byChar[v]
	}
	w.square = square
}

func (w *whole) to(byChar []int64, square Sum128) {
	for i, v := range w.chars {
		w.sums[i] = byChar[v] - w.sums[i]
	}
	w.square = square.Sub(w.square)
}

func (w *whole) add(byChar []int64, square *Sum128) {
	for i, v := range w.chars {
		byChar[v] += w.sums[i]
	}
	square.Merge(w.square)
}

// NewTable makes an empty table of U units, C concepts and V symbols.
func NewTable(u, c, v int) *Table {
	t := NewCounts(u, c, v)
	t.counts = false
	t.A, t.AA, t.AY = make([]int64, u*v), make([]Sum128, u), make([]int64, c*u)
	return t
}

// NewCounts makes an empty table that counts histograms alone, at a fraction of the cost:
// AUROC and all that is read from histograms, but no sums of activations.
func NewCounts(u, c, v int) *Table {
	if u < 1 || c < 0 || v < 1 {
		panic(fmt.Sprintf("stat: table of %d units, %d concepts, %d symbols", u, c, v))
	}
	t := &Table{
		U: u, C: c, V: v, CharN: make([]int64, v), counts: true,
		CharY: make([]int64, c*v), Char1: make([]int64, c*v), N1: make([]int64, c), YY: make([]int64, c),
		HX: make([][]int64, c), AX: make([][]int64, c),
		CharX: make([][]int64, c), AAX: make([][]Sum128, c),
	}
	if countsRows() {
		t.rows = newTallies(u, c)
	} else {
		t.allocate()
	}
	return t
}

// allocate makes the histograms; while rows are counted only their end needs them.
func (t *Table) allocate() {
	if t.Htot == nil {
		t.Htot, t.H1 = make([]int64, t.U*Bins), make([]int64, t.C*t.U*Bins)
	}
	for c, invalid := range t.CharX {
		if invalid != nil && t.HX[c] == nil {
			t.HX[c] = make([]int64, t.U*Bins)
		}
	}
}

// AddStretch counts what does not depend on a unit. Call it once per stretch,
// and AddUnit once per unit and stretch.
func (t *Table) AddStretch(s *Stretch) {
	if len(s.Labels) != t.C {
		panic(fmt.Sprintf("stat: %d labels for %d concepts", len(s.Labels), t.C))
	}
	if len(s.Chars) > tallyMost {
		t.Settle() // counters are too small for it
	}
	if t.rows != nil {
		if t.rows.n+len(s.Chars) > tallyMost {
			t.rows.flush(t)
		}
		t.rows.begin(s)
	}
	t.N += int64(len(s.Chars))
	for _, v := range s.Chars {
		t.CharN[v]++
	}
	for c := range s.Labels {
		t.addLabels(c, &s.Labels[c], s.Chars)
	}
	if !t.counts {
		t.whole.begin(s.Chars, t.V)
	}
}

func (t *Table) addLabels(c int, l *Labels, chars []int32) {
	byChar, onByChar := t.CharY[c*t.V:(c+1)*t.V], t.Char1[c*t.V:(c+1)*t.V]
	t.N1[c] += int64(len(l.Positive))
	for _, p := range l.Positive {
		onByChar[chars[p]]++
	}
	if l.Values == nil {
		t.YY[c] += int64(len(l.Positive))
		for _, p := range l.Positive {
			byChar[chars[p]]++
		}
	} else {
		for p, y := range l.Values {
			byChar[chars[p]] += int64(y)
			t.YY[c] += int64(y) * int64(y)
		}
	}
	if len(l.Invalid) == 0 {
		return
	}
	t.allowInvalid(c)
	for _, p := range l.Invalid {
		t.CharX[c][chars[p]]++
	}
}

func (t *Table) allowInvalid(c int) {
	if t.CharX[c] != nil {
		return
	}
	t.CharX[c] = make([]int64, t.V)
	if t.rows == nil {
		t.HX[c] = make([]int64, t.U*Bins)
	}
	if !t.counts {
		t.AX[c] = make([]int64, t.U*t.V)
		t.AAX[c] = make([]Sum128, t.U)
	}
}

// AddUnit counts unit u over the stretch: bins[T] its histogram bins and
// fixed[T] its fixed-point activations, which a table of counts does not look at.
// AddStretch must have seen the stretch first.
func (t *Table) AddUnit(u int, bins []uint8, fixed []int32, s *Stretch) {
	n := len(s.Chars)
	if len(bins) != n || !t.counts && len(fixed) != n {
		panic(fmt.Sprintf("stat: %d bins and %d values for %d positions", len(bins), len(fixed), n))
	}
	if t.rows != nil {
		t.rows.unit(u, bins)
	} else {
		t.addBins(u, bins, s)
	}
	if t.counts {
		return
	}
	byChar := t.A[u*t.V : (u+1)*t.V]
	t.whole.from(byChar, t.AA[u])
	t.addTotals(u, fixed, s.Chars)
	t.whole.to(byChar, t.AA[u])
	for c := range s.Labels {
		l := &s.Labels[c]
		t.AY[c*t.U+u] += t.product(l, fixed)
		switch {
		case len(l.Invalid) == 0:
		case len(l.Invalid) == n:
			t.whole.add(t.AX[c][u*t.V:(u+1)*t.V], &t.AAX[c][u])
		default:
			t.addInvalid(c, u, l.Invalid, fixed, s.Chars)
		}
	}
}

// addBins counts the histograms label by label.
func (t *Table) addBins(u int, bins []uint8, s *Stretch) {
	all := (*[Bins]int64)(t.Htot[u*Bins:])
	for _, b := range bins {
		all[b&(Bins-1)]++
	}
	for c := range s.Labels {
		on := (*[Bins]int64)(t.H1[(c*t.U+u)*Bins:])
		for _, p := range s.Labels[c].Positive {
			on[bins[p]&(Bins-1)]++
		}
		if len(s.Labels[c].Invalid) == 0 {
			continue
		}
		invalid := (*[Bins]int64)(t.HX[c][u*Bins:])
		for _, p := range s.Labels[c].Invalid {
			invalid[bins[p]&(Bins-1)]++
		}
	}
}

// addTotals counts what no label has a part in, and the sums up to every position.
func (t *Table) addTotals(u int, fixed, chars []int32) {
	byChar := t.A[u*t.V : (u+1)*t.V]
	square := t.AA[u]
	if cap(t.prefix) < len(fixed)+1 {
		t.prefix = make([]int64, len(fixed)+1)
	}
	prefix := t.prefix[:len(fixed)+1]
	t.prefix = prefix
	var sum int64
	for p, x := range fixed {
		q := int64(x)
		byChar[chars[p]] += q
		square.Add(uint64(q * q))
		sum += q
		prefix[p+1] = sum
	}
	t.AA[u] = square
}

// product is the sum of activation x label.
func (t *Table) product(l *Labels, fixed []int32) int64 {
	var ay int64
	switch {
	case l.Runs != nil:
		for _, r := range l.Runs {
			ay += (t.prefix[r.Hi] - t.prefix[r.Lo]) * int64(r.Y)
		}
	case l.Values == nil:
		for _, p := range l.Positive {
			ay += int64(fixed[p])
		}
	case l.Sparse:
		for _, p := range l.Positive {
			ay += int64(fixed[p]) * int64(l.Values[p])
		}
	default:
		for p, y := range l.Values {
			ay += int64(fixed[p]) * int64(y)
		}
	}
	return ay
}

// Settle brings the histograms up to date. Call it after the last AddUnit, before
// anything is read; Merge and the functions that read histograms do so too.
func (t *Table) Settle() {
	if t.rows != nil {
		t.rows.flush(t)
		t.rows = nil
	}
}

func (t *Table) addInvalid(c, u int, invalid, fixed, chars []int32) {
	byChar, square := t.AX[c][u*t.V:(u+1)*t.V], t.AAX[c][u]
	for _, p := range invalid {
		q := int64(fixed[p])
		byChar[chars[p]] += q
		square.Add(uint64(q * q))
	}
	t.AAX[c][u] = square
}

// Merge adds the counts of another table of the same shape.
func (t *Table) Merge(o *Table) {
	if t.U != o.U || t.C != o.C || t.V != o.V {
		panic(fmt.Sprintf("stat: merging tables %dx%dx%d and %dx%dx%d", t.U, t.C, t.V, o.U, o.C, o.V))
	}
	if t.counts != o.counts {
		panic("stat: merging a table of counts and one of sums")
	}
	t.N += o.N
	addInto(t.CharN, o.CharN)
	addInto(t.CharY, o.CharY)
	addInto(t.Char1, o.Char1)
	addInto(t.N1, o.N1)
	addInto(t.YY, o.YY)
	addInto(t.A, o.A)
	addInto(t.AY, o.AY)
	mergeSquares(t.AA, o.AA)
	t.Settle()
	for c := range o.CharX {
		if o.CharX[c] == nil {
			continue
		}
		t.allowInvalid(c)
		addInto(t.CharX[c], o.CharX[c])
		addInto(t.AX[c], o.AX[c])
		mergeSquares(t.AAX[c], o.AAX[c])
		addInto(t.HX[c], o.HX[c])
	}
	addInto(t.Htot, o.Htot)
	addInto(t.H1, o.H1)
	if o.rows != nil {
		o.rows.add(t) // what o has counted and not yet summed
	}
}

func addInto(dst, src []int64) {
	for i, x := range src {
		dst[i] += x
	}
}

func mergeSquares(dst, src []Sum128) {
	for i := range src {
		dst[i].Merge(src[i])
	}
}

// Count gives the valid positions of concept c and how many of them are on.
func (t *Table) Count(c int) (n, n1 int64) {
	n = t.N
	if t.CharX[c] != nil {
		for _, k := range t.CharX[c] {
			n -= k
		}
	}
	return n, t.N1[c]
}

// Histograms gives unit u's bins where concept c is on and where it is off.
// on is a view; off is written to buf[Bins].
func (t *Table) Histograms(c, u int, buf []int64) (on, off []int64) {
	t.Settle()
	on = t.H1[(c*t.U+u)*Bins : (c*t.U+u+1)*Bins]
	off = buf[:Bins]
	all := t.Htot[u*Bins : (u+1)*Bins]
	for b := range off {
		off[b] = all[b] - on[b]
	}
	if t.HX[c] != nil {
		for b, k := range t.HX[c][u*Bins : (u+1)*Bins] {
			off[b] -= k
		}
	}
	return on, off
}
