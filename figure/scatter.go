package figure

import "math"

// Scatter sets points on a square from Lo to Hi, in groups side by side.
type Scatter struct {
	Head
	Panels         []ScatterPanel
	Lo, Hi         float64
	XLabel, YLabel string
}

// ScatterPanel is one group of points.
type ScatterPanel struct {
	Title string
	X, Y  []float64
	Ink   Ink
}

const (
	scatterGap  = 18
	scatterMost = 240 // pixels of a panel's side
)

func (c *Scatter) head() Head { return c.Head }

// columns and side are how many panels stand beside each other and how large they are.
func (c *Scatter) columns(width float64) int {
	return max(1, min(len(c.Panels), int((width-40+scatterGap)/(150+scatterGap))))
}

func (c *Scatter) side(width float64) float64 {
	n := float64(c.columns(width))
	return math.Min(scatterMost, (width-44-scatterGap*(n-1))/n)
}

func (c *Scatter) rows(width float64) int {
	n := c.columns(width)
	return (len(c.Panels) + n - 1) / n
}

func (c *Scatter) height(width float64) float64 {
	return float64(c.rows(width))*(c.side(width)+44) + 24
}

func (c *Scatter) draw(s surface, width float64) {
	n, side := c.columns(width), c.side(width)
	for i, p := range c.Panels {
		x0, y0 := 40+float64(i%n)*(side+scatterGap), 20+float64(i/n)*(side+44)
		c.panel(s, p, x0, y0, side, i%n == 0)
	}
	bottom := float64(c.rows(width)) * (side + 44)
	s.text(point{40 + (float64(n)*(side+scatterGap)-scatterGap)/2, bottom + 12}, c.XLabel, lettering{ink: Muted, size: smallSize, anchor: middle})
}

func (c *Scatter) panel(s surface, p ScatterPanel, x0, y0, side float64, first bool) {
	sx, sy := scale{c.Lo, c.Hi, x0, x0 + side}, scale{c.Lo, c.Hi, y0 + side, y0}
	s.text(point{x0, y0 - 6}, p.Title, lettering{ink: Text, size: labelSize})
	for _, t := range ticks(c.Lo, c.Hi, 2) {
		segment(s, sx.at(t.value), y0, sx.at(t.value), y0+side, stroke{ink: Grid, width: 1})
		segment(s, x0, sy.at(t.value), x0+side, sy.at(t.value), stroke{ink: Grid, width: 1})
		s.text(point{sx.at(t.value), y0 + side + 14}, t.label, lettering{ink: Muted, size: smallSize, anchor: middle})
		if first {
			s.text(point{x0 - 6, sy.at(t.value) + 4}, t.label, lettering{ink: Muted, size: smallSize, anchor: right})
		}
	}
	if first && c.YLabel != "" {
		s.text(point{x0 + 5, y0 + 13}, c.YLabel, lettering{ink: Muted, size: smallSize})
	}
	for k := range p.X {
		if math.IsNaN(p.X[k]) || math.IsNaN(p.Y[k]) {
			continue
		}
		in := func(v float64) float64 { return math.Max(c.Lo, math.Min(c.Hi, v)) }
		s.dot(point{sx.at(in(p.X[k])), sy.at(in(p.Y[k]))}, 2.2, p.Ink, true)
	}
}
