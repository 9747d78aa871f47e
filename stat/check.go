package stat

import (
	"errors"
	"fmt"
)

// ErrCounts says that counts contradict one another: nobody counted them on one text.
var ErrCounts = errors.New("counts contradict one another")

// Check holds the counts of a table that came from a file against one another and against the n positions
// that it must have. Whatever reads a table that passes finds the counts it relies on; sums of activations may
// be any. Errors match ErrCounts.
func (t *Table) Check(n int64) error {
	t.Settle()
	if t.N != n || !sums(t.CharN, n) {
		return fmt.Errorf("%w: %d positions where %d belong", ErrCounts, t.N, n)
	}
	for u := range t.U {
		if !sums(t.Htot[u*Bins:(u+1)*Bins], n) {
			return fmt.Errorf("%w: a histogram of unit %d does not hold every position", ErrCounts, u)
		}
	}
	for c := range t.C {
		if !t.agrees(c) {
			return fmt.Errorf("%w: concept %d", ErrCounts, c)
		}
	}
	return nil
}

// agrees reports whether the counts of a concept are parts of those of all positions.
func (t *Table) agrees(c int) bool {
	byChar, invalid := t.Char1[c*t.V:(c+1)*t.V], t.CharX[c]
	if (invalid == nil) != (t.HX[c] == nil) || (invalid == nil) != (t.AX[c] == nil) || (invalid == nil) != (t.AAX[c] == nil) {
		return false
	}
	out := sumOf(invalid)
	if !sums(byChar, t.N1[c]) || !parts(byChar, invalid, t.CharN) {
		return false
	}
	for u := range t.U {
		lo, hi := u*Bins, (u+1)*Bins
		on := t.H1[c*t.U*Bins:][lo:hi]
		var x []int64
		if invalid != nil {
			x = t.HX[c][lo:hi]
		}
		if !sums(on, t.N1[c]) || sumOf(x) != out || !parts(on, x, t.Htot[lo:hi]) {
			return false
		}
	}
	return true
}

// sums reports whether counts are none below 0 and n together.
func sums(counts []int64, n int64) bool {
	for _, k := range counts {
		if k < 0 || k > n {
			return false
		}
		n -= k
	}
	return n == 0
}

func sumOf(counts []int64) (n int64) {
	for _, k := range counts {
		n += k
	}
	return n
}

// parts reports whether a and b, which may be nil, are counts of different things of all.
func parts(a, b, all []int64) bool {
	for i, n := range all {
		rest := n - a[i]
		if a[i] < 0 || rest < 0 || b != nil && (b[i] < 0 || b[i] > rest) {
			return false
		}
	}
	return true
}
