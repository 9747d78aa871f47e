package concept

import (
	"strings"
	"unicode"
)

func isCapital(r rune) bool { return unicode.IsUpper(r) }

func isDigit(r rune) bool { return unicode.IsDigit(r) }

func isLetter(r rune) bool { return unicode.IsLetter(r) }

func isSpace(r rune) bool { return unicode.IsSpace(r) }

func isWord(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }

func one(b bool) int32 {
	if b {
		return 1
	}
	return 0
}

// letter: only these make a control word.
func letter(r rune) bool { return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' }

// endsURL: white space, the ASCII characters that no URL contains (RFC 3986,
// with the square brackets it reserves for addresses) and CJK punctuation.
func endsURL(r rune) bool {
	switch r {
	case ' ', '\n', '<', '>', '"', '[', ']', '{', '}', '|', '\\', '^', '`':
		return true
	}
	return r >= 0x3000 && r <= 0x303f || r >= 0xff00 && r <= 0xff65 || isSpace(r)
}

func set(words string) map[string]bool {
	out := map[string]bool{}
	for _, w := range strings.Fields(words) {
		out[w] = true
	}
	return out
}
