package figure

// Heatmap shows activations of units over a passage, diverging colours centred at 0. A long passage goes on in the
// next band.
type Heatmap struct {
	Head
	Text   []rune      // [T]
	Units  []string    // [H] names, top to bottom
	Values [][]float64 // [H][T]
	Limit  float64     // colour reaches its ends at +-Limit
	Legend string      // what the colours mean
}

const (
	heatGap    = 12
	heatLetter = 18
	heatLegend = 34
)

func (m *Heatmap) head() Head { return m.Head }

// row is the height of one unit: tall when few, thin when many or when there is little room.
func (m *Heatmap) row(width float64) float64 {
	switch n := len(m.Units); {
	case n <= 16:
		return 15
	case n <= 48:
		return 6
	case n <= 160 && width > 480:
		return 2
	}
	return 1
}

func (m *Heatmap) names(width float64) float64 {
	if m.row(width) < 9 {
		return 0
	}
	w := 0.0
	for _, u := range m.Units {
		w = max(w, measure(u, smallSize, false, false))
	}
	return w + 8
}

func (m *Heatmap) height(width float64) float64 {
	rows := bands(m.Text, width-m.names(width))
	return heatLegend + float64(len(rows))*(heatLetter+m.row(width)*float64(len(m.Units))+heatGap)
}

func (m *Heatmap) draw(s surface, width float64) {
	legend(s, m.Legend, m.Limit, 0, 4)
	x := m.names(width)
	rows, cell := bands(m.Text, width-x), columnWidth(width-x, m.Text)
	y := float64(heatLegend)
	tall := m.row(width) * float64(len(m.Units))
	for _, b := range rows {
		r := newRuler(m.Text[b[0]:b[1]], x, cell)
		r.letters(s, m.Text[b[0]:b[1]], y+11)
		if tall > 0 {
			s.image(x, y+heatLetter, r.width(), tall, r.cells(m.Values, b[0], m.Limit))
		}
		if x > 0 {
			for i, u := range m.Units {
				s.text(point{x - 6, y + heatLetter + (float64(i)+.5)*m.row(width) + 3.5}, u, lettering{ink: Muted, size: smallSize, anchor: right})
			}
		}
		y += heatLetter + tall + heatGap
	}
}

// legend draws the colour scale from -limit over 0 to limit and says what it means.
func legend(s surface, words string, limit, x, y float64) {
	const w = 120
	r := raster{w: 61, h: 1, cells: make([]uint8, 61)}
	for i := range r.cells {
		r.cells[i] = code(float64(i-30)/30, 1)
	}
	lab := lettering{ink: Muted, size: smallSize}
	lo, hi := compact(-limit), "+"+compact(limit)
	x0 := x + measure(lo, smallSize, false, false) + 6
	s.text(point{x, y + 9}, lo, lab)
	s.image(x0, y, w, 10, r)
	segment(s, x0+w/2, y+10, x0+w/2, y+13, stroke{ink: Rule, width: 1})
	s.text(point{x0 + w + 6, y + 9}, hi, lab)
	s.text(point{x0 + w + 6 + measure(hi, smallSize, false, false) + 10, y + 9}, words, lab)
}
