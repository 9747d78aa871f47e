package concept

import "math"

// Scale is a way to read a quantity before it is correlated with activations.
type Scale struct {
	Name string
	Of   func(y int32) float64
}

const (
	columnCap = 120 // columns beyond this are one
	depthCap  = 8   // depths beyond this are one
)

// Scales lists the scales of a depth or quantity, raw first: the column also
// capped at 120 and as log(1+y), a depth also capped at 8. Binary concepts and
// categories have none.
func (c Concept) Scales() []Scale {
	raw := Scale{"raw", func(y int32) float64 { return float64(y) }}
	capped := func(most int32) Scale {
		return Scale{"capped", func(y int32) float64 { return float64(min(y, most)) }}
	}
	switch {
	case c.Name == "column":
		return []Scale{raw, capped(columnCap), {"log", func(y int32) float64 { return math.Log1p(float64(y)) }}}
	case c.Kind == Depth:
		return []Scale{raw, capped(depthCap)}
	case c.Kind == Numeric:
		return []Scale{raw}
	}
	return nil
}
