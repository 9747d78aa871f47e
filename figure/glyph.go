package figure

import (
	"bytes"
	"compress/gzip"
	"embed"
	"image"
	"io"
	"sync"
	"unicode"

	"github.com/hajimehoshi/bitmapfont/v4"
	xfont "golang.org/x/image/font"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/vg"
)

// monoVariant selects DejaVu Sans Mono: it has glyphs for the signs that stand for space, tab and newline.
const monoVariant = "Glyphs"

// fontFiles are the three faces that figures use, packed: 0.6 MB less in the program. A test compares them with their sources.
//
//go:embed fonts/*.ttf.gz
var fontFiles embed.FS

// outlines unpacks one of fontFiles.
func outlines(name string) ([]byte, error) {
	packed, err := fontFiles.ReadFile("fonts/" + name + ".ttf.gz")
	if err != nil {
		return nil, err
	}
	z, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, err
	}
	return io.ReadAll(z)
}

// fonts holds the faces. They are named one by one: gonum's collection brings twelve.
var fonts = sync.OnceValue(func() *font.Cache {
	parsed := func(f font.Font, name string) font.Face {
		ttf, err := outlines(name)
		if err != nil {
			panic("figure: " + err.Error()) // the font is part of the build
		}
		face, err := opentype.Parse(ttf)
		if err != nil {
			panic("figure: " + err.Error())
		}
		return font.Face{Font: f, Face: face}
	}
	return font.NewCache(font.Collection{
		parsed(font.Font{Typeface: "Liberation", Variant: "Sans"}, "LiberationSans-Regular"),
		parsed(font.Font{Typeface: "Liberation", Variant: "Sans", Weight: xfont.WeightBold}, "LiberationSans-Bold"),
		parsed(font.Font{Typeface: "DejaVu", Variant: monoVariant}, "DejaVuSansMono"),
	})
})

func face(size float64, mono, bold bool) font.Face {
	f := font.Font{Typeface: "Liberation", Variant: "Sans"}
	if bold {
		f.Weight = xfont.WeightBold
	}
	if mono {
		f = font.Font{Typeface: "DejaVu", Variant: monoVariant}
	}
	return fonts().Lookup(f, vg.Length(size))
}

// glyphSource says where a rune's shape comes from.
type glyphSource int

const (
	fromFace   glyphSource = iota // the face asked for
	fromMono                      // DejaVu Sans Mono
	fromBitmap                    // the 12-pixel bitmap font
	fromBox                       // nowhere: a hollow box
)

// glyph is where a rune's shape comes from and its advance in em.
type glyph struct {
	from glyphSource
	em   float64
}

type glyphKey struct {
	font font.Font // of size 1
	r    rune
}

// glyphs remembers what was looked up: labels are measured again and again.
var glyphs sync.Map // glyphKey -> glyph

func lookup(f font.Face, r rune) glyph {
	key := glyphKey{font.From(f.Font, 1), r}
	if g, ok := glyphs.Load(key); ok {
		return g.(glyph)
	}
	g := find(f, r)
	glyphs.Store(key, g)
	return g
}

func find(f font.Face, r rune) glyph {
	size := f.Font.Size.Points()
	mono := face(size, true, false)
	switch {
	case has(f, r):
		return glyph{fromFace, f.Width(string(r)).Points() / size}
	case has(mono, r):
		return glyph{fromMono, mono.Width(string(r)).Points() / size}
	}
	drawn := unicode.IsSpace(r)
	bitmapCells(r, func(int, int) { drawn = true })
	if !drawn {
		return glyph{fromBox, .6}
	}
	bitmapMu.Lock()
	defer bitmapMu.Unlock()
	a, _ := bitmapfont.FaceSC.GlyphAdvance(r)
	return glyph{fromBitmap, float64(a) / 64 / bitmapEm}
}

func has(f font.Face, r rune) bool {
	var buf sfnt.Buffer
	i, err := f.Face.GlyphIndex(&buf, r)
	return err == nil && i != 0
}

// advance is the width of one rune in pixels.
func advance(f font.Face, r rune) float64 { return lookup(f, r).em * f.Font.Size.Points() }

// measure returns the width of words in pixels.
func measure(words string, size float64, mono, bold bool) float64 {
	f := face(size, mono, bold)
	w := 0.0
	for _, r := range words {
		w += advance(f, r)
	}
	return w
}

// bitmapEm is the bitmap font's design size in its own pixels.
const bitmapEm = 12

// bitmapMu guards the bitmap face, which caches without a lock of its own.
var bitmapMu sync.Mutex

// bitmapCells calls visit for every set pixel of r, as cell offsets from the origin, y downwards from the baseline.
func bitmapCells(r rune, visit func(x, y int)) {
	bitmapMu.Lock()
	defer bitmapMu.Unlock()
	dr, mask, at, _, ok := bitmapfont.FaceSC.Glyph(fixed.Point26_6{}, r)
	if !ok {
		return
	}
	for y := dr.Min.Y; y < dr.Max.Y; y++ {
		for x := dr.Min.X; x < dr.Max.X; x++ {
			if opaque(mask, at.Add(image.Pt(x, y).Sub(dr.Min))) {
				visit(x, y)
			}
		}
	}
}

func opaque(m image.Image, p image.Point) bool {
	_, _, _, a := m.At(p.X, p.Y).RGBA()
	return a > 0x7fff
}

// outline appends the shape of r, baseline origin at (x,y), to p. It reports false when the face has no outline.
func outline(p *vg.Path, f font.Face, r rune, x, y float64) bool {
	var buf sfnt.Buffer
	i, err := f.Face.GlyphIndex(&buf, r)
	if err != nil || i == 0 {
		return false
	}
	segs, err := f.Face.LoadGlyph(&buf, i, fixed.Int26_6(f.Font.Size.Points()*64), nil)
	if err != nil {
		return false
	}
	at := func(q fixed.Point26_6) vg.Point {
		return vg.Point{X: vg.Length(x + float64(q.X)/64), Y: vg.Length(y - float64(q.Y)/64)}
	}
	if len(segs) == 0 {
		return true // a space
	}
	for n, s := range segs {
		switch s.Op {
		case sfnt.SegmentOpMoveTo:
			if n > 0 {
				p.Close()
			}
			p.Move(at(s.Args[0]))
		case sfnt.SegmentOpLineTo:
			p.Line(at(s.Args[0]))
		case sfnt.SegmentOpQuadTo:
			p.QuadTo(at(s.Args[0]), at(s.Args[1]))
		case sfnt.SegmentOpCubeTo:
			p.CubeTo(at(s.Args[0]), at(s.Args[1]), at(s.Args[2]))
		}
	}
	p.Close()
	return true
}
