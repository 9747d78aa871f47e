package text

import (
	"fmt"
	"io"
	"unicode"
	"unicode/utf8"
)

// Printable returns a name (of a file, a concept, a run) as one line that does
// nothing to a terminal: control characters, line ends, bidirectional embeddings,
// overrides and isolates, and bytes that are not UTF-8, are written as Go writes
// them, \x1b or \u202e; all else stays.
func Printable(s string) string {
	if utf8.ValidString(s) && !containsFunc(s, func(r rune) bool { return r == '\n' || r == '\t' || commands(r) }) {
		return s
	}
	out := make([]byte, 0, len(s)+16)
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == utf8.RuneError && size == 1:
			out = fmt.Appendf(out, `\x%02x`, s[i])
		case r == '\n':
			out = append(out, `\n`...)
		case r == '\t':
			out = append(out, `\t`...)
		case commands(r):
			out = appendEscaped(out, r)
		default:
			out = append(out, s[i:i+size]...)
		}
		i += size
	}
	return string(out)
}

func containsFunc(s string, f func(rune) bool) bool {
	for _, r := range s {
		if f(r) {
			return true
		}
	}
	return false
}

// commands tells whether a terminal would do something at r rather than show it;
// newline and tab, which a text may have, do not count.
func commands(r rune) bool {
	switch {
	case r == '\n' || r == '\t':
		return false
	case r >= 0x202A && r <= 0x202E, r >= 0x2066 && r <= 0x2069, r == 0x2028, r == 0x2029:
		return true
	}
	return unicode.IsControl(r)
}

func appendEscaped(out []byte, r rune) []byte {
	switch {
	case r == '\r':
		return append(out, `\r`...)
	case r < 0x100:
		return fmt.Appendf(out, `\x%02x`, r)
	}
	return fmt.Appendf(out, `\u%04x`, r)
}

// screen makes text safe to print to a terminal.
type screen struct {
	w    io.Writer
	json bool
	cut  []byte // the first bytes of a character whose rest has not come yet
	out  []byte
}

// Screen returns a writer to w that a terminal can be behind: of what is written to it
// only newlines and tabs have an effect; what else would have one, and bytes that are
// not UTF-8, are written as Printable writes them. A character may be cut by the end of
// one Write and go on in the next.
func Screen(w io.Writer) io.Writer { return &screen{w: w} }

// JSONScreen is Screen for JSON, which stays the same JSON: characters in its strings
// that a terminal would act on become \u escapes.
func JSONScreen(w io.Writer) io.Writer { return &screen{w: w, json: true} }

// Write implements io.Writer.
func (s *screen) Write(p []byte) (int, error) {
	s.out = s.out[:0]
	b := p
	if len(s.cut) > 0 {
		b = append(s.cut, p...)
		s.cut = nil
	}
	for len(b) > 0 {
		if c := b[0]; c >= ' ' && c < 0x7F || c == '\n' || c == '\t' {
			s.out, b = append(s.out, c), b[1:]
			continue
		}
		if !utf8.FullRune(b) {
			s.cut = append([]byte(nil), b...)
			break
		}
		r, size := utf8.DecodeRune(b)
		switch {
		case r == utf8.RuneError && size == 1 && s.json:
			s.out = append(s.out, "\uFFFD"...)
		case r == utf8.RuneError && size == 1:
			s.out = fmt.Appendf(s.out, `\x%02x`, b[0])
		case commands(r) && s.json:
			s.out = fmt.Appendf(s.out, `\u%04x`, r)
		case commands(r):
			s.out = appendEscaped(s.out, r)
		default:
			s.out = append(s.out, b[:size]...)
		}
		b = b[size:]
	}
	if len(s.out) == 0 {
		return len(p), nil
	}
	if _, err := s.w.Write(s.out); err != nil {
		return 0, err
	}
	return len(p), nil
}
