package page

import (
	"fmt"
	"html"
	"html/template"
	"math"
	"strconv"
	"strings"

	"github.com/rivo/uniseg"

	"github.com/rnnscope/rnnscope/dissect"
	"github.com/rnnscope/rnnscope/figure"
	"github.com/rnnscope/rnnscope/text"
)

// Levels is the number of grounds on each side of 0.
const Levels = 10

// Letters colours a text by activation: one element a grapheme, so that combining marks, emoji and scripts that join their
// letters stay whole. Its class is the colour level of its last character, its value is in the list data-v, hundredths;
// a grapheme of several characters lists all of theirs.
func Letters(e dissect.Excerpt, scale float64) template.HTML {
	var body, values strings.Builder
	at := 0 // rune offset
	g := uniseg.NewGraphemes(e.Text)
	for first := true; g.Next(); first = false {
		rs := g.Runes()
		if !first {
			values.WriteByte(' ')
		}
		last := math.NaN()
		for i := range rs {
			v := Activation(e, at+i)
			if i > 0 {
				values.WriteByte('/')
			}
			values.WriteString(hundredths(v))
			last = v
		}
		body.WriteString(`<i class="` + letterClass(e, at, at+len(rs), last, scale) + `">`)
		body.WriteString(letterText(rs))
		body.WriteString("</i>")
		if rs[len(rs)-1] == '\n' {
			body.WriteByte('\n')
		}
		at += len(rs)
	}
	return template.HTML(fmt.Sprintf(`<div class="letters" dir="auto" tabindex="0" data-v="%s">%s</div>`, values.String(), body.String()))
}

func Activation(e dissect.Excerpt, i int) float64 {
	if i >= len(e.Activation) {
		return math.NaN()
	}
	return float64(e.Activation[i])
}

func hundredths(v float64) string {
	if math.IsNaN(v) {
		return "-"
	}
	return strconv.Itoa(int(math.Round(v * 100)))
}

func letterClass(e dissect.Excerpt, lo, hi int, v, scale float64) string {
	class := "a" + strconv.Itoa(Level(v, scale))
	if hi-1 < len(e.Label) && e.Label[hi-1] {
		class += " on"
	}
	if lo >= e.Mark[0] && hi <= e.Mark[1] {
		class += " mk"
	}
	return class
}

// Level is the ground of an activation: levels at 0, 0 at -scale, 2*levels at +scale.
func Level(v, scale float64) int {
	if math.IsNaN(v) || scale <= 0 {
		return Levels
	}
	return Levels + int(math.Round(Levels*math.Max(-1, math.Min(1, v/scale))))
}

// letterText writes a grapheme. Newlines show as a sign before they break the line; what would reorder or hide the text around it
// shows as a box.
func letterText(rs []rune) string {
	var b strings.Builder
	for _, r := range rs {
		switch r {
		case '\n':
			b.WriteString(text.Visible(r))
		case '\t':
			b.WriteString("\t")
		default:
			b.WriteString(html.EscapeString(UnescapedLetter(r)))
		}
	}
	return b.String()
}

// UnescapedLetter is r, or a sign for what has no shape of its own; the result is still text, not markup.
func UnescapedLetter(r rune) string {
	switch {
	case figure.Hidden(r):
		return "□"
	case r < 0x20:
		return text.Visible(r)
	}
	return string(r)
}

// levelStyle declares the grounds of one theme as CSS variables.
func levelStyle(dark bool) string {
	s := ""
	for i := range 2*Levels + 1 {
		s += fmt.Sprintf("--a%d:%s;", i, figure.Hex(figure.DivergingText(float64(i-Levels)/Levels, dark)))
	}
	return s
}

// levelClasses ties classes to the variables.
func levelClasses() string {
	s := ""
	for i := range 2*Levels + 1 {
		if i != Levels {
			s += fmt.Sprintf(".a%d{background:var(--a%d)}", i, i)
		}
	}
	return s
}
