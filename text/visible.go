package text

import (
	"fmt"
	"unicode"
	"unicode/utf8"

	"github.com/rivo/uniseg"
)

// Visible returns r as something that can be seen: a middle dot for the space,
// ⏎ ⇥ ␍ for newline, tab and carriage return, the control pictures for other
// controls, a dotted circle under a lone combining mark, <U+200B> for anything
// else without a shape, and r itself otherwise.
func Visible(r rune) string {
	switch r {
	case ' ':
		return "·"
	case '\n':
		return "⏎"
	case '\t':
		return "⇥"
	case '\u00A0':
		return "⍽"
	case '\u3000':
		return "␣"
	case 0x7F:
		return "␡"
	}
	if r >= 0 && r < ' ' {
		return string(0x2400 + r)
	}
	if unicode.Is(unicode.M, r) {
		return "◌" + string(r)
	}
	if !utf8.ValidRune(r) || !unicode.IsGraphic(r) || unicode.Is(unicode.Z, r) {
		return fmt.Sprintf("<U+%04X>", r)
	}
	return string(r)
}

// VisibleString joins Visible over the code points of s.
func VisibleString(s string) string {
	out := make([]byte, 0, len(s))
	for _, r := range s {
		out = append(out, Visible(r)...)
	}
	return string(out)
}

// Width returns how many terminal columns s takes: two for a CJK character or
// an emoji, none for a combining mark, controls and line ends.
func Width(s string) int { return uniseg.StringWidth(s) }
