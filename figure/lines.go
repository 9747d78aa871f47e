package figure

import "math"

// Curve is one line of a chart. NaN breaks it.
type Curve struct {
	Name  string
	X, Y  []float64
	Ink   Ink
	Faint bool // thin and pale: raw values behind a smoothed line
	Dots  bool // the values are few: mark each

	Low, High []float64 // a band around Y; empty or NaN draws none
}

// Lines is a chart of curves over training steps or any other quantity. With Steps, x is drawn as log10(1+x).
type Lines struct {
	Head
	XLabel, YLabel string
	Steps          bool
	Right          *RightAxis
	Origin         bool // a line at x = 0
	Curves         []Curve
}

// RightAxis shows the left axis in another unit: right = left * Factor.
type RightAxis struct {
	Label  string
	Factor float64
}

func (c *Lines) head() Head { return c.Head }

func (c *Lines) height(width float64) float64 {
	return c.legendHeight(width) + math.Max(200, math.Min(320, width*.42)) + 36
}

func (c *Lines) x(v float64) float64 {
	if c.Steps {
		return logStep(v)
	}
	return v
}

// legendRows sets the names of the curves in rows that fit.
func (c *Lines) legendRows(width float64) [][]Curve {
	rows := [][]Curve{nil}
	used := 0.0
	for _, k := range c.Curves {
		w := measure(k.Name, labelSize, false, false) + 40
		if used > 0 && used+w > width {
			rows = append(rows, nil)
			used = 0
		}
		rows[len(rows)-1] = append(rows[len(rows)-1], k)
		used += w
	}
	return rows
}

func (c *Lines) legendHeight(width float64) float64 {
	if len(c.Curves) < 2 {
		return 16
	}
	return 18*float64(len(c.legendRows(width))) + 16
}

func (c *Lines) draw(s surface, width float64) {
	c.legend(s, width)
	top := c.legendHeight(width) + 4
	bottom := c.height(width) - 34
	x0, x1 := 40.0, width-6
	if c.Right != nil {
		x1 = width - 34
	}
	sx, sy := c.scales(x0, x1, top, bottom)
	c.grid(s, sx, sy)
	for _, k := range c.Curves {
		band(s, c.mapX(k.X), k.Low, k.High, k.Ink, scales{sx, sy})
	}
	for _, k := range c.Curves {
		drawCurve(s, k, c.mapX(k.X), sx, sy)
	}
}

func (c *Lines) legend(s surface, width float64) {
	if len(c.Curves) < 2 {
		return
	}
	for i, row := range c.legendRows(width) {
		x, y := 0.0, 8+18*float64(i)
		for _, k := range row {
			st := stroke{ink: k.Ink, width: 2}
			if k.Faint {
				st.width, st.alpha = 1, .45
			}
			segment(s, x, y, x+18, y, st)
			if k.Dots {
				s.dot(point{x + 9, y}, 2.6, k.Ink, false)
			}
			s.text(point{x + 24, y + 4}, k.Name, lettering{ink: Text, size: labelSize})
			x += measure(k.Name, labelSize, false, false) + 40
		}
	}
}

func (c *Lines) mapX(xs []float64) []float64 {
	out := make([]float64, len(xs))
	for i, v := range xs {
		out[i] = c.x(v)
	}
	return out
}

func (c *Lines) scales(x0, x1, top, bottom float64) (sx, sy scale) {
	var xs, ys [][]float64
	for _, k := range c.Curves {
		xs, ys = append(xs, c.mapX(k.X)), append(ys, k.Y, k.Low, k.High)
	}
	lo, hi := span(ys...)
	left, right := math.Inf(1), math.Inf(-1)
	for _, v := range xs {
		for _, x := range v {
			left, right = math.Min(left, x), math.Max(right, x)
		}
	}
	if left > right {
		left, right = 0, 1
	}
	return scale{left, right, x0, x1}, scale{lo, hi, bottom, top}
}

func (c *Lines) grid(s surface, sx, sy scale) {
	small := lettering{ink: Muted, size: smallSize}
	for _, t := range ticks(sy.lo, sy.hi, 7) {
		y := sy.at(t.value)
		segment(s, sx.from, y, sx.to, y, stroke{ink: Grid, width: 1})
		lab := small
		lab.anchor = right
		s.text(point{sx.from - 6, y + 3.5}, t.label, lab)
	}
	if c.Right != nil {
		for _, t := range ticks(sy.lo*c.Right.Factor, sy.hi*c.Right.Factor, 7) {
			y := sy.at(t.value / c.Right.Factor)
			segment(s, sx.to, y, sx.to+3, y, stroke{ink: Rule, width: 1})
			s.text(point{sx.to + 7, y + 3.5}, t.label, small)
		}
		lab := small
		lab.anchor = right
		s.text(point{sx.to + 34, sy.to - 9}, c.Right.Label, lab)
	}
	s.text(point{0, sy.to - 9}, c.YLabel, small)
	if c.Origin && sx.lo < 0 && sx.hi > 0 {
		segment(s, sx.at(0), sy.to, sx.at(0), sy.from, stroke{ink: Rule, width: 1, dash: 3})
	}
	c.bottom(s, sx, sy.from)
}

func (c *Lines) bottom(s surface, sx scale, y float64) {
	segment(s, sx.from, y, sx.to, y, stroke{ink: Rule, width: 1})
	lab := lettering{ink: Muted, size: smallSize, anchor: middle}
	list := ticks(sx.lo, sx.hi, max(3, int((sx.to-sx.from)/80)))
	if c.Steps {
		list = stepTicks(math.Pow(10, sx.hi))
	}
	for _, t := range list {
		if t.value < sx.lo-1e-9 || t.value > sx.hi+1e-9 {
			continue
		}
		x := sx.at(t.value)
		segment(s, x, y, x, y+4, stroke{ink: Rule, width: 1})
		s.text(point{x, y + 16}, t.label, lab)
	}
	s.text(point{(sx.from + sx.to) / 2, y + 31}, c.XLabel, lab)
}

func drawCurve(s surface, k Curve, xs []float64, sx, sy scale) {
	st := stroke{ink: k.Ink, width: 1.8}
	if k.Faint {
		st.width, st.alpha = 1, .4
	}
	for _, run := range runs(xs, k.Y, sx, sy) {
		if !k.Dots {
			run = thin(run)
		}
		s.line(run, st)
		if k.Dots || len(run) == 1 {
			for _, p := range run {
				s.dot(p, 2.6, k.Ink, false)
			}
		}
	}
}
