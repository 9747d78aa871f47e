package figure

import (
	"image/color"
	"math"

	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/vg"
)

// vectorSurface draws on a gonum canvas, light paper only; gonum's y grows upwards.
type vectorSurface struct {
	c      vg.Canvas
	height float64
	mirror bool // the canvas draws images upside down, as gonum's PDF canvas does
}

func (s vectorSurface) at(p point) vg.Point {
	return vg.Point{X: vg.Length(p.x), Y: vg.Length(s.height - p.y)}
}

// color lays an ink over paper: the PDF canvas turns translucent colours grey.
func (s vectorSurface) color(k Ink, alpha float64) color.Color {
	c := k.RGBA(false)
	if alpha <= 0 || alpha >= 1 {
		return c
	}
	paper := Paper.RGBA(false)
	over := func(ink, ground uint8) uint8 {
		return uint8(math.Round(alpha*float64(ink) + (1-alpha)*float64(ground)))
	}
	return color.RGBA{R: over(c.R, paper.R), G: over(c.G, paper.G), B: over(c.B, paper.B), A: 255}
}

func (s vectorSurface) path(pts []point) vg.Path {
	var p vg.Path
	for i, q := range pts {
		if i == 0 {
			p.Move(s.at(q))
			continue
		}
		p.Line(s.at(q))
	}
	return p
}

func (s vectorSurface) pen(st stroke) {
	s.c.SetColor(s.color(st.ink, st.alpha))
	s.c.SetLineWidth(vg.Length(st.width))
	var dash []vg.Length
	if st.dash > 0 {
		dash = []vg.Length{vg.Length(st.dash), vg.Length(st.dash)}
	}
	s.c.SetLineDash(dash, 0)
}

func (s vectorSurface) line(pts []point, st stroke) {
	if len(pts) < 2 {
		return
	}
	s.pen(st)
	s.c.Stroke(s.path(pts))
}

func (s vectorSurface) area(pts []point, ink Ink, alpha float64) {
	s.c.SetColor(s.color(ink, alpha))
	p := s.path(pts)
	p.Close()
	s.c.Fill(p)
}

func (s vectorSurface) bow(x0, x1, y, height float64, st stroke) {
	s.pen(st)
	top := y - height*4/3
	var p vg.Path
	p.Move(s.at(point{x0, y}))
	p.CubeTo(s.at(point{x0, top}), s.at(point{x1, top}), s.at(point{x1, y}))
	s.c.Stroke(p)
}

func (s vectorSurface) dot(at point, radius float64, ink Ink, hollow bool) {
	var p vg.Path
	c := s.at(at)
	p.Move(c.Add(vg.Point{X: vg.Length(radius)}))
	p.Arc(c, vg.Length(radius), 0, 2*math.Pi)
	p.Close()
	if !hollow {
		s.c.SetColor(s.color(ink, 1))
		s.c.Fill(p)
		return
	}
	s.c.SetColor(s.color(Paper, 1))
	s.c.Fill(p)
	s.pen(stroke{ink: ink, width: 1.5})
	s.c.Stroke(p)
}

func (s vectorSurface) image(x, y, w, h float64, r raster) {
	// Enlarged here by whole cells, so that no viewer blurs one cell into the next.
	scale := max(1, int(math.Ceil(2*math.Max(w/float64(r.w), h/float64(r.h)))))
	big := raster{w: r.w * scale, h: r.h * scale, cells: make([]uint8, r.w*scale*r.h*scale)}
	for j := range big.h {
		for i := range big.w {
			row := j / scale
			if s.mirror {
				row = r.h - 1 - row
			}
			big.cells[j*big.w+i] = r.cells[row*r.w+i/scale]
		}
	}
	lo, hi := s.at(point{x, y + h}), s.at(point{x + w, y})
	s.c.DrawImage(vg.Rectangle{Min: lo, Max: hi}, big.picture(false))
}

func (s vectorSurface) text(at point, words string, st lettering) {
	if words == "" {
		return
	}
	s.c.SetColor(s.color(st.ink, 1))
	f := face(st.size, st.mono, st.bold)
	p := s.at(at)
	if st.turned {
		s.c.Push()
		defer s.c.Pop()
		s.c.Translate(p)
		s.c.Rotate(math.Pi / 2)
		p = vg.Point{}
	}
	width := measure(words, st.size, st.mono, st.bold)
	x := p.X.Points() - width*[...]float64{0, .5, 1}[st.anchor]
	s.run(words, f, x, p.Y.Points())
}

// run sets words from x on, every letter as its shape: a PDF's built-in encoding ends at cp1252, and gonum's PDF canvas
// mixes up faces of several sizes.
func (s vectorSurface) run(words string, f font.Face, x, y float64) {
	var filled, hollow vg.Path
	for _, r := range words {
		if !shape(&filled, f, r, x, y) {
			size := f.Font.Size.Points()
			cell(&hollow, x+size*.08, y+size*.7, size*.44)
		}
		x += advance(f, r)
	}
	if len(filled) > 1 {
		s.c.Fill(filled)
	}
	if len(hollow) > 1 {
		s.c.SetLineDash(nil, 0)
		s.c.SetLineWidth(.6)
		s.c.Stroke(hollow)
	}
}

// shape appends the letter r to p; it reports false when no font of the build has it.
func shape(p *vg.Path, f font.Face, r rune, x, y float64) bool {
	size := f.Font.Size.Points()
	switch lookup(f, r).from {
	case fromFace:
		outline(p, f, r, x, y)
	case fromMono:
		outline(p, face(size, true, false), r, x, y)
	case fromBitmap:
		u := size / bitmapEm
		bitmapCells(r, func(cx, cy int) { cell(p, x+float64(cx)*u, y-float64(cy)*u, u) })
	default:
		return false
	}
	return true
}

// cell appends a square of side u whose top left corner is (x,y), y upwards.
func cell(p *vg.Path, x, y, u float64) {
	p.Move(vg.Point{X: vg.Length(x), Y: vg.Length(y)})
	p.Line(vg.Point{X: vg.Length(x + u), Y: vg.Length(y)})
	p.Line(vg.Point{X: vg.Length(x + u), Y: vg.Length(y - u)})
	p.Line(vg.Point{X: vg.Length(x), Y: vg.Length(y - u)})
	p.Close()
}
