package figure

import (
	"fmt"
	"image/color"
	"math"
)

// Ink names a colour by what it is for; each has a value on light paper and one on dark.
type Ink int

// The inks. Blue to Gray are series colours, in the order in which series should take them.
const (
	Paper Ink = iota // the ground everything stands on
	Text             // words and axes that must be read
	Muted            // words that may be read
	Rule             // axes, frames, zero lines
	Grid             // lines that only guide the eye
	Shade            // a quiet area behind a span of text
	Blue
	Vermilion
	Green
	Purple
	Ochre
	Gray
	inkCount
)

// Open and Close mark the two ends of a pair, always with ▲ and ▼ beside the colour.
const (
	Open  = Green
	Close = Vermilion
)

type inkValue struct {
	name        string
	light, dark color.RGBA
}

var inks = [inkCount]inkValue{
	Paper:     {"paper", hex(0xffffff), hex(0x16191d)},
	Text:      {"text", hex(0x1c2127), hex(0xe9ebee)},
	Muted:     {"muted", hex(0x5a636e), hex(0xa6aeb8)},
	Rule:      {"rule", hex(0x9aa2ab), hex(0x5f6872)},
	Grid:      {"grid", hex(0xe7e9ec), hex(0x2b3037)},
	Shade:     {"shade", hex(0xeef1f4), hex(0x252a31)},
	Blue:      {"blue", hex(0x0072b2), hex(0x56b4e9)},
	Vermilion: {"vermilion", hex(0xc85200), hex(0xf28b4e)},
	Green:     {"green", hex(0x007f5f), hex(0x3cc49b)},
	Purple:    {"purple", hex(0xa64d86), hex(0xe39cc6)},
	Ochre:     {"ochre", hex(0x8a6a00), hex(0xe2b62b)},
	Gray:      {"gray", hex(0x6b7480), hex(0x98a1ac)},
}

// Series returns the i-th series colour, starting again after the last.
func Series(i int) Ink { return Blue + Ink(i)%(inkCount-Blue) }

// RGBA returns the ink's value on light or dark paper.
func (k Ink) RGBA(dark bool) color.RGBA {
	if dark {
		return inks[k].dark
	}
	return inks[k].light
}

// Variable returns the ink's CSS variable, without var().
func (k Ink) Variable() string { return "--fig-" + inks[k].name }

// Stylesheet returns the CSS declarations of all inks for one theme.
func Stylesheet(dark bool) string {
	s := ""
	for k := Paper; k < inkCount; k++ {
		s += k.Variable() + ":" + Hex(k.RGBA(dark)) + ";"
	}
	return s
}

// Hex writes a colour as CSS does.
func Hex(c color.RGBA) string { return fmt.Sprintf("#%02x%02x%02x", c.R, c.G, c.B) }

func hex(v uint32) color.RGBA {
	return color.RGBA{R: uint8(v >> 16), G: uint8(v >> 8), B: uint8(v), A: 255}
}

// Contrast is WCAG 2's ratio of relative luminances, 1 to 21: the tests of every room that
// draws hold its colours with it.
func Contrast(a, b color.RGBA) float64 {
	la, lb := luminance(a), luminance(b)
	return (math.Max(la, lb) + .05) / (math.Min(la, lb) + .05)
}

func luminance(c color.RGBA) float64 {
	return .2126*linear(c.R) + .7152*linear(c.G) + .0722*linear(c.B)
}

func linear(v uint8) float64 {
	x := float64(v) / 255
	if x <= .04045 {
		return x / 12.92
	}
	return math.Pow((x+.055)/1.055, 2.4)
}

func nonlinear(x float64) uint8 {
	if x <= .0031308 {
		x *= 12.92
	} else {
		x = 1.055*math.Pow(x, 1/2.4) - .055
	}
	return uint8(math.Round(255 * math.Min(1, math.Max(0, x))))
}

// mix goes from a to b in linear light, t in [0,1].
func mix(a, b color.RGBA, t float64) color.RGBA {
	m := func(x, y uint8) uint8 { return nonlinear((1-t)*linear(x) + t*linear(y)) }
	return color.RGBA{R: m(a.R, b.R), G: m(a.G, b.G), B: m(a.B, b.B), A: 255}
}

// lightStops are ColorBrewer's RdBu with eleven colours (Harrower and Brewer 2003); a test compares them with gonum's palette, which
// would bring all of ColorBrewer into the program.
var lightStops = []color.RGBA{hex(0x67001f), hex(0xb2182b), hex(0xd6604d), hex(0xf4a582), hex(0xfddbc7),
	hex(0xf7f7f7), hex(0xd1e5f0), hex(0x92c5de), hex(0x4393c3), hex(0x2166ac), hex(0x053061)}

// darkStops run from light red over the dark paper to light blue: on dark paper strong means bright.
var darkStops = []color.RGBA{hex(0xfcc9ae), hex(0xe8795c), hex(0xb32f38), hex(0x5e2028),
	hex(0x16191d), hex(0x17375a), hex(0x2666a8), hex(0x5ba3dc), hex(0xbfe0f7)}

// Diverging returns the colour of v in [-1,1]: red below 0, the paper's neutral at 0, blue above. NaN is neutral.
func Diverging(v float64, dark bool) color.RGBA {
	if math.IsNaN(v) {
		v = 0
	}
	stops := lightStops
	if dark {
		stops = darkStops
	}
	x := (math.Min(1, math.Max(-1, v)) + 1) / 2 * float64(len(stops)-1)
	i := min(int(x), len(stops)-2)
	return mix(stops[i], stops[i+1], x-float64(i))
}

// textReach keeps letters readable on a diverging ground: only this part of the scale lies behind text.
const textReach = .56

// DivergingText returns the ground for a letter whose activation is v in [-1,1]; Text keeps 4.5:1 on all of them.
func DivergingText(v float64, dark bool) color.RGBA {
	if dark {
		return Diverging(v*.5, true)
	}
	return Diverging(v*textReach, false)
}
