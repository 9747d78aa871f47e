package figure

import (
	"math"
	"slices"
)

// Places is a grid of panels in which numbered places lie in a plane, joined in their order. All axes of a panel have
// one scale.
type Places struct {
	Head
	Panels []Plane
}

// Plane is one panel.
type Plane struct {
	Group  string // above the title
	Title  string
	Points [][2]float64
	Names  []string
	Solid  int // the first so many points are filled; the others are hollow
}

// Size of a panel, of the two lines above it and of the space below it.
const (
	planeSize  = 168.0
	planeTitle = 34.0
	planeFoot  = 14.0
)

// nameApart is how near two names may stand before the later one is left out.
const nameApart = 12

func (p *Places) head() Head { return p.Head }

func (p *Places) across(width float64) int { return max(1, int(width/(planeSize+12))) }

func (p *Places) height(width float64) float64 {
	a := p.across(width)
	return (planeTitle + planeSize + planeFoot) * float64((len(p.Panels)+a-1)/a)
}

func (p *Places) draw(s surface, width float64) {
	a := p.across(width)
	for i, q := range p.Panels {
		q.draw(s, float64(i%a)*(planeSize+12), (planeTitle+planeSize+planeFoot)*float64(i/a))
	}
}

func (q Plane) draw(s surface, x, y float64) {
	bold := lettering{ink: Text, size: smallSize, bold: true}
	s.text(point{x, y + 12}, clip(q.Group, planeSize, smallSize, true), lettering{ink: Muted, size: smallSize})
	s.text(point{x, y + 26}, clip(q.Title, planeSize, smallSize, true), bold)
	y += planeTitle
	frame := []point{{x, y}, {x + planeSize, y}, {x + planeSize, y + planeSize}, {x, y + planeSize}, {x, y}}
	s.line(frame, stroke{ink: Grid, width: 1})
	lo, hi := [2]float64{math.Inf(1), math.Inf(1)}, [2]float64{math.Inf(-1), math.Inf(-1)}
	for _, v := range q.Points {
		for k := range v {
			lo[k], hi[k] = math.Min(lo[k], v[k]), math.Max(hi[k], v[k])
		}
	}
	most := math.Max(hi[0]-lo[0], hi[1]-lo[1])
	if len(q.Points) == 0 || most <= 0 || math.IsInf(most, 0) {
		return
	}
	const margin = 20
	unit := (planeSize - 2*margin) / most
	at := func(v [2]float64) point {
		return point{x + planeSize/2 + (v[0]-(lo[0]+hi[0])/2)*unit, y + planeSize/2 - (v[1]-(lo[1]+hi[1])/2)*unit}
	}
	var path []point
	for _, v := range q.Points {
		path = append(path, at(v))
	}
	s.line(path, stroke{ink: Gray, width: 1.2})
	var named []point
	for i, v := range path {
		s.dot(v, 3.6, Blue, i >= q.Solid)
		near := func(o point) bool { return math.Abs(o.x-v.x) < nameApart && math.Abs(o.y-v.y) < nameApart }
		if slices.ContainsFunc(named, near) {
			continue
		}
		named = append(named, v)
		s.text(point{v.x + 6, v.y - 5}, q.Names[i], lettering{ink: Text, size: smallSize})
	}
}
