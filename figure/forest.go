package figure

import "math"

// Forest is a column of estimates with their intervals, each beside its null.
type Forest struct {
	Head
	Rows      []ForestRow
	Lo, Hi    float64 // range of the axis
	Reference float64 // a vertical line: chance
	XLabel    string
	NullLabel string
	EstLabel  string
}

// ForestRow is one estimate. NaN leaves a mark out.
type ForestRow struct {
	Name, Verdict    string
	Estimate, Lo, Hi float64
	Null             float64
	Strong           bool // filled and blue: the estimate stands above its null
}

const forestRow = 26

func (f *Forest) head() Head { return f.Head }

func (f *Forest) narrow(width float64) bool { return width < 520 }

func (f *Forest) row(width float64) float64 {
	if f.narrow(width) {
		return 42
	}
	return forestRow
}

func (f *Forest) height(width float64) float64 {
	return f.top(width) + f.row(width)*float64(len(f.Rows)) + 40
}

func (f *Forest) draw(s surface, width float64) {
	x0, x1 := f.nameWidth(), width-f.verdictWidth()
	if f.narrow(width) {
		x0, x1 = 6, width-6
	}
	sx := scale{f.Lo, f.Hi, x0 + 6, x1 - 6}
	bottom := f.top(width) + f.row(width)*float64(len(f.Rows)) + 2
	keyRows(s, f.key(), width)
	for _, t := range ticks(f.Lo, f.Hi, 6) {
		x := sx.at(t.value)
		segment(s, x, f.top(width)-2, x, bottom, stroke{ink: Grid, width: 1})
		s.text(point{x, bottom + 14}, t.label, lettering{ink: Muted, size: smallSize, anchor: middle})
	}
	segment(s, sx.at(f.Reference), f.top(width)-2, sx.at(f.Reference), bottom, stroke{ink: Rule, width: 1, dash: 3})
	s.text(point{(sx.from + sx.to) / 2, bottom + 30}, f.XLabel, lettering{ink: Muted, size: smallSize, anchor: middle})
	for i, r := range f.Rows {
		f.line(s, r, f.top(width)+f.row(width)*float64(i), width, sx)
	}
}

func (f *Forest) nameWidth() float64 {
	w := 0.0
	for _, r := range f.Rows {
		w = math.Max(w, measure(r.Name, labelSize, false, false))
	}
	return w + 14
}

func (f *Forest) verdictWidth() float64 {
	w := 0.0
	for _, r := range f.Rows {
		w = math.Max(w, measure(r.Verdict, labelSize, false, false))
	}
	return w + 14
}

func (f *Forest) key() []keyItem {
	var items []keyItem
	if f.EstLabel != "" {
		items = append(items, keyItem{f.EstLabel, 20, func(s surface, x, y float64) {
			segment(s, x, y, x+20, y, stroke{ink: Blue, width: 2})
			s.dot(point{x + 10, y}, 3.6, Blue, false)
		}})
	}
	if f.NullLabel != "" {
		items = append(items, keyItem{f.NullLabel, 9, func(s surface, x, y float64) {
			diamond(s, x+4.5, y, 4.5, stroke{ink: Vermilion, width: 1.5})
		}})
	}
	return items
}

// top is where the rows begin, below the legend.
func (f *Forest) top(width float64) float64 {
	return 10 + keyLine*float64(keyRows(nil, f.key(), width))
}

func (f *Forest) line(s surface, r ForestRow, y, width float64, sx scale) {
	mid := y + forestRow/2
	words := lettering{ink: Text, size: labelSize}
	verdict := lettering{ink: Muted, size: labelSize}
	if f.narrow(width) {
		s.text(point{0, y + 13}, r.Name, words)
		verdict.anchor = right
		s.text(point{width, y + 13}, r.Verdict, verdict)
		mid = y + 27
	} else {
		s.text(point{0, mid + 4}, r.Name, words)
		s.text(point{width - f.verdictWidth() + 8, mid + 4}, r.Verdict, verdict)
	}
	in := func(v float64) float64 { return sx.at(math.Max(f.Lo, math.Min(f.Hi, v))) }
	ink := Gray
	if r.Strong {
		ink = Blue
	}
	if !math.IsNaN(r.Lo) && !math.IsNaN(r.Hi) {
		segment(s, in(r.Lo), mid, in(r.Hi), mid, stroke{ink: ink, width: 2})
	}
	if !math.IsNaN(r.Null) {
		diamond(s, in(r.Null), mid, 4.5, stroke{ink: Vermilion, width: 1.5})
	}
	if !math.IsNaN(r.Estimate) {
		s.dot(point{in(r.Estimate), mid}, 3.6, ink, !r.Strong)
	}
}
