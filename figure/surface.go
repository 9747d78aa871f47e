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

func rect(s surface, x, y, w, h float64, ink Ink, alpha float64) {
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
