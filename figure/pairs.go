package figure

import "math"

// Pairs shows matching brackets, quotes or tags of a passage: arcs from opening to closing, the units that change most
// between them as a heatmap, and one memory unit's trace below. Openings are green and point up, closings vermilion
// and point down.
type Pairs struct {
	Head
	Text         []rune // [T]
	Pairs        []Pair
	Units        []string    // [K]
	Values       [][]float64 // [K][T]
	Limit        float64
	Memory       string    // name of the memory unit
	Trace        []float64 // [T] its activation; nil leaves the trace out
	OpenLabel    string
	CloseLabel   string
	Legend       string
	MemoryLegend string
}

// Pair is one match, character offsets.
type Pair struct{ Open, Close int }

const (
	pairArcs  = 62
	pairRow   = 15
	pairTrace = 58
)

func (p *Pairs) head() Head { return p.Head }

// Width is what the passage needs; a page narrower than that has to scroll.
func (p *Pairs) Width() float64 { return p.side() + cellWidth*float64(countColumns(p.Text)) + 4 }

func (p *Pairs) side() float64 {
	w := measure(p.Memory, smallSize, false, false)
	for _, u := range p.Units {
		w = math.Max(w, measure(u, smallSize, false, false))
	}
	return w + 10
}

func (p *Pairs) height(float64) float64 {
	h := 26 + pairArcs + 44 + pairRow*float64(len(p.Units)) + 8
	if p.Trace != nil {
		h += pairTrace + 24
	}
	return h
}

func (p *Pairs) draw(s surface, width float64) {
	x := p.side()
	r := newRuler(p.Text, x, math.Min(11, (width-x-4)/float64(max(1, countColumns(p.Text)))))
	p.key(s)
	y := 26 + float64(pairArcs)
	p.arcs(s, r, y)
	r.letters(s, p.Text, y+13)
	p.marks(s, r, y+26)
	y += 38
	if len(p.Units) > 0 && len(p.Text) > 0 {
		s.image(x, y, r.width(), pairRow*float64(len(p.Units)), r.cells(p.Values, 0, p.Limit))
	}
	for i, u := range p.Units {
		s.text(point{x - 6, y + (float64(i)+.5)*pairRow + 3.5}, u, lettering{ink: Muted, size: smallSize, anchor: right})
	}
	if p.Trace != nil {
		p.trace(s, r, y+pairRow*float64(len(p.Units))+18)
	}
}

func (p *Pairs) key(s surface) {
	lab := lettering{ink: Muted, size: smallSize}
	triangle(s, 5, 7, 4, true, Open)
	s.text(point{14, 10}, p.OpenLabel, lab)
	x := 14 + measure(p.OpenLabel, smallSize, false, false) + 18
	triangle(s, x, 6, 4, false, Close)
	s.text(point{x + 9, 10}, p.CloseLabel, lab)
	x += 9 + measure(p.CloseLabel, smallSize, false, false) + 22
	if len(p.Units) > 0 {
		legend(s, p.Legend, p.Limit, x, 1)
	}
}

func (p *Pairs) arcs(s surface, r ruler, y float64) {
	longest := 1
	for _, q := range p.Pairs {
		longest = max(longest, q.Close-q.Open)
	}
	for _, q := range p.Pairs {
		h := 10 + (pairArcs-14)*math.Sqrt(float64(q.Close-q.Open)/float64(longest))
		s.bow(r.middle(q.Open), r.middle(q.Close), y, h, stroke{ink: Gray, width: 1.3, alpha: .85})
	}
}

func (p *Pairs) marks(s surface, r ruler, y float64) {
	size := math.Min(4, r.cell*.55)
	for _, q := range p.Pairs {
		triangle(s, r.middle(q.Open), y, size, true, Open)
		triangle(s, r.middle(q.Close), y, size, false, Close)
	}
}

func round2(v float64) float64 { return math.Round(v*100) / 100 }

func (p *Pairs) trace(s surface, r ruler, y float64) {
	x, w := r.x, r.width()
	lo, hi := span(p.Trace)
	sy := scale{lo, hi, y + pairTrace, y}
	for _, q := range p.Pairs {
		for i, t := range []int{q.Open, q.Close} {
			ink := [...]Ink{Open, Close}[i]
			cx := r.middle(t)
			segment(s, cx, y, cx, y+pairTrace, stroke{ink: ink, width: 1, alpha: .5})
		}
	}
	segment(s, x, sy.at(lo), x+w, sy.at(lo), stroke{ink: Rule, width: 1})
	if lo < 0 && hi > 0 {
		segment(s, x, sy.at(0), x+w, sy.at(0), stroke{ink: Rule, width: 1, dash: 3})
	}
	xs := make([]float64, len(p.Trace))
	for i := range xs {
		xs[i] = r.middle(i)
	}
	drawCurve(s, Curve{Y: p.Trace, Ink: Text}, xs, scale{0, 1, 0, 1}, sy)
	lab := lettering{ink: Muted, size: smallSize, anchor: right}
	s.text(point{x - 6, y + 8}, compact(round2(hi)), lab)
	s.text(point{x - 6, y + pairTrace/2 + 3.5}, p.Memory, lettering{ink: Text, size: smallSize, anchor: right})
	s.text(point{x - 6, y + pairTrace + 2}, compact(round2(lo)), lab)
	s.text(point{x, y + pairTrace + 15}, p.MemoryLegend, lettering{ink: Muted, size: smallSize})
}
