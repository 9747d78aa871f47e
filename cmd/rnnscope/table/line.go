package table

import (
	"strings"

	"github.com/rnnscope/rnnscope/text"
)

// OneLine keeps an error on one line, and what a damaged file puts into it from the terminal's controls.
func OneLine(s string) string {
	s = strings.Join(strings.FieldsFunc(s, func(r rune) bool { return r == '\n' || r == '\r' }), "; ")
	return text.Printable(s)
}
