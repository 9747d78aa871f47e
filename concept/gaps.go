package concept

import "math"

// gaps counts characters since the label last changed.
type gaps struct {
	t, since int64
	last     int32
}

func (g *gaps) label(y int32, valid bool) Label {
	if y != g.last {
		g.last, g.since = y, g.t
	}
	l := Label{Y: y, Valid: valid, Gap: int32(min(g.t-g.since, math.MaxInt32))}
	g.t++
	return l
}
