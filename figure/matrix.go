package figure

import (
	"fmt"
	"math"
	"strings"
)

// Matrices is a grid of small tables of shares: blue above Middle, vermilion below, the value in every cell.
type Matrices struct {
	Head
	Panels         []Matrix
	XLabel, YLabel string
	Middle         float64 // chance: no colour
}

// Matrix is one table. NaN leaves a cell empty.
type Matrix struct {
	Title   string
	Rows    []string
	Columns []string
	Values  [][]float64 // [rows][columns]
	Border  int         // columns before a vertical line; 0: none
}

const (
	matrixRow   = 22.0
	matrixCell  = 34.0
	matrixTitle = 20.0
	matrixFoot  = 46.0
)

func (m *Matrices) head() Head { return m.Head }

// side is the room for the names of rows.
func (m *Matrices) side() float64 {
	w := measure(m.YLabel, smallSize, false, false)
	for _, p := range m.Panels {
		for _, r := range p.Rows {
			w = math.Max(w, measure(r, smallSize, false, false))
		}
	}
	return w + 10
}

// place is the number of panels beside each other and the width of one.
func (m *Matrices) place(width float64) (across int, panel float64) {
	widest := 0.0
	for _, p := range m.Panels {
		widest = math.Max(widest, m.side()+matrixCell*float64(len(p.Columns))+24)
	}
	return max(1, int(width/math.Max(widest, 1))), widest
}

func (m *Matrices) panelHeight() float64 {
	rows := 0
	for _, p := range m.Panels {
		rows = max(rows, len(p.Rows))
	}
	return matrixTitle + matrixRow*float64(rows) + matrixFoot
}

func (m *Matrices) height(width float64) float64 {
	across, _ := m.place(width)
	return 8 + m.panelHeight()*float64((len(m.Panels)+across-1)/across)
}

func (m *Matrices) draw(s surface, width float64) {
	across, panel := m.place(width)
	// A panel wider than the paper has narrower cells.
	shrink := math.Min(1, (width-m.side())/math.Max(1, panel-m.side()))
	for i, p := range m.Panels {
		m.panel(s, p, float64(i%across)*panel, 8+m.panelHeight()*float64(i/across), matrixCell*shrink)
	}
}

func (m *Matrices) panel(s surface, p Matrix, x, y, cell float64) {
	s.text(point{x, y + 10}, p.Title, lettering{ink: Text, size: smallSize, bold: true})
	x, y = x+m.side(), y+matrixTitle
	small := lettering{ink: Muted, size: smallSize, anchor: right}
	for i, name := range p.Rows {
		top := y + matrixRow*float64(i)
		s.text(point{x - 6, top + matrixRow/2 + 4}, name, small)
		for j, v := range p.Values[i] {
			m.cell(s, v, x+cell*float64(j), top, cell)
		}
	}
	bottom := y + matrixRow*float64(len(p.Rows))
	small.anchor = middle
	for j, name := range p.Columns {
		s.text(point{x + cell*(float64(j)+.5), bottom + 14}, name, small)
	}
	if p.Border > 0 && p.Border < len(p.Columns) {
		at := x + cell*float64(p.Border)
		segment(s, at, y-2, at, bottom+4, stroke{ink: Text, width: 1.5, dash: 3})
	}
	s.text(point{x + cell*float64(len(p.Columns))/2, bottom + 28}, m.XLabel, small)
	small.anchor = right
	s.text(point{x - 6, bottom + 14}, m.YLabel, small)
}

func (m *Matrices) cell(s surface, v, x, y, w float64) {
	if math.IsNaN(v) {
		return
	}
	ink, far := Blue, (v-m.Middle)/(1-m.Middle)
	if far < 0 {
		ink, far = Vermilion, -far*(1-m.Middle)/m.Middle
	}
	if far > .01 {
		rect(s, box{x + .5, y + .5, w - 1, matrixRow - 1}, ink, math.Min(.55, .55*far))
	}
	label := strings.TrimPrefix(fmt.Sprintf("%.2f", v), "0")
	s.text(point{x + w/2, y + matrixRow/2 + 4}, label, lettering{ink: Text, size: smallSize - 1, anchor: middle})
}
