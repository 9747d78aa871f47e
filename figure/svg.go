package figure

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"html"
	"image"
	"image/color"
	"image/png"
	"math"
	"strconv"
	"strings"
)

// svgSurface writes SVG. Themed colours are CSS variables and every raster comes twice, for light and dark paper.
type svgSurface struct {
	buf    strings.Builder
	themed bool
}

const (
	sansFamily = `'Liberation Sans',Arial,Helvetica,'PingFang SC','Microsoft YaHei','Noto Sans CJK SC',sans-serif`
	monoFamily = `'DejaVu Sans Mono',Menlo,Consolas,'Noto Sans Mono CJK SC','PingFang SC','Microsoft YaHei',monospace`
)

func num(v float64) string {
	return strconv.FormatFloat(math.Round(v*10)/10, 'f', -1, 64)
}

func (s *svgSurface) paint(k Ink) string {
	if s.themed {
		return "var(" + k.Variable() + ")"
	}
	return Hex(k.RGBA(false))
}

func (s *svgSurface) points(pts []point) string {
	var b strings.Builder
	for i, p := range pts {
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(num(p.x) + "," + num(p.y))
	}
	return b.String()
}

func (s *svgSurface) stroke(st stroke) string {
	out := fmt.Sprintf(`fill="none" stroke="%s" stroke-width="%s"`, s.paint(st.ink), num(st.width))
	if st.dash > 0 {
		out += fmt.Sprintf(` stroke-dasharray="%s %s"`, num(st.dash), num(st.dash))
	}
	if st.alpha > 0 && st.alpha < 1 {
		out += fmt.Sprintf(` stroke-opacity="%.2f"`, st.alpha)
	}
	return out
}

func (s *svgSurface) line(pts []point, st stroke) {
	if len(pts) < 2 {
		return
	}
	fmt.Fprintf(&s.buf, `<polyline points="%s" %s stroke-linejoin="round"/>`, s.points(pts), s.stroke(st))
}

func (s *svgSurface) area(pts []point, ink Ink, alpha float64) {
	fmt.Fprintf(&s.buf, `<polygon points="%s" fill="%s"`, s.points(pts), s.paint(ink))
	if alpha < 1 {
		fmt.Fprintf(&s.buf, ` fill-opacity="%.2f"`, alpha)
	}
	s.buf.WriteString("/>")
}

func (s *svgSurface) bow(x0, x1, y, height float64, st stroke) {
	top := num(y - height*4/3)
	fmt.Fprintf(&s.buf, `<path d="M%s %sC%s %s %s %s %s %s" %s/>`, num(x0), num(y), num(x0), top, num(x1), top, num(x1), num(y), s.stroke(st))
}

func (s *svgSurface) dot(at point, radius float64, ink Ink, hollow bool) {
	fill, edge := s.paint(ink), "none"
	if hollow {
		fill, edge = s.paint(Paper), s.paint(ink)
	}
	fmt.Fprintf(&s.buf, `<circle cx="%s" cy="%s" r="%s" fill="%s" stroke="%s" stroke-width="1.5"/>`, num(at.x), num(at.y), num(radius), fill, edge)
}

func (s *svgSurface) text(at point, words string, st lettering) {
	if words == "" {
		return
	}
	fmt.Fprintf(&s.buf, `<text x="%s" y="%s" font-size="%s" fill="%s"`, num(at.x), num(at.y), num(st.size), s.paint(st.ink))
	if st.anchor != left {
		s.buf.WriteString(` text-anchor="` + [...]string{"start", "middle", "end"}[st.anchor] + `"`)
	}
	if st.mono {
		fmt.Fprintf(&s.buf, ` font-family="%s"`, monoFamily)
	}
	if st.bold {
		s.buf.WriteString(` font-weight="600"`)
	}
	if st.turned {
		fmt.Fprintf(&s.buf, ` transform="rotate(-90 %s %s)"`, num(at.x), num(at.y))
	}
	s.buf.WriteString(">" + html.EscapeString(xmlSafe(words)) + "</text>")
}

// xmlSafe replaces what XML 1.0 cannot hold, control characters above all, by U+FFFD.
func xmlSafe(words string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\t', r == '\n', r == '\r', r >= 0x20 && r <= 0xD7FF, r >= 0xE000 && r <= 0xFFFD, r >= 0x10000:
			return r
		}
		return '\uFFFD'
	}, words)
}

func (s *svgSurface) image(x, y, w, h float64, r raster) {
	place := fmt.Sprintf(`x="%s" y="%s" width="%s" height="%s" preserveAspectRatio="none" style="image-rendering:pixelated"`, num(x), num(y), num(w), num(h))
	write := func(dark bool, class string) {
		fmt.Fprintf(&s.buf, `<image %s%s href="data:image/png;base64,%s"/>`, place, class, base64.StdEncoding.EncodeToString(r.png(dark)))
	}
	if !s.themed {
		write(false, "")
		return
	}
	write(false, ` class="on-light"`)
	write(true, ` class="on-dark"`)
}

func (r raster) picture(dark bool) *image.Paletted {
	pal := make(color.Palette, 256)
	for i := range pal {
		pal[i] = Diverging((float64(i)-128)/127, dark)
	}
	return &image.Paletted{Pix: r.cells, Stride: r.w, Rect: image.Rect(0, 0, r.w, r.h), Palette: pal}
}

func (r raster) png(dark bool) []byte {
	var b bytes.Buffer
	enc := png.Encoder{CompressionLevel: png.BestCompression}
	if err := enc.Encode(&b, r.picture(dark)); err != nil {
		panic(fmt.Sprintf("figure: %v", err)) // a Buffer takes everything, a Paletted image is always encodable
	}
	return b.Bytes()
}

// code turns v in [-limit,limit] into a raster cell.
func code(v, limit float64) uint8 {
	if math.IsNaN(v) || limit <= 0 {
		return 128
	}
	return uint8(128 + math.Round(127*math.Max(-1, math.Min(1, v/limit))))
}
