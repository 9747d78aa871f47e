package figure

// point is a place on the surface: x to the right, y downwards, in pixels from the top left corner.
type point struct{ x, y float64 }

// stroke is how a line is drawn; dash 0 is solid.
type stroke struct {
	ink   Ink
	width float64
	dash  float64
	alpha float64 // 0 means opaque
}

type anchor int

const (
	left anchor = iota
	middle
	right
)

// lettering is how words are set; y is their baseline.
type lettering struct {
	ink    Ink
	size   float64
	mono   bool
	bold   bool
	anchor anchor
	turned bool // reads upwards
}

// raster is an image of diverging values, one byte a cell: 128 is 0, 1 is -limit, 255 is +limit. Row-major [h,w].
type raster struct {
	w, h  int
	cells []uint8
}

// surface is what figures draw on.
type surface interface {
	line(pts []point, st stroke)
	area(pts []point, ink Ink, alpha float64)
	bow(x0, x1, y, height float64, st stroke) // an arch from (x0,y) to (x1,y)
	dot(at point, radius float64, ink Ink, hollow bool)
	text(at point, s string, st lettering)
	image(x, y, w, h float64, r raster)
}

// keyItem is one entry of a legend: a mark of the given width, drawn at (x,y), and its words.
type keyItem struct {
	words string
	mark  float64
	draw  func(s surface, x, y float64)
}

const keyLine = 18

// keyRows sets the entries of a legend in rows that fit width and returns how many rows it took; a nil surface only counts.
func keyRows(s surface, items []keyItem, width float64) int {
	x, row := 0.0, 0
	for _, it := range items {
		w := it.mark + 6 + measure(it.words, smallSize, false, false)
		if x > 0 && x+w > width {
			x, row = 0, row+1
		}
		if s != nil {
			y := 6 + keyLine*float64(row)
			it.draw(s, x, y)
			s.text(point{x + it.mark + 6, y + 4}, it.words, lettering{ink: Muted, size: smallSize})
		}
		x += w + 20
	}
	return row + 1
}

// box is a rectangle by its upper left corner, width and height.
type box struct{ x, y, w, h float64 }

func rect(s surface, b box, ink Ink, alpha float64) {
	x, y, w, h := b.x, b.y, b.w, b.h
	s.area([]point{{x, y}, {x + w, y}, {x + w, y + h}, {x, y + h}}, ink, alpha)
}

func segment(s surface, x0, y0, x1, y1 float64, st stroke) {
	s.line([]point{{x0, y0}, {x1, y1}}, st)
}

// triangle points up (an opening) or down (a closing), centred at (x,y).
func triangle(s surface, x, y, r float64, up bool, ink Ink) {
	d := r
	if up {
		d = -r
	}
	s.area([]point{{x - r, y - d*.8}, {x + r, y - d*.8}, {x, y + d*.9}}, ink, 1)
}

func diamond(s surface, x, y, r float64, st stroke) {
	s.line([]point{{x, y - r}, {x + r, y}, {x, y + r}, {x - r, y}, {x, y - r}}, st)
}
