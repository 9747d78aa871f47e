package figure

import (
	"math"
	"slices"
	"strings"
)

// Multiples is a grid of equal panels over one x axis of training steps, log10(1+step).
type Multiples struct {
	Head
	XLabel string
	Panels []Panel
}

// Panel is one small chart; Lo and Hi fix its range when they differ, so that shares run from 0 to 1.
type Panel struct {
	Title     string
	X, Y      []float64
	Low, High []float64 // a band around Y; empty or NaN draws none
	Reference *float64  // a level to compare with; nil draws none
	Lo, Hi    float64
	Unit      string // written after the last value
}

const (
	panelWidth  = 210
	panelHeight = 136
)

func (m *Multiples) head() Head { return m.Head }

func (m *Multiples) columns(width float64) int {
	most := max(1, min(len(m.Panels), int(width/panelWidth)))
	rows := max(1, (len(m.Panels)+most-1)/most)
	return max(1, (len(m.Panels)+rows-1)/rows)
}

func (m *Multiples) height(width float64) float64 {
	cols := m.columns(width)
	rows := (len(m.Panels) + cols - 1) / cols
	return float64(rows)*(panelHeight+m.second(width)) + 6
}

func (m *Multiples) draw(s surface, width float64) {
	cols := m.columns(width)
	hi := 1.0
	for _, p := range m.Panels {
		for _, x := range p.X {
			hi = math.Max(hi, x)
		}
	}
	for i, p := range m.Panels {
		w := (width + 24) / float64(cols)
		y := float64(i/cols) * (panelHeight + m.second(width))
		lines := m.title(p, width)
		for k, words := range lines {
			s.text(point{float64(i%cols) * w, y + 14 + titleLine*float64(k)}, words, lettering{ink: Text, size: labelSize, bold: true})
		}
		m.panel(s, p, float64(i%cols)*w, y+m.second(width), w-24, hi)
	}
}

const titleLine = 16

// title is at most two lines.
func (m *Multiples) title(p Panel, width float64) []string {
	w := (width+24)/float64(m.columns(width)) - 24
	lines := wrap(p.Title, w, labelSize, true)
	if len(lines) > 2 {
		lines = append(lines[:1], clip(strings.Join(lines[1:], " "), w, labelSize, true))
	}
	return lines
}

// second is the room for second lines of titles, when any panel has one.
func (m *Multiples) second(width float64) float64 {
	for _, p := range m.Panels {
		if len(m.title(p, width)) > 1 {
			return titleLine
		}
	}
	return 0
}

func (m *Multiples) panel(s surface, p Panel, x, y, w, steps float64) {
	lo, hi := p.bounds()
	sx := scale{0, logStep(steps), x + 28, x + w - 40}
	sy := scale{lo, hi, y + 102, y + 32}
	lab := lettering{ink: Muted, size: smallSize, anchor: right}
	for _, v := range []float64{lo, hi} {
		segment(s, sx.from, sy.at(v), sx.to, sy.at(v), stroke{ink: Grid, width: 1})
		s.text(point{sx.from - 5, sy.at(v) + 3.5}, compact(v), lab)
	}
	m.steps(s, sx, sy.from, steps)
	xs := make([]float64, len(p.X))
	for i, v := range p.X {
		xs[i] = logStep(v)
	}
	if p.Reference != nil {
		r := sy.at(math.Max(lo, math.Min(hi, *p.Reference)))
		segment(s, sx.from, r, sx.to, r, stroke{ink: Gray, width: 1.2, dash: 4})
	}
	band(s, xs, p.Low, p.High, Blue, scales{sx, sy})
	k := Curve{Y: p.Y, Ink: Blue}
	drawCurve(s, k, xs, sx, sy)
	m.last(s, p, xs, sx, sy)
}

// bounds is the range of the vertical axis.
func (p Panel) bounds() (lo, hi float64) {
	if p.Lo != p.Hi {
		return p.Lo, p.Hi
	}
	ys := p.Y
	if p.Reference != nil {
		ys = append(ys[:len(ys):len(ys)], *p.Reference)
	}
	lo, hi = upTo(ys)
	if lo == hi {
		hi = lo + 1
	}
	return lo, hi
}

// band shades between low and high where both are known, cut at the axis.
func band(s surface, xs, low, high []float64, ink Ink, of scales) {
	sx, sy := of.x, of.y
	within := func(v float64) float64 { return sy.at(math.Max(sy.lo, math.Min(sy.hi, v))) }
	var above, below []point
	flush := func() {
		if len(above) > 1 {
			slices.Reverse(below)
			s.area(append(above, below...), ink, .16)
		}
		above, below = nil, nil
	}
	for i := range min(len(xs), len(low), len(high)) {
		if math.IsNaN(low[i]) || math.IsNaN(high[i]) {
			flush()
			continue
		}
		above = append(above, point{sx.at(xs[i]), within(high[i])})
		below = append(below, point{sx.at(xs[i]), within(low[i])})
	}
	flush()
}

func (m *Multiples) steps(s surface, sx scale, y, steps float64) {
	lab := lettering{ink: Muted, size: smallSize, anchor: middle}
	list := stepTicks(steps)
	for i, t := range list {
		x := sx.at(t.value)
		segment(s, x, y, x, y+3, stroke{ink: Rule, width: 1})
		if i == 0 || i%2 == len(list)%2 {
			continue
		}
		s.text(point{x, y + 15}, t.label, lab)
	}
	s.text(point{sx.from, y + 15}, "0", lab)
	if m.XLabel != "" {
		lab.anchor = left
		s.text(point{sx.to + 8, y + 15}, m.XLabel, lab)
	}
}

func (m *Multiples) last(s surface, p Panel, xs []float64, sx, sy scale) {
	for i := min(len(p.Y), len(xs)) - 1; i >= 0; i-- {
		if math.IsNaN(p.Y[i]) {
			continue
		}
		at := point{sx.at(xs[i]), sy.at(p.Y[i])}
		s.dot(at, 2.6, Blue, false)
		s.text(point{at.x + 6, at.y + 3.5}, compact(math.Round(p.Y[i]*100)/100)+p.Unit, lettering{ink: Text, size: smallSize})
		return
	}
}
