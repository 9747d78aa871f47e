// Package peaks keeps the places of a text where a unit is most active, in memory that does not grow with it.
package peaks

import (
	"cmp"
	"errors"
	"slices"

	"github.com/rnnscope/rnnscope/dissect/shard"
)

// Window is the stretch of text of which only the highest value is kept. It divides
// trace.PartSize, so that windows do not depend on how a block was read.
const Window = 50

// Keep is how many windows a list holds.
const Keep = 24

// List is the highest windows of one unit, best first.
type List struct{ top []At }

// At is a window: its highest fixed-point activation, and where that is.
type At struct {
	Value    int32 // fixed-point activation
	Position int
}

func byHeight(a, b At) int {
	if a.Value != b.Value {
		return cmp.Compare(b.Value, a.Value)
	}
	return cmp.Compare(a.Position, b.Position)
}

// Add looks at the fixed-point activations of a unit from a position on.
func (l *List) Add(lo int, fixed []int32) {
	for w := 0; w < len(fixed); w += Window {
		window := fixed[w:min(w+Window, len(fixed))]
		value := highest(window)
		if len(l.top) == Keep && value < l.top[Keep-1].Value {
			continue // most windows of a long text
		}
		l.offer(At{value, lo + w + slices.Index(window, value)})
	}
}

// highest is the largest of xs, which are one or more: in four chains, since no comparison of a chain
// waits for another, and without branches, which nobody can foretell.
func highest(xs []int32) int32 {
	a, b, c, d := xs[0], xs[0], xs[0], xs[0]
	for ; len(xs) >= 4; xs = xs[4:] {
		a, b, c, d = max(a, xs[0]), max(b, xs[1]), max(c, xs[2]), max(d, xs[3])
	}
	for _, x := range xs {
		a = max(a, x)
	}
	return max(a, b, c, d)
}

func (l *List) offer(p At) {
	if len(l.top) == Keep && byHeight(p, l.top[Keep-1]) > 0 {
		return
	}
	i, _ := slices.BinarySearchFunc(l.top, p, byHeight)
	l.top = slices.Insert(l.top, i, p)
	l.top = l.top[:min(len(l.top), Keep)]
}

// Merge takes over what another list has.
func (l *List) Merge(o *List) {
	for _, p := range o.top {
		l.offer(p)
	}
}

// Best are up to n peaks at least Window characters apart, best first.
func (l *List) Best(n int) []At {
	var out []At
	for _, p := range l.top {
		near := slices.ContainsFunc(out, func(o At) bool {
			return max(p.Position-o.Position, o.Position-p.Position) < Window
		})
		if !near && len(out) < n {
			out = append(out, p)
		}
	}
	return out
}

// Within reports whether all its places are such as inside accepts: a list that was read may hold any.
func (l *List) Within(inside func(position int) bool) bool {
	return !slices.ContainsFunc(l.top, func(p At) bool { return !inside(p.Position) })
}

// Walk takes the list through a coder, which writes it or offers what a shard wrote.
func (l *List) Walk(c *shard.Coder) {
	var xs []int64
	for _, p := range l.top {
		xs = append(xs, int64(p.Value), int64(p.Position))
	}
	c.List(&xs, 2*Keep)
	if !c.Reads() {
		return
	}
	c.Check(func() error {
		for i, x := range xs {
			if i%2 == 0 && (x != int64(int32(x)) || i+1 == len(xs)) {
				return errors.New("its peaks are none")
			}
		}
		return nil
	})
	for p := range slices.Chunk(xs[:len(xs)/2*2], 2) {
		l.offer(At{int32(p[0]), int(p[1])})
	}
}
