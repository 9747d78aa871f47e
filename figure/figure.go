package figure

import (
	"bufio"
	"fmt"
	"html"
	"io"
	"math"
	"strings"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/vgimg"
	"gonum.org/v1/plot/vg/vgpdf"
)

// Head is what every figure says about itself.
type Head struct {
	Title      string
	Alt        string // one sentence for those who cannot see the figure
	Provenance string // version, seed, text hash, split, kernel path; small print under the drawing
}

// Figure is a picture that knows its height once its width is given.
type Figure interface {
	head() Head
	height(width float64) float64
	draw(s surface, width float64)
}

// Sizes of letters, in pixels.
const (
	titleSize = 15
	labelSize = 12.5
	smallSize = 11.5
	printSize = 9
)

const (
	frameSide   = 20
	frameTop    = 42
	printLine   = 13
	resolution  = 144 // dots per inch of a PNG: two dots a pixel
	minimumSize = 120
)

// layout places the drawing inside its frame: title above, small print below.
type layout struct {
	width, height, inner, body float64
	small                      []string
}

// natural is a figure that cannot be narrower than its own width.
type natural interface{ Width() float64 }

func arrange(f Figure, width float64) layout {
	least := float64(minimumSize)
	if n, ok := f.(natural); ok {
		least = math.Max(least, n.Width())
	}
	l := layout{width: math.Max(width, least+2*frameSide)}
	l.inner = l.width - 2*frameSide
	l.body = f.height(l.inner)
	l.small = wrap(f.head().Provenance, l.inner, printSize, false)
	l.height = frameTop + l.body + 14 + printLine*float64(len(l.small)) + 8
	return l
}

func (l layout) draw(f Figure, s surface) {
	rect(s, box{0, 0, l.width, l.height}, Paper, 1)
	h := f.head()
	s.text(point{frameSide, 25}, clip(h.Title, l.inner, titleSize, true), lettering{ink: Text, size: titleSize, bold: true})
	f.draw(shifted{s, frameSide, frameTop}, l.inner)
	y := frameTop + l.body + 14 + printSize
	for _, words := range l.small {
		s.text(point{frameSide, y}, words, lettering{ink: Muted, size: printSize})
		y += printLine
	}
}

// WriteSVG writes a complete SVG file, width pixels wide, light paper.
func WriteSVG(w io.Writer, f Figure, width float64) error {
	l := arrange(f, width)
	s := &svgSurface{}
	l.draw(f, s)
	h := f.head()
	_, err := fmt.Fprintf(w, `<svg xmlns="http://www.w3.org/2000/svg" width="%s" height="%s" viewBox="0 0 %s %s" font-family="%s" role="img"><title>%s</title><desc>%s</desc>%s</svg>`+"\n",
		num(l.width), num(l.height), num(l.width), num(l.height), sansFamily,
		html.EscapeString(xmlSafe(h.Title)), html.EscapeString(xmlSafe(h.Alt)), s.buf.String())
	return err
}

// Inline returns an <svg> element for an HTML page, without title and small print, which the page sets itself. Its colours
// are the CSS variables of Stylesheet; the page shows .on-light or .on-dark.
func Inline(f Figure, width float64, class string) string {
	if n, ok := f.(natural); ok {
		width = math.Max(width, n.Width())
	}
	s := &svgSurface{themed: true}
	f.draw(s, width)
	return fmt.Sprintf(`<svg class="%s" width="%s" height="%s" viewBox="0 0 %s %s" role="img" aria-label="%s">%s</svg>`,
		html.EscapeString(class), num(width), num(f.height(width)), num(width), num(f.height(width)), html.EscapeString(xmlSafe(f.head().Alt)), s.buf.String())
}

// WritePNG writes the figure at 144 dots per inch: two dots a pixel.
func WritePNG(w io.Writer, f Figure, width float64) error {
	l := arrange(f, width)
	c := vgimg.NewWith(vgimg.UseWH(vg.Length(l.width), vg.Length(l.height)), vgimg.UseDPI(resolution))
	l.draw(f, vectorSurface{c: c, height: l.height})
	_, err := vgimg.PngCanvas{Canvas: c}.WriteTo(w)
	return err
}

// WritePDF writes the figure on one page of its own size.
func WritePDF(w io.Writer, f Figure, width float64) error {
	l := arrange(f, width)
	c := vgpdf.New(vg.Length(l.width), vg.Length(l.height))
	l.draw(f, vectorSurface{c: c, height: l.height, mirror: true})
	b := bufio.NewWriter(w)
	if _, err := c.WriteTo(b); err != nil {
		return err
	}
	return b.Flush()
}

// wrap breaks words at spaces, and Chinese anywhere, so that each line fits width.
func wrap(words string, width, size float64, bold bool) []string {
	var lines []string
	line := ""
	for _, w := range pieces(words) {
		next := line + w
		if line != "" && measure(strings.TrimRight(next, " "), size, false, bold) > width {
			lines = append(lines, strings.TrimRight(line, " "))
			next = w
		}
		line = next
	}
	line = strings.TrimRight(line, " ")
	if line != "" {
		lines = append(lines, line)
	}
	return lines
}

// pieces are the parts of a text between which a line may break.
func pieces(words string) []string {
	var out []string
	cur := ""
	for _, r := range strings.Join(strings.Fields(words), " ") {
		cur += string(r)
		if r == ' ' || wide(r) {
			out = append(out, cur)
			cur = ""
		}
	}
	return append(out, cur)
}

// clip shortens words to width, ending in an ellipsis.
func clip(words string, width, size float64, bold bool) string {
	if measure(words, size, false, bold) <= width {
		return words
	}
	rs := []rune(words)
	for len(rs) > 1 && measure(string(rs)+"…", size, false, bold) > width {
		rs = rs[:len(rs)-1]
	}
	return strings.TrimSpace(string(rs)) + "…"
}

// shifted moves everything drawn on it.
type shifted struct {
	surface
	dx, dy float64
}

func (s shifted) move(pts []point) []point {
	out := make([]point, len(pts))
	for i, p := range pts {
		out[i] = point{p.x + s.dx, p.y + s.dy}
	}
	return out
}

func (s shifted) line(pts []point, st stroke) { s.surface.line(s.move(pts), st) }
func (s shifted) area(pts []point, ink Ink, alpha float64) {
	s.surface.area(s.move(pts), ink, alpha)
}
func (s shifted) bow(x0, x1, y, height float64, st stroke) {
	s.surface.bow(x0+s.dx, x1+s.dx, y+s.dy, height, st)
}
func (s shifted) dot(at point, radius float64, ink Ink, hollow bool) {
	s.surface.dot(point{at.x + s.dx, at.y + s.dy}, radius, ink, hollow)
}
func (s shifted) text(at point, words string, st lettering) {
	s.surface.text(point{at.x + s.dx, at.y + s.dy}, words, st)
}
func (s shifted) image(x, y, w, h float64, r raster) { s.surface.image(x+s.dx, y+s.dy, w, h, r) }
