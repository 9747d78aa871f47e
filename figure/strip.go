package figure

import "math"

// Strip draws one unit over several pieces of text: bars from zero, the spans of a concept shaded behind.
type Strip struct {
	Head
	Rows     []StripRow
	Limit    float64
	Absolute bool   // bars show |a|
	Shading  string // what the shaded spans are
	Legend   string // what the bars are
}

// StripRow is one piece of text with the unit's activation after each character.
type StripRow struct {
	Name   string
	Text   []rune    // [T]
	Values []float64 // [T]
	Spans  [][2]int  // shaded, character offsets [lo,hi)
}

const (
	stripPlot = 56
	stripText = 20
	stripGap  = 16
	stripName = 22
)

func (p *Strip) head() Head { return p.Head }

func (p *Strip) height(width float64) float64 {
	h := p.top(width)
	for _, r := range p.Rows {
		rows := bands(r.Text, width-stripSide)
		if r.Name != "" {
			h += stripName
		}
		h += float64(len(rows)) * (stripPlot + stripText + stripGap)
	}
	return h
}

// reaches reports whether bars go far enough to one side of zero, +1 or -1, to need room there.
func (p *Strip) reaches(side float64) bool {
	for _, r := range p.Rows {
		for _, v := range r.Values {
			if v*side > p.Limit/20 {
				return true
			}
		}
	}
	return false
}

// stripSide holds the scale's two numbers.
const stripSide = 34

func (p *Strip) draw(s surface, width float64) {
	keyRows(s, p.key(), width)
	y := p.top(width)
	texts := make([][]rune, len(p.Rows))
	for i, r := range p.Rows {
		texts[i] = r.Text
	}
	cell := columnWidth(width-stripSide, texts...)
	for _, r := range p.Rows {
		if r.Name != "" {
			s.text(point{0, y + 10}, clip(r.Name, width, labelSize, true), lettering{ink: Text, size: labelSize, bold: true})
			y += stripName
		}
		for _, b := range bands(r.Text, width-stripSide) {
			p.band(s, r, b, y, cell)
			y += stripPlot + stripText + stripGap
		}
	}
}

func (p *Strip) key() []keyItem {
	var items []keyItem
	if p.Shading != "" {
		items = append(items, keyItem{p.Shading, 16, func(s surface, x, y float64) { rect(s, box{x, y - 5, 16, 10}, Ochre, .25) }})
	}
	if p.Absolute || !p.reaches(-1) {
		return append(items, keyItem{p.Legend, 7, func(s surface, x, y float64) { rect(s, box{x, y - 5, 7, 10}, Blue, 1) }})
	}
	return append(items, keyItem{p.Legend, 16, func(s surface, x, y float64) {
		rect(s, box{x, y - 5, 7, 10}, Blue, 1)
		rect(s, box{x + 9, y - 5, 7, 10}, Vermilion, 1)
	}})
}

// top is where the first row begins, below the legend.
func (p *Strip) top(width float64) float64 {
	return 8 + keyLine*float64(keyRows(nil, p.key(), width))
}

func (p *Strip) band(s surface, r StripRow, b [2]int, y, cell float64) {
	lo, hi := b[0], b[1]
	sy := scale{-p.Limit, p.Limit, y + stripPlot, y}
	if p.Absolute || !p.reaches(-1) {
		sy.lo = 0
	} else if !p.reaches(1) {
		sy.hi = 0
	}
	rule := newRuler(r.Text[lo:hi], stripSide, cell)
	x, end := rule.x, rule.x+rule.width()
	for _, sp := range r.Spans {
		from, to := max(sp[0], lo), min(sp[1], hi)
		if from < to {
			rect(s, box{rule.left(from - lo), y, rule.left(to-lo) - rule.left(from-lo), stripPlot + stripText}, Ochre, .18)
		}
	}
	lab := lettering{ink: Muted, size: smallSize, anchor: right}
	for _, v := range []float64{sy.lo, sy.hi} {
		s.text(point{x - 5, sy.at(v) + 3.5}, compact(v), lab)
		segment(s, x, sy.at(v), end, sy.at(v), stroke{ink: Grid, width: 1})
	}
	for t := lo; t < hi; t++ {
		p.bar(s, r.Values[t], rule.left(t-lo), rule.left(t-lo+1)-rule.left(t-lo), sy)
	}
	segment(s, x, sy.at(0), end, sy.at(0), stroke{ink: Rule, width: 1})
	rule.letters(s, r.Text[lo:hi], y+stripPlot+15)
}

func (p *Strip) bar(s surface, v, x, col float64, sy scale) {
	if math.IsNaN(v) {
		return
	}
	ink := Blue
	if v < 0 && !p.Absolute {
		ink = Vermilion
	}
	if p.Absolute {
		v = math.Abs(v)
	}
	v = math.Max(sy.lo, math.Min(sy.hi, v))
	a, b := sy.at(math.Max(v, 0)), sy.at(math.Min(v, 0))
	rect(s, box{x + .7, a, col - 1.4, math.Max(b-a, .5)}, ink, 1)
}
